/// A setting of a source or a target that cannot be.
package struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key at fault, as it stands in its block: of the source, of one of its tags, or `zerobus`.
    package let key: String
    /// What is wrong, as a phrase that follows the key.
    package let problem: String

    package init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }

    package var description: String { "\(key): \(problem)" }
}
