import CFuzzer
import Foundation
package import FuzzKit
import NIOCore

/// Runs libFuzzer on one of a program's targets; see `dev/fuzz`.
///
/// Environment: `FUZZ_TARGET` names the target; with `FUZZ_WRITE` the seeds and the kept inputs of the target are
/// written to that folder instead, one file each.
package enum FuzzDriver {
    /// Most memory that the decoding of one input may take.
    static let maxBytes = 64 << 20

    nonisolated(unsafe) static var run: @Sendable (ByteBuffer) -> Void = { _ in }
    nonisolated(unsafe) static var largest = 0

    package static func main(_ targets: [FuzzTarget]) -> Never {
        let environment = ProcessInfo.processInfo.environment
        guard let target = targets.first(where: { $0.name == environment["FUZZ_TARGET"] }) else {
            complain("FUZZ_TARGET must be one of: " + targets.map(\.name).joined(separator: " "))
            exit(2)
        }
        if let folder = environment["FUZZ_WRITE"] {
            do {
                try write(target, to: URL(fileURLWithPath: folder))
                exit(0)
            } catch {
                complain("\(error)")
                exit(1)
            }
        }
        run = target.run
        atexit { FuzzDriver.complain("largest memory of one input: \(FuzzDriver.largest >> 10) KiB") }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                let input = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
                allocation_meter_start()
                FuzzDriver.run(input)
                let taken = allocation_meter_peak()
                if taken > FuzzDriver.largest { FuzzDriver.largest = taken }
                precondition(taken <= FuzzDriver.maxBytes, "one input took \(taken) bytes of memory")
                return 0
            })
    }

    private static func write(_ target: FuzzTarget, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let kept = try Corpus(target: target.name).inputs.map(\.bytes)
        for (number, bytes) in (target.seeds() + kept).enumerated() {
            try Data(bytes).write(to: folder.appendingPathComponent("seed-\(number)"))
        }
    }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
