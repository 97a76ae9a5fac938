/// What is made of each tag of a source once, when it is defined: names, places, paths, and what is done with its
/// readings.
package protocol TagPreparing: Sendable {
    /// What becomes of a tag. The same tag always becomes the same.
    func prepare(_ tag: TagDefinition, of source: SourceIdentity) -> PreparedTag
}

/// A tag as its rows show it.
package struct PreparedTag: Hashable, Sendable {
    package var definition: TagDefinition
    /// Nil for a tag whose readings pass as they come.
    package var conditioning: Conditioning?
    /// Whether readings of the tag are delivered at all.
    package var isWanted: Bool
    /// Whether another tag had the path that this one would have, so that it has another one.
    package var isRenamed: Bool

    package init(
        _ definition: TagDefinition, conditioning: Conditioning? = nil, isWanted: Bool = true, isRenamed: Bool = false
    ) {
        self.definition = definition
        self.conditioning = conditioning
        self.isWanted = isWanted
        self.isRenamed = isRenamed
    }
}
