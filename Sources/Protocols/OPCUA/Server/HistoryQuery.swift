import NIOCore
import OPCUATypes

/// What HistoryRead asks of one variable's raw values (Part 11, 6.5.3), or what is left to answer of it.
struct HistoryQuery: Hashable, Sendable {
    /// The end at which reading begins; nil when none was given.
    private var from: DateTime?
    /// The end at which it stops, which belongs no longer to it; nil when none was given.
    private let to: DateTime?
    private let isReverse: Bool
    private let wantsBounds: Bool
    /// Values per answer; 0 for as many as there are.
    private let perAnswer: Int
    /// Values in all, when only one time was given.
    private var left: Int?
    /// Values of the time ``from`` that were given already; nil before the first answer.
    private var given: Int?

    /// One answer and what follows.
    struct Page: Hashable, Sendable {
        var values: [DataValue]
        var next: HistoryQuery?
    }

    /// - Throws: BadHistoryOperationUnsupported for modified values, BadHistoryOperationInvalid when less than two of
    ///   start, end and number are given.
    init(_ details: ReadRawModifiedDetails) throws(ServiceError) {
        guard !details.isReadModified else { throw ServiceError(.badHistoryOperationUnsupported) }
        let start = details.startTime == .null ? nil : details.startTime
        let end = details.endTime == .null ? nil : details.endTime
        perAnswer = Int(details.numValuesPerNode)
        wantsBounds = details.returnBounds
        switch (start, end) {
        case (let start?, let end?):
            (from, to, isReverse) = (start, end, end < start)
        case (let start?, nil) where perAnswer > 0:
            (from, to, isReverse, left) = (start, nil, false, perAnswer)
        case (nil, let end?) where perAnswer > 0:
            (from, to, isReverse, left) = (end, nil, true, perAnswer)
        default: throw ServiceError(.badHistoryOperationInvalid)
        }
    }

    /// Answers from a ring.
    /// - Parameters:
    ///   - limit: most values in one answer.
    ///   - room: what the answer still takes.
    func read(_ ring: HistoryRing, limit: Int, _ room: inout SharedRoom) -> Page {
        var entries = entries(ring)
        entries.removeFirst(min(skipped(entries, ring), entries.count))
        if let left, entries.count > left { entries.removeLast(entries.count - left) }
        let size = perAnswer == 0 ? limit : min(perAnswer, limit)
        let values = entries.prefix(size).map { $0.value(in: ring) }
            .prefix { room.take($0.encoded().readableBytes) }
        guard entries.count > values.count, let last = values.last else { return Page(values: Array(values)) }
        var next = self
        let time = last.historyTime
        let before = time == from ? given ?? 0 : 0
        next.from = time
        next.given = before + values.reversed().prefix { $0.historyTime == time }.count
        if let left { next.left = left - values.count }
        return Page(values: Array(values), next: next)
    }

    /// A value of the ring, or the end of the range where there is none.
    private enum Entry {
        case place(Int)
        case missing(DateTime)

        func value(in ring: HistoryRing) -> DataValue {
            switch self {
            case .place(let place): ring[place]
            case .missing(let time): DataValue(status: .badBoundNotFound, sourceTimestamp: time)
            }
        }
    }

    /// Everything from the start or from where the last answer ended, in the order asked for.
    private func entries(_ ring: HistoryRing) -> [Entry] {
        guard let from else { return [] }
        var places: [Entry]
        var before: Int?
        var after: Int?
        if isReverse {
            let high = ring.firstPlace(notBefore: from, after: true)
            let low = to.map { min(high, ring.firstPlace(notBefore: $0, after: true)) } ?? 0
            places = (low..<high).reversed().map(Entry.place)
            if high == 0 || ring[high - 1].historyTime != from { before = high }
            after = low - 1
        } else {
            let low = ring.firstPlace(notBefore: from)
            // A range without length holds what is exactly there.
            let high = to.map { max(low, ring.firstPlace(notBefore: $0, after: $0 == from)) } ?? ring.count
            places = (low..<high).map(Entry.place)
            if low == ring.count || ring[low].historyTime != from { before = low - 1 }
            after = high
        }
        guard wantsBounds else { return places }
        if given == nil, let before { places.insert(bound(before, at: from, ring), at: 0) }
        if let to, to != from, let after { places.append(bound(after, at: to, ring)) }
        return places
    }

    private func bound(_ place: Int, at time: DateTime, _ ring: HistoryRing) -> Entry {
        (0..<ring.count).contains(place) ? .place(place) : .missing(time)
    }

    /// How many of the first entries were given already; fewer when the oldest have left the ring meanwhile.
    private func skipped(_ entries: [Entry], _ ring: HistoryRing) -> Int {
        guard let given else { return 0 }
        return min(given, entries.prefix { $0.value(in: ring).historyTime == from }.count)
    }
}
