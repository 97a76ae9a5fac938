import NIOCore

/// Files that a server gives out as they are: read once when the program starts, and served from memory.
///
/// A path is looked up among the names that were found, never in the file system: what was not found at the start
/// cannot be reached by any path.
package struct StaticFiles: Sendable {
    private struct File {
        let body: ByteBuffer
        let contentType: String
        let tag: String
    }

    private var files: [String: File] = [:]

    /// No files.
    package init() {}

    package var isEmpty: Bool { files.isEmpty }
    /// The paths of all files, sorted.
    package var paths: [String] { files.keys.sorted() }
    /// Bytes of all files.
    package var byteCount: Int { files.values.reduce(0) { $0 + $1.body.readableBytes } }

    /// Adds a file at a path such as `js/page.js`; its ending tells the content type.
    package mutating func add(_ path: String, _ bytes: [UInt8]) {
        files[path] = File(
            body: ByteBuffer(bytes: bytes), contentType: ContentType.of(path: path), tag: EntityTag.of(bytes))
    }

    /// The file at a path, or 304 when the client has it already (RFC 9110, 13.1.2), or 404.
    package func answer(_ path: String, _ request: WebRequest) -> WebResponse {
        guard let file = files[path] else { return .problem(.notFound()) }
        // Whoever keeps a copy asks whether it is still good: a new version of the program is seen at once.
        let headers = [("Content-Type", file.contentType), ("ETag", file.tag), ("Cache-Control", "no-cache")]
        if let known = request.header("If-None-Match"), EntityTag.list(known, contains: file.tag) {
            return WebResponse(status: 304, headers: headers)
        }
        return WebResponse(headers: headers, body: file.body)
    }

    /// Registers all files under a prefix such as `/assets`.
    package func add(to table: inout WebRoutes, under prefix: String) {
        table.get(prefix + "/{path...}") { answer($0.parameter("path"), $0) }
    }
}

/// Entity tags (RFC 9110, 8.8.3).
enum EntityTag {
    /// A tag that changes with the bytes: their number and their FNV-1a hash.
    static func of(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\"\(String(bytes.count, radix: 36))-\(String(hash, radix: 36))\""
    }

    /// Whether an If-None-Match header names the tag, compared weakly.
    static func list(_ header: String, contains tag: String) -> Bool {
        header.split(separator: ",").contains { item in
            var text = item.drop { $0 == " " || $0 == "\t" }
            while text.last == " " || text.last == "\t" { text.removeLast() }
            return text == "*" || text == tag || text == "W/" + tag
        }
    }
}

/// Content types of the files of a web page.
enum ContentType {
    static func of(path: String) -> String {
        switch path.split(separator: ".").last ?? "" {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}
