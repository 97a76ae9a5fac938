import ConnectorVault
import FileSupport
import Foundation
import OPCUAAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// Changes as the API asks for them.
@Suite struct ConfigurationDeskTests {
    private let text = """
        sources:
          - name: boiler
            endpoint: opc.tcp://10.0.0.1:4840
            username: reader
            password: clear-in-the-file  # to be moved one day
            nodes: [ns=2;s=a]
          - name: press
            endpoint: opc.tcp://10.0.0.2:4840
            username: ${env:USER_NAME:reader}
            password: "${credential:press.password}"
            nodes: [ns=2;s=a]

        """

    private func run(_ body: (StoreWorld, ConfigurationDesk) throws -> Void) throws {
        try StoreWorld.run(text) { world in
            let desk = try world.desk()
            let name = try CredentialName("press.password")
            try desk.vault.change { $0[name] = "vaulted" }
            try body(world, desk)
        }
    }

    private func tree(_ json: String) throws -> YAMLTree { try TreeJSON.parse(Array(json.utf8)) }

    private func change(_ desk: ConfigurationDesk, _ change: ConfigurationChange, ifMatch: [String]? = nil) throws {
        _ = try desk.commit(try desk.plan(change, ifMatch: ifMatch), time: 0)
    }

    private func password(_ desk: ConfigurationDesk, _ name: String) throws -> String? {
        let settings = try desk.settings(of: try desk.store.load())
        guard case .opcua(let opcua)? = settings.sources.first(where: { $0.name == name })?.adapter else { return nil }
        return opcua.security.password
    }

    @Test func secretsAreShownMaskedAndReferencesAsTheyAre() throws {
        try run { world, desk in
            let shown = TreeJSON.text(SecretPlaces.masked(try desk.store.load().tree))
            #expect(shown.contains(#""password":"***""#))
            #expect(shown.contains("${credential:press.password}"))
            #expect(!shown.contains("clear-in-the-file"))
            #expect(!shown.contains("vaulted"))
        }
    }

    @Test func aMaskThatComesBackLeavesTheSecret() throws {
        try run { world, desk in
            let shown = SecretPlaces.masked(try desk.store.load().tree)
            try change(desk, .replace(shown))
            #expect(world.fileText == text)
            // Also when the list has another order and another thing in it.
            let other =
                #"{"sources":[{"name":"new","endpoint":"opc.tcp://10.0.0.9:4840"},"#
                + #"{"name":"boiler","endpoint":"opc.tcp://10.0.0.1:4840","username":"reader","password":"***"}]}"#
            try change(desk, .replace(try tree(other)))
            #expect(world.fileText?.contains("password: clear-in-the-file  # to be moved one day") == true)
        }
    }

