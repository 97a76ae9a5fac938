import ConnectorConfiguration
import Testing

@testable import ConnectorApp

/// What a changed configuration changes, and what it leaves alone.
@Suite struct ReloadPlanTests {
    private func settings(
        a: String = "", targetOfA: String = "table: t_a", zerobus: String = "", more: String = "",
        sources: String = ""
    ) throws -> ConnectorSettings {
        let text = """
            sources:
              - {name: a, endpoint: "mqtt://x:1", topics: [a]\(a)}
              - {name: b, endpoint: "mqtt://x:1", topics: [b]}
            \(sources)
            zerobus:
              workspace_host: http://127.0.0.1:1
              zerobus_endpoint: http://127.0.0.1:2
              auth: {client_id: i, client_secret: s}
              default_target: {catalog: c, schema: s, table: t}
              source_targets: {a: {\(targetOfA)}}
            \(zerobus)
            \(more)
            """
        return try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
    }

    private func plan(_ new: ConnectorSettings) throws -> ReloadPlan { ReloadPlan(from: try settings(), to: new) }

    @Test func nothingChangedMeansNothingToDo() throws {
        #expect(try plan(settings()).isEmpty)
    }

    @Test func anotherWayToTheSameTableConcernsItsForwarderAlone() throws {
        for target in ["table: t_a, record_format: json", "table: t_a, auth: {client_secret: other}"] {
            let plan = try plan(settings(targetOfA: target))
            #expect(plan.retargeted == ["c.s.t_a"])
            #expect(plan.ended.isEmpty && plan.begun.isEmpty && plan.stopped.isEmpty && plan.started.isEmpty)
        }
    }

    @Test(arguments: ["table: t_other", "table: t_a, layout: mqtt_bronze"])
    func anotherTableIsAnotherLane(target: String) throws {
        let plan = try plan(settings(targetOfA: target))
        #expect(plan.ended == ["c.s.t_a"] && plan.begun.count == 1 && plan.begun != plan.ended)
        #expect(plan.retargeted.isEmpty && plan.stopped.isEmpty && plan.started.isEmpty)
    }

    @Test func anotherNumberOfStreamsBeginsTheLaneAnew() throws {
        let plan = try plan(settings(targetOfA: "table: t_a, streams: 2"))
        #expect(plan.ended == ["c.s.t_a"] && plan.begun == ["c.s.t_a"])
    }

    @Test func aChangedSourceIsTheOnlyOneThatRestarts() throws {
        let plan = try plan(settings(a: ", qos: 2"))
        #expect(plan.stopped == [.init(lane: "c.s.t_a", names: ["a"])] && plan.started == plan.stopped)
        #expect(plan.ended.isEmpty && plan.begun.isEmpty && plan.retargeted.isEmpty)
        let off = try self.plan(settings(a: ", enabled: false"))
        #expect(off.stopped == [.init(lane: "c.s.t_a", names: ["a"])] && off.started.isEmpty)
        let new = try self.plan(settings(sources: "  - {name: n, endpoint: \"mqtt://x:1\", topics: [n]}"))
        #expect(new.started == [.init(lane: "c.s.t", names: ["n"])] && new.stopped.isEmpty)
    }

    @Test func whatALaneKeepsToIsForAllLanes() throws {
        let plan = try plan(settings(zerobus: "  batch: {max_records: 10}"))
        #expect(Set(plan.ended) == ["c.s.t", "c.s.t_a"] && Set(plan.begun) == Set(plan.ended))
    }

    @Test func whatCannotChangeLiveIsNamed() throws {
        let plan = try plan(settings(more: "web_ui: {port: 1}\nlogging: {level: debug}"))
        #expect(plan.needRestart == ["web_ui", "logging.level"])
    }
}
