import ConnectorModel
import SparkplugB

/// The status of readings from Sparkplug B: the protocol's own quality, 192, 64, 0 or 500.
enum SparkplugStatus {
    static func name(_ code: Int32) -> String { QualityCode(rawValue: code).name }

    static func status(_ quality: QualityCode) -> Status {
        let verdict: Quality =
            switch quality.verdict {
            case .good: .good
            case .uncertain: .uncertain
            case .bad: .bad
            }
        return Status(code: quality.rawValue, quality: verdict)
    }
}
