package import Logging
import ModbusClient
import ModbusCore
package import NIOCore
import NIOPosix

/// What `penstock test` tells of a Modbus source: what its units say of themselves, and what reading them takes.
package enum ModbusSurvey {
    /// Connects and asks each unit for its identification; nothing else is read.
    ///
    /// - Returns: lines for people.
    /// - Throws: `ModbusClientError` when there is no connection.
    package static func lines(
        of configuration: ModbusSourceConfiguration, logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> [String] {
        let tags = ModbusTag.tags(of: configuration)
        let groups = PollGroup.groups(tags, planner: configuration.planner)
        let units = Set(groups.map(\.unit)).sorted()
        let found = try await ModbusLink.withConnection(
            to: configuration.address, configuration: configuration.client(isLockStep: true), group: group,
            logger: logger
        ) { connection in
            var lines: [String] = ["connected to \(connection.endpoint)"]
            for unit in units {
                let identity = try await identity(of: unit, connection)
                lines.append("unit \(unit): \(identity)")
            }
            return lines
        }
        return found + groups.flatMap { plan(of: $0, framing: configuration.address.framing) }
    }

    /// A device need not offer its identification, so what stands in the way is told and ends nothing.
    private static func identity(of unit: UnitID, _ connection: ModbusConnection) async throws -> String {
        do {
            let objects = try await connection.deviceIdentification(unit: unit)
            let words = ["vendor", "product", "revision", "URL", "product name", "model", "application"]
            return objects.sorted { $0.key < $1.key }.map { id, text in
                (words.indices.contains(Int(id)) ? words[Int(id)] : "object \(id)") + " \(text)"
            }.joined(separator: ", ")
        } catch let error as ModbusClientError {
            return "no device identification (\(error.message))"
        }
    }

    /// The requests of one poll, with the bytes of both directions.
    private static func plan(of group: PollGroup, framing: Framing) -> [String] {
        let blocks = group.plan.begin(now: .now)
        let registers = blocks.reduce(0) { $0 + ($1.request.type.isBit ? 0 : Int($1.request.count)) }
        let bits = blocks.reduce(0) { $0 + ($1.request.type.isBit ? Int($1.request.count) : 0) }
        let bytes = blocks.reduce(0) { sum, block in
            // Address and count ask; function, byte count and data answer; each in its frame.
            sum + framing.bytes(pdu: 5) + framing.bytes(pdu: 2 + block.request.responseBytes)
        }
        let quantity = bits > 0 ? "\(registers) registers, \(bits) bits" : "\(registers) registers"
        let head =
            "unit \(group.unit), every \(group.interval.wholeMicroseconds / 1_000) ms: \(group.members.count) tags, "
            + "\(blocks.count) requests, \(quantity), \(bytes) bytes per cycle"
        return [head]
            + blocks.map { block in
                "  \(block.request.type.rawValue) \(block.range.lowerBound) to \(block.range.upperBound - 1): "
                    + "\(block.members.count) tags"
            }
    }
}

extension Framing {
    /// Bytes on the way of a PDU of so many bytes.
    fileprivate func bytes(pdu: Int) -> Int {
        switch self {
        case .mbap: MBAPFrame.headerBytes + pdu
        case .rtu: pdu + 3
        case .ascii: 2 * (pdu + 2) + 3
        }
    }
}
