import Foundation
import Testing

@testable import WebSupport

@Suite struct StaticFilesTests {
    /// Runs a server with the files under /assets.
    private func withServer(_ files: StaticFiles, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        var routes = WebRoutes()
        files.add(to: &routes, under: "/assets")
        try await WebServer.withRunning(
            configuration: WebServerConfiguration(port: 0), routes: routes, logger: quiet, body)
    }

    private func get(_ port: Int, _ path: String, method: String = "GET", _ headers: String = "") async throws -> String
    {
        try await RawClient.exchange(
            port: port, "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n")
    }

    /// A folder that is removed afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "/static-files-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/site/js", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test func filesAreServedWithTheirTypes() async throws {
        var files = StaticFiles()
        files.add("page.css", Array("a{}".utf8))
        files.add("js/page.js", Array("x()".utf8))
        try await withServer(files) { port in
            let style = try await get(port, "/assets/page.css")
            #expect(style.hasPrefix("HTTP/1.1 200"))
            #expect(style.contains("text/css; charset=utf-8") && style.hasSuffix("a{}"))
            #expect(style.contains("no-cache") && !style.contains("no-store"))
            #expect(style.contains("nosniff"))
            let script = try await get(port, "/assets/js/page.js")
            #expect(script.contains("text/javascript") && script.hasSuffix("x()"))
            let head = try await get(port, "/assets/js/page.js", method: "HEAD")
            #expect(head.hasPrefix("HTTP/1.1 200") && !head.hasSuffix("x()"))
        }
    }

    @Test func whoHasAFileIsToldSo() async throws {
        var files = StaticFiles()
        files.add("page.css", Array("a{}".utf8))
        let tag = EntityTag.of(Array("a{}".utf8))
        #expect(tag != EntityTag.of(Array("b{}".utf8)))
        try await withServer(files) { port in
            #expect(try await get(port, "/assets/page.css").contains(tag))
            for known in [tag, "W/" + tag, "\"other\" , \(tag)", "*"] {
                let answer = try await get(port, "/assets/page.css", "If-None-Match: \(known)\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 304") && !answer.contains("a{}") && answer.contains(tag))
            }
            let other = try await get(port, "/assets/page.css", "If-None-Match: \"other\"\r\n")
            #expect(other.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func nothingOutsideTheFolderIsServed() async throws {
        try await withFolder { folder in
            try write("secret", folder + "/secret.txt")
            try write("ok", folder + "/site/js/page.js")
            try write("hidden", folder + "/site/.hidden")
            let manager = FileManager.default
            try manager.createSymbolicLink(
                atPath: folder + "/site/link.txt", withDestinationPath: folder + "/secret.txt")
            try manager.createSymbolicLink(atPath: folder + "/site/up", withDestinationPath: folder)
            let files = try StaticFiles(folder: folder + "/site")
            #expect(files.paths == ["js/page.js"])
            #expect(files.byteCount == 2)
            try await withServer(files) { port in
                #expect(try await get(port, "/assets/js/page.js").hasSuffix("ok"))
                for path in [
                    "/assets/../secret.txt", "/assets/js/../../secret.txt", "/assets/%2e%2e/secret.txt",
                    "/assets/..%2fsecret.txt", "/assets/js%2fpage.js%00", "/assets/link.txt", "/assets/up/secret.txt",
                    "/assets/.hidden", "/assets//etc/passwd", "/assets/", "/assets",
                ] {
                    let answer = try await get(port, path)
                    #expect(answer.hasPrefix("HTTP/1.1 40") && !answer.contains("secret\n"), "\(path)")
                    #expect(!answer.hasSuffix("secret"), "\(path)")
                }
            }
        }
    }

    @Test func foldersAreBounded() async throws {
        try await withFolder { folder in
            for number in 0..<3 { try write("12345", folder + "/site/\(number).css") }
            let site = folder + "/site"
            #expect(
                try StaticFiles(folder: site, limits: StaticFilesLimits(maxFiles: 3, maxBytes: 15)).paths.count == 3)
            #expect(throws: StaticFilesError.self) {
                try StaticFiles(folder: site, limits: StaticFilesLimits(maxFiles: 2))
            }
            #expect(throws: StaticFilesError.self) {
                try StaticFiles(folder: site, limits: StaticFilesLimits(maxBytes: 14))
            }
            try write("deep", site + "/js/deep.js")
            #expect(try !StaticFiles(folder: site, limits: StaticFilesLimits(maxDepth: 0)).paths.contains("js/deep.js"))
        }
    }

    @Test func aFolderThatWasNamedMustBeThere() throws {
        #expect(throws: StaticFilesError(description: "/nowhere/at/all is no folder")) {
            try StaticFiles.assets(named: "/nowhere/at/all")
        }
    }
}
