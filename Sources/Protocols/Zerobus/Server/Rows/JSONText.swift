import Foundation
import ProtobufWire

/// Writes JSON values into a buffer.
enum JSONText {
    static func write(_ text: String, _ out: inout WireWriter) {
        var text = text
        text.withUTF8 { write(utf8: UnsafeRawBufferPointer($0), &out) }
    }

    /// The text as a JSON string.
    static func quoted(_ text: String) -> String {
        var out = WireWriter()
        write(text, &out)
        return out.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// A text of valid UTF-8, with quotes and escapes.
    static func write(utf8 bytes: UnsafeRawBufferPointer, _ out: inout WireWriter) {
        out.raw("\"")
        var start = 0
        for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            out.raw(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            out.raw(escape(byte))
            start = index + 1
        }
        out.raw(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        out.raw("\"")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x22: return "\\\""
        case 0x5C: return "\\\\"
        case 0x0A: return "\\n"
        case 0x0D: return "\\r"
        case 0x09: return "\\t"
        default:
            let hex = String(byte, radix: 16)
            return "\\u00" + (hex.count < 2 ? "0" : "") + hex
        }
    }

    /// A number; JSON has none for NaN and the infinities, which become texts.
    static func write(_ number: Double, _ out: inout WireWriter) {
        if number.isNaN {
            out.raw("\"NaN\"")
        } else if number.isInfinite {
            out.raw(number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        } else {
            out.raw("\(number)")
        }
    }

    static func writeBase64(_ bytes: UnsafeRawBufferPointer, _ out: inout WireWriter) {
        out.raw("\"\(Data(bytes).base64EncodedString())\"")
    }
}
