/// Why an endpoint of the simulator cannot be opened or served.
package struct ExposureError: Error, Equatable, CustomStringConvertible {
    /// One sentence without a full stop that names the endpoint and what to do.
    package let message: String

    /// An error with its sentence.
    package init(message: String) { self.message = message }

    package var description: String { message }
}
