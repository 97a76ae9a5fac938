import ArgumentParser
import ConnectorConfiguration
import TestKit
import Testing

@testable import ConnectorApp

/// Which file a command reads: --config, else --config-dir, else $PENSTOCK_CONFIG, else ./penstock.yaml.
@Suite struct ConfigurationFileTests {
    private func options(_ arguments: [String]) throws -> ConfigurationOptions {
        try ConfigurationOptions.parse(arguments)
    }

    @Test func theFlagWinsOverTheEnvironment() throws {
        let environment = ["PENSTOCK_CONFIG": "/from/environment.yaml"]
        #expect(try options(["--config", "/a.yaml"]).path(environment) == "/a.yaml")
        #expect(try options([]).path(environment) == "/from/environment.yaml")
    }

    @Test func theFolderWinsOverTheEnvironmentAndItsNamesHaveAnOrder() async throws {
        try await withTemporaryDirectory { folder in
            let environment = ["PENSTOCK_CONFIG": "/from/environment.yaml"]
            let inFolder = try options(["--config-dir", folder])
            #expect(throws: CommandError.self) { try inFolder.path(environment) }
            for name in ["config.yaml", "connector.yaml", "penstock.yaml"] {
                try write("sources: []\n", to: "\(folder)/\(name)")
                #expect(try inFolder.path(environment) == "\(folder)/\(name)")
            }
        }
    }

    @Test func withNothingNamedTheWorkingFolderIsAsked() async throws {
        try await withTemporaryDirectory { folder in
            for environment in [[:], ["PENSTOCK_CONFIG": ""]] {
                #expect(try options([]).path(environment, workingFolder: folder) == nil)
            }
            try write("sources: []\n", to: "\(folder)/penstock.yaml")
            #expect(try options([]).path([:], workingFolder: folder) == "\(folder)/penstock.yaml")
        }
    }

    @Test func fileAndFolderExcludeEachOther() {
        #expect(throws: (any Error).self) { try options(["--config", "a", "--config-dir", "b"]) }
    }

    @Test func whatCannotBeReadIsSaidWithItsPath() async throws {
        try await withTemporaryDirectory { folder in
            let missing = try options(["--config", "\(folder)/none.yaml"])
            #expect {
                try missing.load()
            } throws: { error in
                "\(error)".contains("\(folder)/none.yaml") && "\(error)".contains("no such file")
            }
            let none = try options(["--config-dir", folder])
            #expect {
                try none.load()
            } throws: {
                "\($0)".contains(folder)
            }
        }
    }

    @Test func theStateFolderOfTheCommandLineWins() async throws {
        try await withTemporaryDirectory { folder in
            try write("state_directory: /in/the/file\n", to: "\(folder)/penstock.yaml")
            let options = try options(["--config-dir", folder])
            #expect(try options.load().settings.stateDirectory == "/in/the/file")
            #expect(try options.load(stateDirectory: "/told").settings.stateDirectory == "/told")
        }
    }
}
