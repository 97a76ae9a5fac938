import ConnectorConfiguration
import Foundation
import Testing
import YAMLSupport

/// No key is read and forgotten: the settings differ when a file has it. What the settings then do is shown by the
/// tests of the parts; that each key of the reader has a case here is seen to by Tidy.
@Suite struct EachKeyCountsTests {
    private func settings(_ text: String) throws -> String {
        let reader = ConfigurationReader(
            file: "penstock.yaml", environment: ["HTTPS_PROXY": "http://env:1"],
            credentials: { _ throws(References.Failure) in nil })
        var settings = try reader.read(text)
        settings.warnings = []
        return "\(settings)"
    }

    /// What stands in each file, by the first key of the path, so that the key has something to act on.
    private static func base(_ pattern: String) -> [(key: String, entry: String)] {
        if pattern.hasPrefix("sources[opcua]") { return [("endpoint", "endpoint: opc.tcp://h:4840")] }
        if pattern.hasPrefix("sources[mqtt]") {
            let isSparkplug = pattern.contains("sparkplug") || pattern.hasSuffix("host_id")
            let topics = isSparkplug ? "topics: ['spBv1.0/#']" : "topics: [a]"
            return [("endpoint", "endpoint: mqtts://h"), ("topics", topics)]
        }
        if pattern.hasPrefix("sources[modbus].serial") || pattern.hasSuffix("frame_gap_ms") {
            return [("endpoint", "endpoint: modbus+ascii:///dev/ttyS0")]
        }
        if pattern.hasPrefix("sources[modbus].tls"), !pattern.hasSuffix("enabled") {
            return [("endpoint", "endpoint: modbus+tls://h")]
        }
        return [("endpoint", "endpoint: modbus://h")]
    }

    private static func service(_ pattern: String) -> [(String, String)] {
        // A secret does not show in what is printed; that there is one does.
        let secret = pattern.hasSuffix("client_secret") ? "" : ", client_secret: b"
        return [
            ("workspace_host", "workspace_host: https://w"), ("zerobus_endpoint", "zerobus_endpoint: https://z"),
            ("auth", "auth: {client_id: a\(secret)}"),
        ]
    }

    /// A document with the case's block, with its key or without.
    private static func document(_ item: KeyCase, withKey: Bool) -> String {
        var steps = item.key.split(separator: ".").map(String.init)
        let leaf = steps.removeLast()
        var block = [item.beside, withKey ? "\(leaf): \(item.value)" : ""].filter { !$0.isEmpty }
            .joined(separator: ", ")
        for (depth, step) in steps.enumerated().reversed() {
            let inner = depth + 1 < steps.count ? steps[depth + 1] : leaf
            if step.hasPrefix("sources[") {
                let names = item.beside.split(separator: ",").map { $0.prefix { $0 != ":" } }
                let others = (base(item.key) + [("name", "name: s")])
                    .filter {
                        inner.replacing("[]", with: "") != $0.key && !names.contains($0.key[...])
                            || !withKey && inner == $0.key
                    }
                    .map(\.entry)
                block = "sources: [{\((others + [block]).filter { !$0.isEmpty }.joined(separator: ", "))}]"
            } else if step.hasSuffix("[]") {
                // What an item needs, whatever its block has.
                let needed = ["tags[]": "match: a", "rules[]": "pattern: '(?<line>x+)'"][step]
                if let needed, depth + 1 < steps.count { block = "\(needed), \(block)" }
                block = "\(step.dropLast(2)): [{\(block)}]"
            } else if step == "<name>" {
                block = "s: {\(block)}"
            } else if step == "zerobus" {
                let others = service(item.key).filter { !withKey || inner != $0.0 }.filter {
                    inner != $0.0 || steps.count == 1
                }
                block = "zerobus: {\((others.map(\.1) + [block]).filter { !$0.isEmpty }.joined(separator: ", "))}"
                if item.key.contains("<name>") { block += "\nsources: [{name: s, endpoint: modbus://h}]" }
            } else {
                block = "\(step): {\(block)}"
            }
        }
        return block + "\n"
    }

    @Test(arguments: KeyCase.ofAnySource + KeyCase.ofOPCUA + KeyCase.ofMQTT + KeyCase.ofModbus + KeyCase.ofTheRest)
    func theSettingsDiffer(_ item: KeyCase) throws {
        let (with, without) = (Self.document(item, withKey: true), Self.document(item, withKey: false))
        let plain: String
        do {
            plain = try settings(without)
        } catch {
            // A block that needs the key cannot be without it.
            plain = "\(error)"
            #expect(item.key.split(separator: ".").suffix(2).contains { plain.contains($0) }, "\(without): \(error)")
        }
        #expect(try settings(with) != plain, "\(with)")
    }

    /// Keys that need more than a line beside them.
    @Test func theSettingsDifferOtherwise() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("penstock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let list = folder.appendingPathComponent("tags.csv").path
        let more: [KeyCase] = [
            KeyCase("sources[].protocol", "protocol: modbus"),
            KeyCase("sources[opcua].endpoint", "endpoint: opc.tcp://other:4840"),
            KeyCase("sources[mqtt].endpoint", "endpoint: mqtt://other, topics: [a]"),
            KeyCase("sources[modbus].endpoint", "endpoint: modbus://other"),
            KeyCase("sources[opcua].tag_list", "endpoint: opc.tcp://h:4840, tag_list: \(list)"),
            KeyCase("sources[mqtt].tag_list", "endpoint: mqtt://h, topics: [a], tag_list: \(list)"),
            KeyCase("sources[modbus].tag_list", "endpoint: modbus://h, tag_list: \(list)"),
        ]
        let plain = [
            "endpoint: \"h:502\", protocol: mqtt, topics: [a]", "endpoint: opc.tcp://h:4840",
            "endpoint: mqtt://h, topics: [a]", "endpoint: modbus://h", "endpoint: opc.tcp://h:4840",
            "endpoint: mqtt://h, topics: [a]", "endpoint: modbus://h",
        ]
        for (item, other) in zip(more, plain) {
            let address = item.key.contains("opcua") ? "i=7" : item.key.contains("mqtt") ? "a" : "1"
            try "address\n\(address)\n".write(toFile: list, atomically: true, encoding: .utf8)
            let value = item.key.hasSuffix("protocol") ? item.value + ", endpoint: \"h:502\"" : item.value
            let with = "sources: [{name: s, \(value)}]\n"
            let without = (try? settings("sources: [{name: s, \(other)}]\n")) ?? ""
            #expect(try settings(with) != without, "\(item.key)")
        }
        let plaintext = KeyCase("zerobus.allow_plaintext", "true")
        let target =
            "workspace_host: http://10.0.0.1:1, zerobus_endpoint: http://10.0.0.1:2, auth: {client_id: a, client_secret: b}"
        #expect(throws: ConfigurationError.self) { try settings("zerobus: {\(target)}") }
        _ = try settings("zerobus: {allow_plaintext: \(plaintext.value), \(target)}")
        let compression = KeyCase("backpressure.disk_spool.compression", "zstd")
        #expect(throws: ConfigurationError.self) {
            try settings("backpressure: {disk_spool: {compression: \(compression.value)}}")
        }
    }
}
