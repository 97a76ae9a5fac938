import NIOCore

/// An error answer as problem details (RFC 9457); handlers throw it.
package struct WebProblem: Error, Equatable, Sendable {
    /// The HTTP status code.
    package var status: Int
    /// Short and the same for every occurrence.
    package var title: String
    /// What happened here and what to do about it; nil when the title says all.
    package var detail: String?

    package init(status: Int, title: String, detail: String? = nil) {
        self.status = status
        self.title = title
        self.detail = detail
    }

    package static func badRequest(_ detail: String) -> WebProblem {
        WebProblem(status: 400, title: "Bad request", detail: detail)
    }

    package static func unauthorized(_ detail: String) -> WebProblem {
        WebProblem(status: 401, title: "Not logged in", detail: detail)
    }

    package static func forbidden(_ detail: String) -> WebProblem {
        WebProblem(status: 403, title: "Forbidden", detail: detail)
    }

    package static func notFound(_ detail: String? = nil) -> WebProblem {
        WebProblem(status: 404, title: "Not found", detail: detail)
    }

    package static func conflict(_ detail: String) -> WebProblem {
        WebProblem(status: 409, title: "Conflict", detail: detail)
    }

    package static func unprocessable(_ detail: String) -> WebProblem {
        WebProblem(status: 422, title: "Not acceptable as it is", detail: detail)
    }

    package static func unavailable(_ detail: String) -> WebProblem {
        WebProblem(status: 503, title: "Not available now", detail: detail)
    }
}

extension WebResponse {
    /// The problem as `application/problem+json`.
    package static func problem(_ problem: WebProblem) -> WebResponse {
        struct Body: Encodable {
            var type = "about:blank"
            var title: String
            var status: Int
            var detail: String?
        }
        let body = Body(title: problem.title, status: problem.status, detail: problem.detail)
        return .bytes(
            WebJSON.encode(body) ?? [], contentType: "application/problem+json", status: problem.status)
    }

    /// Problem details made in place.
    package static func problem(status: Int, title: String, detail: String? = nil) -> WebResponse {
        problem(WebProblem(status: status, title: title, detail: detail))
    }
}
