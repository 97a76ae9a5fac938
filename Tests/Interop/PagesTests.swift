import Foundation
import TestKit
import Testing

/// What the pages show can be used as it stands.
@Suite(.timeLimit(.minutes(1))) struct Pages {
    @Test(arguments: ["README.md", "CONTRIBUTING.md"])
    func configurationsOfThePagesAreValid(page: String) async throws {
        for block in blocks(of: "yaml", in: try read(Workplace.repository + "/" + page)) {
            try await withTemporaryDirectory { directory in
                let file = directory + "/page.yaml"
                try write(block, to: file)
                let (ending, output) = try await run(.program("penstock", ["check", file], directory: directory))
                #expect(ending == .exited(code: 0), "\(output)")
            }
        }
    }

    @Test func theReadmeShowsAConfiguration() throws {
        #expect(!blocks(of: "yaml", in: try read(Workplace.repository + "/README.md")).isEmpty)
    }

    private func blocks(of language: String, in page: String) -> [String] {
        page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }
}
