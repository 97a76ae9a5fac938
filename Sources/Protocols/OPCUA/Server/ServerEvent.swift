public import OPCUATypes

/// Something that happened, for clients that subscribe to the server's events (Part 3, 4.7; Part 5, 6.4).
public struct ServerEvent: Hashable, Sendable {
    /// NodeId of the event type.
    public var type: NodeId
    /// The node that it happened to.
    public var source: NodeId
    public var sourceName: String
    public var time: DateTime
    public var message: LocalizedText
    /// 1, hardly of interest, to 1000, a catastrophe.
    public var severity: UInt16
    /// What the type has beyond the fields of every event, by browse name.
    public var fields: [QualifiedName: Variant]

    public init(
        type: NodeId = NodeId(2041), source: NodeId = NodeId(2253), sourceName: String = "Server", time: DateTime,
        message: LocalizedText, severity: UInt16 = 100, fields: [QualifiedName: Variant] = [:]
    ) {
        self.type = type
        self.source = source
        self.sourceName = sourceName
        self.time = time
        self.message = message
        self.severity = severity
        self.fields = fields
    }

    /// A field of the event; null for one that it does not have.
    func field(_ path: [QualifiedName], id: ByteString, received: DateTime) -> Variant {
        guard path.count == 1 else { return .null }
        guard path[0].namespace == 0 else { return fields[path[0]] ?? .null }
        switch path[0].name {
        case "EventId": return .byteString(id)
        case "EventType": return .nodeId(type)
        case "SourceNode": return .nodeId(source)
        case "SourceName": return .string(sourceName)
        case "Time": return .dateTime(time)
        case "ReceiveTime": return .dateTime(received)
        case "Message": return .localizedText(message)
        case "Severity": return .uint16(severity)
        default: return fields[path[0]] ?? .null
        }
    }
}

extension ServerEvent {
    /// Nodes or references came or went (Part 5, 6.4.32).
    static func modelChanged(_ changes: [ModelChange], at time: DateTime) -> ServerEvent {
        let structures = changes.map {
            ExtensionObject(
                ModelChangeStructureDataType(affected: $0.node, affectedType: $0.type, verb: $0.verb.rawValue))
        }
        return ServerEvent(
            type: NodeId(Standard.generalModelChangeEventType), time: time,
            message: LocalizedText("The address space has changed"),
            fields: [QualifiedName("Changes"): .array(VariantArray(.extensionObject(structures)))])
    }

    /// Events were lost before this one or after it (Part 4, 7.22.3).
    static func overflow(at time: DateTime) -> ServerEvent {
        ServerEvent(
            type: NodeId(Standard.eventQueueOverflowEventType), time: time,
            message: LocalizedText("Events were lost: the queue of the monitored item was full"))
    }
}

/// A change of the address space (Part 5, 12.16).
struct ModelChange: Hashable, Sendable {
    var node: NodeId
    /// The type definition of an object or variable; null for others.
    var type: NodeId
    var verb: Verb

    struct Verb: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let nodeAdded = Verb(rawValue: 1)
        static let nodeDeleted = Verb(rawValue: 2)
        static let referenceAdded = Verb(rawValue: 4)
        static let referenceDeleted = Verb(rawValue: 8)
    }
}
