/// Where the tags of a source are monitored, by client handle.
struct MonitoredItems {
    /// Where one tag is monitored.
    struct Item: Hashable {
        var subscription: UInt32
        var id: UInt32
    }

    /// Tags of neighbouring handles whose items are neighbours too, as most servers number them.
    struct Run: Codable, Hashable {
        var handle: UInt32
        var subscription: UInt32
        var id: UInt32
        var count: UInt32
    }

    private var items: [Item?] = []

    subscript(handle: Int) -> Item? {
        get { items.indices.contains(handle) ? items[handle] : nil }
        set {
            if handle >= items.count {
                items.append(contentsOf: repeatElement(nil, count: handle + 1 - items.count))
            }
            items[handle] = newValue
        }
    }

    /// Handles that are monitored, in order.
    var handles: [Int] { items.indices.filter { items[$0] != nil } }

    var count: Int { items.count { $0 != nil } }

    var subscriptions: Set<UInt32> {
        var found: Set<UInt32> = []
        var last: UInt32?
        for case .some(let item) in items where item.subscription != last {
            found.insert(item.subscription)
            last = item.subscription
        }
        return found
    }

    mutating func removeAll() { items = [] }

    /// All items, in few words.
    var runs: [Run] {
        var runs: [Run] = []
        for (handle, item) in items.enumerated() {
            guard let item else { continue }
            if let last = runs.last, last.subscription == item.subscription,
                UInt64(last.handle) + UInt64(last.count) == UInt64(handle),
                UInt64(last.id) + UInt64(last.count) == UInt64(item.id)
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(
                    Run(handle: UInt32(clamping: handle), subscription: item.subscription, id: item.id, count: 1))
            }
        }
        return runs
    }

    /// - Parameter limit: handles from here on belong to no tag.
    init(_ runs: [Run] = [], limit: Int = 0) {
        for run in runs {
            for place in 0..<min(Int(run.count), max(0, limit - Int(run.handle))) {
                self[Int(run.handle) + place] = Item(
                    subscription: run.subscription, id: run.id &+ UInt32(truncatingIfNeeded: place))
            }
        }
    }
}
