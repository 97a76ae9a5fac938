import NIOCore
import OPCUATypes
import TestKit
import Testing

extension ForeignPeers {
    /// Structures that asyncua defines and encodes: optional fields, unions, nested, arrays, enumerations.
    @Suite struct OPCUAStructures {
        @Test func structuresOfAsyncuaReadAndWriteTheSame() async throws {
            let seen = try await runPeer("Tests/Interop/peers/opcua_structures.py", [])
            var dictionary = DataTypeDictionary()
            // The last first: the order in which definitions come does not matter.
            for type in seen["types"].array.reversed() {
                try dictionary.add(
                    try #require(NodeId(type["id"].text ?? "")), name: type["name"].text ?? "",
                    definition: ExtensionObject(decoding: try bytes(type["definition"])),
                    supertype: NodeId(type["supertype"].text ?? ""))
            }
            #expect(dictionary.missing.isEmpty)
            #expect(seen["values"].array.count == 9)
            for value in seen["values"].array {
                let encoded = try bytes(value["bytes"])
                let object = try ExtensionObject(decoding: encoded)
                let structure = try #require(try dictionary.decode(object))
                #expect(structure.name == value["name"].text)
                #expect(json(.structure(structure)) == value["fields"])
                #expect(try dictionary.encode(structure).encoded() == encoded)
            }
        }

        private func bytes(_ hex: JSONValue) throws -> ByteBuffer {
            let digits = Array(try #require(hex.text))
            return ByteBuffer(
                bytes: try stride(from: 0, to: digits.count, by: 2).map {
                    try #require(UInt8(String(digits[$0..<($0 + 2)]), radix: 16))
                })
        }

        /// The form in which the peer script writes a value.
        private func json(_ value: StructuredValue) -> JSONValue {
            switch value {
            case .structure(let structure):
                .object(Dictionary(uniqueKeysWithValues: structure.fields.map { ($0.name, json($0.value)) }))
            case .enumeration(let value): .string(value.name ?? "\(value.number)")
            case .array(let values, _): .array(values.map(json))
            case .builtIn(.boolean(let flag)): .string("\(flag)")
            case .builtIn(.double(let number)): .string("\(number)")
            case .builtIn(.float(let number)): .string("\(number)")
            case .builtIn(.int32(let number)): .string("\(number)")
            case .builtIn(.uint64(let number)): .string("\(number)")
            case .builtIn(.string(let text)): .string(text ?? "")
            case .builtIn(.byteString(let bytes)):
                .string((bytes?.bytes ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
            case .builtIn(.array(let array)):
                switch array.elements {
                case .int16(let numbers): .array(numbers.map { .string("\($0)") })
                case .string(let texts): .array(texts.map { .string($0 ?? "") })
                default: .null
                }
            case .builtIn: .null
            }
        }
    }
}
