/// What a metric is, as its birth says.
public struct MetricDefinition: Hashable, Sendable {
    public var node: EdgeNodeID
    public var device: String?
    public var name: String
    public var type: DataType?
    /// The property `engUnit`.
    public var unit: String?

    /// The topic of its data, and its name: unique, whatever slashes the name has.
    public var address: String { Self.prefix(node, device) + name }

    static func prefix(_ node: EdgeNodeID, _ device: String?) -> String {
        let kind = device == nil ? SparkplugTopic.Kind.nodeData : .deviceData
        return SparkplugTopic.message(kind, node, device: device).text + "/"
    }
}

/// All metrics of a host by number, and by scope and name.
struct MetricTable {
    struct Entry {
        var definition: MetricDefinition
        /// The node or device that it belongs to.
        var scope: Int
        /// The metric whose scope and name have the same hash, -1 for none.
        var sameHash: Int32
        /// The number of the birth that named it last.
        var birth: UInt64 = 0
        /// Whether its node or device lives and has it.
        var isBorn = false
    }

    private(set) var entries: [Entry] = []
    private var indexes: [Int: Int32] = [:]

    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    private static func hash(_ name: UnsafeRawBufferPointer, _ scope: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(scope)
        hasher.combine(bytes: name)
        return hasher.finalize()
    }

    /// The number of the metric of this name; nil when there is none.
    func index(of name: UnsafeRawBufferPointer, in scope: Int) -> Int? {
        var index = indexes[Self.hash(name, scope)] ?? -1
        while index >= 0 {
            let entry = entries[Int(index)]
            if entry.scope == scope, entry.definition.name.utf8.elementsEqual(name) { return Int(index) }
            index = entry.sameHash
        }
        return nil
    }

    /// Adds a metric whose name is not there yet.
    mutating func add(_ definition: MetricDefinition, named name: UnsafeRawBufferPointer, in scope: Int) -> Int {
        let hash = Self.hash(name, scope)
        entries.append(Entry(definition: definition, scope: scope, sameHash: indexes[hash] ?? -1))
        indexes[hash] = Int32(truncatingIfNeeded: entries.count - 1)
        return entries.count - 1
    }
}
