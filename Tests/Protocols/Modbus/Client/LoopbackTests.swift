import ModbusClient
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import Testing

/// Our client against our server over real sockets.
@Suite struct LoopbackTests {
    @Test func everyTypeInEveryOrderIsReadBackExactly() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<64])])
        try await withLoopback(bank) { connection in
            for order in ByteOrder.allCases {
                bank.update(unit: 1) { unit in
                    unit.setInteger(Int16.min, in: .input, at: 0, order: order)
                    unit.setInteger(UInt16.max, in: .input, at: 1, order: order)
                    unit.setInteger(Int32(-123_456_789), in: .input, at: 2, order: order)
                    unit.setInteger(UInt32.max, in: .input, at: 4, order: order)
                    unit.setInteger(Int64.min + 1, in: .input, at: 6, order: order)
                    unit.setInteger(UInt64.max - 1, in: .input, at: 10, order: order)
                    unit.setFloat32(-0.1, in: .input, at: 14, order: order)
                    unit.setFloat64(.pi, in: .input, at: 16, order: order)
                    unit.setString("Kessel 4 °C", registers: 8, in: .input, at: 20, order: order)
                }
                let block = try await connection.read(ReadRequest(type: .input, address: 0, count: 64), unit: 1)
                func value(_ type: RegisterDataType, _ index: Int) throws -> RegisterValue? {
                    try RegisterDecoder(type, byteOrder: order, stringRegisters: 8).decode(block, at: index)
                }
                #expect(try value(.int16, 0) == .int(-32_768))
                #expect(try value(.uint16, 1) == .uint(65_535))
                #expect(try value(.int32, 2) == .int(-123_456_789))
                #expect(try value(.uint32, 4) == .uint(4_294_967_295))
                #expect(try value(.int64, 6) == .int(.min + 1))
                #expect(try value(.uint64, 10) == .uint(.max - 1))
                #expect(try value(.float32, 14) == .float32(-0.1))
                #expect(try value(.float64, 16) == .float64(.pi))
                #expect(try value(.string, 20) == .string("Kessel 4 °C"))
            }
        }
    }

    @Test func tablesUnitsAndExceptionsAreToldApart() async throws {
        let bank = RegisterBank([
            1: UnitRegisters(coils: [0..<9], discretes: [0..<9], inputs: [0..<1], holdings: [0..<1]),
            7: UnitRegisters(holdings: [0..<1]),
        ])
        bank.update { units in
            units[1]?.set(true, in: .coil, at: 8)
            units[1]?.set(true, in: .discrete, at: 0)
            units[1]?.set(1, in: .input, at: 0)
            units[1]?.set(2, in: .holding, at: 0)
            units[7]?.set(3, in: .holding, at: 0)
        }
        try await withLoopback(bank) { connection in
            func read(_ type: RegisterType, _ count: Int = 1, unit: UnitID = 1) async throws -> RegisterBlock {
                try await connection.read(ReadRequest(type: type, address: 0, count: count), unit: unit)
            }
            let coils = try await read(.coil, 9)
            #expect(coils.bits == [Bool](repeating: false, count: 8) + [true])
            #expect(try await read(.discrete, 9).bits == [true] + [Bool](repeating: false, count: 8))
            #expect(try await read(.input).registers == [1])
            #expect(try await read(.holding).registers == [2])
            #expect(try await read(.holding, unit: 7).registers == [3])
            let hole = await #expect(throws: ModbusClientError.self) { try await read(.holding, 2) }
            #expect(hole?.code == .exception(.illegalDataAddress))
            #expect(hole?.disposition == .permanent)
            #expect(hole?.message.contains("2 holding from address 0: IllegalDataAddress (exception 2)") == true)
            let absent = await #expect(throws: ModbusClientError.self) { try await read(.holding, unit: 9) }
            #expect(absent?.code == .exception(.gatewayTargetDeviceFailedToRespond))
            #expect(absent?.disposition == .transient)
        }
    }

    @Test func theDeviceSaysWhatItIs() async throws {
        let long = String(repeating: "x", count: 200)
        let identity = DeviceIdentity(
            vendorName: "ACME", productCode: long, revision: long, modelName: "M", extended: [128: long, 255: "end"])
        try await withLoopback(RegisterBank([1: UnitRegisters()]), identity: identity) { connection in
            let basic = try await connection.deviceIdentification(unit: 1, category: .basic)
            #expect(basic == [0: "ACME", 1: long, 2: long])
            let extended = try await connection.deviceIdentification(unit: 1, category: .extended)
            #expect(extended.keys.sorted() == [0, 1, 2, 5, 128, 255])
            #expect(extended[255] == "end")
        }
    }

    @Test func oneAnswerIsOneMomentsPicture() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<100])])
        try await withLoopback(bank, client: .init(maxInFlight: 8)) { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { @concurrent in
                    var word: UInt16 = 0
                    while !Task.isCancelled {
                        word &+= 1
                        bank.update(unit: 1) { $0.set([UInt16](repeating: word, count: 100), in: .input, at: 0) }
                        await Task.yield()
                    }
                }
                let request = UnitRequest(unit: 1, read: try ReadRequest(type: .input, address: 0, count: 100))
                let torn = Counter()
                try await connection.perform([UnitRequest](repeating: request, count: 500)) { _, outcome in
                    guard case .response(.block(let block)) = outcome, Set(block.registers).count == 1 else {
                        torn.add()
                        return
                    }
                }
                #expect(torn.value == 0)
                group.cancelAll()
            }
        }
    }

    @Test func nobodyListeningIsSaidInWords() async throws {
        let port = try await ModbusTCPServer(configuration: .init(port: 0), bank: RegisterBank([:]), logger: quiet)
            .withServer { $0 }
        let error = await #expect(throws: ModbusClientError.self) {
            try await ModbusLink.withConnection(
                to: ModbusEndpoint(host: "127.0.0.1", port: port), logger: quiet
            ) { _ in }
        }
        #expect(error?.code == .cannotConnect)
        #expect(error?.disposition == .transient)
        #expect(
            error?.message.hasPrefix("modbus://127.0.0.1:\(port) cannot be reached: the connection was refused") == true
        )
    }

    @Test func aServerThatGoesAwayEndsTheConnection() async throws {
        let bank = RegisterBank([1: UnitRegisters(inputs: [0..<1])])
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ModbusTCPServer(configuration: .init(port: 0), bank: bank, logger: quiet)
                    .run { listening.yield($0) }
            }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await ModbusLink.withConnection(
                to: ModbusEndpoint(host: "127.0.0.1", port: port), logger: quiet
            ) { connection in
                let request = try ReadRequest(type: .input, address: 0, count: 1)
                #expect(try await connection.read(request, unit: 1).registers == [0])
                group.cancelAll()
                await connection.closed()
                let error = await #expect(throws: ModbusClientError.self) {
                    try await connection.read(request, unit: 1)
                }
                #expect(error?.code == .connectionClosed)
                #expect(error?.message == "modbus://127.0.0.1:\(port): the device closed the connection")
            }
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    @Test func aCancelledTaskDoesNotWaitForTheDevice() async throws {
        // A peer that accepts and never answers.
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = silent.localAddress?.port ?? 0
        try await ModbusLink.withConnection(
            to: ModbusEndpoint(host: "127.0.0.1", port: port), configuration: .init(timeout: .hours(1)), logger: quiet
        ) { connection in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await connection.read(ReadRequest(type: .input, address: 0, count: 1), unit: 1)
                }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
        try await silent.close()
    }
}
