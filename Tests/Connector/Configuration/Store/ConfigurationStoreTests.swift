import ConnectorKeys
import ConnectorVault
import FileSupport
import Foundation
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// A configuration file, a state folder and a vault in a folder of their own.
struct StoreWorld {
    let folder: String
    var file: String { folder + "/etc/penstock.yaml" }
    var state: String { folder + "/state" }

    static func run(_ text: String?, _ body: (StoreWorld) throws -> Void) throws {
        let world = StoreWorld(
            folder: FileManager.default.temporaryDirectory.path + "/penstock-store-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: world.folder) }
        try WholeFile.makeDirectories(world.folder + "/etc", mode: 0o700)
        if let text { try WholeFile.replace(world.file, Array(text.utf8), mode: 0o640) }
        try body(world)
    }

    var store: ConfigurationStore { ConfigurationStore(path: file, stateDirectory: state) }

    func desk(_ environment: [String: String] = [:]) throws -> ConfigurationDesk {
        let vault = Vault(
            stateDirectory: state, password: try MasterPassword("correct horse"),
            cost: try #require(ScryptCost(checking: 1, blockSize: 1, parallelism: 1)))
        return ConfigurationDesk(store: store, vault: vault, environment: environment, stateDirectory: nil)
    }

    func text(_ path: String) -> String? { try? ConfigurationStore.read(path) }
    var fileText: String? { text(file) }
    var layerText: String? { text(state + "/penstock.state.yaml") }

    func backups() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: state + "/backups")) ?? []).sorted()
    }

    /// Everything below the folder, to look for a secret in.
    func everyByte() throws -> String {
        try FileManager.default.subpathsOfDirectory(atPath: folder).map { path in
            String(decoding: FileManager.default.contents(atPath: folder + "/" + path) ?? Data(), as: UTF8.self)
        }.joined(separator: "\n")
    }
}

@Suite struct ConfigurationStoreTests {
    private let text = """
        # Hall 3
        web_ui:
          port: 8081  # beside the old one
        zerobus:
          workspace_host: ${env:HOST:a.example}

        """

    private func tree(_ json: String) throws -> YAMLTree { try TreeJSON.parse(Array(json.utf8)) }

    private func save(_ world: StoreWorld, _ patch: String, time: Int = 0) throws -> ConfigurationStore.Saved {
        let document = try world.store.load()
        return try world.store.save(document.tree.merging(try tree(patch)), over: document, time: time)
    }

