/// One way of showing the plant: an endpoint that can be opened and closed while the plant goes on.
package protocol Exposure: Sendable {
    /// The protocol it speaks.
    var kind: ExposureKind { get }

    /// Opens the endpoint, calls `opened` with its URL, and serves until the task is cancelled; then closes
    /// the endpoint and returns. Throws `ExposureError` when it cannot be opened or breaks down.
    func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws

    /// A sentence about what else is open beside the URL, or why it is not; nil when there is nothing to say.
    var remark: String? { get }
}

extension Exposure {
    package var remark: String? { nil }
}
