import Foundation
import ModbusClient
import ModbusCore
import ModbusServer
import NIOCore
import Testing

@testable import ModbusSerial

/// Values that need every bit of their type, in the layout that each peer holds: per byte order int16, uint16, int32,
/// uint32, int64, uint64, float32, float64; then the text "Pump 17" over four registers.
enum PeerValues {
    static let values: [(type: RegisterDataType, value: RegisterValue)] = [
        (.int16, .int(-32_767)), (.uint16, .uint(65_534)), (.int32, .int(-2_147_483_647)),
        (.uint32, .uint(4_294_967_294)), (.int64, .int(.min + 1)), (.uint64, .uint(.max - 1)),
        (.float32, .float32(3.14)), (.float64, .float64(0.1)),
    ]
    static let registers = 4 * 20 + 4

    static func check(_ connection: ModbusConnection, unit: UnitID, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let block = try await connection.read(
            ReadRequest(type: .holding, address: 0, count: registers), unit: unit)
        var at = 0
        for order in [ByteOrder.abcd, .cdab, .badc, .dcba] {
            for (type, value) in values {
                let decoder = try RegisterDecoder(type, byteOrder: order)
                #expect(decoder.decode(block, at: at) == value, "\(type) \(order)", sourceLocation: sourceLocation)
                at += type.width
            }
        }
        let text = try RegisterDecoder(.string, stringRegisters: 4)
        #expect(text.decode(block, at: at) == .string("Pump 17"), sourceLocation: sourceLocation)
    }

    /// Our own device with these values.
    static func unit() -> UnitRegisters {
        var unit = UnitRegisters(coils: [0..<16], discretes: [0..<16], holdings: [0..<registers])
        var at = 0
        for order in [ByteOrder.abcd, .cdab, .badc, .dcba] {
            unit.setInteger(Int16(-32_767), in: .holding, at: at, order: order)
            unit.setInteger(UInt16(65_534), in: .holding, at: at + 1, order: order)
            unit.setInteger(Int32(-2_147_483_647), in: .holding, at: at + 2, order: order)
            unit.setInteger(UInt32(4_294_967_294), in: .holding, at: at + 4, order: order)
            unit.setInteger(Int64.min + 1, in: .holding, at: at + 6, order: order)
            unit.setInteger(UInt64.max - 1, in: .holding, at: at + 10, order: order)
            unit.setFloat32(3.14, in: .holding, at: at + 14, order: order)
            unit.setFloat64(0.1, in: .holding, at: at + 16, order: order)
            at += 20
        }
        unit.setString("Pump 17", registers: 4, in: .holding, at: at)
        return unit
    }
}

