/// The status codes of gRPC, as numbers on the wire.
public enum StatusCode: Int, Sendable, CaseIterable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case internalError = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The code as the specifications write it, `INVALID_ARGUMENT`.
    public var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internalError: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }

    /// What a sender does about a stream that ended with this code. Everything that is not known to be wrong with
    /// the request itself is tried again, OK included: a stream that just ends has acknowledged what it has
    /// acknowledged.
    public var disposition: ZerobusError.Disposition {
        switch self {
        case .invalidArgument, .outOfRange: .permanent
        case .unauthenticated, .permissionDenied, .unimplemented, .notFound: .fatal
        default: .transient
        }
    }
}

/// Why a stream failed or a request was refused.
public struct ZerobusError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the sender may do next.
    public enum Disposition: String, Sendable {
        /// Try the same again later.
        case transient
        /// The same records or schema will be refused again.
        case permanent
        /// Nothing can be sent until people change configuration, credentials or grants.
        case fatal
    }

    public var code: StatusCode
    public var message: String
    public var disposition: Disposition

    /// `disposition` is the code's own when nil.
    public init(_ code: StatusCode, _ message: String, disposition: Disposition? = nil) {
        self.code = code
        self.message = message
        self.disposition = disposition ?? code.disposition
    }

    public var description: String { "\(code.name): \(message)" }

    static func invalid(_ message: String) -> ZerobusError { ZerobusError(.invalidArgument, message) }
}
