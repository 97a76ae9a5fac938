package import ConnectorModel
package import ConnectorNormalization
package import LocalTableAdapter
package import MQTTAdapter
package import ModbusAdapter
package import OPCUAAdapter
package import YAMLSupport
package import ZerobusAdapter

/// A whole configuration, read and checked: what `penstock run` starts from.
package struct ConnectorSettings: Sendable {
    package var stateDirectory: String
    package var sources: [SourceSettings]
    /// Where rows go that no source target takes.
    package var target: TargetSettings
    /// Where the rows of single sources go instead, by the source's name.
    package var sourceTargets: [String: TargetSettings] = [:]
    package var lane: LaneSettings
    package var normalization = NormalizationSettings()
    package var web: ListenerSettings
    package var metrics: MetricsSettings
    package var logLevel: LogLevel
    /// Days before its end at which the own self-signed certificate is made anew.
    package var renewBeforeDays: Int
    /// What the file has under another name than the canonical one.
    package var warnings: [Finding] = []

    package enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, warning, error
    }
}

/// One configured source.
package struct SourceSettings: Equatable, Sendable {
    package enum Adapter: Equatable, Sendable {
        case opcua(OPCUASourceConfiguration)
        case mqtt(MQTTSourceConfiguration)
        case modbus(ModbusSourceConfiguration)
        /// Of a protocol that this build does not speak.
        case notBuilt(NotBuiltSource)
    }

    package var name: String
    package var adapter: Adapter
    package var enabled: Bool
    package var emitQualityOnDisconnect: Bool
    package var reconnect: RetrySettings
    /// Nil leaves it to the lane.
    package var dropPolicy: DropPolicy?
    package var rateLimit: RateLimit?
    package var tags = SourceTagSettings()
}

/// Exponential backoff with full jitter.
package struct RetrySettings: Hashable, Sendable {
    package var initialDelay: Duration
    package var maxDelay: Duration
    package var multiplier: Double
}

/// Where rows go.
package enum TargetSettings: Equatable, Sendable {
    case zerobus(ZerobusTargetConfiguration)
    case local(LocalTableConfiguration)
    /// A workspace is named but not all that is needed: rows are journalled for the table until it is.
    case notConfigured(IntendedTable, missing: String)
    /// Switched off: rows are journalled for the table, not sent.
    case disabled(IntendedTable)

    /// The table that rows will go to one day.
    package struct IntendedTable: Hashable, Sendable {
        package var name: String
        package var layout: RecordLayout
    }
}

/// The store between sources and target, and how batches leave it.
package struct LaneSettings: Hashable, Sendable {
    package enum Durability: String, Hashable, Sendable {
        /// On disk and synced before a source may acknowledge.
        case journal
        /// On admission.
        case memory
    }

    package var memoryRecordsMax: Int
    package var durability: Durability
    /// For sources that set none of their own.
    package var policy: DropPolicy
    /// Whether there is a journal on disk at all.
    package var usesDisk: Bool
    /// Where the journal lives; nil means below the state directory.
    package var directory: String?
    package var journalMegabytesMax: Int
    /// Megabytes of dead letters at which the oldest are given up.
    package var deadLettersMegabytesMax: Int
    /// Whether what is written to disk is sealed.
    package var encryption: Bool
    package var batchRecordsMax: Int
    package var batchBytesMax: Int
    package var linger: Duration
    /// How many records each target gets per second (`zerobus.rate_limit`).
    package var targetRateLimit: RateLimit?
    package var retry: RetrySettings
    package var breaker: BreakerSettings
    /// What a backlog has of the way to the target while live rows need the rest.
    package var backlogShare: Double
}

/// When a target that keeps failing is left alone (`zerobus.circuit_breaker`).
package struct BreakerSettings: Hashable, Sendable {
    /// Failures in a row that open the breaker.
    package var failureThreshold = 5
    package var openTime = Duration.seconds(60)
    /// Successes in a row that close it again.
    package var successThreshold = 3
}

package struct ListenerSettings: Hashable, Sendable {
    package var host: String
    package var port: Int
}

package struct MetricsSettings: Hashable, Sendable {
    package var enabled: Bool
    package var port: Int
    package var path: String
}
