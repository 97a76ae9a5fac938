import ConnectorConfiguration
import ConnectorKeys
import ConnectorVault
import Logging
import TestKit
import Testing
import WebSupport

@testable import ConnectorWeb

/// `/api/config` over loopback, with files and vault and nothing that runs.
@Suite(.timeLimit(.minutes(1))) struct ConfigurationRoutesTests {
    private struct Editor: ConfigurationEditor {
        let desk: ConfigurationDesk

        func current() throws -> ConfigurationDocument { try desk.store.load() }

        func change(_ change: ConfigurationChange, ifMatch tags: [String]?) async throws -> ChangeOutcome {
            let plan = try desk.plan(change, ifMatch: tags)
            let saved = try desk.commit(plan, time: 0)
            return ChangeOutcome(
                saved: saved, warnings: plan.settings.warnings, needRestart: ["web_ui"],
                entityTag: try desk.store.load().entityTag)
        }
    }

    private func withServer(_ body: @escaping @Sendable (LocalHTTP, String) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            try write(
                "web_ui:\n  port: 8081  # ours\nzerobus:\n  auth:\n    client_secret: clear\n", to: folder + "/c.yaml")
            let vault = Vault(
                stateDirectory: folder + "/state", password: try MasterPassword("correct horse"),
                cost: try #require(ScryptCost(checking: 1, blockSize: 1, parallelism: 1)))
            let store = ConfigurationStore(path: folder + "/c.yaml", stateDirectory: folder + "/state")
            let desk = ConfigurationDesk(store: store, vault: vault, environment: [:], stateDirectory: nil)
            var routes = WebRoutes()
            ConfigurationRoutes(editor: Editor(desk: desk)).add(to: &routes)
            try await WebServer.withRunning(
                configuration: WebServerConfiguration(port: 0), routes: routes,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { try await body(LocalHTTP(port: $0), folder) }
        }
    }

    @Test func itIsReadMaskedAndPatchedUnderItsTag() async throws {
        try await withServer { http, folder in
            let read = try await http.get("/api/config")
            #expect(read.text == #"{"web_ui":{"port":8081},"zerobus":{"auth":{"client_secret":"***"}}}"#)
            let tag = try #require(read.headers["etag"])
            let patch = #"{"web_ui":{"port":8082}}"#
            let changed = try await http.post("/api/config/patch", patch, headers: ["If-Match": "\"x\" , \(tag)"])
            #expect(changed.status == 200)
            #expect(try changed.json()["status"].text == "ok")
            #expect(try changed.json()["comments_kept"].bool == true)
            #expect(try changed.json()["restart_needed"].array == [.string("web_ui")])
            #expect(changed.headers["etag"] != tag)
            #expect(try TestKit.read(folder + "/c.yaml").hasPrefix("web_ui:\n  port: 8082  # ours\n"))
            let late = try await http.post("/api/config/patch", patch, headers: ["If-Match": tag])
            #expect(late.status == 412)
            #expect(late.headers["content-type"] == "application/problem+json")
        }
    }

    @Test func whatIsReadCanBeSentBack() async throws {
        try await withServer { http, folder in
            let before = try TestKit.read(folder + "/c.yaml")
            let read = try await http.get("/api/config")
            let sent = try await http.post("/api/config", read.text)
            #expect(sent.status == 200)
            #expect(try sent.json()["message"].text == "Nothing changed")
            #expect(try TestKit.read(folder + "/c.yaml") == before)
        }
    }

    @Test func mistakesAreNamedAllAtOnce() async throws {
        try await withServer { http, folder in
            let before = try TestKit.read(folder + "/c.yaml")
            let answer = try await http.post("/api/config", #"{"web_ui":{"prot":1},"logging":{"level":"loud"}}"#)
            #expect(answer.status == 422)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(
                try answer.json()["errors"].array.compactMap { $0["key"].text }.sorted()
                    == ["logging.level", "web_ui.prot"])
            for body in ["", "[]", "{", "5", "\"x\""] {
                #expect(try await http.post("/api/config", body).status == 400)
            }
            #expect(try TestKit.read(folder + "/c.yaml") == before)
        }
    }

    @Test func layersAreTold() async throws {
        try await withServer { http, folder in
            try write("web_ui:\n  port: 9000\n", to: folder + "/state.yaml")
            let none = try await http.json("/api/config/layers")
            #expect(none["files"].array == [.string(folder + "/c.yaml")])
            try write(#"{"web_ui": {"port": 9000}}"#, to: folder + "/connector_state.json")
            let layered = try await http.json("/api/config/layers")
            #expect(layered["layered"].object == ["web_ui.port": .string(folder + "/connector_state.json:1")])
            #expect(try await http.json("/api/config")["web_ui"]["port"].integer == 9000)
        }
    }

    @Test func foreignPagesAreRefused() async throws {
        try await withServer { http, _ in
            let answer = try await http.post("/api/config/patch", "{}", headers: ["Origin": "http://evil.example"])
            #expect(answer.status == 403)
        }
    }
}
