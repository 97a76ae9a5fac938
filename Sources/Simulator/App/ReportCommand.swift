import ArgumentParser
import CommandSupport
import SimulatorPlant
import SimulatorWeb

/// `ot-simulator report`: a day of the plant, measured.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Let the plant run for a day at once and print what its sensors did.",
        discussion:
            "Ends with an error when a sensor lies on a limit, stands still or breaks its machine's physics; with"
            + " --charts when the control charts of healthy sensors alarm, or miss a shift.")

    @Option(help: "Configuration file (YAML): plant.files and plant.industries are used.")
    var config: String?

    @Option(help: "Industries to look at, names with commas between. (default: all there are)")
    var industries: String?

    @Option(help: "Seed of all randomness.")
    var seed: UInt64 = 1

    @Option(help: "Hours of plant time, 1 to 8760.")
    var hours = 24

    @Option(help: "Seconds of plant time from sample to sample, 1 to 3600.")
    var step = 10

    @Flag(help: "Print only the summary and what is wrong.")
    var brief = false

    @Flag(help: "Put the control charts to the test instead, over this seed and the two after it.")
    var charts = false

    func validate() throws {
        guard (1...8760).contains(hours) else { throw ValidationError("--hours must lie between 1 and 8760") }
        guard (1...3600).contains(step) else { throw ValidationError("--step must lie between 1 and 3600") }
    }

    func run() async throws {
        let file = try config.map(SimulatorConfiguration.load) ?? SimulatorConfiguration()
        let catalogue = try CatalogueFiles.catalogue(
            files: file.files, industries: industries.map(CatalogueFiles.names) ?? file.industries)
        if charts {
            let report = try ChartReport(catalogue, seeds: [seed, seed &+ 1, seed &+ 2], hours: hours)
            Console.write(ChartReportText.text(report, brief: brief))
            return try end(report.faults)
        }
        let report = try PlantReport(catalogue, seed: seed, hours: hours, step: step)
        Console.write(ReportText.text(report, brief: brief))
        try end(report.faults)
    }

    private func end(_ faults: [String]) throws {
        guard faults.isEmpty else {
            throw SimulatorConfigurationError(description: faults.joined(separator: "\n"))
        }
    }
}

/// A report as tables of text.
enum ReportText {
    static func text(_ report: PlantReport, brief: Bool) -> String {
        var lines: [String] = []
        if !brief {
            lines.append(row("sensor", ["on limit %", "lowest", "mean", "highest", "deviation"]))
            for sensor in report.sensors {
                lines.append(
                    row(
                        sensor.path,
                        [sensor.limitPercent, sensor.lowest, sensor.mean, sensor.highest, sensor.deviation].map(short)))
            }
            lines.append("")
            lines.append(row("motor", ["r of power and current"]))
            for motor in report.motors { lines.append(row(motor.machine, [short(motor.correlation)])) }
            lines.append("")
            lines.append(row("temperature behind the load", ["stated s", "found s", "r"]))
            for lag in report.lags {
                lines.append(row(lag.path, [short(lag.stated), short(lag.found), short(lag.correlation)]))
            }
            lines.append("")
        }
        let counters = report.sensors.filter { $0.kind == .count }
        let worst = report.sensors.map(\.limitPercent).max() ?? 0
        let samples = report.sensors.first?.samples ?? 0
        lines.append(
            "\(report.sensors.count) sensors, \(samples) samples of each; at most \(short(worst)) % on a limit")
        lines.append("\(counters.count) counters, \(counters.map(\.falls).reduce(0, +)) falls")
        lines.append(
            "\(report.motors.count) motors, r of power and current at least "
                + short(report.motors.map(\.correlation).min() ?? 1))
        let errors = report.lags.map { abs($0.found / $0.stated - 1) * 100 }
        lines.append("\(report.lags.count) time constants, off by at most \(short(errors.max() ?? 0)) %")
        return lines.joined(separator: "\n") + "\n"
    }

    static func row(_ name: String, _ cells: [String]) -> String {
        name.padded(to: 56) + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }

    /// Four figures after the point at most.
    static func short(_ value: Double) -> String {
        let rounded = (value * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int64(rounded)) : "\(rounded)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
