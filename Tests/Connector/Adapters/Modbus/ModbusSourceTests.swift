import ConnectorModel
import Logging
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import Testing

@testable import ModbusAdapter

/// The source against a device over loopback: our server, or one that misbehaves on purpose.
@Suite struct ModbusSourceTests {
    private func source(
        port: Int, interval: Duration = .milliseconds(5), timeout: Duration = .seconds(30), maxInFlight: Int = 1,
        _ registers: ModbusRegister...
    ) throws -> ModbusSource {
        ModbusSource(
            try ModbusSourceConfiguration(
                name: "plc", endpoint: "127.0.0.1:\(port)", pollInterval: interval,
                options: .init(timeout: timeout, retries: 0, maxInFlight: maxInFlight), registers: registers),
            logger: quiet)
    }

    /// Runs a source until so many readings have been delivered, then stops it.
    private func run(_ source: ModbusSource, _ intake: Intake, _ sink: CountingSink, until readings: Int) async {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await source.run(intake) }
            await sink.wait(for: readings)
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    private func intake(_ source: ModbusSource, _ sink: CountingSink) -> Intake {
        Intake(source: source.identity, layout: .rawEvents, sink: sink)
    }

    @Test func everyTypeBecomesAReading() async throws {
        let bank = RegisterBank([1: UnitRegisters(coils: [0..<4], inputs: [0..<20], holdings: [0..<40])])
        bank.update(unit: 1) { unit in
            unit.setInteger(Int16(-25_536), in: .holding, at: 0)
            unit.setFloat32(3.14, in: .holding, at: 1, order: .cdab)
            unit.setInteger(UInt64.max, in: .holding, at: 3)
            unit.setString("Pump 17", registers: 4, in: .holding, at: 7)
            unit.set(true, in: .coil, at: 2)
            unit.setInteger(UInt16(0b100), in: .input, at: 0)
        }
        try await device(bank) { port in
            let source = try source(
                port: port, ModbusRegister(address: "0", name: "raw"),
                ModbusRegister(address: "0", name: "scaled", scale: 0.1),
                ModbusRegister(address: "1", dataType: "float32", byteOrder: "CDAB"),
                ModbusRegister(address: "3", dataType: "uint64"),
                ModbusRegister(address: "7", dataType: "string", count: 4),
                ModbusRegister(address: "1", type: "coil", count: 2, name: "valve"),
                ModbusRegister(address: "0.2", type: "input"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            await run(source, intake, sink, until: 8)
            let values = intake.lastValues(limit: 100)
            #expect(
                values.map { "\($0.tag.address) \($0.tag.name)" } == [
                    "1/holding/0 raw", "1/holding/0 scaled", "1/holding/1 holding_1", "1/holding/3 holding_3",
                    "1/holding/7 holding_7", "1/coil/1 valve_0", "1/coil/2 valve_1", "1/input/0.2 input_0.2",
                ])
            #expect(
                values.compactMap(\.reading) == [
                    Reading(.int(-25_536), .int16), Reading(.double(-2553.6), .float64),
                    Reading(.float(3.14), .float32),
                    Reading(.uint(.max), .uint64), Reading(.string("Pump 17"), .string), Reading(.bool(false), .bool),
                    Reading(.bool(true), .bool), Reading(.bool(true), .bool),
                ])
            let snapshot = intake.snapshot()
            #expect(snapshot.counts.bad == 0 && snapshot.connectedSince != nil && snapshot.skippedPolls == 0)
        }
    }

