import Foundation
import Testing

/// The house rules that a machine can check, on the whole repository.
@Suite struct TidyTests {
    let files: [SourceFile]

    init() throws {
        files = try Repository.files()
    }

    private func parts() throws -> [Part] {
        let path = try #require(
            ProcessInfo.processInfo.environment["PENSTOCK_PACKAGE_DUMP"],
            "PENSTOCK_PACKAGE_DUMP is not set: run the tests with dev/test")
        return try PackageDump.parts(json: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func everyPartUsesOnlyWhatTheArchitectureAllows() throws {
        let parts = try parts()
        #expect(parts.contains { $0.folder.hasPrefix("Sources/") }, "the dump describes no part of Sources/")
        #expect(report(architectureViolations(parts: parts, files: files)) == "")
    }

    @Test func everySwiftFileOfSourcesBelongsToAPart() throws {
        let folders = try parts().map(\.folder)
        let strays = files.filter { file in
            file.isSwift && file.path.hasPrefix("Sources/") && !folders.contains { file.path.hasPrefix($0 + "/") }
        }
        #expect(strays.map(\.path) == [])
    }

    @Test func noTypeHasTheNameOfItsModule() throws {
        #expect(report(moduleNameViolations(parts: try parts(), files: files)) == "")
    }

    @Test(arguments: textRules.map(\.name)) func filesKeepTheRule(_ name: String) throws {
        let rule = try #require(textRules.first { $0.name == name })
        #expect(report(files.flatMap(rule.check)) == "")
    }

    @Test func linksOfThePagesLeadSomewhere() throws {
        let violations = linkViolations(files: files) {
            FileManager.default.fileExists(atPath: Repository.root + "/" + $0)
        }
        #expect(report(violations) == "")
    }

    @Test func commandsOfThePagesExist() throws {
        let violations = commandViolations(files: files) {
            FileManager.default.fileExists(atPath: Repository.root + "/" + $0)
        }
        #expect(report(violations) == "")
    }

    @Test func everyKeyOfTheConfigurationIsNamedByATest() throws {
        let page = try #require(files.first { $0.path == "docs/configuration/keys.md" })
        let tests = files.filter { $0.isSwift && $0.path.hasPrefix("Tests/Connector/") }
        #expect(report(keyViolations(page: page, tests: tests)) == "")
    }

    @Test func everyJustifiedTrapIsStillThere() {
        let stale = justifiedTraps.filter { trap in
            !files.contains { $0.path == trap.path && $0.text.contains(trap.text) }
        }
        #expect(stale.map(\.path) == [])
    }

    /// One line per broken rule, so that the failure reads as a list.
    private func report(_ violations: [Violation]) -> String {
        violations.map(\.description).joined(separator: "\n")
    }
}
