package import NIOCore

/// What a handler answers.
package struct WebResponse: Sendable {
    /// The HTTP status code.
    package var status: Int
    /// Extra header fields; these win over the standard ones of the same name.
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer

    package init(status: Int = 200, headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain UTF-8 text.
    package static func text(_ text: String, status: Int = 200) -> WebResponse {
        bytes(ByteBuffer(string: text), contentType: "text/plain; charset=utf-8", status: status)
    }

    /// An HTML page; scripts and styles inside it are refused by the content security policy.
    package static func html(_ text: String, status: Int = 200) -> WebResponse {
        bytes(ByteBuffer(string: text), contentType: "text/html; charset=utf-8", status: status)
    }

    /// Bytes of any content type.
    package static func bytes(_ bytes: [UInt8], contentType: String, status: Int = 200) -> WebResponse {
        self.bytes(ByteBuffer(bytes: bytes), contentType: contentType, status: status)
    }

    /// Bytes of any content type.
    package static func bytes(_ bytes: ByteBuffer, contentType: String, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: [("Content-Type", contentType)], body: bytes)
    }

    /// An empty answer, 204.
    package static var noContent: WebResponse { WebResponse(status: 204) }

    /// A redirect that makes the browser GET `location`, 303.
    package static func redirect(to location: String) -> WebResponse {
        WebResponse(status: 303, headers: [("Location", location)])
    }
}
