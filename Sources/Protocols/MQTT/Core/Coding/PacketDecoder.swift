public import NIOCore

/// Cuts a stream of bytes into packets (MQTT 5.0 section 2.1).
///
/// The version of the connection decides how packets are read: a client knows it from the start, a broker learns it
/// from CONNECT. After an error the stream has no meaning any more and the connection is to be closed.
public struct PacketDecoder: Sendable {
    public let limits: PacketLimits
    /// nil until CONNECT was read.
    public private(set) var version: MQTTVersion?

    /// - Parameter version: nil on the broker's side.
    public init(version: MQTTVersion?, limits: PacketLimits = PacketLimits()) {
        self.version = version
        self.limits = limits
    }

    /// Reads the next whole packet, or returns nil and leaves the buffer as it is when it is not whole yet.
    ///
    /// - Throws: `MQTTDecodingError` as soon as the header shows that the packet can not be accepted.
    public mutating func next(_ buffer: inout ByteBuffer) throws(MQTTDecodingError) -> Packet? {
        guard let first: UInt8 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
        let type = try acceptedType(first)
        let length: Int
        let headerSize: Int
        switch VariableByteInteger.peek(in: buffer, at: buffer.readerIndex + 1) {
        case .value(let value, let size): (length, headerSize) = (value, size + 1)
        case .incomplete: return nil
        case .malformed: throw .malformed("the remaining length has more than four bytes")
        }
        guard headerSize + length <= limits.maximumPacketSize else {
            throw MQTTDecodingError(
                reason: .packetTooLarge,
                message: "a \(type.name) of \(headerSize + length) bytes, the limit is \(limits.maximumPacketSize)")
        }
        guard let body = buffer.getSlice(at: buffer.readerIndex + headerSize, length: length) else { return nil }
        buffer.moveReaderIndex(forwardBy: headerSize + length)
        var reader = PacketReader(body)
        if type == .publish { return .publish(try reader.publish(first, version: try knownVersion(), limits: limits)) }
        let packet = try packet(type, &reader)
        guard reader.isAtEnd else { throw .malformed("\(type.name) has \(reader.remaining) bytes too many") }
        return packet
    }

    private func acceptedType(_ first: UInt8) throws(MQTTDecodingError) -> PacketType {
        guard let type = PacketType(rawValue: first >> 4) else { throw .malformed("packet type 0 is reserved") }
        if let flags = type.fixedFlags, first & 0x0F != flags {
            throw .malformed("\(type.name) has the flags \(first & 0x0F), not \(flags)")
        }
        if version == nil && type != .connect { throw .protocolError("\(type.name) came before CONNECT") }
        // It would change the version, and with it the meaning of what follows (MQTT 5.0 section 3.1).
        if version != nil && type == .connect { throw .protocolError("a second CONNECT") }
        if version == .v311 && type == .auth { throw .protocolError("AUTH in MQTT 3.1.1") }
        return type
    }

    private func knownVersion() throws(MQTTDecodingError) -> MQTTVersion {
        guard let version else { throw .protocolError("a packet came before CONNECT") }
        return version
    }

    private mutating func packet(
        _ type: PacketType, _ reader: inout PacketReader
    ) throws(MQTTDecodingError) -> Packet {
        if type == .connect {
            let connect = try reader.connect(limits: limits)
            version = connect.version
            return .connect(connect)
        }
        let version = try knownVersion()
        switch type {
        case .connAck: return .connAck(try reader.connAck(version: version, limits: limits))
        case .pubAck: return .pubAck(try reader.acknowledgement(version: version, limits: limits))
        case .pubRec: return .pubRec(try reader.acknowledgement(version: version, limits: limits))
        case .pubRel: return .pubRel(try reader.acknowledgement(version: version, limits: limits))
        case .pubComp: return .pubComp(try reader.acknowledgement(version: version, limits: limits))
        case .subscribe: return .subscribe(try reader.subscribe(version: version, limits: limits))
        case .subAck: return .subAck(try reader.subAck(version: version, limits: limits))
        case .unsubscribe: return .unsubscribe(try reader.unsubscribe(version: version, limits: limits))
        case .unsubAck: return .unsubAck(try reader.unsubAck(version: version, limits: limits))
        case .pingReq: return .pingReq
        case .pingResp: return .pingResp
        case .disconnect:
            let (reason, properties) = try reader.ending(.disconnect, version: version, limits: limits)
            return .disconnect(Disconnect(reason: reason, properties: properties))
        case .auth:
            let (reason, properties) = try reader.ending(.auth, version: version, limits: limits)
            return .auth(Auth(reason: reason, properties: properties))
        case .connect, .publish: throw .protocolError("\(type.name) at the wrong place")
        }
    }
}
