import Foundation

/// Which HTTP proxy, if any, a connection goes through. Connections are tunnelled with CONNECT (RFC 9110, 9.3.6), so
/// that TLS stays end to end.
public struct ProxySettings: Equatable, Sendable {
    /// The proxy for https addresses.
    public var https: ProxyAddress?
    /// The proxy for http addresses.
    public var http: ProxyAddress?
    /// What is reached directly.
    public var exceptions: ProxyExceptions

    public init(https: ProxyAddress? = nil, http: ProxyAddress? = nil, exceptions: ProxyExceptions = .init("")) {
        self.https = https
        self.http = http
        self.exceptions = exceptions
    }

    /// Everything is reached directly.
    public static let none = ProxySettings()

    /// The proxy for an address; nil when it is reached directly.
    func proxy(for address: ServiceAddress) -> ProxyAddress? {
        guard let proxy = address.usesTLS ? https : http, !exceptions.contain(address.host, port: address.port)
        else { return nil }
        return proxy
    }
}

/// Where a proxy is, and who we are to it.
public struct ProxyAddress: Equatable, Sendable {
    public let host: String
    public let port: Int
    /// User and password, as the header `Proxy-Authorization` carries them (RFC 7617); nil when none are needed.
    let authorization: String?

    /// Reads `host:port`, `http://host:port` or `http://user:password@host:port`; the port is 8080 when it is left out.
    /// - Throws: `ServiceAddress.Invalid`; its text never holds user or password.
    public init(_ text: String) throws(ServiceAddress.Invalid) {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw .init(description: "a proxy must start with http:// or be host:port")
            }
            rest = rest[scheme.upperBound...]
        }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            let user = String(rest[..<at]).removingPercentEncoding ?? String(rest[..<at])
            authorization = "Basic " + Data(user.utf8).base64EncodedString()
            rest = rest[rest.index(after: at)...]
        }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        let address: ServiceAddress
        do throws(ServiceAddress.Invalid) {
            address = try ServiceAddress("https://\(rest)")
        } catch {
            throw .init(description: "'\(rest)' is no proxy address; write http://host:port")
        }
        host = address.host
        port = Self.namesPort(rest) ? address.port : 8080
        self.authorization = authorization
    }

    private static func namesPort(_ text: Substring) -> Bool {
        let afterBracket = text.lastIndex(of: "]").map { text[$0...] } ?? text
        return afterBracket.contains(":")
    }
}

/// Secrets stay out of logs.
extension ProxyAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
