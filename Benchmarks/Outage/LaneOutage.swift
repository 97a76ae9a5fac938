import ConnectorJournal
import ConnectorKeys
import ConnectorLane
import ConnectorModel
import Foundation
import Logging

/// An outage of the target on a fast clock: the lane and its journal as they are, the records real, nobody waits.
///
///     lane-outage FOLDER RECORDS TAGS       prints figures as JSON; exit code 1 when a record is missing or in disorder
///
/// A tick brings one reading of every tag and moves the clock of the records on, so that they carry the times of the
/// real outage. The first hundredth of the records is delivered before the target goes away.
@main struct LaneOutage {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let records = Int(arguments[2]), let tags = Int(arguments[3]), tags > 0 else {
            FileHandle.standardError.write(Data("usage: lane-outage FOLDER RECORDS TAGS\n".utf8))
            exit(2)
        }
        exit(try await run(folder: arguments[1], ticks: records / tags, tags: tags) ? 0 : 1)
    }

    @concurrent
    private static func run(folder: String, ticks: Int, tags: Int) async throws -> Bool {
        let keys = try KeyFile(directory: folder + "/keys").open(create: true)
        let lane = try Lane(
            name: "outage", directory: folder + "/journal",
            limits: LaneLimits(journalBytesMax: 16 * 1024 * 1024 * 1024),
            retry: RetryLimits(initialDelay: .milliseconds(100), maxDelay: .seconds(1)),
            sealing: JournalSealing(keys.ring), logger: Logger(label: "lane") { _ in SwiftLogNoOpLogHandler() })
        let recipient = Recipient(tags: tags)
        let good = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await lane.runForwarder(to: recipient) }
            let good = try await feed(lane, recipient, ticks: ticks, tags: tags)
            group.cancelAll()
            return good
        }
        await lane.close()
        return good
    }

    private static func feed(_ lane: Lane, _ recipient: Recipient, ticks: Int, tags: Int) async throws -> Bool {
        var plant = Plant(lane: lane, tags: tags)
        let clock = ContinuousClock()
        while plant.tick < max(1, ticks / 100) { try await plant.next() }
        while !isDelivered(lane) { try await Task.sleep(for: .milliseconds(10)) }

        recipient.set(up: false)
        // The first minute fills the memory in front of the journal, as the lane's limits allow; it counts as growth.
        let before = residentMiB()
        var most = before
        let outage = clock.now
        while plant.tick < ticks {
            try await plant.next()
            if plant.tick.isMultiple(of: 500) { most = max(most, residentMiB()) }
        }
        let taken = clock.now - outage
        let waiting = lane.snapshot()

        recipient.set(up: true)
        let back = clock.now
        var mostDraining = 0.0
        while !isDelivered(lane) {
            mostDraining = max(mostDraining, residentMiB())
            try await Task.sleep(for: .milliseconds(20))
        }
        let drained = clock.now - back
        let found = recipient.found
        let complete = found.last.allSatisfy { $0 == Int64(plant.tick) }
        let good =
            complete && found.records == plant.tick * tags && found.repeated + found.skipped + found.unreadable == 0
        report([
            "records": plant.tick * tags, "delivered": found.records, "repeated": found.repeated,
            "skipped": found.skipped, "unreadable": found.unreadable, "good": good,
            "journal_mib": waiting.journalBytes / 1_048_576, "waiting": waiting.queuedRecords,
            "resident_before_mib": rounded(before), "resident_during_mib": rounded(most),
            "growth_mib": rounded(most - before), "resident_draining_mib": rounded(mostDraining),
            "outage_seconds": rounded(taken / .seconds(1)), "drain_seconds": rounded(drained / .seconds(1)),
            "drained_per_second": Int(Double(waiting.queuedRecords) / (drained / .seconds(1))),
        ])
        return good
    }

    private static func isDelivered(_ lane: Lane) -> Bool {
        let snapshot = lane.snapshot()
        return snapshot.queuedRecords == 0 && snapshot.pendingRecords == 0
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    private static func residentMiB() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    private static func report(_ figures: [String: Any]) {
        guard let json = try? JSONSerialization.data(withJSONObject: figures, options: [.sortedKeys]) else { return }
        FileHandle.standardOutput.write(json + Data("\n".utf8))
    }
}

/// A source whose tags all count, ten times a second by the time that its records carry.
private struct Plant {
    let lane: Lane
    let intake: Intake
    let tags: [TagID]
    var tick = 0
    private let start = Timestamp.now()

    /// What may wait for the disk; a real source brings it more slowly than the disk takes it.
    private static let pendingRecordsMax = 5_000

    init(lane: Lane, tags: Int) {
        self.lane = lane
        let intake = Intake(
            source: SourceIdentity(name: "plant", protocolType: "opcua", endpoint: "opc.tcp://plant:4840") { _ in
                "Good"
            },
            layout: .rawEvents, sink: lane)
        self.intake = intake
        self.tags = (0..<tags).map { number in
            intake.define(
                TagDefinition(address: "line/machine/sensor_\(number)", metadata: ["node_id": "ns=2;s=\(number)"]))
        }
    }

    mutating func next() async throws {
        while lane.snapshot().pendingRecords > Self.pendingRecordsMax { try await Task.sleep(for: .microseconds(200)) }
        tick += 1
        let time = Timestamp(microseconds: start.microseconds + Int64(tick) * 100_000)
        let (number, tags) = (Double(tick), tags)
        intake.deliver(receivedAt: time) { builder in
            for tag in tags { builder.append(Reading(.double(number), .opcuaDouble, at: time), of: tag) }
        }
    }
}
