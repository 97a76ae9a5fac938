import SimulatorWeb

/// A report on control charts as tables of text.
enum ChartReportText {
    static func text(_ report: ChartReport, brief: Bool) -> String {
        var lines: [String] = []
        if !brief { lines += byType(report) + [""] + worst(report) + [""] }
        for row in report.rows { if let reason = row.reason { lines.append("not judged: \(reason)") } }
        let delays = report.delays
        let found = report.charted.count { $0.foundShare >= 0.95 }
        lines.append(
            "\(report.charted.count) charts, false alarms at \(percent(report.alarmShare)) of the values; "
                + "\(report.charted.count { $0.alarmShare > ChartReport.alarmShareMax }) charts above 1 %, the worst has "
                + percent(report.charted.map(\.alarmShare).max() ?? 0))
        lines.append(
            "\(delays.planted) shifts of 1.5 standard deviations, \(delays.found.count) flagged within "
                + "\(ChartReport.delayMax) values; half of them within \(part(delays, 0.5)), 9 of 10 within "
                + "\(part(delays, 0.9)), 99 of 100 within \(part(delays, 0.99))")
        lines.append("\(found) of \(report.charted.count) charts flag 95 % or more of their shifts")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func byType(_ report: ChartReport) -> [String] {
        let types = Dictionary(grouping: report.charted, by: \.type).sorted { $0.key < $1.key }
        return [ReportText.row("type", ["sensors", "alarms %", "worst %", "flagged %"])]
            + types.map { type, rows in
                let values = rows.reduce(0) { $0 + $1.values }
                let alarms = rows.reduce(0) { $0 + $1.alarms }
                let found = rows.reduce(0) { $0 + $1.foundShare } / Double(rows.count)
                return ReportText.row(
                    type,
                    [
                        "\(rows.count)", ReportText.short(100 * Double(alarms) / Double(max(1, values))),
                        ReportText.short(100 * (rows.map(\.alarmShare).max() ?? 0)), ReportText.short(100 * found),
                    ])
            }
    }

    private static func worst(_ report: ChartReport) -> [String] {
        let sorted = report.charted.sorted { $0.alarmShare > $1.alarmShare }.prefix(10)
        let slow = report.charted.sorted { $0.foundShare < $1.foundShare }.prefix(10)
        return [ReportText.row("most false alarms", ["%"])]
            + sorted.map { ReportText.row($0.path, [ReportText.short(100 * $0.alarmShare)]) }
            + [ReportText.row("fewest shifts flagged", ["%"])]
            + slow.map { ReportText.row($0.path, [ReportText.short(100 * $0.foundShare)]) }
    }

    private static func percent(_ share: Double) -> String { ReportText.short(100 * share) + " %" }

    private static func part(_ delays: (found: [Int], planted: Int), _ share: Double) -> String {
        let place = Int((Double(delays.planted) * share).rounded(.up)) - 1
        return delays.found.indices.contains(place) ? "\(delays.found[place])" : "more"
    }
}
