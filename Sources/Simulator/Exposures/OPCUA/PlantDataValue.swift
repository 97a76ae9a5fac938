import OPCUATypes
import SimulatorPlant

/// A sensor's value as OPC UA sees it: the tick is its source time.
enum PlantDataValue {
    static func make(_ value: Double, kind: ValueKind, quality: Quality, time: DateTime) -> DataValue {
        guard quality != .missing else {
            return DataValue(.null, status: .badNoCommunication, sourceTimestamp: time, serverTimestamp: time)
        }
        let variant: Variant =
            switch kind {
            case .measurement: .double(value)
            case .count: .uint64(UInt64(exactly: value.rounded()) ?? .max)
            case .state: .boolean(value != 0)
            }
        return DataValue(variant, status: status(quality), sourceTimestamp: time, serverTimestamp: time)
    }

    private static func status(_ quality: Quality) -> StatusCode {
        switch quality {
        case .good: .good
        case .uncertain: .uncertainSensorNotAccurate
        case .bad: .badSensorFailure
        case .missing: .badNoCommunication
        }
    }
}