    @Test func aMaskForNothingIsRefused() throws {
        try run { world, desk in
            let change = ConfigurationChange.patch(
                try tree(#"{"zerobus":{"auth":{"client_secret":"***"}}}"#))
            let refusal = #expect(throws: ChangeRefusal.self) { try desk.plan(change) }
            guard case .findings(let findings)? = refusal else {
                Issue.record("another refusal")
                return
            }
            #expect(findings.map(\.keyPath) == ["zerobus.auth.client_secret"])
            #expect(world.fileText == text)
        }
    }

    @Test func aClearSecretGoesToTheVault() throws {
        try run { world, desk in
            try change(
                desk,
                .patch(
                    try tree(
                        #"{"zerobus":{"workspace_host":"https://w.example","zerobus_endpoint":"https://z.example","auth":"#
                            + #"{"client_id":"me","client_secret":"n3w-s3cret"}}}"#)))
            #expect(world.fileText?.contains("client_secret: \"${credential:zerobus.client_secret}\"") == true)
            #expect(world.fileText?.contains("# to be moved one day") == true)
            #expect(try desk.vault.credentials()[try CredentialName("zerobus.client_secret")] == "n3w-s3cret")
            #expect(try !world.everyByte().contains("n3w-s3cret"))
            #expect(try !world.everyByte().contains("vaulted"))
            let settings = try desk.settings(of: try desk.store.load())
            // With the secret it is a whole target, without it would be none yet.
            guard case .zerobus = settings.target else {
                Issue.record("no zerobus target")
                return
            }
        }
    }

    @Test func aSecretThatLeavesTheFileIsNotInTheCopyEither() throws {
        try run { world, desk in
            var shown = SecretPlaces.masked(try desk.store.load().tree)
            guard case .list(var items)? = shown[key: "sources"] else {
                Issue.record("no sources")
                return
            }
            items[0][key: "password"] = .text("second")
            shown[key: "sources"] = .list(items)
            try change(desk, .replace(shown))
            #expect(try password(desk, "boiler") == "second")
            #expect(try !world.everyByte().contains("clear-in-the-file"))
            #expect(try !world.everyByte().contains("second"))
            #expect(world.backups().count == 1)
            // A further one gets a name of its own: an older copy still finds the one that it refers to.
            items[0][key: "password"] = .text("third")
            shown[key: "sources"] = .list(items)
            try change(desk, .replace(shown))
            #expect(try password(desk, "boiler") == "third")
            #expect(try desk.vault.credentials().count == 3)
            #expect(try password(desk, "press") == "vaulted")
        }
    }

    @Test func whatIsWrongIsRefusedWholeWithAllFindings() throws {
        try run { world, desk in
            let change = ConfigurationChange.patch(
                try tree(#"{"web_ui":{"prot":1,"port":99999},"zerobus":{"auth":{"client_secret":"never-kept"}}}"#))
            let refusal = #expect(throws: ChangeRefusal.self) { try desk.plan(change) }
            guard case .findings(let findings)? = refusal else {
                Issue.record("another refusal")
                return
            }
            #expect(findings.map(\.keyPath).sorted() == ["web_ui.port", "web_ui.prot"])
            #expect(findings.allSatisfy { $0.line == nil })
            #expect(world.fileText == text)
            #expect(try desk.vault.credentials().count == 1)
        }
    }

    @Test func aMissingCredentialIsRefused() throws {
        try run { _, desk in
            let change = ConfigurationChange.patch(try tree(#"{"web_ui":{"host":"${credential:no.such}"}}"#))
            let refusal = #expect(throws: ChangeRefusal.self) { try desk.plan(change) }
            guard case .findings(let findings)? = refusal else {
                Issue.record("another refusal")
                return
            }
            #expect(findings.first?.problem.contains("'no.such'") == true)
        }
    }

    @Test func anOldTagIsRefused() throws {
        try run { world, desk in
            let tag = try desk.store.load().entityTag
            let one = ConfigurationChange.patch(try tree(#"{"web_ui":{"port":8081}}"#))
            let two = ConfigurationChange.patch(try tree(#"{"web_ui":{"port":8082}}"#))
            try change(desk, one, ifMatch: ["\"other\"", tag])
            #expect(throws: ChangeRefusal.self) { try desk.plan(two, ifMatch: [tag]) }
            try change(desk, two, ifMatch: ["*"])
            #expect(world.fileText?.contains("port: 8082") == true)
        }
    }

    @Test func importMovesEveryClearSecret() throws {
        try run { world, desk in
            let (names, saved) = try desk.importSecrets()
            #expect(names == ["sources.boiler.password"])
            #expect(saved.written == [world.file])
            #expect(saved.backup == nil)
            #expect(
                world.fileText
                    == text.replacing("clear-in-the-file", with: "\"${credential:sources.boiler.password}\""))
            #expect(try !world.everyByte().contains("clear-in-the-file"))
            #expect(try password(desk, "boiler") == "clear-in-the-file")
            #expect(try desk.importSecrets().names == [])
        }
    }
}

@Suite struct SecretPlacesTests {
    @Test(arguments: [
        ("password", "x", "***"), ("client_secret", "x", "***"), ("token", "x", "***"), ("api_key", "x", "***"),
        ("client_secret_env", "DBX_SECRET", "DBX_SECRET"), ("password", "", ""),
        ("password", "${credential:a}", "${credential:a}"),
        ("password", "${env:A}", "${env:A}"), ("password", "${A}", "${A}"), ("password", "${env:A:default}", "***"),
        ("password", "x${env:A}", "***"), ("https_proxy", "http://u:p@h:1", "http://***@h:1"),
        ("https_proxy", "http://h:1", "http://h:1"), ("connection_string", "Driver=x;PWD=y", "***"),
        ("name", "password", "password"),
    ])
    func whatIsShown(key: String, text: String, shown: String) {
        #expect(SecretPlaces.shown(text, key: key) == shown)
    }

    @Test func aNumberUnderASecretsKeyIsOne() throws {
        let tree = try TreeJSON.parse(Array(#"{"password":12345,"port":1}"#.utf8))
        #expect(TreeJSON.text(SecretPlaces.masked(tree)) == #"{"password":"***","port":1}"#)
        #expect(SecretPlaces.moved(tree, except: nil, taken: []).secrets.values.sorted() == ["12345"])
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "nul", "{\"a\":1}x", "\u{FEFF}{}", String(repeating: "[", count: 100),
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: TreeJSON.TreeError.self) { try TreeJSON.parse(Array(text.utf8)) }
    }

    @Test func jsonComesBackAsItWas() throws {
        let text = #"{"a":[1,-2.5e3,true,false,null,"x\"\n"],"b":{"c":{}}}"#
        #expect(TreeJSON.text(try TreeJSON.parse(Array(text.utf8))) == text)
        #expect(try TreeJSON.parse(Array(#"{"a":1,"a":2}"#.utf8)) == .block([.init("a", .number("2"))]))
    }
}
