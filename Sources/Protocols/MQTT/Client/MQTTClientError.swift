public import MQTTCore

/// Why a connection to a broker does not come about, or ended, in a sentence that says what to do.
public struct MQTTClientError: Error, Sendable, CustomStringConvertible {
    /// What happened.
    public enum Code: Sendable, Equatable {
        case invalidConfiguration
        case unknownHost
        /// Nothing listens there.
        case connectionRefused
        case unreachable
        case connectTimeout
        /// Both sides do not agree on TLS, or a certificate is not accepted.
        case tlsFailed
        /// The other side opened no WebSocket.
        case webSocketRefused
        /// The broker refused CONNECT.
        case refused
        /// The broker refused every topic filter.
        case subscriptionRefused
        /// The broker refused a message.
        case publishRefused
        /// Too many messages wait for the broker.
        case queueFull
        /// The broker said goodbye.
        case disconnected
        /// The transport ended without a word.
        case connectionLost
        case keepAliveLapsed
        case protocolViolation
        /// The connection had ended before.
        case closed
    }

    /// Whether trying again can help.
    public enum Disposition: Sendable, Equatable {
        /// It may pass: try again later.
        case transient
        /// It stays until somebody changes a setting here or at the broker: try again slowly.
        case permanent
        /// Trying again is pointless.
        case fatal
    }

    public var code: Code
    /// One sentence, without secrets.
    public var message: String
    /// The broker's reason, where it gave one.
    public var reason: ReasonCode?
    /// What lies behind it.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, reason: ReasonCode? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
        self.cause = cause
    }

    public var description: String { message }

    public var disposition: Disposition {
        switch code {
        case .invalidConfiguration: .fatal
        case .unknownHost, .connectionRefused, .unreachable, .connectTimeout, .connectionLost, .keepAliveLapsed,
            .closed, .queueFull:
            .transient
        case .subscriptionRefused, .tlsFailed, .webSocketRefused: .permanent
        case .refused, .disconnected, .publishRefused, .protocolViolation: (reason ?? .protocolError).disposition
        }
    }
}

extension ReasonCode {
    fileprivate var disposition: MQTTClientError.Disposition {
        switch self {
        case .unsupportedProtocolVersion, .clientIdentifierNotValid, .badUserNameOrPassword, .notAuthorized, .banned,
            .badAuthenticationMethod, .sessionTakenOver, .topicFilterInvalid, .topicNameInvalid, .packetTooLarge,
            .payloadFormatInvalid, .retainNotSupported, .qosNotSupported, .useAnotherServer, .serverMoved,
            .sharedSubscriptionsNotSupported, .subscriptionIdentifiersNotSupported,
            .wildcardSubscriptionsNotSupported:
            .permanent
        default: .transient
        }
    }

    /// What the person who runs the connector can do about it.
    var advice: String {
        switch self {
        case .badUserNameOrPassword: "check username and password"
        case .notAuthorized: "check username and password, and the rights that the broker gives them"
        case .banned: "ask the broker's administrator to lift the ban"
        case .unsupportedProtocolVersion: "set another protocol version"
        case .clientIdentifierNotValid: "set another client_id"
        case .serverUnavailable, .serverBusy, .connectionRateExceeded, .quotaExceeded: "it will be tried again"
        case .sessionTakenOver: "give each client its own client_id"
        case .useAnotherServer, .serverMoved: "set the endpoint of the other broker"
        case .badAuthenticationMethod: "the broker wants an authentication that is not supported"
        default: "see the broker's log"
        }
    }
}
