import ArgumentParser
import CommandSupport
import Foundation

/// `zerobus-local create`.
struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create tables from a file of CREATE TABLE statements (what `penstock tables` prints).",
        discussion: "Works while `serve` runs on the same folder.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The file; - reads standard input.")
    var file: String

    func run() async throws {
        let data: Data?
        if file == "-" {
            data = try FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = FileManager.default.contents(atPath: file)
        }
        guard let data else { throw StoreError(.notFound, "cannot read '\(file)'") }
        guard let text = String(data: data, encoding: .utf8) else {
            throw StoreError(.invalid, "'\(file)' is not UTF-8 text")
        }
        let script = try DDLParser.parse(text)
        guard !script.creations.isEmpty else { throw StoreError(.invalid, "'\(file)' has no CREATE TABLE statement") }
        let store = try TableStore(try DataDirectory(path: common.dataDirectory, create: true))
        for creation in script.creations {
            let isNew = try await store.create(creation.schema, ifNotExists: creation.ifNotExists)
            Console.say("\(isNew ? "created" : "exists ") \(creation.schema.name)")
        }
        for skipped in script.skipped { Console.say("skipped \(skipped) …") }
        try store.close()
    }
}
