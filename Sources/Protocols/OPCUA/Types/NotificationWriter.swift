import NIOCore

extension BinaryWriter {
    /// Appends one MonitoredItemNotification (Part 4, 7.25.2). A number with both times takes one pass over memory.
    /// - Parameters:
    ///   - sourceTime, serverTime: whether the client asked for that timestamp.
    public mutating func writeNotification(
        clientHandle: UInt32, value: DataValue, sourceTime: Bool = true, serverTime: Bool = true
    ) {
        let number: (type: BuiltInType, bits: UInt64, size: Int)? =
            switch value.value {
            case .double(let number): (.double, number.bitPattern, 8)
            case .float(let number): (.float, UInt64(number.bitPattern), 4)
            case .int32(let number): (.int32, UInt64(UInt32(bitPattern: number)), 4)
            case .uint32(let number): (.uint32, UInt64(number), 4)
            case .uint64(let number): (.uint64, number, 8)
            case .int64(let number): (.int64, UInt64(bitPattern: number), 8)
            case .boolean(let flag): (.boolean, flag ? 1 : 0, 1)
            default: nil
            }
        guard let number, value.sourcePicoseconds == 0, value.serverPicoseconds == 0 else {
            writeAny(clientHandle: clientHandle, value: value, sourceTime: sourceTime, serverTime: serverTime)
            return
        }
        // 4 handle + 1 mask + 1 type + 8 number + 4 status + 8 + 8 times
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 34) { bytes in
            var mask = DataValueMask.value
            var end = 6
            bytes.storeBytes(of: clientHandle.littleEndian, toByteOffset: 0, as: UInt32.self)
            bytes[5] = number.type.rawValue
            bytes.storeBytes(of: number.bits.littleEndian, toByteOffset: end, as: UInt64.self)
            end &+= number.size
            if value.status != .good {
                mask |= DataValueMask.status
                bytes.storeBytes(of: value.status.rawValue.littleEndian, toByteOffset: end, as: UInt32.self)
                end &+= 4
            }
            if sourceTime, let time = value.sourceTimestamp {
                mask |= DataValueMask.sourceTimestamp
                bytes.storeBytes(of: time.ticks.littleEndian, toByteOffset: end, as: Int64.self)
                end &+= 8
            }
            if serverTime, let time = value.serverTimestamp {
                mask |= DataValueMask.serverTimestamp
                bytes.storeBytes(of: time.ticks.littleEndian, toByteOffset: end, as: Int64.self)
                end &+= 8
            }
            bytes[4] = mask
            return end
        }
    }

    /// Length of what ``writeNotification(clientHandle:value:sourceTime:serverTime:)`` appends, in bytes.
    public static func notificationBytes(_ value: DataValue, sourceTime: Bool = true, serverTime: Bool = true) -> Int {
        let number =
            switch value.value {
            case .boolean, .sByte, .byte: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float: 4
            case .int64, .uint64, .double: 8
            default: 0
            }
        guard number > 0, value.sourcePicoseconds == 0, value.serverPicoseconds == 0 else {
            var writer = BinaryWriter()
            writer.writeNotification(clientHandle: 0, value: value, sourceTime: sourceTime, serverTime: serverTime)
            return writer.buffer.readableBytes
        }
        // 4 handle, 1 mask, 1 type, then the number, 4 status, 8 and 8 times.
        return 6 + number + (value.status == .good ? 0 : 4) + (sourceTime && value.sourceTimestamp != nil ? 8 : 0)
            + (serverTime && value.serverTimestamp != nil ? 8 : 0)
    }

    private mutating func writeAny(
        clientHandle: UInt32, value: DataValue, sourceTime: Bool, serverTime: Bool
    ) {
        write(clientHandle)
        var value = value
        if !sourceTime { (value.sourceTimestamp, value.sourcePicoseconds) = (nil, 0) }
        if !serverTime { (value.serverTimestamp, value.serverPicoseconds) = (nil, 0) }
        value.encode(to: &self)
    }
}
