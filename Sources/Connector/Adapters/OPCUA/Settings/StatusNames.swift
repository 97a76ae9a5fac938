import OPCUATypes

/// The names that OPC UA has for status codes, for settings that name one.
package enum OPCUAStatusNames {
    /// The code of a name in any case, its 32 bits as a signed number; nil for a name that the standard does not have.
    package static func code(named name: String) -> Int32? {
        StatusCode(name: name).map { Int32(bitPattern: $0.rawValue) }
    }
}
