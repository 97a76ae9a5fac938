import ConnectorModel
package import ConnectorNormalization
import Foundation
import ModbusAdapter
import OPCUAAdapter
import YAMLSupport

/// What a source sets for its tags: `context`, `include`, `exclude`, `tags`, `tag_list` and conditioning.
extension SourceSection {
    /// The keys that sources of all protocols have.
    static func tagSettings(_ section: inout Section) -> SourceTagSettings {
        acceptPlaces(&section)
        var settings = SourceTagSettings()
        settings.context = section.context("context", about: "parts of the paths of all tags of the source")
        settings.selected = section.sections("tags", about: "settings of tags that a glob fits; the first counts")
            .flatMap(selected)
        settings.conditioning = section.conditioning()
        return settings
    }

    /// Which tags are read.
    /// - Parameter protocolType: the word of the key `protocol`.
    static func selectTags(_ settings: inout SourceTagSettings, protocolType: String, _ section: inout Section) {
        // The address space of OPC UA is looked through with these while it is browsed.
        if protocolType != "opcua" {
            settings.include = section.strings("include", about: "globs for addresses or names of tags that are read")
                .map(Glob.init)
            settings.exclude = section.strings("exclude", about: "globs for those that are not, even if included")
                .map(Glob.init)
        }
        if let path = section.string("tag_list", about: "a CSV file with a line for each tag"), !section.isSurvey {
            settings.list = readList(path, protocolType, section)
            settings.list?.selects = protocolType != "opcua" && protocolType != "modbus"
        }
    }

    private static func acceptPlaces(_ section: inout Section) {
        section.accept("site", "site_id", for: "context.site")
        section.accept("area", "area_id", for: "context.area")
        section.accept("line", "line_id", for: "context.line")
        section.accept("equipment", "equipment_id", for: "context.equipment")
    }

    private static func selected(_ section: consuming Section) -> [SourceTagSettings.Selected] {
        let globs = section.strings("match", about: "globs for addresses, names or node ids")
        var setting = TagSetting(
            name: section.string("name", about: "what the tag is called"),
            unit: section.string("unit", about: "the unit of its value"))
        for part in NormalizationSettings.parts {
            setting.parts[part] = section.string(part, about: "part of its path")
        }
        setting.isEnabled = section.optionalBoolean("enabled", about: "false does not deliver its readings")
        setting.conditioning = section.conditioning()
        section.finish()
        guard !section.isSurvey else { return [] }
        if globs.isEmpty { section.report("is missing", at: "match") }
        return globs.map { SourceTagSettings.Selected(match: Glob($0), setting: setting) }
    }

    // MARK: Tag lists

    private static func readList(_ path: String, _ protocolType: String, _ section: borrowing Section) -> TagList? {
        do {
            let reader = TagListReader(try TagListFile.read(path), protocolType: protocolType)
            for problem in reader.problems { section.report("\(path), \(problem)", at: "tag_list") }
            return reader.problems.isEmpty ? reader.list : nil
        } catch let problem as CSVText.Problem {
            section.report("\(path), \(problem)", at: "tag_list")
        } catch {
            section.report("\(error)", at: "tag_list")
        }
        return nil
    }

    /// The registers that the list names; each is then known by the address that its rows show.
    static func listedRegisters(
        _ settings: inout SourceTagSettings, unitID: Int, isCountedFromOne: Bool, _ section: borrowing Section
    ) -> [ModbusRegister] {
        guard var list = settings.list else { return [] }
        var registers: [ModbusRegister] = []
        for (number, row) in list.rows.enumerated() where row.setting.isEnabled ?? true {
            do {
                let register = try ModbusRegister(row, isCountedFromOne: isCountedFromOne)
                list.setAddresses(register.tagAddresses(unitID: unitID), of: number)
                // The register itself has name, unit and scale.
                list.update(number) { setting in
                    (setting.name, setting.unit) = (nil, nil)
                    (setting.conditioning.scale, setting.conditioning.offset) = (nil, nil)
                }
                registers.append(register)
            } catch {
                section.report("line \(row.line), column \(error.key): \(error.problem)", at: "tag_list")
            }
        }
        settings.list = list
        return registers
    }

    /// The nodes that the list names.
    static func listedNodes(_ settings: inout SourceTagSettings, _ section: borrowing Section) -> [NodeSelection] {
        guard var list = settings.list else { return [] }
        var nodes: [NodeSelection] = []
        for (number, row) in list.rows.enumerated() where row.setting.isEnabled ?? true {
            do throws(SettingError) {
                nodes.append(try node(row))
                if row.address.hasPrefix("/") { list.setAddresses([browsePath(row.address)], of: number) }
            } catch {
                let column = ["node_id", "browse_path"].contains(error.key) ? "address" : error.key
                section.report("line \(row.line), column \(column): \(error.problem)", at: "tag_list")
            }
        }
        settings.list = list
        return nodes
    }

