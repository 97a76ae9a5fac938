import ConnectorLane
import ConnectorModel
import ConnectorObservability
package import ConnectorPipeline
package import WebSupport

/// The routes of the connector's two web servers: page and API on one port, metrics on the other.
package struct ConnectorRoutes: Sendable {
    private let pipeline: Pipeline
    private let version: String
    private let configuration: (any ConfigurationEditor)?
    private let started = ContinuousClock.now

    /// Values shown on the page; more tags than fit a screen are searched for elsewhere.
    private static let valuesMax = 500

    /// - Parameter configuration: where the configuration is read and changed; nil leaves those routes out.
    package init(pipeline: Pipeline, version: String, configuration: (any ConfigurationEditor)? = nil) {
        self.pipeline = pipeline
        self.configuration = configuration
        self.version = version
    }

    /// Page, status, health and the live feed.
    package var table: WebRoutes {
        var routes = WebRoutes()
        page(&routes)
        routes.get("/api/status") { _ in .json(status()) }
        routes.get("/health") { _ in .json(HealthDocument(pipeline.snapshot(), version: version, now: .now())) }
        routes.get("/health/live") { _ in .json(["status": "live"]) }
        routes.get("/health/ready") { _ in
            let failure = pipeline.snapshot().storageFailure
            return failure.map { .json(["status": "not ready", "reason": $0], status: 503) }
                ?? .json(["status": "ready"])
        }
        DeadLetterRoutes(pipeline: pipeline).add(to: &routes)
        if let configuration { ConfigurationRoutes(editor: configuration).add(to: &routes) }
        routes.webSocket("/ws") { connection in
            while !Task.isCancelled {
                if let bytes = WebJSON.encode(live()) { connection.send(String(decoding: bytes, as: UTF8.self)) }
                try await Task.sleep(for: .seconds(1))
            }
        }
        return routes
    }

    /// Metrics on a path of their own.
    package func metrics(path: String) -> WebRoutes {
        var routes = WebRoutes()
        routes.get(path) { _ in
            let text = ConnectorMetrics.text(of: pipeline.snapshot(), process: .now(), now: .now())
            return .bytes(Array(text.utf8), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
        return routes
    }

    private func page(_ routes: inout WebRoutes) {
        let files: [(path: String, bytes: [UInt8], type: String)] = [
            ("/", PackageResources.index_html, "text/html; charset=utf-8"),
            ("/page.js", PackageResources.page_js, "text/javascript; charset=utf-8"),
            ("/style.css", PackageResources.style_css, "text/css; charset=utf-8"),
        ]
        for file in files {
            routes.get(file.path) { _ in .bytes(file.bytes, contentType: file.type) }
        }
    }

    private func status() -> StatusDocument {
        let uptime = ContinuousClock.now - started
        let seconds = Double(uptime.components.seconds) + Double(uptime.components.attoseconds) / 1e18
        return StatusDocument(pipeline.snapshot(), version: version, uptimeSeconds: seconds, now: .now())
    }

    private func live() -> LiveDocument {
        var values: [ValueDocument] = []
        for supervisor in pipeline.supervisors {
            let room = Self.valuesMax - values.count
            values += supervisor.intake.lastValues(limit: room).compactMap {
                ValueDocument($0, of: supervisor.intake.source)
            }
        }
        return LiveDocument(status: status(), values: values)
    }
}

/// What `/ws` sends once a second.
private struct LiveDocument: Encodable, Sendable {
    var type = "status"
    var status: StatusDocument
    var values: [ValueDocument]
}
