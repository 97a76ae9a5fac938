package import ConnectorConfiguration
import WebSupport
import YAMLSupport

/// Where the API reads and changes the configuration.
package protocol ConfigurationEditor: Sendable {
    /// The files as they are.
    func current() throws -> ConfigurationDocument

    /// Checks, saves and applies a change.
    /// - Parameter tags: entity tags of which one must be that of the files; nil allows all.
    /// - Throws: `ChangeRefusal`.
    func change(_ change: ConfigurationChange, ifMatch tags: [String]?) async throws -> ChangeOutcome
}

/// `/api/config`: the configuration as JSON, secrets masked, and its changes.
struct ConfigurationRoutes: Sendable {
    let editor: any ConfigurationEditor

    /// A configuration of thousands of tags.
    private static let bodyBytesMax = 4 << 20

    func add(to routes: inout WebRoutes) {
        routes.get("/api/config") { _ in try read() }
        routes.get("/api/config/layers") { _ in try layers() }
        routes.post("/api/config", maxBodyBytes: Self.bodyBytesMax) { request in
            try await change(.replace(body(of: request)), request)
        }
        routes.post("/api/config/patch", maxBodyBytes: Self.bodyBytesMax) { request in
            try await change(.patch(body(of: request)), request)
        }
    }

    private func read() throws -> WebResponse {
        let document = try load()
        return answer(TreeJSON.text(SecretPlaces.masked(document.tree)), document.entityTag)
    }

    /// The files, and the values that a layer over the file says.
    private func layers() throws -> WebResponse {
        let document = try load()
        let files = ([document.file].compactMap { $0 } + document.layers.map(\.path)).map(YAMLTree.text)
        let values = document.layered.map { YAMLTree.Member($0.key, .text($0.place)) }
        let tree = YAMLTree.block([.init("files", .list(files)), .init("layered", .block(values))])
        return answer(TreeJSON.text(tree), document.entityTag)
    }

    private func change(_ change: ConfigurationChange, _ request: WebRequest) async throws -> WebResponse {
        let tags = request.header("If-Match").map(Self.entityTags)
        do {
            let outcome = try await editor.change(change, ifMatch: tags)
            return answer(Self.text(of: outcome), outcome.entityTag)
        } catch let refusal as ChangeRefusal {
            return try Self.answer(to: refusal)
        }
    }

    /// The tags of `If-Match` (RFC 9110 section 13.1.1); a weak one matches nothing.
    private static func entityTags(_ header: String) -> [String] {
        header.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }
            .map { tag in String(tag.reversed().drop { $0 == " " }.reversed()) }
    }

    private static func answer(to refusal: ChangeRefusal) throws -> WebResponse {
        switch refusal {
        case .changedMeanwhile:
            throw WebProblem(
                status: 412, title: "Changed meanwhile",
                detail: "Somebody else has changed the configuration; read it again and make your change once more.")
        case .unavailable(let reason): throw WebProblem.unavailable(reason)
        case .findings(let findings):
            let errors = findings.map { finding in
                YAMLTree.block([.init("key", .text(finding.keyPath)), .init("detail", .text(finding.problem))])
            }
            let problem = YAMLTree.block([
                .init("type", .text("about:blank")), .init("title", .text("Not a valid configuration")),
                .init("status", .number("422")),
                .init(
                    "detail",
                    .text(
                        findings.map { "\($0.keyPath.isEmpty ? "" : $0.keyPath + ": ")\($0.problem)" }
                            .joined(separator: "; "))),
                .init("errors", .list(errors)),
            ])
            return .bytes(Array(TreeJSON.text(problem).utf8), contentType: "application/problem+json", status: 422)
        }
    }

    private static func text(of outcome: ChangeOutcome) -> String {
        func list(_ texts: [String]) -> YAMLTree { .list(texts.map(YAMLTree.text)) }
        return TreeJSON.text(
            .block([
                .init("status", .text("ok")),
                .init(
                    "message",
                    .text(outcome.saved.written.isEmpty ? "Nothing changed" : "Configuration saved and applied")),
                .init("written", list(outcome.saved.written)),
                .init("backup", outcome.saved.backup.map(YAMLTree.text) ?? .null),
                .init("comments_kept", .truth(outcome.saved.keepsComments)),
                .init("restart_needed", list(outcome.needRestart)),
                .init("warnings", list(outcome.warnings.map { "\($0.keyPath): \($0.problem)" })),
            ]))
    }

    // MARK: Help

    private func load() throws -> ConfigurationDocument {
        do { return try editor.current() } catch { throw WebProblem.unavailable("\(error)") }
    }

    private func body(of request: WebRequest) throws -> YAMLTree {
        do throws(TreeJSON.TreeError) {
            let tree = try TreeJSON.parse(request.bodyBytes)
            guard case .block = tree else { throw .init(description: "an object is expected") }
            return tree
        } catch {
            throw WebProblem.badRequest("The body is no configuration: \(error).")
        }
    }

    private func answer(_ json: String, _ entityTag: String) -> WebResponse {
        var response = WebResponse.bytes(Array(json.utf8), contentType: "application/json")
        response.headers.append(("ETag", entityTag))
        return response
    }
}
