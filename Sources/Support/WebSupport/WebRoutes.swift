/// The table of routes of a server: filled while the program is put together, read-only afterwards.
package struct WebRoutes: Sendable {
    /// Answers a request; a thrown ``WebProblem`` becomes its answer, any other error a 500.
    package typealias Handler = @Sendable (WebRequest) async throws -> WebResponse
    /// Serves one WebSocket client until it returns; cancelled when the client goes.
    package typealias WebSocketHandler = @Sendable (WebSocketConnection) async throws -> Void

    struct Route: Sendable {
        let method: WebMethod
        let text: String
        let pattern: PathPattern
        let maxBodyBytes: Int
        let handler: Handler
    }

    struct WebSocketRoute: Sendable {
        let pattern: PathPattern
        let limits: WebSocketLimits
        let handler: WebSocketHandler
    }

    private(set) var routes: [Route] = []
    private(set) var webSocketRoutes: [WebSocketRoute] = []

    package init() {}

    /// Registers a handler. `pattern` is `/literal/{name}/{rest...}`; larger bodies than `maxBodyBytes` are refused
    /// with 413.
    package mutating func on(
        _ method: WebMethod, _ pattern: String, maxBodyBytes: Int = 1 << 20, handler: @escaping Handler
    ) {
        routes.append(
            Route(
                method: method, text: pattern, pattern: PathPattern(pattern), maxBodyBytes: maxBodyBytes,
                handler: handler))
    }

    /// Registers a GET handler, which answers HEAD too.
    package mutating func get(_ pattern: String, handler: @escaping Handler) {
        on(.get, pattern, handler: handler)
    }

    /// Registers a POST handler.
    package mutating func post(_ pattern: String, maxBodyBytes: Int = 1 << 20, handler: @escaping Handler) {
        on(.post, pattern, maxBodyBytes: maxBodyBytes, handler: handler)
    }

    /// Registers a PUT handler.
    package mutating func put(_ pattern: String, maxBodyBytes: Int = 1 << 20, handler: @escaping Handler) {
        on(.put, pattern, maxBodyBytes: maxBodyBytes, handler: handler)
    }

    /// Registers a DELETE handler.
    package mutating func delete(_ pattern: String, handler: @escaping Handler) {
        on(.delete, pattern, handler: handler)
    }

    /// Registers a WebSocket endpoint.
    package mutating func webSocket(
        _ pattern: String, limits: WebSocketLimits = WebSocketLimits(), handler: @escaping WebSocketHandler
    ) {
        webSocketRoutes.append(WebSocketRoute(pattern: PathPattern(pattern), limits: limits, handler: handler))
    }

    /// What is registered, without the WebSocket endpoints, in the order of registration: for a comparison with
    /// what is documented.
    package var registered: [(method: WebMethod, pattern: String)] { routes.map { ($0.method, $0.text) } }

    enum Match {
        case found(Route, parameters: [String: String])
        /// The path exists with other methods.
        case otherMethods([WebMethod])
        case none
    }

    func match(_ method: WebMethod, _ path: [String]) -> Match {
        let fitting = routes.compactMap { route in route.pattern.match(path).map { (route, $0) } }
        let wanted = fitting.filter { $0.0.method == method || (method == .head && $0.0.method == .get) }
        // Ties go to the route registered first.
        if let best = wanted.reversed().max(by: { $0.0.pattern.literals < $1.0.pattern.literals }) {
            return .found(best.0, parameters: best.1)
        }
        return fitting.isEmpty ? .none : .otherMethods(fitting.map(\.0.method))
    }

    /// The methods that a path has.
    func methods(_ path: [String]) -> [WebMethod] {
        routes.filter { $0.pattern.match(path) != nil }.map(\.method)
    }

    func matchWebSocket(_ path: [String]) -> (WebSocketRoute, parameters: [String: String])? {
        for route in webSocketRoutes {
            if let parameters = route.pattern.match(path) { return (route, parameters) }
        }
        return nil
    }
}
