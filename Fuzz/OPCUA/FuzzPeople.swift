import Foundation
import FuzzKit
import OPCUASecurity
import OPCUATypes

@testable import OPCUACore

/// A client and a server whose keys and certificates are the same in every run, so that kept inputs stay what they are.
/// Keys of 1024 bits are no good for anything else, but they are quick, and the code is the same for all sizes.
enum FuzzPeople {
    static let client = credentials(
        "client",
        """
        MIICXgIBAAKBgQDKnyL5AkeMCi76oGRztkipka4DMzrIgJjW856afPzII55pS/e3k+78PycTocsyf00oEUzgvBlftwS4u25vwEcr
        Ku5w0ej7Q4aOZi6FwX3Qhd9V/LPAhLWZb27BMwa/GVuHHBm9tPogW/c5qjecC9V2P0PDnGPZlT41lpPFQjQvWQIDAQABAoGBAK07
        Vywrrb3l6vpt7NQdMYyAN5UW1Jgdkg6cpKoSWBBIm6QMxhJW0QkqeR9IwbA/tFigSekOCGeT0t6ZqLa0XmLdTm3jbRiXuuMF3JZh
        4pVFUGD4BxVqehh9CNRxe8THriJx31M/TcaaeV14UMIlYUOUMGw7/1edTIID6mD0NC3xAkEA5ogtSu/pe5kYKxkvCPm5++Gx8TcS
        iAy7OwaladjO1V+oVVPIMan0MFRHBGrMkrjGXUvUU7EADpti9ByjUGqytQJBAOEBnCtLIHYtu9IjNEmRzZxYfMz9IwRJkMLi55gJ
        D86kJr7oHGs3eTb0LbYWTbvnJhwqyNy4HWczkZN9xGlw/JUCQQDfWkDHwfntDj8kQpoXkBxpthm5IyqJNgyQ+7d3/d8nTC7DvRDR
        TWCREpZb6T2bSfqmmbl1/J+Zh2MwMC7q0vWhAkBxpQuIvlg1+GFuAIPvSKot9m+KZaxjBPkNxectXh5Sw4wiTj/UU19wxyGzX06B
        wnz4Kw/qkz+emWhEs3gZvYyFAkEAwYrJ9kbSW1ptqCtfiJG1OHEZLuB7DMKNlhme3/z9HhrN29Zsvb8yHY+V8mYuC1IwLPQsKl6H
        CHlkDG6U5vYOAg==
        """)
    static let server = credentials(
        "server",
        """
        MIICXAIBAAKBgQDgbIBmohfQVyeqeMxASHLwBPcHwCj3L3VMKKOF7uttCEjIJwrsWmLpWGH24tA1PTvo6Lp7A+75Llp7PrkinguV
        r183CeJpcKHFTNNJlbi2m2So1ggKslowxkKJGpa4AlC6WbCMmEUomQsP4F1PE7RTCW4RwJCE2Th47G3BFVaYxwIDAQABAoGAHTXC
        GJmsY8+UOBn068ECRL9Ar9+Q9WtV5w27Cumn9s8HOhXq1AyHpzt7tLicxPEtZQk1jGFcr04bNMNbMWhEtX5ybuPu7Pe1cOjJxjwZ
        ANVga6oTFSz6onawc7a4K0iu3MVz9QQDyNqxNa5ffknyV0ODaNiBwwhtVaSZoq8xYZECQQDxEW/m2vccxxUfVt9zaZXxTqsiWLiX
        gfi/hbBdzqpW0LgFCgGa0oUIQpYCSL+LbPnCsna9MohR0mlXumHwPqZ1AkEA7lMjzVI1cdqMsmrbZvBSl65b+97hvTa2ZV3/W3yp
        8gXwEvaKRUWYYwsXQvHJiCPHTbxBR9XtVlk2t9YG01byywJBAIS0MaKm1TOtUC5hVz6kWBtvT/vnVS5qKPHdeVoag2CpIzP67yk4
        TG1gok19mJv7EH6iWYULRUmth7n4ayOiiWUCQGhwps/jpuguDlph2aRSzN8L2eOW2PZCc8wYVT+ScidN0td8kzuoNA+zXI5JxzeR
        9lVqmnEQnuGoVwJZGMSk5eECQAvOboFpJ0gSAeqmr69sYeMetdL6rm4gRrLeXZumILu5vCMKlhDBh5dzyPpZt2q+SAFZqdyea/zr
        gzf1/85OJJw=
        """)

    static let clientSecurity = ChannelSecurity(
        .basic128Rsa15, .signAndEncrypt, credentials: client, peer: server.certificate)
    static let serverSecurity = ChannelSecurity(
        .basic128Rsa15, .signAndEncrypt, credentials: server, peer: client.certificate)
    /// What the server offers.
    static let offers = ServerChannelSecurity(
        offers: [OfferedSecurity(.basic128Rsa15, .signAndEncrypt)], credentials: server,
        trust: TrustList(acceptsAll: true))
    /// A list of the server's, with one number on it.
    static let revocations =
        (try? server.revocationList(of: [[7]], at: Sample.dateTime, nextUpdate: Sample.dateTime)) ?? []
    static let nonces = NonceSource { [UInt8](repeating: 1, count: $0) }

    /// - Parameter key: in base 64.
    private static func credentials(_ name: String, _ key: String) -> Credentials {
        let bytes = Data(base64Encoded: key, options: .ignoreUnknownCharacters) ?? Data()
        do {
            return try Credentials(
                CertificateRequest(
                    commonName: name, applicationURI: "urn:\(name)", hosts: ["localhost"],
                    notBefore: DateTime(utcMicroseconds: 1_600_000_000_000_000),
                    notAfter: DateTime(utcMicroseconds: 4_000_000_000_000_000)),
                key: RSAPrivateKey(der: Array(bytes)), serialNumber: [1])
        } catch {
            unexpected("no certificate: \(error)")
        }
    }
}