/// Serial lines made of pseudo-terminals: our client, our server, and those of others.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SerialLineTests {
    private func withLine(_ body: (SerialPair) async throws -> Void) async throws {
        let line = try await SerialPair()
        defer { line.end() }
        try await body(line)
    }

    private func endpoint(_ path: String, _ framing: Framing) -> ModbusEndpoint {
        ModbusEndpoint(serialLine: path, framing: framing)
    }

    @Test(arguments: [Framing.rtu, .ascii]) func twoUnitsOnOneLine(framing: Framing) async throws {
        let other = UnitRegisters(holdings: [0..<1])
        let bank = RegisterBank([5: PeerValues.unit(), 7: other])
        bank.update(unit: 7) { $0.set(77, in: .holding, at: 0) }
        try await withLine { line in
            try await ModbusSerialServer(path: line.left, framing: framing, bank: bank, logger: quiet).withServer {
                try await ModbusLink.withConnection(
                    to: endpoint(line.right, framing),
                    configuration: ModbusClientConfiguration(timeout: .milliseconds(300)), logger: quiet
                ) { connection in
                    try await PeerValues.check(connection, unit: 5)
                    let seven = try await connection.read(ReadRequest(type: .holding, address: 0, count: 1), unit: 7)
                    #expect(seven.registers == [77])
                    let refused = await #expect(throws: ModbusClientError.self) {
                        try await connection.read(ReadRequest(type: .holding, address: 1, count: 1), unit: 7)
                    }
                    #expect(refused?.code == .exception(.illegalDataAddress))
                    #expect(try await connection.deviceIdentification(unit: 5)[0] == "Penstock")
                    // Nobody has this address, so nobody answers.
                    let absent = await #expect(throws: ModbusClientError.self) {
                        try await connection.read(ReadRequest(type: .holding, address: 0, count: 1), unit: 9)
                    }
                    #expect(absent?.code == .timeout)
                    try await PeerValues.check(connection, unit: 5)
                }
            }
        }
    }

    @Test func aLineHasOneOwner() async throws {
        try await withLine { line in
            try await ModbusLink.withConnection(to: endpoint(line.left, .rtu), logger: quiet) { _ in
                let error = await #expect(throws: ModbusClientError.self) {
                    try await ModbusLink.withConnection(to: endpoint(line.left, .rtu), logger: quiet) { _ in }
                }
                #expect(error?.message.contains("one source owns a line") == true)
            }
            // Given up, it can be had again.
            try await ModbusLink.withConnection(to: endpoint(line.left, .rtu), logger: quiet) { _ in }
            let missing = await #expect(throws: ModbusClientError.self) {
                try await ModbusLink.withConnection(to: endpoint(line.left + "x", .rtu), logger: quiet) { _ in }
            }
            #expect(missing?.message.contains("is the adapter plugged in?") == true)
            #expect(throws: SerialPortError.self) { try SerialPort.open("/dev/null", .standard) }
        }
    }

    @Test func settingsReachTheDriver() async throws {
        try await withLine { line in
            let settings = try #require(SerialSettings(baud: 19_200, parity: .even, stopBits: 2, dataBits: 7))
            let descriptor = try SerialPort.open(line.left, settings)
            defer { close(descriptor) }
            var line = termios()
            #expect(tcgetattr(descriptor, &line) == 0)
            #expect(cfgetospeed(&line) == speed_t(B19200))
            // A pseudo-terminal keeps two stop bits and forces 8 bits without parity.
            #expect(line.c_cflag & tcflag_t(CSTOPB) != 0)
            #expect(line.c_lflag & tcflag_t(ECHO | ICANON) == 0)
        }
        try await withLine { line in
            let rs485 = try #require(SerialSettings(rs485: true))
            let error = #expect(throws: SerialPortError.self) { try SerialPort.open(line.left, rs485) }
            #expect(error?.isAboutRS485 == true)
            #expect(error?.reason.contains("serial.rs485") == true)
        }
    }

    /// No line of a test machine is RS-485, so what the driver would be told is looked at in its place.
    @Test func rs485IsAskedForAsLinuxWantsIt() async throws {
        try await withLine { line in
            let rs485 = try #require(SerialSettings(rs485: true))
            var told: [(request: UInt, bytes: [UInt8])] = []
            let descriptor = try SerialPort.open(line.left, rs485) { _, request, setting in
                told.append((request, [UInt8](UnsafeRawBufferPointer(start: setting, count: 32))))
                return 0
            }
            close(descriptor)
            #expect(told.count == 1)
            #expect(told.first?.request == 0x542F)  // TIOCSRS485
            #expect(
                told.first?.bytes == [
                    0b11, 0, 0, 0,  // flags: SER_RS485_ENABLED, SER_RS485_RTS_ON_SEND, in the machine's byte order
                    0, 0, 0, 0,  // delay_rts_before_send: none
                    0, 0, 0, 0,  // delay_rts_after_send: none
                ] + [UInt8](repeating: 0, count: 20))  // padding
            // Without the key the driver is not asked.
            let plain = try SerialPort.open(line.left, .standard) { _, _, _ in
                Issue.record("asked for RS-485")
                return 0
            }
            close(plain)
        }
    }

    @Test func aLineThatIsPulledOutEndsTheConnection() async throws {
        let line = try await SerialPair()
        try await ModbusLink.withConnection(to: endpoint(line.left, .rtu), logger: quiet) { connection in
            line.end()
            await connection.closed()
            #expect(!connection.isOpen)
        }
    }

    // MARK: Programs of others

    private static let pymodbusServer = """
        import asyncio, sys
        from pymodbus import FramerType
        from pymodbus.client.mixin import ModbusClientMixin as M
        from pymodbus.server import ModbusSerialServer
        from pymodbus.simulator import SimData, SimDevice, DataType
        T = M.DATATYPE
        values = [(T.INT16, -32767), (T.UINT16, 65534), (T.INT32, -2147483647), (T.UINT32, 4294967294),
                  (T.INT64, -9223372036854775807), (T.UINT64, 18446744073709551614),
                  (T.FLOAT32, 3.140000104904175), (T.FLOAT64, 0.1)]
        def swap(words): return [(w >> 8) | (w & 255) << 8 for w in words]
        words = []
        for order in ("big", "little"):
            for kind, value in values: words += M.convert_to_registers(value, kind, word_order=order)
        words = words + swap(words)
        words += M.convert_to_registers("Pump 17", T.STRING)
        def device(unit, words):
            bits = [SimData(0, values=[True, False, True, True], datatype=DataType.BITS)]
            return SimDevice(unit, simdata=(bits, bits,
                [SimData(0, values=words, datatype=DataType.REGISTERS)],
                [SimData(0, values=words, datatype=DataType.REGISTERS)]))
        async def main():
            server = ModbusSerialServer([device(5, words), device(7, [77])], framer=FramerType(sys.argv[2]),
                                        port=sys.argv[1], baudrate=9600)
            asyncio.get_running_loop().create_task(server.serve_forever())
            await asyncio.sleep(0.3)
            print("ready", flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        asyncio.run(main())
        """

    @Test(arguments: [Framing.rtu, .ascii]) func ourClientReadsTwoUnitsOfPymodbus(framing: Framing) async throws {
        try await withLine { line in
            let peer = try ForeignPeer(python: Self.pymodbusServer, line.left, framing.rawValue)
            defer { peer.end() }
            #expect(await peer.printed(firstLineOnly: true) == ["ready"])
            try await ModbusLink.withConnection(
                to: endpoint(line.right, framing), configuration: ModbusClientConfiguration(retries: 2), logger: quiet
            ) { connection in
                try await PeerValues.check(connection, unit: 5)
                let seven = try await connection.read(ReadRequest(type: .holding, address: 0, count: 1), unit: 7)
                #expect(seven.registers == [77])
                try await PeerValues.check(connection, unit: 5)
            }
        }
    }

    private static let pymodbusClient = """
        import asyncio, sys
        from pymodbus import FramerType
        from pymodbus.client import AsyncModbusSerialClient
        T = AsyncModbusSerialClient.DATATYPE
        async def main():
            c = AsyncModbusSerialClient(sys.argv[1], framer=FramerType(sys.argv[2]), baudrate=9600)
            assert await c.connect()
            words = (await c.read_holding_registers(0, count=20, device_id=5)).registers
            print(c.convert_from_registers(words[6:10], T.INT64), c.convert_from_registers(words[14:16], T.FLOAT32))
            print((await c.read_holding_registers(0, count=1, device_id=7)).registers)
            for kind, at, value in [(T.INT64, 10, -1234567890123456789), (T.UINT64, 14, 18446744073709551557),
                                    (T.FLOAT64, 18, -2.5e-300)]:
                r = await c.write_registers(at, c.convert_to_registers(value, kind), device_id=7)
                assert not r.isError(), r
            assert not (await c.write_registers(22, c.convert_to_registers("Ventil 9", T.STRING), device_id=7)).isError()
            assert not (await c.write_coils(0, [True, False, False, True, True], device_id=7)).isError()
            assert not (await c.write_registers(0, [4242], device_id=0, no_response_expected=True)) or True
            await asyncio.sleep(0.2)
            c.close()
        asyncio.run(main())
        """

    @Test(arguments: [Framing.rtu, .ascii]) func whatAClientOfPymodbusWritesIsReadBackExactly(
        framing: Framing
    ) async throws {
        let bank = RegisterBank([5: PeerValues.unit(), 7: UnitRegisters(coils: [0..<8], holdings: [0..<40])])
        bank.update(unit: 7) { $0.set(77, in: .holding, at: 0) }
        try await withLine { line in
            try await ModbusSerialServer(path: line.left, framing: framing, bank: bank, logger: quiet).withServer {
                let peer = try ForeignPeer(python: Self.pymodbusClient, line.right, framing.rawValue)
                let lines = await peer.printed()
                peer.end()
                #expect(lines == ["-9223372036854775807 3.140000104904175", "[77]"])
                try await ModbusLink.withConnection(to: endpoint(line.right, framing), logger: quiet) { connection in
                    let block = try await connection.read(ReadRequest(type: .holding, address: 0, count: 40), unit: 7)
                    func value(_ type: RegisterDataType, _ at: Int) throws -> RegisterValue? {
                        try RegisterDecoder(type, stringRegisters: 4).decode(block, at: at)
                    }
                    #expect(try value(.int64, 10) == .int(-1_234_567_890_123_456_789))
                    #expect(try value(.uint64, 14) == .uint(18_446_744_073_709_551_557))
                    #expect(try value(.float64, 18) == .float64(-2.5e-300))
                    #expect(try value(.string, 22) == .string("Ventil 9"))
                    // A broadcast is obeyed by all.
                    #expect(try value(.uint16, 0) == .uint(4_242))
                    let field = try RegisterDecoder(.uint16, bits: BitField(lowest: 4, width: 4))
                    #expect(field.decode(block, at: 0) == .uint(9))
                    let coils = try await connection.read(ReadRequest(type: .coil, address: 0, count: 8), unit: 7)
                    #expect(coils.bits == [true, false, false, true, true, false, false, false])
                }
            }
        }
    }

    @Test func ourClientReadsLibmodbusOnALine() async throws {
        try await withLine { line in
            let peer = try ForeignPeer(libmodbus: "rtu-server", line.left, "5")
            defer { peer.end() }
            #expect(await peer.printed(firstLineOnly: true) == ["ready"])
            try await ModbusLink.withConnection(to: endpoint(line.right, .rtu), logger: quiet) { connection in
                try await PeerValues.check(connection, unit: 5)
            }
        }
    }

    @Test func mbpollAndLibmodbusReadOurLine() async throws {
        let bank = RegisterBank([5: PeerValues.unit()])
        try await withLine { line in
            try await ModbusSerialServer(path: line.left, bank: bank, logger: quiet).withServer {
                let mbpoll = try ForeignPeer(
                    "/usr/bin/mbpoll",
                    [
                        "-m", "rtu", "-a", "5", "-b", "9600", "-P", "none", "-t", "4", "-r", "1", "-c", "2", "-1",
                        line.right,
                    ])
                #expect(
                    await mbpoll.printed().suffix(2).map { $0.filter { !$0.isWhitespace } } == [
                        "[1]:32769(-32767)", "[2]:65534(-2)",
                    ])
                mbpoll.end()
                let libmodbus = try ForeignPeer(libmodbus: "read", "rtu", line.right, "5", "0", "2")
                #expect(await libmodbus.printed() == ["32769", "65534"])
                libmodbus.end()
            }
        }
    }
}
