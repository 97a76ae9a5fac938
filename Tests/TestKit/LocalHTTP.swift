import Foundation

/// An answer over HTTP.
package struct HTTPAnswer: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }

    package func json() throws -> JSONValue {
        do {
            return try JSONValue.parse(text)
        } catch {
            throw TestKitError("no JSON in the answer \(status): \(text.prefix(300))")
        }
    }
}

/// HTTP requests to a program on 127.0.0.1, one connection each.
package struct LocalHTTP: Sendable {
    package var port: Int
    /// How long one request may take.
    package var limit: Duration

    package init(port: Int, limit: Duration = .seconds(20)) {
        self.port = port
        self.limit = limit
    }

    package func get(_ path: String, headers: [String: String] = [:]) async throws -> HTTPAnswer {
        try await request("GET", path, headers: headers, body: [])
    }

    package func post(
        _ path: String, _ body: String, contentType: String = "application/json", headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        try await request(
            "POST", path, headers: headers.merging(["Content-Type": contentType]) { _, new in new },
            body: Array(body.utf8))
    }

    /// The JSON of a GET; any status but 200 is an error.
    package func json(_ path: String) async throws -> JSONValue {
        let answer = try await get(path)
        guard answer.status == 200 else {
            throw TestKitError("GET \(path) on port \(port): \(answer.status) \(answer.text.prefix(300))")
        }
        return try answer.json()
    }

    package func request(
        _ method: String, _ path: String, headers: [String: String], body: [UInt8]
    ) async throws -> HTTPAnswer {
        var lines = ["\(method) \(path) HTTP/1.1", "Connection: close", "Content-Length: \(body.count)"]
        var headers = headers
        headers["Host"] = headers["Host"] ?? "127.0.0.1:\(port)"
        lines += headers.map { "\($0.key): \($0.value)" }
        let message = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
        let (port, limit) = (port, limit)
        // Blocking calls belong on a thread that may block, not on the pool of the tests.
        let received: [UInt8] = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try exchange(message, port: port, limit: limit) })
            }
        }
        return try parseAnswer(received)
    }
}

/// Sends everything, then reads until the other side closes.
private func exchange(_ message: [UInt8], port: Int, limit: Duration) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestKitError("socket: \(errnoText())") }
    defer { close(descriptor) }
    var timeout = timeval(tv_sec: max(1, Int(limit.components.seconds)), tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
        setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = loopback(port: UInt16(port))
    let connected = withSockaddr(&address) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    guard connected == 0 else { throw TestKitError("127.0.0.1:\(port): \(errnoText())") }

    var sent = 0
    while sent < message.count {
        let count = message.withUnsafeBytes {
            send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw TestKitError("send to port \(port): \(errnoText())") }
        sent += count
    }

    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 { return received }
        guard count > 0 else { throw TestKitError("no whole answer from port \(port): \(errnoText())") }
        received += buffer[..<count]
    }
}

/// Status line, headers, body (plain or chunked).
func parseAnswer(_ bytes: [UInt8]) throws -> HTTPAnswer {
    let separator: [UInt8] = [13, 10, 13, 10]
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
        throw TestKitError(
            "no HTTP answer, but \(bytes.count) bytes: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
        throw TestKitError("no HTTP status line: \(lines[0])")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] =
            line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    var body = Array(bytes[(end + separator.count)...])
    if headers["transfer-encoding"]?.lowercased() == "chunked" { body = try unchunk(body) }
    return HTTPAnswer(status: status, headers: headers, body: body)
}

private func unchunk(_ bytes: [UInt8]) throws -> [UInt8] {
    var rest = bytes[...]
    var body: [UInt8] = []
    while let newline = rest.firstIndex(of: 10) {
        let size = String(decoding: rest[..<newline], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let count = Int(size.prefix { $0 != ";" }, radix: 16),
            rest.count - (newline + 1 - rest.startIndex) >= count
        else { break }
        if count == 0 { return body }
        body += rest[(newline + 1)..<(newline + 1 + count)]
        rest = rest[(newline + 1 + count)...].dropFirst(2)
    }
    throw TestKitError("a chunked answer without its end, after \(body.count) bytes")
}
