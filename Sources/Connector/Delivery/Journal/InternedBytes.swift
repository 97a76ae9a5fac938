import Synchronization

/// Byte strings that are stored once, numbered from 0, and never moved or freed while the table lives.
///
/// Prefixes of tags and names of sources. Registering takes a lock; whoever joins records keeps its own copy of
/// ``Entry`` values and fetches only new ones.
package final class InternedBytes: Sendable {
    /// Where a byte string lies: valid as long as the table.
    @frozen
    package struct Entry: @unchecked Sendable {
        // Written once before the entry is handed out, then only read.
        package let bytes: UnsafeRawBufferPointer

        /// Whether the number was in use but its bytes could not be read back.
        @inlinable
        package var isLost: Bool { bytes.baseAddress == nil }

        @usableFromInline
        init(bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }
    }

    // Reached only under the lock; what it hands out is never written again.
    private struct State: ~Copyable, @unchecked Sendable {
        var chunks: [UnsafeMutableRawBufferPointer] = []
        var used = 0
        var entries: [Entry] = []
        /// From the hash of a byte string to the last entry with that hash; `next` links to those before it.
        var heads: [Int: UInt32] = [:]
        var next: [UInt32] = []

        deinit {
            for chunk in chunks { chunk.deallocate() }
        }
    }

    private static let chunkBytes = 64 * 1024
    private static let none = UInt32.max
    private let state = Mutex(State())

    package init() {}

    /// How many there are.
    package var count: Int { state.withLock { $0.entries.count } }

    /// The number of `bytes`: the one it has, else a new one.
    package func register(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = Self.hash(bytes)
        return state.withLock { state in
            var candidate = state.heads[hash] ?? Self.none
            while candidate != Self.none {
                if state.entries[Int(candidate)].bytes.elementsEqual(bytes) { return candidate }
                candidate = state.next[Int(candidate)]
            }
            return Self.append(bytes, hash, to: &state)
        }
    }

    package func register(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { register($0) }
    }

    /// Appends an entry read from disk under the next number, though the same bytes may have one already.
    package func restore(_ bytes: UnsafeRawBufferPointer) {
        let hash = Self.hash(bytes)
        state.withLock { state in _ = Self.append(bytes, hash, to: &state) }
    }

    /// Takes the next number for bytes that could not be read.
    package func restoreLost() {
        state.withLock { state in
            state.entries.append(Entry(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
            state.next.append(Self.none)
        }
    }

    /// The entries from number `first` on.
    package func entries(from first: Int) -> ArraySlice<Entry> {
        state.withLock { $0.entries[min(max(0, first), $0.entries.count)...] }
    }

    package func string(_ reference: UInt32) -> String? {
        state.withLock { state in
            guard Int(reference) < state.entries.count else { return nil }
            return String(decoding: state.entries[Int(reference)].bytes, as: UTF8.self)
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }

    private static func append(
        _ bytes: UnsafeRawBufferPointer, _ hash: Int, to state: inout State
    ) -> UInt32 {
        let number = UInt32(state.entries.count)
        if (state.chunks.last?.count ?? 0) - state.used < bytes.count || state.chunks.isEmpty {
            state.chunks.append(.allocate(byteCount: max(chunkBytes, bytes.count), alignment: 16))
            state.used = 0
        }
        let chunk = state.chunks[state.chunks.count - 1]
        let place = UnsafeMutableRawBufferPointer(rebasing: chunk[state.used..<state.used + bytes.count])
        place.copyMemory(from: bytes)
        state.used += bytes.count
        state.entries.append(Entry(bytes: UnsafeRawBufferPointer(place)))
        state.next.append(state.heads[hash] ?? none)
        state.heads[hash] = number
        return number
    }
}
