import ConnectorVault
import Testing
import YAMLSupport
import ZerobusAdapter

@testable import ConnectorConfiguration

/// Where the Zerobus credentials and the level of the log come from.
@Suite struct CredentialOrderTests {
    private let service = "workspace_host: https://w.example, zerobus_endpoint: https://z.example"
    private let environment = [
        "CONNECTOR_ZEROBUS_CLIENT_ID": "of-connector", "CONNECTOR_ZEROBUS_CLIENT_SECRET": "s",
        "DBX_CLIENT_ID": "of-dbx",
        "DBX_CLIENT_SECRET": "s",
    ]

    private func clientID(
        _ auth: String, _ environment: [String: String], vault: [String: String] = [:]
    ) throws -> String? {
        let reader = ConfigurationReader(file: "penstock.yaml", environment: environment) {
            name throws(References.Failure) in
            vault[name]
        }
        guard case .zerobus(let target) = try reader.read("zerobus: {\(service)\(auth)}").target else { return nil }
        return target.clientID
    }

    @Test func theConfigurationIsAskedBeforeTheVaultAndThatBeforeTheEnvironment() throws {
        let vault = ["zerobus.client_id": "of-vault", "zerobus.client_secret": "s", "a.b": "of-reference"]
        let written = ", auth: {client_id: of-file}"
        let referring = ", auth: {client_id: '${credential:a.b}'}"
        #expect(try clientID(written, environment, vault: vault) == "of-file")
        #expect(try clientID(referring, environment, vault: vault) == "of-reference")
        #expect(try clientID("", environment, vault: vault) == "of-vault")
        #expect(try clientID("", environment) == "of-connector")
        #expect(try clientID("", environment.filter { $0.key.hasPrefix("DBX") }) == "of-dbx")
        #expect(try clientID("", [:]) == nil)
    }

    @Test func aMissingCredentialIsNamedAndForACheckOnlyAWarning() throws {
        let text = "web_ui: {host: '${credential:no.such}'}"
        let reader = ConfigurationReader(file: "penstock.yaml", environment: [:])
        let error = #expect(throws: ConfigurationError.self) { try reader.read(text) }
        #expect(error?.description.hasPrefix("penstock.yaml:1: web_ui.host: there is no credential 'no.such'") == true)
        let warnings = try reader.inspect(text).settings.warnings
        #expect(warnings.contains { $0.description.contains("'no.such'") })
    }

    @Test func aVaultThatCannotBeOpenedIsAMistakeAtTheKey() throws {
        let reader = ConfigurationReader(file: "penstock.yaml", environment: [:]) { _ throws(References.Failure) in
            throw References.Failure(problem: "another password")
        }
        for text in ["zerobus: {\(service)}", "web_ui: {host: '${credential:a}'}"] {
            let error = #expect(throws: ConfigurationError.self) { try reader.read(text) }
            #expect(error?.description.contains("another password") == true)
        }
    }

    @Test func whatComesOutOfTheVaultIsNotToldInMessages() throws {
        let reader = ConfigurationReader(file: "penstock.yaml", environment: [:]) { _ throws(References.Failure) in
            "hidden-secret"
        }
        for key in ["web_ui: {port: ", "logging: {level: ", "zerobus: {enabled: ", "backpressure: {backlog_share: "] {
            let error = #expect(throws: ConfigurationError.self) { try reader.read(key + "'${credential:a}'}") }
            #expect(error?.description.contains("hidden-secret") == false)
        }
    }

    @Test(arguments: [
        ("", "debug", "debug"), ("", "ERROR", "error"), ("logging: {level: warning}", "debug", "warning"),
    ])
    func theEnvironmentSaysTheLevelWhenTheFileDoesNot(text: String, word: String, level: String) throws {
        let reader = ConfigurationReader(file: "penstock.yaml", environment: ["CONNECTOR_LOG_LEVEL": word])
        #expect(try reader.read(text).logLevel.rawValue == level)
    }

    @Test func aLevelOfTheEnvironmentThatIsNoneIsNamed() throws {
        let reader = ConfigurationReader(file: "penstock.yaml", environment: ["CONNECTOR_LOG_LEVEL": "loud"])
        let error = #expect(throws: ConfigurationError.self) { try reader.read("") }
        #expect(error?.description.contains("CONNECTOR_LOG_LEVEL is 'loud'") == true)
    }
}
