/// A source of a protocol that this build does not speak: checked like any other, and failed when it runs.
package struct NotBuiltSource: Hashable, Sendable {
    /// `rest` or `sql`, as it stands in rows and on pages.
    package var protocolType: String
    /// Without credentials.
    package var endpoint: String

    /// What is wrong and what to do, as a sentence.
    package var sentence: String {
        let name = protocolType == "rest" ? "REST" : "SQL"
        return "this build has no \(name) sources; take one that has them, or set enabled: false"
    }
}
