import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// From a request on the wire to its handler's answer: checks, routing, errors, headers.
struct WebDispatcher: Sendable {
    let routes: WebRoutes
    let hostPolicy: HostPolicy
    let logger: Logger

    /// The request's body was larger than allowed; the connection cannot be used further.
    struct BodyTooLarge: Error {
        /// Nothing of it has been read.
        var isUnread = false
    }

    /// What goes back to the client.
    struct Answer: Sendable {
        var head: HTTPResponse
        var body: ByteBuffer
        /// The rest of the request is not read.
        var closesConnection = false
        /// Nothing of the request's body has been read.
        var leavesBody = false
    }

    func respond(to request: Request) async throws -> Answer {
        do {
            return finish(try await answer(request), isHead: request.method == .head)
        } catch let tooLarge as BodyTooLarge {
            var response = WebResponse.problem(status: 413, title: "The body is too large")
            response.headers.append(("Connection", "close"))
            var answer = finish(response, isHead: request.method == .head)
            answer.closesConnection = true
            answer.leavesBody = tooLarge.isUnread
            return answer
        }
    }

    private func answer(_ request: Request) async throws -> WebResponse {
        if let refusal = refusal(host: request.head.authority, origin: request.headers[.origin]) {
            return .problem(refusal)
        }
        guard let target = RequestTarget(request.head.path ?? "/") else {
            return .problem(.badRequest("The path or query is not well-formed."))
        }
        guard let method = WebMethod(rawValue: request.method.rawValue) else {
            return unsupported(request.method, target.segments)
        }
        switch routes.match(method, target.segments) {
        case .found(let route, let parameters):
            let body = try await collect(request, upTo: route.maxBodyBytes)
            let webRequest = WebRequest(
                method: method, pathSegments: target.segments, parameters: parameters, query: target.query,
                headers: request.headers, body: body)
            return await run(route, webRequest)
        case .otherMethods(let methods):
            return notAllowed(methods)
        case .none:
            if routes.matchWebSocket(target.segments) != nil {
                return .problem(status: 426, title: "This is a WebSocket endpoint")
            }
            return .problem(.notFound())
        }
    }

    /// Methods that are known but that no route has are not allowed; all others are not known (RFC 9110, 15.6.2).
    private func unsupported(_ method: HTTPRequest.Method, _ path: [String]) -> WebResponse {
        guard ["TRACE", "CONNECT", "QUERY"].contains(method.rawValue) else {
            return .problem(status: 501, title: "Unknown method")
        }
        let methods = routes.methods(path)
        return methods.isEmpty ? .problem(.notFound()) : notAllowed(methods)
    }

    private func run(_ route: WebRoutes.Route, _ request: WebRequest) async -> WebResponse {
        do {
            return try await route.handler(request)
        } catch let problem as WebProblem {
            return .problem(problem)
        } catch {
            logger.error("\(request.method.rawValue) /\(request.pathSegments.joined(separator: "/")) failed: \(error)")
            return .problem(status: 500, title: "Internal error", detail: "The log has the details.")
        }
    }

    private func notAllowed(_ methods: [WebMethod]) -> WebResponse {
        var response = WebResponse.problem(status: 405, title: "Method not allowed")
        var names = Set(methods.map(\.rawValue))
        if names.contains("GET") { names.insert("HEAD") }
        response.headers.append(("Allow", names.sorted().joined(separator: ", ")))
        return response
    }

    private func collect(_ request: Request, upTo limit: Int) async throws -> ByteBuffer {
        // Who says beforehand that the body is too large need not send it.
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit {
            throw BodyTooLarge(isUnread: true)
        }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw BodyTooLarge()
        }
    }

    /// Passes over a body that was refused, for a moment: a client that is still sending when its connection is closed
    /// loses the answer.
    func passOver(_ body: RequestBody) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in body {} }
            group.addTask { try await Task.sleep(for: Self.passingOverTime) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static let passingOverTime = Duration.seconds(1)

    private func refusal(host: String?, origin: String?) -> WebProblem? {
        switch hostPolicy.judge(host: host, origin: origin) {
        case .allowed: nil
        case .missingHost: .badRequest("The Host header is missing.")
        case .hostRefused(let host): .forbidden("This server does not answer to the host name '\(host.prefix(100))'.")
        case .originRefused(let origin): .forbidden("Requests from the origin '\(origin.prefix(100))' are refused.")
        }
    }

    private func finish(_ response: WebResponse, isHead: Bool) -> Answer {
        var fields = HTTPFields()
        for (name, value) in SecurityHeaders.standard {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        fields[.contentLength] = String(response.body.readableBytes)
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let status = HTTPResponse.Status(code: (200...599).contains(response.status) ? response.status : 500)
        if status.code == 204 || status.code == 304 { fields[.contentLength] = nil }
        return Answer(
            head: HTTPResponse(status: status, headerFields: fields), body: isHead ? ByteBuffer() : response.body)
    }
}

// MARK: WebSocket

extension WebDispatcher {
    var maxWebSocketMessageBytes: Int {
        routes.webSocketRoutes.map(\.limits.maxInboundMessageBytes).max() ?? 64 << 10
    }

    func acceptsWebSocket(_ head: HTTPRequestHead) -> Bool {
        guard head.method == .GET, let target = RequestTarget(head.uri) else { return false }
        return routes.matchWebSocket(target.segments) != nil
            && hostPolicy.judge(host: head.headers.first(name: "host"), origin: head.headers.first(name: "origin"))
                == .allowed
    }

    func serveWebSocket(_ channel: WebSocketConnection.FrameChannel, _ head: HTTPRequestHead) async throws {
        guard let target = RequestTarget(head.uri), let (route, parameters) = routes.matchWebSocket(target.segments)
        else { return }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let request = WebRequest(
            method: .get, pathSegments: target.segments, parameters: parameters, query: target.query,
            headers: fields, body: ByteBuffer())
        let connection = WebSocketConnection(request: request, limits: route.limits)
        try await connection.serve(channel, handler: route.handler)
    }
}
