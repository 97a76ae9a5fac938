import Foundation

/// JSON as all our pages speak it: sorted keys, plain slashes, ISO 8601 dates.
package enum WebJSON {
    /// The value as UTF-8 JSON; nil when it cannot be written (a NaN, for instance).
    package static func encode(_ value: some Encodable) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return (try? encoder.encode(value)).map { [UInt8]($0) }
    }

    /// The value in a JSON text; throws a 400 problem that says where the text is wrong.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WebProblem) -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .badRequest(Self.describe(error))
        } catch {
            throw .badRequest("The body is not JSON.")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            let path = (context.codingPath + (key.map { [$0] } ?? [])).map {
                $0.intValue.map(String.init) ?? $0.stringValue
            }
            return path.isEmpty ? "the top level" : path.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "Missing: \(place(context, key))."
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "Wrong type at \(place(context)): \(expected(type)) is expected."
        case .dataCorrupted(let context) where context.codingPath.isEmpty: return "The body is not JSON."
        case .dataCorrupted(let context): return "Not valid at \(place(context)): \(context.debugDescription)"
        @unknown default: return "The body does not fit."
        }
    }

    /// What JSON calls a type; everything with keys is an object.
    private static func expected(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}

extension WebResponse {
    /// A value as JSON with sorted keys; a value that JSON cannot hold becomes a 500 problem.
    package static func json(_ value: some Encodable, status: Int = 200) -> WebResponse {
        guard let bytes = WebJSON.encode(value) else {
            return .problem(status: 500, title: "The answer could not be written as JSON")
        }
        return .bytes(bytes, contentType: "application/json", status: status)
    }
}

extension WebRequest {
    /// The body as a value; throws a 400 problem when it does not fit.
    package func json<Value: Decodable>(_ type: Value.Type) throws(WebProblem) -> Value {
        try WebJSON.decode(type, from: bodyBytes)
    }
}
