/// The data keys of an installation: one for what is written now, older ones for what is still to be read.
package struct KeyRing: Sendable {
    private var keys: [KeyID: DataKey] = [:]
    /// The key for new files; nil in an empty ring.
    package private(set) var current: DataKey?
    /// Where the keys come from, for messages.
    package let place: String

    /// - Parameter keys: the last one is for new files.
    package init(_ keys: [DataKey], place: String) {
        self.place = place
        for key in keys { add(key) }
    }

    /// A ring without keys: everything is written in the clear, and only that can be read.
    package static let none = KeyRing([], place: "no key file")

    package var count: Int { keys.count }

    /// From now on new files use `key`; the others stay readable.
    package mutating func add(_ key: DataKey) {
        keys[key.id] = key
        current = key
    }

    package subscript(_ id: KeyID) -> DataKey? { keys[id] }
}
