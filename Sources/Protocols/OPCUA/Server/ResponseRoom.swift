/// What still fits a response, so that a service that may answer in parts fills each as far as the client takes it.
struct ResponseRoom: Hashable, Sendable {
    /// What becomes of one more element.
    enum Fit: Hashable, Sendable {
        case fits
        /// The next response has room for it.
        case later
        /// No response has.
        case never
    }

    /// Elements that may still be added.
    private(set) var count: Int
    /// Bytes that are left; `.max` for a client that takes any.
    private var bytes: Int
    private var isEmpty = true

    /// - Parameters:
    ///   - bytes: for the whole response; `.max` for any.
    ///   - overhead: of them for what stands around the elements.
    init(count: Int = .max, bytes: Int = .max, overhead: Int = 0) {
        self.count = count
        self.bytes = bytes == .max ? .max : max(0, bytes - overhead)
    }

    /// Gives an element its place.
    /// - Parameters:
    ///   - size: of the element in bytes; asked for only when the client has a limit.
    ///   - refusal: bytes of what stands in the place of an element that never fits.
    mutating func take(_ size: @autoclosure () -> Int, refusal: Int) -> Fit {
        guard count > 0 else { return .later }
        if bytes < .max {
            let size = size()
            guard size <= bytes else {
                guard isEmpty else { return .later }
                isEmpty = false
                count -= 1
                bytes = max(0, bytes - refusal)
                return .never
            }
            bytes -= size
        }
        isEmpty = false
        count -= 1
        return .fits
    }
}

/// The room of a response to a request of many operations: each may take its share and what those before it left, and
/// at least one element, so that following continuation points leads on.
struct SharedRoom: Hashable, Sendable {
    private var bytes: Int
    private var operations: Int
    private var share = 0
    private var hasNone = true

    /// - Parameters:
    ///   - bytes: for the whole response; `.max` for any.
    ///   - overhead: what an operation takes beside its elements. The response itself: 4 type, 24 header, 8 lengths.
    init(bytes: Int, operations: Int, overhead: Int) {
        self.bytes = bytes == .max ? .max : bytes - 36 - operations * overhead
        self.operations = operations
    }

    /// The elements of another operation follow.
    mutating func nextOperation() {
        share = bytes / max(1, operations)
        operations -= 1
        hasNone = true
    }

    /// Gives an element its place; false when it is for the next response.
    /// - Parameter size: of the element in bytes; asked for only when the client has a limit.
    mutating func take(_ size: @autoclosure () -> Int) -> Bool {
        guard bytes < .max else { return true }
        let size = size()
        guard hasNone || size <= share else { return false }
        hasNone = false
        share -= size
        bytes -= size
        return true
    }

    /// Even one element for each operation was too much.
    var isExceeded: Bool { bytes < 0 }
}
