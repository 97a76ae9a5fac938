import ConnectorModel
import YAMLSupport
import ZerobusAdapter

/// The block `zerobus`: where rows go and how they leave.
enum ZerobusSection {
    struct Batch {
        var recordsMax: Int
        var bytesMax: Int
        var linger: Duration
    }

    /// What the block says: the default target, the targets of single sources, and how batches leave.
    struct Contents {
        var target: TargetSettings
        var sourceTargets: [String: TargetSettings]
        var batch: Batch
        var retry: RetrySettings
        var breaker: BreakerSettings
    }

    static func read(_ section: consuming Section, stateDirectory: String) -> Contents {
        let enabled = section.boolean("enabled", default: true)
        var draft = TargetDraft(
            localPath: "\(stateDirectory)/tables/local.sqlite", place: section.place())
        draft.allowPlaintext = section.boolean("allow_plaintext", default: false)
        draft.readService(&section)
        var tls = section.section("tls")
        draft.authority = tls.string("ca")
        tls.finish()
        draft.proxy = readProxy(section.section("proxy"))
        draft = draft.reading(section.section("default_target"))
        let target = draft.target(enabled: enabled, section)
        var sourceTargets: [String: TargetSettings] = [:]
        for (source, block) in section.blocks("source_targets") {
            sourceTargets[source] = draft.reading(block).target(enabled: enabled, section)
        }
        let batch = readBatch(section.section("batch"))
        let retry = section.retry("retry")
        let breaker = readBreaker(section.section("circuit_breaker"))
        section.finish()
        return Contents(
            target: target, sourceTargets: sourceTargets, batch: batch, retry: retry, breaker: breaker)
    }

    /// The block `proxy`; without one the environment's variables count.
    private static func readProxy(_ section: consuming Section) -> ZerobusProxy {
        let enabled = section.boolean("enabled", default: true)
        let usesEnvironment = section.boolean("use_env_vars", default: true)
        let https = section.string("https_proxy")
        let http = section.string("http_proxy")
        let exceptions = section.strings("no_proxy").flatMap { $0.split(separator: ",").map(String.init) }
        defer { section.finish() }
        guard enabled else { return .none }
        do {
            return try ZerobusProxy(
                https: https, http: http, exceptions: exceptions,
                environment: usesEnvironment ? section.references.environment : nil)
        } catch {
            section.report(error.problem, at: error.key.replacing("proxy.", with: ""))
            return .none
        }
    }

    private static func readBreaker(_ section: consuming Section) -> BreakerSettings {
        let failures = section.integer("failure_threshold", default: 5, in: 1...1_000_000)
        let seconds = section.integer("open_seconds", default: 60, in: 0...86_400)
        let successes = section.integer("success_threshold", default: 3, in: 1...1_000_000)
        section.finish()
        return BreakerSettings(
            failureThreshold: failures, openTime: .seconds(seconds), successThreshold: successes)
    }

    private static func readBatch(_ section: consuming Section) -> Batch {
        let records = section.integer("max_records", default: 1000, in: 1...100_000)
        let bytes = section.integer("max_bytes", default: 4 * 1024 * 1024, in: 65_536...10_000_000)
        let linger = section.integer("linger_ms", default: 20, in: 0...60_000)
        section.finish()
        return Batch(recordsMax: records, bytesMax: bytes, linger: .milliseconds(linger))
    }
}
