import NIOCore
import OPCUATypes

@testable import OPCUASecurity

/// 2026-01-01 and times around it.
let newYear = DateTime(year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0)

func days(_ count: Int) -> DateTime {
    DateTime(utcMicroseconds: newYear.utcMicroseconds + Int64(count) * 86_400_000_000)
}

/// Keys are dear to make: each once.
enum Keys {
    static let small = made(1024)
    static let usual = made(2048)
    static let other = made(2048)
    static let large = made(3072)
    static let largest = made(4096)

    private static func made(_ bits: Int) -> RSAPrivateKey {
        do { return try RSAPrivateKey(bits: bits) } catch { fatalError("no key: \(error)") }
    }
}

func credentials(
    _ name: String = "press", key: RSAPrivateKey = Keys.usual, hosts: [String] = ["press.example", "10.0.0.7"],
    from: DateTime = days(-1), to: DateTime = days(365), isAuthority: Bool = false,
    signedBy authority: Credentials? = nil, serial: UInt8 = 1
) throws -> Credentials {
    try Credentials(
        CertificateRequest(
            commonName: name, applicationURI: "urn:\(name)", hosts: hosts, notBefore: from, notAfter: to,
            isAuthority: isAuthority),
        key: key, signedBy: authority, serialNumber: [1, 2, serial])
}
