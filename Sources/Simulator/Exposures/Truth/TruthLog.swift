import Foundation
package import SimulatorPlant
import Synchronization

/// Writes every value served to a file, for scoring what arrived elsewhere.
///
/// Joins the feed before any endpoint, so a value is in the file before a consumer can see it. Each tick
/// leaves in one write.
package final class TruthLog: TickReceiver {
    private let path: String
    private let file: FileHandle
    private let lines: [TruthLine]
    private let buffer = Mutex<[UInt8]>([])

    /// Creates the file or empties it. Throws `ExposureError` when that cannot be done.
    package init(path: String, sensors: [Sensor]) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else {
            throw ExposureError(message: "cannot write the truth log '\(path)': check the folder and its rights")
        }
        self.path = path
        self.file = file
        lines = sensors.map(TruthLine.init)
    }

    package func received(_ tick: Tick) throws {
        let start = TruthLine.start(tick)
        try buffer.withLock { buffer in
            buffer.removeAll(keepingCapacity: true)
            for (index, line) in lines.enumerated() {
                line.append(start: start, value: tick.values[index], quality: tick.qualities[index], to: &buffer)
            }
            do {
                try file.write(contentsOf: buffer)
            } catch {
                throw ExposureError(message: "cannot write the truth log '\(path)': \(error.localizedDescription)")
            }
        }
    }

    /// Closes the file.
    package func close() throws { try file.close() }
}
