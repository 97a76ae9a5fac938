public import NIOCore
public import OPCUACore
public import OPCUATypes

/// Where a client connects to and what it asks for.
public struct OPCUAClientConfiguration: Hashable, Sendable {
    public var endpoint: OPCUAEndpoint
    public var applicationName: String
    public var applicationURI: String
    public var sessionTimeout: TimeAmount
    /// How long connecting may take, the handshake included.
    public var connectTimeout: TimeAmount
    /// How long a call may take.
    public var requestTimeout: TimeAmount
    public var tokenLifetime: TimeAmount
    public var publish: PublishSettings
    public var decoding: DecodingLimits

    public init(
        endpoint: OPCUAEndpoint, applicationName: String = "Penstock", applicationURI: String = "urn:penstock:client",
        sessionTimeout: TimeAmount = .seconds(60), connectTimeout: TimeAmount = .seconds(10),
        requestTimeout: TimeAmount = .seconds(15), tokenLifetime: TimeAmount = .hours(1),
        publish: PublishSettings = PublishSettings(), decoding: DecodingLimits = DecodingLimits()
    ) {
        self.endpoint = endpoint
        self.applicationName = applicationName
        self.applicationURI = applicationURI
        self.sessionTimeout = sessionTimeout
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.tokenLifetime = tokenLifetime
        self.publish = publish
        self.decoding = decoding
    }
}
