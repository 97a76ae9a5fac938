import ConnectorModel
import YAMLSupport

/// The keys of a REST source.
extension SourceSection {
    static func rest(_ name: String, _ section: inout Section) -> SourceSettings.Adapter? {
        section.accept("endpoint", for: "base_url")
        OtherNames.accept(intervals: &section)
        let url = section.requiredString("base_url", about: "URL below which the endpoints are")
        checkCredentials(in: url, at: "base_url", section)
        checkURL(url, "base_url", section)
        _ = section.integer(
            "poll_interval_ms", default: 1000, in: 10...86_400_000, about: "from one request to the next")
        _ = section.duration("timeout", default: .seconds(10), about: "for each answer")
        _ = section.boolean("query_by_post", default: false, about: "sends queries by POST, nothing else")
        _ = section.texts("headers", about: "sent with each request")
        _ = section.texts("query", about: "parameters of each request")
        restMapping(&section)
        restAuthentication(section.section("auth", about: "how the connector is known to the service"))
        if let tls = section.optionalSection("tls", about: "for https") { _ = TLSKeys(tls) }
        for endpoint in section.sections("endpoints", plain: "path", about: "what is asked for") {
            var endpoint = endpoint
            OtherNames.accept(intervals: &endpoint)
            _ = endpoint.requiredString("path", about: "below base_url")
            _ = endpoint.string("name", about: "of the tag, or before the names of the tags")
            _ = endpoint.word("method", of: ["GET", "POST"], default: "GET", about: "POST needs query_by_post")
            _ = endpoint.optionalInteger("poll_interval_ms", in: 10...86_400_000, about: "if not the source's")
            _ = endpoint.texts("query", about: "parameters beside the source's")
            _ = endpoint.string("body", about: "sent by POST")
            restMapping(&endpoint)
            restPages(endpoint.section("pagination", about: "answers in several pages"))
            var since = endpoint.section("since", about: "asks for what is new; kept across restarts")
            let parameter = since.string("parameter", about: "parameter that says since when")
            let field = since.string("field", about: "JSON pointer of the mark in an item")
            _ = since.string("initial", about: "the mark of the first request")
            if parameter == nil, field != nil { since.report("needs parameter beside it", at: "field") }
            since.finish()
            endpoint.finish()
        }
        return .notBuilt(NotBuiltSource(protocolType: "rest", endpoint: url))
    }

    private static func restMapping(_ section: inout Section) {
        _ = section.word("format", of: ["auto", "json", "csv"], default: "auto", about: "of an answer")
        _ = section.string("pointer", about: "JSON pointer of the items")
        for (key, about) in [
            ("tag_field", "where an item has its tag"), ("value_field", "where an item has its value"),
            ("time_field", "where an item has its time"), ("quality_field", "where an item has its quality"),
        ] {
            _ = section.string(key, about: about)
        }
        _ = section.texts("fields", about: "tags and the JSON pointers of their values")
    }

    private static func restPages(_ section: consuming Section) {
        let kind = section.word(
            "kind", of: ["none", "link", "cursor", "page"], default: "none", about: "how the next page is found")
        _ = section.string("parameter", about: "parameter of cursor or page number")
        let pointer = section.string("pointer", about: "JSON pointer of the next cursor")
        _ = section.integer("max_pages", default: 100, in: 1...100_000, about: "of one poll")
        if kind == "cursor", pointer == nil { section.report("is missing; a cursor stands somewhere", at: "pointer") }
        section.finish()
    }

    private static func restAuthentication(_ section: consuming Section) {
        let kind = section.word(
            "kind", of: ["none", "bearer", "basic", "oauth2", "api_key"], default: "none", about: "what is sent")
        let needed = [
            "bearer": ["token"], "basic": ["username", "password"],
            "oauth2": ["token_url", "client_id", "client_secret"], "api_key": ["api_key"],
        ]
        for (key, about) in [
            ("token", "of bearer"), ("username", "of basic"), ("password", "of basic"),
            ("token_url", "where oauth2 gets its token"), ("client_id", "of oauth2"), ("client_secret", "of oauth2"),
            ("scope", "of oauth2"), ("api_key", "the key itself; better a reference"),
        ] {
            let value = section.string(key, about: about)
            if value == nil, let kind, needed[kind]?.contains(key) == true {
                section.report("is missing; auth of the kind \(kind) needs it", at: key)
            }
        }
        _ = section.string("api_key_header", default: "X-API-Key", about: "header that carries the key")
        section.finish()
    }

    static func checkURL(_ url: String, _ key: String, _ section: borrowing Section) {
        let isURL = ["http://", "https://"].contains { url.lowercased().hasPrefix($0) && url.count > $0.count }
        if !url.isEmpty, !isURL {
            section.report("'\(url)' is no URL; it begins with http:// or https://", at: key)
        }
    }
}
