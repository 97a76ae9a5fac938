/// Why the store could not be opened, or refused a request; one sentence for people.
package struct StoreError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Sendable { case notFound, exists, invalid, unavailable }

    package let reason: Reason
    package let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
