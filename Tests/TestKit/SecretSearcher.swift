package import Foundation

/// Looks for a secret in bytes, in every form in which programs write texts.
package struct SecretSearcher: Sendable {
    /// A form of the secret, and its bytes.
    package struct Needle: Sendable {
        package var form: String
        var bytes: [UInt8]
    }

    package let needles: [Needle]

    /// - Parameter secret: long enough not to be found by chance.
    package init(_ secret: String) {
        let bytes = Array(secret.utf8)
        var needles = [Needle(form: "raw", bytes: bytes)]
        func add(_ form: String, _ text: String) { needles.append(Needle(form: form, bytes: Array(text.utf8))) }
        for offset in 0..<3 {
            let text = Self.base64(bytes, offset: offset)
            add("base64 at \(offset)", text)
            add("base64url at \(offset)", text.replacing("+", with: "-").replacing("/", with: "_"))
        }
        let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        add("hexadecimal", hexadecimal)
        add("hexadecimal, upper case", hexadecimal.uppercased())
        for uppercase in [true, false] {
            add("URL", Self.percentEncoded(bytes, uppercase: uppercase))
            add("form", Self.percentEncoded(bytes, uppercase: uppercase).replacing("%20", with: "+"))
        }
        add("JSON", Self.json(secret, escapesSlash: false, escapesOthers: false))
        add("JSON with slashes escaped", Self.json(secret, escapesSlash: true, escapesOthers: false))
        add("JSON in ASCII", Self.json(secret, escapesSlash: false, escapesOthers: true))
        self.needles = needles
    }

    /// The forms in which the secret stands in the bytes.
    package func find(in haystack: Data) -> [String] {
        needles.filter { haystack.range(of: Data($0.bytes)) != nil }.map(\.form)
    }

    /// The characters that are the same whatever stands before and behind, when `offset` bytes stand before in the group.
    private static func base64(_ bytes: [UInt8], offset: Int) -> String {
        let text = Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString()
        let first = (offset * 8 + 5) / 6
        return String(text.prefix((offset + bytes.count) * 8 / 6).dropFirst(first))
    }

    private static func percentEncoded(_ bytes: [UInt8], uppercase: Bool) -> String {
        bytes.map { byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-._~".unicodeScalars.contains(scalar)
            {
                return String(scalar)
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: uppercase)
        }.joined()
    }

    private static func json(_ text: String, escapesSlash: Bool, escapesOthers: Bool) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "/" where escapesSlash: "\\/"
            case _ where escapesOthers && !scalar.isASCII:
                String(scalar).utf16.map {
                    "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
                }
                .joined()
            default: String(scalar)
            }
        }.joined()
    }
}
