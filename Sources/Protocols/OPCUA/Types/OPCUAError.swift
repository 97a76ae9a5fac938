/// What went wrong on a connection, a channel or with one message: a status code of the standard and a reason in words.
public struct OPCUAError: Error, Hashable, Sendable, CustomStringConvertible {
    public var status: StatusCode
    public var reason: String

    public init(_ status: StatusCode, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    public init(_ error: BinaryDecodingError, in what: String) {
        status = error.statusCode
        reason = "\(what) could not be read: \(error)"
    }

    public var description: String { "\(reason) [\(status)]" }
}
