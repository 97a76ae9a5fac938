/// One configured connection to one endpoint, as the pipeline runs it.
package protocol Source: Sendable {
    var identity: SourceIdentity { get }

    /// Lives one connection: dials, calls `intake.connected()`, delivers readings until the link ends.
    ///
    /// Cancellation is the order to stop; it ends within a deadline of a few seconds.
    /// - Throws: `SourceFailure` when the link cannot be made or ends. The supervisor decides what follows.
    func run(_ intake: Intake) async throws
}

/// Why a connection of a source ended, and what the supervisor should make of it.
package struct SourceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Disposition: Hashable, Sendable {
        /// Of the moment: try again soon.
        case transient
        /// Of the settings on either side: try again, but slowly, and show it.
        case permanent
        /// Trying again cannot help: stop the source.
        case fatal
    }

    package var disposition: Disposition
    /// A sentence that says what is wrong and what to do; never a secret.
    package var message: String

    package init(_ disposition: Disposition, _ message: String) {
        self.disposition = disposition
        self.message = message
    }

    package var description: String { message }
}
