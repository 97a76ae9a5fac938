import ConnectorModel
import YAMLSupport
import ZerobusAdapter

/// The block `zerobus`: where rows go and how they leave.
enum ZerobusSection {
    struct Batch {
        var recordsMax: Int
        var bytesMax: Int
        var linger: Duration
        var rateLimit: RateLimit?
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
        OtherNames.accept(zerobus: &section)
        let enabled = section.boolean("enabled", default: true, about: "false: rows are journalled, not sent")
        var draft = TargetDraft(
            localPath: "\(stateDirectory)/tables/local.sqlite", place: section.place())
        draft.allowPlaintext = section.boolean(
            "allow_plaintext", default: false, about: "takes http:// for other machines than this one")
        draft.readService(&section)
        var tls = section.section("tls", about: "of the connections to workspace and endpoint")
        draft.authority = tls.string("ca", about: "PEM file of authorities that are trusted instead of the system's")
        tls.finish()
        draft.proxy = readProxy(section.section("proxy", about: "the way out (HTTP CONNECT)"))
        draft.progressTimeout = readStream(
            section.section(
                "stream", about: "of each stream; keys of the official SDK that have no use here are taken too"))
        draft = draft.reading(section.section("default_target", about: "of rows that no source target takes"))
        let target = draft.target(enabled: enabled, section)
        var sourceTargets: [String: TargetSettings] = [:]
        for (source, block) in section.blocks(
            "source_targets", about: "targets of single sources by name; each inherits what it omits")
        {
            sourceTargets[source] = draft.reading(block).target(enabled: enabled, section)
        }
        var batch = readBatch(section.section("batch", about: "when a batch leaves"))
        let retry = section.retry("retry", about: "waits between tries")
        let breaker = readBreaker(
            section.section("circuit_breaker", about: "leaves a target alone that keeps failing"))
        batch.rateLimit = section.rateLimit(about: "no more to the target, over all its streams")
        section.finish()
        return Contents(
            target: target, sourceTargets: sourceTargets, batch: batch, retry: retry, breaker: breaker)
    }

    /// The block `proxy`; without one the environment's variables count.
    private static func readProxy(_ section: consuming Section) -> ZerobusProxy {
        let enabled = section.boolean("enabled", default: true, about: "false goes out directly in any case")
        let usesEnvironment = section.boolean(
            "use_env_vars", default: true, about: "takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY where a key is missing")
        let https = section.string("https_proxy", about: "URL of the proxy for https")
        let http = section.string("http_proxy", about: "URL of the proxy for http, and for https without its own")
        let exceptions = section.strings("no_proxy", about: "hosts, networks and .domains that are reached directly")
            .flatMap { $0.split(separator: ",").map(String.init) }
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
        let failures = section.integer(
            "failure_threshold", default: 5, in: 1...1_000_000, about: "failures in a row that open it")
        let seconds = section.integer("open_seconds", default: 60, in: 0...86_400, about: "before it is tried again")
        let successes = section.integer(
            "success_threshold", default: 3, in: 1...1_000_000, about: "successes in a row that close it")
        section.finish()
        return BreakerSettings(
            failureThreshold: failures, openTime: .seconds(seconds), successThreshold: successes)
    }

    private static func readBatch(_ section: consuming Section) -> Batch {
        let records = section.integer("max_records", default: 1000, in: 1...100_000, about: "rows of a full batch")
        let bytes = section.integer(
            "max_bytes", default: 4 * 1024 * 1024, in: 65_536...10_000_000, about: "bytes of a full batch")
        let linger = section.integer(
            "linger_ms", default: 20, in: 0...60_000,
            about: "how long one that is not full waits for more while others are under way; else it leaves at once")
        let age = section.number(
            "timeout_seconds", default: 5, in: 0...3600,
            about: "the longest that a row waits for its batch to fill, where that is less than linger_ms")
        section.finish()
        return Batch(
            recordsMax: records, bytesMax: bytes, linger: min(.milliseconds(linger), .seconds(age)))
    }

    /// Settings of the official SDK that have no meaning here are checked, so that a file with them can be taken over.
    /// - Returns: how long a stream may live without an acknowledgement while rows wait for one.
    private static func readStream(_ section: consuming Section) -> Duration {
        let progress = section.integer(
            "server_lack_of_ack_timeout_ms", default: 60_000, in: 100...86_400_000,
            about: "a stream on which rows wait for their acknowledgement longer is given up for a new one")
        section.belongs(toMissingPart: "use for settings of the official SDK")
        _ = section.optionalInteger(
            "max_inflight_records", in: 1...100_000_000, about: "rows sent and not acknowledged")
        _ = section.optionalBoolean("recovery", about: "opens a broken stream again; the connector always does")
        _ = section.optionalInteger("recovery_retries", in: 0...1_000_000, about: "the connector tries for ever")
        for key in ["recovery_timeout_ms", "flush_timeout_ms"] {
            _ = section.optionalInteger(key, in: 0...86_400_000, about: "a deadline of the official SDK")
        }
        section.finish()
        return .milliseconds(progress)
    }
}
