import Foundation

/// Where the programs under test, the foreign peers and the repository are.
package enum Workplace {
    /// The clone that these tests were built from.
    package static let repository: String = {
        // …/Tests/TestKit/Workplace.swift, three levels up.
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }()

    /// A program of this package, from the folder that `PENSTOCK_BIN` names (`dev/test` sets it).
    /// A program that is not there fails the test: what was not tested must not look tested.
    package static func program(_ name: String) throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["PENSTOCK_BIN"], !folder.isEmpty else {
            throw TestKitError("PENSTOCK_BIN is not set: run these tests with dev/test")
        }
        return try executable(folder + "/" + name, hint: "build it with dev/build")
    }

    /// The Python that has the foreign peers, from `PENSTOCK_PEERS` (`dev/bootstrap` makes it).
    package static func python() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let folder = environment["PENSTOCK_PEERS"] ?? (environment["HOME"] ?? "") + "/.cache/penstock/peers"
        return try executable(folder + "/bin/python", hint: "install the foreign peers with dev/bootstrap")
    }

    /// A program of the distribution; Debian keeps servers in `/usr/sbin`, which is not in every `PATH`.
    package static func systemProgram(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for folder in path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"] {
            let candidate = folder + "/" + name
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw TestKitError("\(name) is missing: install it with dev/bootstrap")
    }

    /// The environment of a started program: this process's own without the settings of the products, and
    /// without proxies, which would catch loopback too.
    package static func environment(adding settings: [String: String]) -> [String: String] {
        let ours = ["PENSTOCK_", "CONNECTOR_", "DBX_", "DATABRICKS_"]
        // What the scripts of dev/ need to find the same programs and peers.
        let kept: Set<String> = ["PENSTOCK_BIN", "PENSTOCK_SCRATCH", "PENSTOCK_PEERS"]
        let proxies: Set<String> = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"]
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            (kept.contains(name) || !ours.contains { name.hasPrefix($0) }) && !proxies.contains(name.lowercased())
        }
        environment["NO_PROXY"] = "127.0.0.1,localhost"
        environment["no_proxy"] = "127.0.0.1,localhost"
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        return environment.merging(settings) { _, new in new }
    }

    private static func executable(_ path: String, hint: String) throws -> String {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestKitError("\(path) is missing: \(hint)")
        }
        return path
    }
}