    @Test func theFileIsReplacedWithCommentsReferencesAndModeKept() throws {
        try StoreWorld.run(text) { world in
            let saved = try save(world, #"{"web_ui":{"port":8082}}"#)
            #expect(saved.written == [world.file])
            #expect(saved.keepsComments)
            #expect(world.fileText == text.replacing("8081", with: "8082"))
            #expect(WholeFile.mode(of: world.file) == 0o640)
            #expect(saved.backup.flatMap { world.text($0) } == text)
            #expect(saved.backup?.hasSuffix("/backups/penstock.yaml.19700101T000000Z") == true)
            #expect(world.layerText == nil)
        }
    }

    @Test func nothingIsWrittenWhenNothingChanges() throws {
        try StoreWorld.run(text) { world in
            let saved = try save(world, "{}")
            #expect(saved == ConfigurationStore.Saved())
            #expect(world.backups() == [])
        }
    }

    @Test func theFirstSaveMakesTheFile() throws {
        try StoreWorld.run(nil) { world in
            #expect(try world.store.load().file == nil)
            let saved = try save(world, #"{"web_ui":{"port":8082}}"#)
            #expect(saved.written == [world.file])
            #expect(saved.backup == nil)
            #expect(world.fileText == "web_ui:\n  port: 8082\n")
            #expect(try world.store.load().file == world.file)
        }
    }

    @Test func onlyTheNewestCopiesStay() throws {
        try StoreWorld.run(text) { world in
            for number in 0..<15 { _ = try save(world, #"{"web_ui":{"port":\#(9000 + number)}}"#, time: number / 2) }
            let backups = world.backups()
            #expect(backups.count == ConfigurationStore.backupsMax)
            #expect(backups.last == "penstock.yaml.19700101T000007Z")
            #expect(backups.contains("penstock.yaml.19700101T000006Z-1"))
        }
    }

    @Test func aLinkStaysAndItsGoalIsReplaced() throws {
        try StoreWorld.run(nil) { world in
            try WholeFile.replace(world.folder + "/real.yaml", Array(text.utf8), mode: 0o600)
            try FileManager.default.createSymbolicLink(
                atPath: world.file, withDestinationPath: world.folder + "/real.yaml")
            _ = try save(world, #"{"web_ui":{"port":8082}}"#)
            #expect(world.text(world.folder + "/real.yaml") == text.replacing("8081", with: "8082"))
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: world.file)) != nil)
        }
    }

    @Test func aReadOnlyFileGetsALayer() throws {
        try StoreWorld.run(text) { world in
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: world.file)
            let saved = try save(world, #"{"web_ui":{"port":8082},"logging":{"level":"debug"}}"#)
            #expect(saved.written == [world.state + "/penstock.state.yaml"])
            #expect(world.fileText == text)
            #expect(world.layerText?.hasSuffix("web_ui:\n  port: 8082\nlogging:\n  level: debug\n") == true)
            let document = try world.store.load()
            #expect(document.tree[key: "web_ui"] == .block([.init("port", .number("8082"))]))
            #expect(document.layered.map(\.key) == ["web_ui.port", "logging.level"])
            #expect(document.layered.allSatisfy { $0.place.contains("penstock.state.yaml:") })
            // What is taken away comes back as null; what is as the file says needs no layer.
            _ = try save(world, #"{"zerobus":null,"logging":null}"#)
            #expect(
                try world.store.load().tree
                    == YAMLTree.block([.init("web_ui", .block([.init("port", .number("8082"))]))]))
            _ = try save(world, #"{"web_ui":{"port":8081},"zerobus":{"workspace_host":"${env:HOST:a.example}"}}"#)
            #expect(world.layerText == nil)
        }
    }

    /// Whatever the system says of a file that may be written and not be replaced, as one that is itself a mount point.
    @Test(arguments: [EBUSY, EXDEV, EROFS, EACCES, EPERM])
    func aFileThatTheSystemDoesNotReplaceGetsALayer(code: Int32) throws {
        try StoreWorld.run(text) { world in
            let store = ConfigurationStore(path: world.file, stateDirectory: world.state) {
                path, _, _ throws(FileFailure) in
                throw FileFailure("replace", path, code)
            }
            let wanted = try tree(#"{"web_ui":{"port":8082}}"#)
            let saved = try store.save(wanted, over: try store.load(), time: 0)
            #expect(saved.written == [world.state + "/penstock.state.yaml"])
            // Nothing was replaced: no copy of it is kept.
            #expect(saved.backup == nil && world.backups() == [])
            #expect(world.fileText == text)
            #expect(try store.load().tree[key: "web_ui"] == .block([.init("port", .number("8082"))]))
        }
    }

    @Test func anotherFailureOfTheDiskIsNoReasonForALayer() throws {
        try StoreWorld.run(text) { world in
            let store = ConfigurationStore(path: world.file, stateDirectory: world.state) {
                path, _, _ throws(FileFailure) in
                throw FileFailure("write", path, ENOSPC)
            }
            #expect(throws: ConfigurationStore.Failure.self) {
                try store.save(try tree(#"{"web_ui":{"port":8082}}"#), over: try store.load(), time: 0)
            }
            #expect(world.layerText == nil)
            #expect(world.fileText == text)
        }
    }

    @Test func aLayerIsTakenIntoTheFileOnceItCanBeReplaced() throws {
        try StoreWorld.run(text) { world in
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: world.file)
            _ = try save(world, #"{"sources":[{"name":"p","endpoint":"modbus://h"}]}"#)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: world.file)
            _ = try save(world, #"{"web_ui":{"port":8082}}"#)
            #expect(world.layerText == nil)
            #expect(world.fileText?.contains("  - name: p\n    endpoint: modbus://h") == true)
            #expect(world.fileText?.contains("# beside the old one") == true)
        }
    }

    @Test func aForeignLayerIsReadAndNotWritten() throws {
        try StoreWorld.run(text) { world in
            let path = world.folder + "/etc/connector_state.json"
            let foreign = #"{"web_ui": {"port": 9999}, "sources": [{"name": "p", "endpoint": "modbus://h"}]}"#
            try WholeFile.replace(path, Array(foreign.utf8), mode: 0o600)
            let document = try world.store.load()
            #expect(document.tree[key: "web_ui"]?[key: "port"] == .number("9999"))
            #expect(document.layers.map(\.path) == [path])
            // It lies over the file, so that what contradicts it must lie over both.
            _ = try save(world, #"{"web_ui":{"port":8083}}"#)
            #expect(world.text(path) == foreign)
            #expect(try world.store.load().tree[key: "web_ui"]?[key: "port"] == .number("8083"))
        }
    }

    @Test func theEntityTagFollowsEveryFile() throws {
        try StoreWorld.run(text) { world in
            let first = try world.store.load().entityTag
            #expect(try world.store.load().entityTag == first)
            try WholeFile.makeDirectories(world.state, mode: 0o700)
            try WholeFile.replace(world.state + "/penstock.state.yaml", [], mode: 0o600)
            let second = try world.store.load().entityTag
            #expect(first != second)
            #expect(second.hasPrefix("\"") && second.hasSuffix("\"") && second.count == 26)
        }
    }

    @Test(arguments: ["a: [", "\u{1}"])
    func aBrokenLayerIsNamed(text: String) throws {
        try StoreWorld.run(self.text) { world in
            try WholeFile.makeDirectories(world.state, mode: 0o700)
            try WholeFile.replace(world.state + "/penstock.state.yaml", Array(text.utf8), mode: 0o600)
            let error = #expect(throws: ConfigurationError.self) { try world.store.load() }
            #expect(error?.description.contains("penstock.state.yaml") == true)
        }
    }
}
