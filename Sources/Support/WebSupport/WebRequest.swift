package import HTTPTypes
package import NIOCore

/// One HTTP request with its body, as handlers see it.
package struct WebRequest: Sendable {
    package let method: WebMethod
    /// Decoded path segments, without slashes.
    package let pathSegments: [String]
    /// Values of the `{names}` in the route's pattern.
    package internal(set) var parameters: [String: String]
    /// Decoded query pairs in their order.
    package let query: [(name: String, value: String)]
    package let headers: HTTPFields
    /// The whole body; at most the route's `maxBodyBytes`.
    package let body: ByteBuffer

    /// The first value of a query name.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The first value of a header, name in any case.
    package func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// The value of a `{name}` in the route's pattern; empty when the pattern has no such name.
    package func parameter(_ name: String) -> String {
        parameters[name] ?? ""
    }

    /// The body as bytes.
    package var bodyBytes: [UInt8] { Array(body.readableBytesView) }

    /// The body as UTF-8 text; malformed bytes become U+FFFD.
    package var bodyText: String { String(buffer: body) }
}
