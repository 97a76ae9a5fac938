import Foundation
import Logging

/// Measures OPC UA; `dev/bench-opcua` and `dev/soak-opcua` run it. Results are lines of JSON.
///
///     opcua-bench serve    --tags N [--port P] [--interval-ms MS] [--folder DIR]
///     opcua-bench subscribe --endpoint URL --tags N --seconds S [--interval-ms MS] [--id FORM] [--folder DIR]
///                           [--token-ms MS]       the life of a token of the channel
///     opcua-bench timely   --endpoint URL --tags N --seconds S [--id FORM | --ids FILE] [--publishing-ms MS]
///                           [--tick-ms MS] [--allowed-ms MS] [--time source|value] [--sampling-ms MS]
///                           how late the values of items come that all change at every tick
///     opcua-bench decode   --tags N --rounds R        a notification message of N values, read R times
///     opcua-bench encode   --tags N --rounds R        the server's side of it: queues of N items filled and emptied
///     opcua-bench secure   --bytes N --rounds R       Basic256Sha256 beside bare AES and HMAC
///
/// With a folder (server.der, server.pem, client.der, client.pem) the channel is Basic256Sha256, SignAndEncrypt.
/// FORM is a NodeId with `#` for the number of the item, FILE has a NodeId in each line. The time of a value is that of its
/// source, or the value itself in microseconds of UTC.
@main struct OPCUABench {
    static func main() async throws {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        switch arguments.command {
        case "serve": try await serve(arguments)
        case "subscribe": try await subscribe(arguments)
        case "timely": try await timely(arguments)
        case "decode": try Micro.decode(values: arguments.int("tags", 10_000), rounds: arguments.int("rounds", 100))
        case "encode": Micro.encode(values: arguments.int("tags", 10_000), rounds: arguments.int("rounds", 100))
        case "secure": try Micro.secure(bytes: arguments.int("bytes", 65_000), rounds: arguments.int("rounds", 1_000))
        default:
            FileHandle.standardError.write(Data("see the head of OPCUABench.swift\n".utf8))
            exit(2)
        }
    }

    static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
}

/// A command and its `--name value` pairs.
struct Arguments {
    let command: String
    private var values: [String: String] = [:]

    init(_ words: ArraySlice<String>) {
        command = words.first ?? ""
        var rest = words.dropFirst()
        while let name = rest.popFirst(), let value = rest.popFirst() { values[String(name.dropFirst(2))] = value }
    }

    func text(_ name: String) -> String? { values[name] }
    func int(_ name: String, _ standard: Int) -> Int { values[name].flatMap { Int($0) } ?? standard }
    func double(_ name: String, _ standard: Double) -> Double { values[name].flatMap { Double($0) } ?? standard }
}

/// Prints one line of JSON.
func report(_ members: KeyValuePairs<String, any Sendable & CustomStringConvertible>) {
    let fields = members.map { name, value in
        value is String ? "\"\(name)\":\"\(value)\"" : "\"\(name)\":\(value)"
    }
    FileHandle.standardOutput.write(Data(("{" + fields.joined(separator: ",") + "}\n").utf8))
}

/// What this process has used so far.
struct Usage {
    /// User and system time, seconds.
    var cpu: Double
    /// Largest resident set so far, MiB.
    var peakMiB: Double
    /// Resident set now, MiB.
    var residentMiB: Double

    static var now: Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        let resident = pages.flatMap { $0.count > 1 ? Double($0[1]) : nil } ?? 0
        return Usage(
            cpu: cpu, peakMiB: Double(usage.ru_maxrss) / 1024, residentMiB: resident * Double(getpagesize()) / 1_048_576
        )
    }
}

extension Double {
    func rounded(to digits: Int) -> Double {
        let factor = pow(10, Double(digits))
        return (self * factor).rounded() / factor
    }
}
