import ConnectorModel
import OPCUATypes

/// What each tag of a source is, by client handle: what it is called, where it is and how it is asked for.
///
/// This is looked at when tags are found, monitored or polled, never for a value; so it is packed.
struct TagDirectory {
    /// A tag as it is asked for.
    struct Entry: Hashable {
        /// What the tag is called in rows; no other tag of the source is called so.
        var address: String
        /// Browse names from below Objects down to the node; the address where no other has the same path.
        var path: String
        var node: NodeId?
        var intervals = ReadingIntervals()
        /// Why there is no node.
        var problem = StatusCode.good
        var deadbands: DeadbandKinds = []
    }

    private var arena = ByteArena()
    private var references: [ByteArena.Reference] = []
    private var index = HashIndex()
    private var intervals: [ReadingIntervals] = []
    private var intervalNumbers: [ReadingIntervals: Int] = [:]
    private var writer = PackedWriter()

    /// Handles are counted from 0.
    var count: Int { references.count }

    /// The handle of an address.
    func handle(of address: String) -> Int? {
        index.first(Self.hash(address)) { self.address(of: $0) == address }
    }

    /// Adds a tag under the next handle; its address is new.
    mutating func append(_ entry: Entry) {
        pack(entry)
        if index.isFull {
            let addresses = (0..<count).map { address(of: $0) }
            index.grow { Self.hash(addresses[$0]) }
        }
        index.append(Self.hash(entry.address))
        references.append(arena.append(writer.bytes))
    }

    /// The tag of a handle is another now.
    mutating func replace(_ handle: Int, _ entry: Entry) {
        pack(entry)
        // The same again takes no room again.
        if arena[references[handle]] != writer.bytes[...] { references[handle] = arena.append(writer.bytes) }
    }

    subscript(handle: Int) -> Entry {
        var reader = PackedReader(arena[references[handle]])
        let address = reader.text()
        let path = reader.number() == 0 ? address : reader.text()
        let node = NodeId?(from: &reader)
        return Entry(
            address: address, path: path, node: node, intervals: intervals[Int(reader.number())],
            problem: StatusCode(UInt32(truncatingIfNeeded: reader.number())),
            deadbands: DeadbandKinds(rawValue: UInt8(truncatingIfNeeded: reader.number())))
    }

    func address(of handle: Int) -> String {
        var reader = PackedReader(arena[references[handle]])
        return reader.text()
    }

    private mutating func pack(_ entry: Entry) {
        writer.clear()
        writer.text(entry.address)
        if entry.path == entry.address {
            writer.number(0)
        } else {
            writer.number(1)
            writer.text(entry.path)
        }
        entry.node.write(to: &writer)
        writer.number(UInt64(number(of: entry.intervals)))
        writer.number(UInt64(entry.problem.rawValue))
        writer.number(UInt64(entry.deadbands.rawValue))
    }

    private mutating func number(of wanted: ReadingIntervals) -> Int {
        if let known = intervalNumbers[wanted] { return known }
        intervalNumbers[wanted] = intervals.count
        intervals.append(wanted)
        return intervals.count - 1
    }

    private static func hash(_ address: String) -> Int { address.hashValue }
}

/// Which changes of a tag may be too small to report (Part 4, 7.22.2).
struct DeadbandKinds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// The values are numbers, as far as is known.
    static let absolute = DeadbandKinds(rawValue: 1)
    /// The tag has an EURange to take percents of.
    static let percent = DeadbandKinds(rawValue: 2)
}

extension NodeId? {
    /// The kind of identifier, the namespace, the identifier.
    fileprivate func write(to writer: inout PackedWriter) {
        guard let node = self else { return writer.number(0) }
        switch node.identifier {
        case .numeric(let number):
            writer.number(1)
            writer.number(UInt64(node.namespace))
            writer.number(UInt64(number))
        case .string(let text):
            writer.number(2)
            writer.number(UInt64(node.namespace))
            writer.text(text)
        case .guid(let guid):
            writer.number(3)
            writer.number(UInt64(node.namespace))
            writer.number(UInt64(guid.data1))
            writer.number(UInt64(guid.data2))
            writer.number(UInt64(guid.data3))
            writer.number(guid.data4)
        case .opaque(let bytes):
            writer.number(4)
            writer.number(UInt64(node.namespace))
            writer.bytes(bytes.bytes)
        }
    }

    fileprivate init(from reader: inout PackedReader) {
        let kind = reader.number()
        guard kind > 0 else {
            self = nil
            return
        }
        let namespace = UInt16(truncatingIfNeeded: reader.number())
        let identifier: NodeId.Identifier
        switch kind {
        case 1: identifier = .numeric(UInt32(truncatingIfNeeded: reader.number()))
        case 2: identifier = .string(reader.text())
        case 3:
            identifier = .guid(
                Guid(
                    data1: UInt32(truncatingIfNeeded: reader.number()),
                    data2: UInt16(truncatingIfNeeded: reader.number()),
                    data3: UInt16(truncatingIfNeeded: reader.number()), data4: reader.number()))
        default: identifier = .opaque(ByteString(reader.bytes()))
        }
        self = NodeId(namespace: namespace, identifier: identifier)
    }
}
