import Foundation
import ModbusClient
import ModbusCore
import ModbusServer
import Testing

/// Against pymodbus, which was written by others: it reads our server, and we read its.
///
/// Needs the Python environment that `dev/bootstrap` makes; without it the tests fail, they are not passed over.
@Suite struct PymodbusTests {
    private static var python: String {
        let environment = ProcessInfo.processInfo.environment
        let peers = environment["PENSTOCK_PEERS"] ?? (environment["HOME"] ?? "/root") + "/.cache/penstock/peers"
        return peers + "/bin/python"
    }

    /// Starts a script; its output can be read line by line, and it ends when its input is closed.
    private struct Peer {
        let process = Process()
        let input = Pipe()
        let output = Pipe()

        init(_ script: String, _ arguments: String...) throws {
            process.executableURL = URL(fileURLWithPath: PymodbusTests.python)
            process.arguments = ["-c", script] + arguments
            process.standardInput = input
            process.standardOutput = output
            try process.run()
        }

        /// What the script prints until it ends or, where asked for, until its first line is complete.
        func printed(firstLineOnly: Bool = false) async -> [String] {
            let handle = output.fileHandleForReading
            return await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    var text = ""
                    while !(firstLineOnly && text.contains("\n")) {
                        let data = handle.availableData
                        if data.isEmpty { break }
                        text += String(decoding: data, as: UTF8.self)
                    }
                    continuation.resume(returning: text.split(separator: "\n").map(String.init))
                }
            }
        }

        func end() throws {
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    /// Values that need every bit of their type.
    private static let values: [(type: RegisterDataType, python: String, value: RegisterValue)] = [
        (.int16, "-32767", .int(-32_767)), (.uint16, "65534", .uint(65_534)),
        (.int32, "-2147483647", .int(-2_147_483_647)), (.uint32, "4294967294", .uint(4_294_967_294)),
        (.int64, "-9223372036854775807", .int(.min + 1)), (.uint64, "18446744073709551614", .uint(.max - 1)),
        (.float32, "3.140000104904175", .float32(3.14)), (.float64, "0.1", .float64(0.1)),
    ]

    /// pymodbus knows two word orders; the other two are the same registers with their bytes swapped.
    private static let server = """
        import asyncio, sys
        from pymodbus.client.mixin import ModbusClientMixin as M
        from pymodbus.server import ModbusTcpServer
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
        async def main():
            device = SimDevice(5, simdata=(
                [SimData(0, values=[True, False, True, True], datatype=DataType.BITS)],
                [SimData(0, values=[False, True, True, False], datatype=DataType.BITS)],
                [SimData(0, values=words, datatype=DataType.REGISTERS)],
                [SimData(0, values=[w ^ 0xFFFF for w in words], datatype=DataType.REGISTERS)]))
            server = ModbusTcpServer(device, address=("127.0.0.1", 0))
            await server.listen()
            print(server.transport.sockets[0].getsockname()[1], flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        asyncio.run(main())
        """

    @Test(.timeLimit(.minutes(1))) func ourClientReadsAServerOfPymodbus() async throws {
        let peer = try Peer(Self.server)
        let port = try #require(await peer.printed(firstLineOnly: true).first.flatMap(Int.init))
        try await ModbusLink.withConnection(
            to: ModbusEndpoint(host: "127.0.0.1", port: port), logger: quiet
        ) { connection in
            let items = Self.values.reduce(into: [(offset: Int, type: RegisterDataType, value: RegisterValue)]()) {
                let offset = $0.last.map { $0.offset + $0.type.width } ?? 0
                $0.append((offset, $1.type, $1.value))
            }
            let length = 20
            let block = try await connection.read(
                ReadRequest(type: .holding, address: 0, count: 4 * length + 4), unit: 5)
            for (part, order) in [ByteOrder.abcd, .cdab, .badc, .dcba].enumerated() {
                for item in items {
                    let decoder = try RegisterDecoder(item.type, byteOrder: order)
                    #expect(
                        decoder.decode(block, at: part * length + item.offset) == item.value,
                        "\(item.type) \(order)")
                }
            }
            let text = try RegisterDecoder(.string, stringRegisters: 4)
            #expect(text.decode(block, at: 4 * length) == .string("Pump 17"))
            let input = try await connection.read(
                ReadRequest(type: .input, address: 0, count: 4 * length + 4), unit: 5)
            #expect(input.registers == block.registers.map { $0 ^ 0xFFFF })
            let coils = try await connection.read(ReadRequest(type: .coil, address: 0, count: 4), unit: 5)
            #expect(coils.bits == [true, false, true, true])
            let discretes = try await connection.read(ReadRequest(type: .discrete, address: 0, count: 4), unit: 5)
            #expect(discretes.bits == [false, true, true, false])
            let error = await #expect(throws: ModbusClientError.self) {
                try await connection.read(ReadRequest(type: .holding, address: 9_000, count: 1), unit: 5)
            }
            #expect(error?.code == .exception(.illegalDataAddress))
        }
        try peer.end()
    }

    private static let client = """
        import asyncio, sys
        from pymodbus.client import AsyncModbusTcpClient
        from pymodbus.pdu.device import ModbusDeviceIdentification
        T = AsyncModbusTcpClient.DATATYPE
        async def main():
            c = AsyncModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
            assert await c.connect()
            kinds = [T.INT16, T.UINT16, T.INT32, T.UINT32, T.INT64, T.UINT64, T.FLOAT32, T.FLOAT64]
            words = (await c.read_input_registers(0, count=80, device_id=3)).registers
            half = [(w >> 8) | (w & 255) << 8 for w in words[40:]]
            words = words[:40] + half
            at = 0
            for order in ("big", "little", "big", "little"):
                for kind in kinds:
                    size = kind.value[1]
                    print(c.convert_from_registers(words[at:at + size], kind, word_order=order))
                    at += size
            print([int(b) for b in (await c.read_coils(0, count=10, device_id=3)).bits[:10]])
            print([int(b) for b in (await c.read_discrete_inputs(0, count=10, device_id=3)).bits[:10]])
            for answer in [await c.write_coil(0, False, device_id=3),
                           await c.write_coils(1, [True] * 9, device_id=3),
                           await c.write_register(0, 0x1234, device_id=3),
                           await c.write_registers(1, [1, 2, 3], device_id=3),
                           await c.mask_write_register(address=0, and_mask=0xFF00, or_mask=0x0056, device_id=3)]:
                assert not answer.isError(), answer
            print((await c.readwrite_registers(read_address=0, read_count=5, write_address=4, values=[7], device_id=3)).registers)
            print((await c.read_holding_registers(0, count=5, device_id=3)).registers)
            print([int(b) for b in (await c.read_coils(0, count=10, device_id=3)).bits[:10]])
            print((await c.read_holding_registers(100, count=1, device_id=3)).exception_code)
            print((await c.read_holding_registers(0, count=1, device_id=4)).exception_code)
            info = (await c.read_device_information(read_code=2, object_id=0, device_id=3)).information
            print({k: v.decode() for k, v in info.items()})
            c.close()
        asyncio.run(main())
        """

    @Test(.timeLimit(.minutes(1))) func aClientOfPymodbusReadsOurServer() async throws {
        let bank = RegisterBank([
            3: UnitRegisters(coils: [0..<10], discretes: [0..<10], inputs: [0..<80], holdings: [0..<5])
        ])
        bank.update(unit: 3) { unit in
            var at = 0
            for order in [ByteOrder.abcd, .cdab, .badc, .dcba] {
                for (type, _, value) in Self.values {
                    switch (type, value) {
                    case (.int16, .int(let number)): unit.setInteger(Int16(number), in: .input, at: at, order: order)
                    case (.int32, .int(let number)): unit.setInteger(Int32(number), in: .input, at: at, order: order)
                    case (_, .int(let number)): unit.setInteger(number, in: .input, at: at, order: order)
                    case (.uint16, .uint(let number)): unit.setInteger(UInt16(number), in: .input, at: at, order: order)
                    case (.uint32, .uint(let number)): unit.setInteger(UInt32(number), in: .input, at: at, order: order)
                    case (_, .uint(let number)): unit.setInteger(number, in: .input, at: at, order: order)
                    case (_, .float32(let number)): unit.setFloat32(number, in: .input, at: at, order: order)
                    case (_, .float64(let number)): unit.setFloat64(number, in: .input, at: at, order: order)
                    default: Issue.record("no value for \(type)")
                    }
                    at += type.width
                }
            }
            for index in [0, 3, 9] { unit.set(true, in: .coil, at: index) }
            unit.set(true, in: .discrete, at: 8)
        }
        let configuration = ModbusTCPServer.Configuration(
            port: 0, identity: DeviceIdentity(vendorName: "ACME", productCode: "P1", revision: "1.0", modelName: "M"))
        try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
            let peer = try Peer(Self.client, String(port))
            let lines = await peer.printed()
            try peer.end()
            #expect(peer.process.terminationStatus == 0)
            let values = Self.values.map(\.python)
            #expect(lines.prefix(32) == ArraySlice(values + values + values + values))
            #expect(
                Array(lines.dropFirst(32)) == [
                    "[1, 0, 0, 1, 0, 0, 0, 0, 0, 1]",
                    "[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]",
                    "[4694, 1, 2, 3, 7]",
                    "[4694, 1, 2, 3, 7]",
                    "[0, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
                    "2", "11",
                    "{0: 'ACME', 1: 'P1', 2: '1.0', 5: 'M'}",
                ])
        }
    }
}
