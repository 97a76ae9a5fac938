public import OPCUASecurity
public import OPCUATypes

/// Why a connection to a server could not be made or ended, or why a call failed.
public struct OPCUAClientError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Disposition: Hashable, Sendable {
        /// Of the moment: try again soon.
        case transient
        /// Of the settings on either side: trying again helps only once they change.
        case permanent
        /// Trying again cannot help.
        case fatal
    }

    public var disposition: Disposition
    /// The code of the standard, where a server gave one.
    public var status: StatusCode?
    /// A sentence that says what is wrong and what to do.
    public var message: String
    /// The link is of no more use: broken, silent, or closed by either side. The session may live on at the server.
    public var isOfLink = false
    /// The server's certificate, when this side refused it; for the folder of rejected ones.
    public var refusedCertificate: ApplicationCertificate?

    public init(_ disposition: Disposition, status: StatusCode? = nil, _ message: String) {
        self.disposition = disposition
        self.status = status
        self.message = message
    }

    /// - Parameter address: the server, as a person would write it.
    public init(_ error: OPCUAError, at address: String) {
        let disposition: Disposition =
            switch error.status.base {
            case .badSecurityPolicyRejected, .badSecurityModeRejected, .badIdentityTokenRejected,
                .badIdentityTokenInvalid, .badUserAccessDenied, .badTcpEndpointUrlInvalid, .badServiceUnsupported,
                .badSecurityChecksFailed, .badApplicationSignatureInvalid, .badUserSignatureInvalid:
                .permanent
            case let status where status.name?.hasPrefix("BadCertificate") ?? false: .permanent
            default: .transient
            }
        self.init(disposition, status: error.status, "\(address): \(error)")
    }

    public var description: String { message }

    /// A server that lives has said no.
    var isRefusal: Bool { status != nil && !isOfLink }
}
