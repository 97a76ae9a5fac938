import Glibc
import Synchronization

/// TCP ports of 127.0.0.1 that nobody listens on.
package enum FreePorts {
    private static let given = Mutex<Set<UInt16>>([])

    /// A free port, never the same one twice in this process.
    package static func next() throws -> Int {
        for _ in 0..<1000 {
            let port = try unusedPort()
            if given.withLock({ $0.insert(port).inserted }) { return Int(port) }
        }
        throw TestKitError("no free TCP port on 127.0.0.1")
    }

    private static func unusedPort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestKitError("socket: \(errnoText())") }
        defer { close(descriptor) }
        var address = loopback(port: 0)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withSockaddr(&address) { bind(descriptor, $0, length) }
        guard bound == 0 else { throw TestKitError("bind: \(errnoText())") }
        var filled = length
        let named = withSockaddr(&address) { getsockname(descriptor, $0, &filled) }
        guard named == 0 else { throw TestKitError("getsockname: \(errnoText())") }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// The socket address 127.0.0.1:port.
func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return address
}

func withSockaddr<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}

func errnoText(_ code: Int32 = errno) -> String {
    String(cString: strerror(code))
}
