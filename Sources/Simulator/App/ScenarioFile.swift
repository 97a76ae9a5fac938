import Foundation
import SimulatorPlant
import YAMLSupport

/// A scenario as a YAML file: a name, a description, and faults with their times.
enum ScenarioFile {
    /// Reads a file as strictly as a configuration. A scenario without a name is called like its file.
    static func load(_ path: String) throws -> Scenario {
        try read(
            try CatalogueFiles.text(of: path, "the scenario"), file: path,
            environment: ProcessInfo.processInfo.environment)
    }

    static func read(_ text: String, file: String, environment: [String: String]) throws -> Scenario {
        let (name, summary, events) = try StrictDocument.read(text, file: file, environment: environment) { root in
            let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
            let name = root.string("name") ?? stem
            let summary = root.string("description") ?? ""
            let events = root.sections("events").map(event)
            if events.isEmpty { root.report("at least one event is needed", at: "events") }
            return (name, summary, events)
        }.settings
        do {
            return try Scenario(name: name, summary: summary, events: events)
        } catch {
            throw SimulatorConfigurationError(description: "\(file): \(error)")
        }
    }

    private static func event(_ section: Section) -> Scenario.Event {
        var section = section
        let at = seconds(section.duration("at", default: .zero))
        if !section.has("kind") { section.report("is missing", at: "kind") }
        let kind = section.choice("kind", default: Fault.Kind.stuck, kinds)
        // A failure befalls a machine, all else a sensor.
        let (key, other) = kind.isOfMachine ? ("machine", "sensor") : ("sensor", "machine")
        if section.has(other) {
            section.report("'\(kind.rawValue)' needs '\(key)', not '\(other)'", at: other)
            _ = section.string(other)
        }
        var fault = Fault(kind, at: section.requiredString(key))
        if section.has("value") { fault.value = section.number("value", default: 0) }
        if section.has("duration") { fault.duration = seconds(section.duration("duration", default: .zero)) }
        fault.ramp = seconds(section.duration("ramp", default: .zero))
        if section.has("period") { fault.period = seconds(section.duration("period", default: .zero)) }
        section.finish()
        return Scenario.Event(at: at, fault)
    }

    private static var kinds: [(String, Fault.Kind)] { Fault.Kind.allCases.map { ($0.rawValue, $0) } }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
