import Foundation
import Logging
import ZerobusClient
import ZerobusCore

/// Drives our Zerobus client; `dev/bench-zerobus` runs it beside the official SDK, which gets the same orders.
///
///     zerobus-bench --endpoint URL [--workspace URL]
///
/// Every line of standard input is an order, `TABLE ROWS PADDING BATCH`: open a stream into the table, send so many
/// rows (55 bytes and the padding) in batches, wait until all are acknowledged, close. Each is answered by one line of
/// JSON: rows, bytes (of the rows), seconds and cpu (of this process) from the first send to the last acknowledgement.
/// Without a workspace any token will do.
@main struct ZerobusBench {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    /// Off the main actor, which would cost a switch of threads at every wait.
    @concurrent
    private static func run(_ arguments: [String]) async throws {
        let options = Dictionary(
            zip(arguments, arguments.dropFirst()).filter { $0.0.hasPrefix("--") }, uniquingKeysWith: { $1 })
        guard let endpoint = options["--endpoint"] else { throw Wrong("--endpoint is missing") }
        let client = IngestClient(
            configuration: IngestClientConfiguration(
                endpoint: try ServiceAddress(endpoint),
                workspace: try ServiceAddress(options["--workspace"] ?? endpoint),
                credentials: options["--workspace"] == nil
                    ? .bearer("bench") : .servicePrincipal(id: "bench", secret: "bench")),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        var made: [Int: Rows] = [:]
        while let line = readLine() {
            let order = try Order(line)
            if made[order.padding, default: Rows()].count < order.rows {
                made[order.padding] = Rows(order.rows, padding: order.padding)
            }
            let rows = made[order.padding, default: Rows()].prefix(order.rows)
            let seen = try await Delivery.measure(rows, order, through: client)
            FileHandle.standardOutput.write(Data((seen + "\n").utf8))
        }
    }
}

/// What is wrong with the arguments, an order or a stream.
struct Wrong: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One line of standard input.
struct Order {
    let table: TableName
    let rows: Int
    /// Bytes of a row beyond 55.
    let padding: Int
    /// Rows of a message.
    let batch: Int

    init(_ line: String) throws {
        let words = line.split(separator: " ")
        guard words.count == 4, let table = TableName(String(words[0])) else { throw Wrong("no order: \(line)") }
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard numbers.count == 3, numbers[0] > 0, numbers[1] >= 0, numbers[2] > 0 else {
            throw Wrong("no order: \(line)")
        }
        self.table = table
        (rows, padding, batch) = (numbers[0], numbers[1], numbers[2])
    }
}