    @Test func arefusedRegisterIsBadAndItsNeighboursAreGood() async throws {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<10, 11..<30])])
        try await device(bank) { port in
            let source = try source(port: port, ModbusRegister(address: "0", count: 30, name: "r"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            // Two polls: one that finds the bad register, one that goes around it.
            await run(source, intake, sink, until: 60)
            for value in intake.lastValues(limit: 100) {
                let isBad = value.tag.name == "r_10"
                #expect(value.reading?.status == (isBad ? Status(code: 2, quality: .bad) : .good))
                #expect(value.reading?.value == (isBad ? ReadingValue.none : .int(0)))
            }
            #expect(source.identity.statusName(2) == "IllegalDataAddress")
        }
    }

    @Test func anAbsentUnitIsBadByName() async throws {
        try await device(RegisterBank([2: UnitRegisters(holdings: [0..<1])])) { port in
            let source = try source(port: port, ModbusRegister(address: "0"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            await run(source, intake, sink, until: 1)
            #expect(
                intake.lastValues(limit: 1).first?.reading
                    == Reading(.none, .int16, status: .init(code: 11, quality: .bad)))
        }
    }

    @Test func aSilentDeviceGivesTimeoutsAndLosesItsConnection() async throws {
        try await peer(.silent) { port in
            let source = try source(
                port: port, timeout: .milliseconds(5), ModbusRegister(address: "0"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            let failure = await #expect(throws: SourceFailure.self) { try await source.run(intake) }
            #expect(failure?.disposition == .transient)
            #expect(failure?.message == "modbus://127.0.0.1:\(port): the device has stopped answering")
            #expect(intake.snapshot().counts.bad == 3)
            #expect(intake.lastValues(limit: 1).first?.reading?.status == Status(code: -1, quality: .bad))
            // It was never seen to work.
            #expect(intake.snapshot().connectedSince == nil)
        }
    }

    @Test func aDeviceThatHangsUpEndsTheConnectionEvenBetweenPolls() async throws {
        let sink = CountingSink()
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1])])
        let (ended, failure) = try await withThrowingTaskGroup(of: Void.self) { group in
            let running = try await device(bank) { port in
                let source = try self.source(port: port, interval: .seconds(3_600), ModbusRegister(address: "0"))
                let intake = intake(source, sink)
                group.addTask { try await source.run(intake) }
                await sink.wait(for: 1)
                return source
            }
            let failure = await #expect(throws: SourceFailure.self) { try await group.next() }
            return (running, failure)
        }
        #expect(failure?.disposition == .transient)
        #expect(failure?.message.hasSuffix("the device closed the connection") == true)
        // Nobody listens there now.
        let refused = await #expect(throws: SourceFailure.self) { try await ended.run(intake(ended, sink)) }
        #expect(refused?.disposition == .transient)
        #expect(refused?.message.contains("the connection was refused") == true)
    }

    @Test func aRequestUnderWayWhenTheLinkEndsIsClosed() async throws {
        try await peer(.hangsUp(whenMoreThan: 0)) { port in
            let source = try source(port: port, ModbusRegister(address: "0"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            await #expect(throws: SourceFailure.self) { try await source.run(intake) }
            #expect(
                intake.lastValues(limit: 1).first?.reading
                    == Reading(.none, .int16, status: .init(code: -3, quality: .bad)))
        }
    }

    @Test func aDeviceThatTakesOneRequestAtATimeGetsThemSo() async throws {
        try await peer(.hangsUp(whenMoreThan: 1)) { port in
            let source = try source(
                port: port, maxInFlight: 4, ModbusRegister(address: "0"), ModbusRegister(address: "1000"),
                ModbusRegister(address: "2000"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            await #expect(throws: SourceFailure.self) { try await source.run(intake) }
            let before = intake.snapshot().counts
            #expect(before.good == 0 && before.bad == 3)
            await run(source, intake, sink, until: 9)
            let after = intake.snapshot().counts
            #expect(after.good >= 6 && after.bad == 3)
        }
    }

    @Test func aDeviceThatLosesRequestsUnderWayGetsOneAtATime() async throws {
        try await peer(.answersLastOnly) { port in
            let source = try source(
                port: port, timeout: .milliseconds(200), maxInFlight: 4, ModbusRegister(address: "0"),
                ModbusRegister(address: "1000"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            let failure = await #expect(throws: SourceFailure.self) { try await source.run(intake) }
            #expect(failure?.message.contains("loses requests") == true)
            let before = intake.snapshot().counts
            #expect(before.good == 2 && before.bad == 2)
            await run(source, intake, sink, until: 10)
            #expect(intake.snapshot().counts.bad == 2)
        }
    }

    @Test func pollsAreSkippedAndCountedWhileThereIsNoRoom() async throws {
        try await device(RegisterBank([1: UnitRegisters(holdings: [0..<1])])) { port in
            let source = try source(port: port, interval: .milliseconds(1), ModbusRegister(address: "0"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            intake.demand(open: false)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await source.run(intake) }
                while intake.snapshot().skippedPolls < 3 { await Task.yield() }
                #expect(intake.snapshot().counts.all == 0)
                intake.demand(open: true)
                await sink.wait(for: 1)
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(intake.snapshot().counts.bad == 0)
        }
    }

    @Test func aSourceWithoutRegistersIsConnected() async throws {
        try await device(RegisterBank([:])) { port in
            let source = try source(port: port)
            let intake = intake(source, CountingSink())
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await source.run(intake) }
                while intake.snapshot().connectedSince == nil { await Task.yield() }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
    }
}
