import SimulatorPlant
import Testing

@testable import SimulatorWeb

/// Control charts while all is well and after a shift, on sensors of every industry. `ot-simulator report --charts`
/// measures all of them over a day.
@Suite struct ChartReportTests {
    @Test func chartsRarelyCryWolfAndFlagAShift() throws {
        let report = try ChartReport(
            .builtIn(), seeds: [3], hours: 1, stride: 60, shifts: 6, baseline: 8000)
        #expect(report.rows.count == 8)
        #expect(report.charted.count >= 7, "\(report.rows.compactMap(\.reason))")
        #expect(report.alarmShare <= ChartReport.alarmShareMax, "\(report.alarmShare)")
        let found = report.charted.count { $0.foundShare >= 0.9 }
        #expect(found >= report.charted.count - 1, "\(report.charted.map(\.foundShare))")
        #expect(report.faults == [])
    }

    @Test func whatIsNotInControlSaysSoInWords() throws {
        let text = """
            industry i
            machine m cycle 60 swing 0.3 shift 0 sun 0.5
            sky level W 0 1000 500 4 sun
            still level % 0 100 50 0 load reach 0
            jumps position mm 0 100 50 0.01 setpoint reach 0.9
            """
        let rows = try ChartReport(
            Catalogue(parsing: text), seeds: [1], hours: 1, shifts: 1, baseline: 15_000
        ).rows
        #expect(rows[0].reason?.contains("weather") == true)
        #expect(rows[1].reason?.contains("stands still") == true)
        #expect(rows[2].reason?.contains("past does not foretell") == true, "\(rows[2].alarmShare)")
        #expect(rows.allSatisfy { $0.values == 0 && $0.delays.isEmpty })
    }
}
