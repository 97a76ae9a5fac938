import ConnectorModel
import ModbusClient
import ModbusCore
import ModbusServer
import NIOCore
import Synchronization
import TLSSupport
import Testing

@testable import ModbusAdapter

/// Devices and plants as they are met in the field, and the keys that deal with them.
@Suite(.timeLimit(.minutes(1))) struct ModbusFieldTests {
    private func source(
        port: Int, interval: Duration = .milliseconds(5), options: ModbusSourceOptions = .init(timeout: .seconds(30)),
        _ registers: ModbusRegister...
    ) throws -> ModbusSource {
        ModbusSource(
            try ModbusSourceConfiguration(
                name: "plc", endpoint: "127.0.0.1:\(port)", pollInterval: interval, options: options,
                registers: registers),
            logger: quiet)
    }

    private func intake(_ source: ModbusSource, _ sink: CountingSink) -> Intake {
        Intake(source: source.identity, layout: .rawEvents, sink: sink)
    }

    /// Runs a source until the condition holds, then stops it; it must not have ended by itself.
    private func run(
        _ source: ModbusSource, _ intake: Intake, until condition: @escaping @Sendable () -> Bool
    ) async {
        await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await source.run(intake)
                return false
            }
            group.addTask {
                while !condition() { try await Task.sleep(for: .milliseconds(1)) }
                return true
            }
            do {
                let isReached = try await group.next()
                #expect(isReached == true)
            } catch {
                Issue.record("the source ended by itself: \(error)")
            }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    private func reading(_ intake: Intake, _ name: String) -> Reading? {
        intake.lastValues(limit: 1_000).first { $0.tag.name == name }?.reading
    }

    // MARK: Devices

    @Test(arguments: [ExceptionCode.illegalDataValue, .illegalDataAddress])
    func aDeviceThatGivesSixteenRegistersAtOnceIsReadWhole(_ refusal: ExceptionCode) async throws {
        let device = ScriptedDevice { $0.count > 16 ? .exception(refusal) : .asUnit(1) }
        try await device.run { port in
            let source = try source(port: port, ModbusRegister(address: "0", count: 100, name: "r"))
            let sink = CountingSink()
            let intake = intake(source, sink)
            await run(source, intake) { intake.snapshot().counts.good >= 300 }
            #expect(intake.snapshot().counts.bad == 0)
            // Shrunk, it stays shrunk: once the limit is known nothing longer is asked for.
            #expect(device.requests.suffix(5).allSatisfy { $0.count <= 16 })
        }
    }

    @Test func aConfiguredLimitIsKeptFromTheFirstRequest() async throws {
        let device = ScriptedDevice { _ in .asUnit(1) }
        try await device.run { port in
            let source = try source(
                port: port, options: .init(timeout: .seconds(30), maxRegisters: 10),
                ModbusRegister(address: "0", count: 25, name: "r"))
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 25 }
            #expect(device.requests.prefix(3).reduce(0) { $0 + $1.count } == 25)
            #expect(device.requests.allSatisfy { $0.count <= 10 })
        }
    }

    @Test func aHoleInTheMiddleIsFoundAndThenGoneAround() async throws {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<10, 14..<30])])
        try await device(bank) { port in
            let source = try source(
                port: port, ModbusRegister(address: "0", count: 10, name: "low"),
                ModbusRegister(address: "14", count: 16, name: "high"))
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 78 }
            #expect(intake.snapshot().counts.bad == 0)
        }
    }

    @Test func aWrongUnitOrTransactionIsNoReading() async throws {
        let calls = Mutex(0)
        let device = ScriptedDevice { _ in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return switch call {
            case 1: .asUnit(9)  // refused: the retry is answered rightly
            case 3: .asTransaction(12_345)  // belongs to nothing: times out, and the retry is answered
            default: .asUnit(1)
            }
        }
        try await device.run { port in
            let source = try source(
                port: port, options: .init(timeout: .milliseconds(200), retries: 1), ModbusRegister(address: "0"))
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 3 }
            #expect(intake.snapshot().counts.bad == 0)
        }
        // Without retries both are told.
        calls.withLock { $0 = 0 }
        try await device.run { port in
            let source = try source(
                port: port, options: .init(timeout: .milliseconds(200), retries: 0), ModbusRegister(address: "0"))
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 2 }
            #expect(intake.snapshot().counts.bad == 2)
        }
    }

    @Test func aSlowUnitNeverDelaysAFastOne() async throws {
        // Unit 2 never answers; unit 1 at once.
        let device = ScriptedDevice { $0.unit == 2 ? .nothing : .asUnit(1) }
        try await device.run { port in
            let source = try source(
                port: port, options: .init(timeout: .seconds(20)), ModbusRegister(address: "0", name: "fast"),
                ModbusRegister(address: "0", name: "slow", unitID: 2))
            let intake = intake(source, CountingSink())
            // Far more polls than could be made if each waited for the other's timeout.
            await run(source, intake) { intake.snapshot().counts.good >= 50 }
            #expect(intake.snapshot().counts.bad == 0)
            #expect(device.requests.filter { $0.unit == 2 }.count == 1)
        }
    }

    @Test func aDeadUnitBehindASerialGatewayTakesLittleOfTheLine() async throws {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1])])
        let configuration = ModbusTCPServer.Configuration(port: 0, framing: .rtu)
        try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
            let source = ModbusSource(
                try ModbusSourceConfiguration(
                    name: "line", endpoint: "modbus+rtu+tcp://127.0.0.1:\(port)", pollInterval: .milliseconds(2),
                    options: .init(timeout: .milliseconds(250), retries: 0),
                    registers: [
                        ModbusRegister(address: "0", name: "alive"),
                        ModbusRegister(address: "0", name: "dead", unitID: 9),
                    ]), logger: quiet)
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 100 }
            #expect(reading(intake, "dead")?.status == Status(code: -1, quality: .bad))
            // In vain asked it rests, and the connection lives on for the other.
            #expect(intake.snapshot().counts.bad <= 20)
        }
    }

    @Test func aServerThatRestartsTwentyTimesIsReadEachTime() async throws {
        let bank = RegisterBank([1: UnitRegisters(holdings: [0..<1])])
        let port = Mutex(0)
        let sink = CountingSink()
        let first = try await device(bank) { free in free }
        port.withLock { $0 = first }
        let source = try source(port: first, interval: .milliseconds(1), ModbusRegister(address: "0"))
        let intake = intake(source, sink)
        for restart in 1...20 {
            try await ModbusTCPServer(configuration: .init(port: first), bank: bank, logger: quiet).withServer { _ in
                let before = intake.snapshot().counts.good
                await run(source, intake) { intake.snapshot().counts.good > before }
            }
            #expect(intake.snapshot().counts.good >= restart)
            await #expect(throws: SourceFailure.self) { try await source.run(intake) }
        }
    }

    // MARK: Keys

    @Test func registersHaveTheirOwnUnitAndInterval() async throws {
        let device = ScriptedDevice { .registers([UInt16](repeating: UInt16($0.unit), count: $0.count)) }
        try await device.run { port in
            let source = try source(
                port: port, interval: .seconds(3_600), ModbusRegister(address: "0", name: "once"),
                ModbusRegister(address: "0", name: "often", pollInterval: .milliseconds(2)),
                ModbusRegister(address: "5", name: "other", unitID: 7, pollInterval: .milliseconds(2)))
            let intake = intake(source, CountingSink())
            await run(source, intake) { intake.snapshot().counts.good >= 40 }
            #expect(reading(intake, "once")?.value == .int(1) && reading(intake, "other")?.value == .int(7))
            #expect(intake.lastValues(limit: 9).map(\.tag.address) == ["1/holding/0", "1/holding/0", "7/holding/5"])
            // The two of unit 1 at address 0: one was polled once, the other again and again.
            #expect(device.requests.filter { $0.unit == 7 }.count > 5)
        }
    }

    private func requests(
        _ options: ModbusSourceOptions = .init(), _ registers: ModbusRegister...
    ) throws -> [Range<Int>] {
        let configuration = try ModbusSourceConfiguration(
            name: "plc", endpoint: "plc:502", options: options, registers: registers)
        let tags = ModbusTag.tags(of: configuration)
        return configuration.planner.plan(tags.map(\.item)).map(\.range)
    }

    @Test func gapAndBaseAndBitsChangeWhatIsRead() throws {
        let two = [try ModbusRegister(address: "0"), try ModbusRegister(address: "10")]
        #expect(try requests(.init(), two[0], two[1]) == [0..<11])
        #expect(try requests(.init(gap: 8), two[0], two[1]) == [0..<1, 10..<11])
        #expect(try requests(.init(), ModbusRegister(address: "10", base: .one)) == [9..<10])
        let field = try ModbusRegister(address: "0", dataType: "uint16", bits: "4-7")
        #expect(field.decoder.bits == BitField(lowest: 4, width: 4))
        #expect(try ModbusRegister(address: "0", dataType: "bool", bits: "3").decoder.bits == BitField(lowest: 3))
        for wrong in ["", "x", "7-4", "4-70", "1-2-3", "-1", "16"] {
            let error = #expect(throws: SettingError.self) {
                try ModbusRegister(address: "0", dataType: "uint16", bits: wrong)
            }
            #expect(error?.key == "bits")
        }
    }

    private func configuration(
        _ endpoint: String, serial: ModbusSerialKeys? = nil, tls: TLSKeys? = nil,
        options: ModbusSourceOptions = .init()
    ) throws -> ModbusSourceConfiguration {
        try ModbusSourceConfiguration(
            name: "x", endpoint: endpoint, options: options, serial: serial, tls: tls, registers: [])
    }

    @Test func serialKeysReachTheLine() throws {
        let line = "modbus+rtu:///dev/ttyUSB0"
        let standard = try configuration(line)
        #expect(standard.serial == .standard && standard.client(isLockStep: false).serial == .standard)
        let keys = ModbusSerialKeys(baud: 19_200, parity: "Even", stopBits: 2, rs485: true)
        let set = try configuration(line, serial: keys).client(isLockStep: false).serial
        #expect(set == SerialSettings(baud: 19_200, parity: .even, stopBits: 2, rs485: true))
        #expect(try configuration(line, serial: .init(parity: "O")).serial.parity == .odd)
        #expect(try configuration("modbus+ascii:///dev/ttyS0", serial: .init(dataBits: 7)).serial.dataBits == 7)
        // A slow line makes requests dearer in time, not in bytes; a fast one waits longer than it speaks.
        #expect(
            try configuration(line, serial: .init(baud: 115_200)).planner.cost.request > standard.planner.cost.request)
        #expect(
            try configuration(line, options: .init(frameGap: .milliseconds(9))).client(isLockStep: false).timing?
                .interFrameGap == .milliseconds(9))
        for (keys, key) in [
            (ModbusSerialKeys(baud: 12_345), "serial.baud"), (.init(parity: "mark"), "serial.parity"),
            (.init(stopBits: 3), "serial.stop_bits"), (.init(dataBits: 7), "serial.data_bits"),
        ] {
            let error = #expect(throws: SettingError.self) { try configuration(line, serial: keys) }
            #expect(error?.key == key)
        }
        let misplaced = #expect(throws: SettingError.self) {
            try configuration("modbus://plc", serial: .init(baud: 9_600))
        }
        #expect(misplaced?.key == "serial")
    }

    @Test func tlsKeysReachTheConnection() throws {
        let keys = TLSKeys(
            ca: "ca.pem", certificate: "me.pem", privateKey: "me.key", minVersion: "1.3", verify: false)
        let tls = try configuration("modbus+tls://plc", tls: keys).client(isLockStep: false).tls
        #expect(
            tls == .init(ca: "ca.pem", certificate: "me.pem", privateKey: "me.key", minVersion: .tls13, verify: false))
        #expect(try configuration("modbus://plc:802", tls: .init(enabled: true)).address.isSecure)
        for (endpoint, keys, key) in [
            ("modbus+tls://plc", TLSKeys(certificate: "a"), "tls.private_key"),
            ("modbus+tls://plc", .init(privateKey: "a"), "tls.certificate"),
            ("modbus+tls://plc", .init(minVersion: "1.1"), "tls.min_version"), ("modbus://plc", .init(ca: "a"), "tls"),
        ] {
            let error = #expect(throws: SettingError.self) { try configuration(endpoint, tls: keys) }
            #expect(error?.key == key)
        }
    }

    @Test func treatmentKeysReachTheConnection() throws {
        let options = ModbusSourceOptions(timeout: .milliseconds(700), retries: 4, maxInFlight: 6)
        let client = try configuration("plc:502", options: options).client(isLockStep: false)
        #expect(client.timeout == .milliseconds(700) && client.retries == 4 && client.maxInFlight == 6)
        let paced = try configuration("plc:502", options: .init(frameGap: .milliseconds(4))).client(isLockStep: false)
        #expect(paced.timing?.interFrameGap == .milliseconds(4) && client.timing == nil)
        let lockStep = try configuration("plc:502", options: options).client(isLockStep: true)
        #expect(lockStep.maxInFlight == 1 && lockStep.maxInFlightInAll == 1)
        for (options, key) in [
            (ModbusSourceOptions(retries: 11), "retries"), (.init(gap: -1), "gap"),
            (.init(maxRegisters: 126), "max_registers"), (.init(timeout: .zero), "timeout"),
            (.init(maxInFlight: 0), "max_in_flight"), (.init(frameGap: .seconds(2)), "frame_gap_ms"),
        ] {
            let error = #expect(throws: SettingError.self) {
                try configuration("plc:502", options: options)
            }
            #expect(error?.key == key)
        }
    }

    @Test func aUnitThatIsSilentRestsNineTimesAsLong() {
        let start = ContinuousClock().now
        var unit = SilentUnit()
        #expect(!unit.isProbing && !unit.rests(at: start))
        unit.polled(from: start, to: start + .seconds(1), answered: false)
        #expect(unit.isProbing && unit.rests(at: start + .milliseconds(9_999)))
        #expect(!unit.rests(at: start + .seconds(10)))
        unit.polled(from: start, to: start + .seconds(30), answered: false)
        #expect(unit.rests(at: start + .seconds(89)) && !unit.rests(at: start + .seconds(90)))
        unit.polled(from: start, to: start, answered: true)
        #expect(unit == SilentUnit())
    }
}
