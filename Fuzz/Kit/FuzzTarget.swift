package import NIOCore

/// A decoder under test: takes bytes, and traps when something is wrong with what comes of them.
package struct FuzzTarget: Sendable {
    package var name: String
    /// Valid inputs from which to start.
    package var seeds: @Sendable () -> [[UInt8]]
    package var run: @Sendable (ByteBuffer) -> Void

    package init(
        _ name: String, seeds: @escaping @Sendable () -> [[UInt8]] = { [] },
        run: @escaping @Sendable (ByteBuffer) -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }
}
