/// Why an endpoint of the simulator cannot be opened or served.
package struct ExposureError: Error, Equatable, CustomStringConvertible {
    /// One sentence without a full stop that names the endpoint and what to do.
    package let message: String

    /// An error with its sentence.
    package init(message: String) { self.message = message }

    /// A server could not be had at its address; `cause` is what its library says about it.
    static func cannotListen(_ kind: ExposureKind, host: String, port: Int, cause: String) -> ExposureError {
        let reason = cause.contains("Address already in use") ? "the port is in use" : cause
        return ExposureError(message: "\(kind.title) cannot listen on \(Endpoint.authority(host, port)): \(reason)")
    }

    package var description: String { message }
}
