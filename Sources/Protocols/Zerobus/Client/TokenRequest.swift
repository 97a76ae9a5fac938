import Foundation
import ZerobusCore

/// The token request of one table (RFC 6749 section 4.4 with RFC 9396 authorization details).
struct TokenRequest: Equatable, Sendable {
    let table: TableName
    /// First label of the Zerobus host name.
    let workspaceID: String

    private struct Detail: Encodable {
        var type = "unity_catalog_privileges"
        var privileges: [String]
        var objectType: String
        var objectFullPath: String
        var operations: [String]?
    }

    /// The `application/x-www-form-urlencoded` body.
    var formBody: String {
        let details = [
            Detail(privileges: ["USE CATALOG"], objectType: "CATALOG", objectFullPath: table.catalog),
            Detail(
                privileges: ["USE SCHEMA"], objectType: "SCHEMA",
                objectFullPath: "\(table.catalog).\(table.schema)"),
            Detail(
                privileges: ["SELECT", "MODIFY"], objectType: "TABLE", objectFullPath: table.description,
                operations: ["zerobuswrite"]),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let json = (try? encoder.encode(details)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        return [
            ("grant_type", "client_credentials"),
            ("scope", "all-apis"),
            ("resource", "api://databricks/workspaces/\(workspaceID)/zerobusDirectWriteApi"),
            ("authorization_details", json),
        ].map { "\($0)=\(Self.encode($1))" }.joined(separator: "&")
    }

    /// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
    private static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
        return result
    }
}

/// A token and how long it may be used.
struct Token: Equatable, Sendable {
    let value: String
    /// Lifetime from the answer on; nil when the server did not say, which means it is not kept.
    let lifetime: Duration?

    /// Reads the token endpoint's answer; `expires_in` may be a number or a numeric string.
    init?(json: [UInt8]) {
        struct Answer: Decodable {
            let value: String
            let lifetime: Double?

            enum CodingKeys: String, CodingKey {
                case value = "access_token"
                case lifetime = "expires_in"
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                value = try container.decode(String.self, forKey: .value)
                if let number = try? container.decode(Double.self, forKey: .lifetime) {
                    lifetime = number
                } else {
                    lifetime = (try? container.decode(String.self, forKey: .lifetime)).flatMap(Double.init)
                }
            }
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(json)), !answer.value.isEmpty else {
            return nil
        }
        value = answer.value
        lifetime = answer.lifetime.flatMap { $0 > 0 && $0 < 1e9 ? .seconds($0) : nil }
    }

    init(value: String, lifetime: Duration?) {
        self.value = value
        self.lifetime = lifetime
    }
}
