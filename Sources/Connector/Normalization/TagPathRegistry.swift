import Synchronization

/// Who has which tag path, over all sources of a connector: no two tags have the same.
///
/// Paths and tags are kept as 64-bit hashes, 16 bytes for a tag. Were two paths to have the same hash, one tag would
/// get a longer path than it needs; two tags with one path cannot come of it.
package final class TagPathRegistry: Sendable {
    /// Which tag a path belongs to for good, although another might ask for it first in another run.
    package struct Reservation: Hashable, Sendable {
        package var path: UInt64
        package var owner: UInt64

        package init(path: UInt64, owner: UInt64) {
            self.path = path
            self.owner = owner
        }
    }

    private struct State {
        var owners: [UInt64: UInt64] = [:]
        /// Paths that were disputed.
        var disputed: Set<UInt64> = []
    }

    private let state: Mutex<State>
    private let disputed: @Sendable (Reservation) -> Void

    /// - Parameters:
    ///   - reservations: what `disputed` was called with in earlier runs.
    ///   - disputed: called when a second tag asks for a path, once for each path.
    package init(_ reservations: [Reservation] = [], disputed: @escaping @Sendable (Reservation) -> Void = { _ in }) {
        var state = State()
        for reservation in reservations where state.owners[reservation.path] == nil {
            state.owners[reservation.path] = reservation.owner
            state.disputed.insert(reservation.path)
        }
        self.state = Mutex(state)
        self.disputed = disputed
    }

    /// The path of a tag: the one that it asks for, unless that is another's.
    /// - Parameter identity: 16 hexadecimal digits, which become part of a path that must be distinct.
    package func path(_ wanted: String, for identity: String) -> (path: String, isRenamed: Bool) {
        let owner = UInt64(identity, radix: 16) ?? Self.hash(identity)
        if claim(wanted, for: owner, isFirst: true) { return (wanted, false) }
        for digits in [8, 16] {
            let path = "\(wanted)_\(identity.prefix(digits))"
            if claim(path, for: owner, isFirst: false) { return (path, true) }
        }
        // Somebody named a tag after another's identity.
        var number = 2
        while true {
            let path = "\(wanted)_\(identity)_\(number)"
            if claim(path, for: owner, isFirst: false) { return (path, true) }
            number += 1
        }
    }

    private func claim(_ path: String, for owner: UInt64, isFirst: Bool) -> Bool {
        let hash = Self.hash(path)
        let (isOurs, reservation) = state.withLock { state -> (Bool, Reservation?) in
            guard let other = state.owners[hash] else {
                state.owners[hash] = owner
                return (true, nil)
            }
            if other == owner { return (true, nil) }
            let isNew = isFirst && state.disputed.insert(hash).inserted
            return (false, isNew ? Reservation(path: hash, owner: other) : nil)
        }
        if let reservation { disputed(reservation) }
        return isOurs
    }

    /// FNV-1a, the same in every run of the program.
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