    private static func node(_ row: TagList.Row) throws(SettingError) -> NodeSelection {
        func interval(_ column: String, _ range: ClosedRange<Int>) throws(SettingError) -> Duration? {
            try row.whole(column, range).map { .milliseconds($0) }
        }
        let intervals = ReadingIntervals(
            sampling: try interval("sampling_interval_ms", 0...3_600_000),
            publishing: try interval("publishing_interval_ms", 10...3_600_000),
            poll: try interval("poll_interval_ms", 10...86_400_000))
        return row.address.hasPrefix("/")
            ? try NodeSelection(browsePath: row.address, intervals: intervals)
            : try NodeSelection(nodeID: row.address, intervals: intervals)
    }

    /// `/Objects/2:Plant/Speed` as rows show it: names from below Objects, without the index of their namespace.
    private static func browsePath(_ text: String) -> String {
        var names = text.split(separator: "/").map { name in
            let digits = name.prefix { $0.isNumber }
            return !digits.isEmpty && name.dropFirst(digits.count).hasPrefix(":")
                ? String(name.dropFirst(digits.count + 1)) : String(name)
        }
        if names.first == "Objects" { names.removeFirst() }
        return names.joined(separator: "/")
    }

    // MARK: Deadbands

    /// The deadband that the server is asked to apply, which then is not applied a second time here. It knows only its
    /// own values, and one for all tags: where they are scaled, polled or treated one by one, it stays with us.
    static func serverDeadband(_ settings: inout SourceTagSettings, mode: TagReading.Mode) -> TagReading.Deadband? {
        let own =
            settings.selected.map(\.setting.conditioning) + (settings.list?.rows.map(\.setting.conditioning) ?? [])
        guard mode == .subscription, settings.conditioning.scale == nil,
            own.allSatisfy({ $0.report == nil && $0.scale == nil })
        else { return nil }
        let deadband: TagReading.Deadband
        switch settings.conditioning.report {
        case .deadband(.absolute(let width)): deadband = .absolute(width)
        case .deadband(.percent(let percent, span: nil)): deadband = .percent(percent)
        default: return nil
        }
        settings.conditioning.report = nil
        return deadband
    }
}

extension TagList.Row {
    /// A whole number in a column of the protocol.
    fileprivate func whole(_ column: String, _ range: ClosedRange<Int>) throws(SettingError) -> Int? {
        guard let text = own[column] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw SettingError(
                key: column,
                problem: "a whole number from \(range.lowerBound) to \(range.upperBound) is expected, found '\(text)'")
        }
        return number
    }
}

extension ModbusRegister {
    /// The register of a line: its address as a register's, or as rows show it, `1/holding/40`.
    fileprivate init(_ row: TagList.Row, isCountedFromOne: Bool) throws(SettingError) {
        var (address, type) = (row.address, row.own["type"])
        var unitID = try row.whole("unit_id", 0...255)
        let parts = address.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isWhole = parts.count == 3
        if isWhole {
            guard let unit = Int(parts[0]), (0...255).contains(unit) else {
                throw SettingError(key: "address", problem: "'\(address)' is no unit/type/address")
            }
            (address, type, unitID) = (parts[2], type ?? parts[1], unitID ?? unit)
        }
        let keys = ModbusRegisterKeys(
            type: type, dataType: row.own["data_type"], count: try row.whole("count", 1...65_536),
            name: row.setting.name, unit: row.setting.unit, byteOrder: row.own["byte_order"],
            scale: row.setting.conditioning.scale, offset: row.setting.conditioning.offset, bits: row.own["bits"],
            unitID: unitID, pollIntervalMilliseconds: try row.whole("poll_interval_ms", 1...86_400_000))
        // What rows show is counted from 0.
        try self.init(address: address, keys, isCountedFromOne: isCountedFromOne && !isWhole)
    }
}

/// The file of a tag list.
package enum TagListFile {
    /// What cannot be read, as a sentence.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: `Failure`, or `CSVText.Problem` where the file is no table.
    package static func read(_ path: String) throws -> CSVText {
        let bytes: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= CSVText.fileBytesMax else {
                throw Failure(description: "'\(path)' is larger than \(CSVText.fileBytesMax / 1_048_576) MiB")
            }
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "'\(path)' cannot be read; is there such a file?")
        }
        return try CSVText(bytes)
    }
}
