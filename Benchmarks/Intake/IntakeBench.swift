import ConnectorModel
import ConnectorNormalization

/// Delivers readings to an intake, for a count of instructions: `intake-bench plain|normalised|conditioned BATCHES`.
///
/// A batch has a reading of each of a thousand tags. Run with two counts of batches under a tool that counts; the
/// difference is what the readings cost, whatever start and tags cost. See `dev/bench-intake`.
@main
enum IntakeBench {
    private static let tags = 1000

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let mode = Mode(rawValue: arguments[1]), let batches = Int(arguments[2]),
            batches > 0
        else {
            print("usage: intake-bench plain|normalised|switched-off|conditioned BATCHES")
            return
        }
        let sink = CountingSink()
        let intake = Intake(
            source: SourceIdentity(
                name: "plant", protocolType: "opcua", endpoint: "opc.tcp://h", statusName: { "\($0)" }),
            layout: .rawEvents, sink: sink, options: mode.options)
        let ids = (0..<tags).map { number in
            intake.define(
                TagDefinition(
                    address: "Plant/Line\(number % 10)/Motor\(number)/Temperature", name: "Temperature \(number)",
                    unit: "°C", metadata: ["node_id": "ns=2;s=motor\(number)"]))
        }
        for batch in 0..<batches {
            let time = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(batch) * 1_000_000)
            intake.deliver(receivedAt: time) { frame in
                for (number, id) in ids.enumerated() {
                    // Whole steps of a tenth, above any deadband: every reading is a row in every mode.
                    let value = Double((batch * 7 + number) % 1000) / 10
                    frame.append(Reading(.double(value), .opcuaDouble, at: time), of: id)
                }
            }
        }
        print("\(mode.rawValue): \(intake.snapshot().counts.all) readings, \(sink.bytes) bytes")
    }

    private enum Mode: String {
        case plain, normalised, conditioned
        case switchedOff = "switched-off"

        var options: IntakeOptions {
            var settings = SourceTagSettings()
            var rules = NormalizationSettings()
            settings.context = ["site": "plant1", "area": "production", "line": "line1", "equipment": "plc1"]
            switch self {
            case .plain: return IntakeOptions()
            case .normalised: break
            case .switchedOff: rules.isEnabled = false
            case .conditioned: settings.conditioning = Conditioning(report: .deadband(.absolute(0.05)))
            }
            return IntakeOptions(preparing: TagNormalizer(rules, settings, registry: TagPathRegistry()))
        }
    }
}

/// Takes frames and forgets them.
private final class CountingSink: FrameSink {
    nonisolated(unsafe) private var prefixes: UInt32 = 0
    nonisolated(unsafe) private var tickets: UInt64 = 0
    nonisolated(unsafe) private(set) var bytes = 0

    func register(prefix: [UInt8]) -> UInt32 {
        prefixes += 1
        return prefixes - 1
    }

    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
        tickets += 1
        for frame in frames { bytes += frame.entries.count }
        return Ticket(number: tickets)
    }
}
