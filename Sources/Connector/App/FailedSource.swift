import ConnectorConfiguration
import ConnectorModel

/// A source of a protocol that this build does not speak: it is there, on every page, and says what is wrong.
struct FailedSource: Source {
    let identity: SourceIdentity
    private let sentence: String

    init(name: String, _ source: NotBuiltSource) {
        identity = SourceIdentity(
            name: name, protocolType: source.protocolType, endpoint: source.endpoint, statusName: { String($0) })
        sentence = source.sentence
    }

    func run(_ intake: Intake) async throws {
        throw SourceFailure(.fatal, sentence)
    }
}
