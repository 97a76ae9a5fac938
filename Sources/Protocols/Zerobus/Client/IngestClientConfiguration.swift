/// How streams are authorised.
public enum Credentials: Equatable, Sendable {
    /// OAuth machine-to-machine: a service principal's id and secret, exchanged for tokens scoped to one table.
    case servicePrincipal(id: String, secret: String)
    /// A token from elsewhere, sent as it is.
    case bearer(String)
}

/// Secrets stay out of logs, also when a configuration is printed whole.
extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .servicePrincipal(let id, _): "service principal \(id)"
        case .bearer: "bearer token"
        }
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How a client reaches the service.
public struct IngestClientConfiguration: Equatable, Sendable {
    /// The Zerobus endpoint (gRPC).
    public var endpoint: ServiceAddress
    /// The workspace (tokens); not used with ``Credentials/bearer(_:)``.
    public var workspace: ServiceAddress
    public var credentials: Credentials
    /// A PEM file of trusted roots for both, instead of the system's.
    public var trustedRootsFile: String?
    public var proxy: ProxySettings
    /// Time for one attempt to open a stream: token, connection and handshake.
    public var openTimeout: Duration
    /// Time for the server to end an orderly finished stream.
    public var closeTimeout: Duration

    public init(
        endpoint: ServiceAddress, workspace: ServiceAddress, credentials: Credentials,
        trustedRootsFile: String? = nil, proxy: ProxySettings = .none, openTimeout: Duration = .seconds(15),
        closeTimeout: Duration = .seconds(2)
    ) {
        self.endpoint = endpoint
        self.workspace = workspace
        self.credentials = credentials
        self.trustedRootsFile = trustedRootsFile
        self.proxy = proxy
        self.openTimeout = openTimeout
        self.closeTimeout = closeTimeout
    }
}
