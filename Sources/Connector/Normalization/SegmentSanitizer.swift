import Foundation

/// Makes one segment of a tag path out of any text: letters and digits of every script stay, each other character
/// becomes `_`.
///
/// Texts that look the same become the same bytes (Unicode's form C). Combining marks that a script needs stay behind
/// their letter, a few at most; what is invisible does not stay.
package struct SegmentSanitizer: Hashable, Sendable {
    /// How letters are written.
    package enum Case: String, Hashable, Sendable, CaseIterable {
        case keep, lower, upper
    }

    /// What is longer is cut at a character.
    package static let bytesMax = 128
    private static let marksMax = 4

    package var letterCase: Case

    package init(_ letterCase: Case = .keep) { self.letterCase = letterCase }

    /// The segment; nil for an empty text.
    package func segment(_ text: some StringProtocol) -> String? {
        guard !text.isEmpty else { return nil }
        if text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 < 0x80 }) { return ascii(text.utf8) }
        return unicode(String(String.UnicodeScalarView(text.unicodeScalars.prefix(8 * Self.bytesMax))))
    }

    private func ascii(_ bytes: some Sequence<UInt8>) -> String {
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let clean = bytes.map { byte in
            switch byte {
            case upper: letterCase == .lower ? byte + 32 : byte
            case lower: letterCase == .upper ? byte - 32 : byte
            case digits: byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }

    private func unicode(_ text: String) -> String {
        let cased =
            switch letterCase {
            case .keep: text
            case .lower: text.lowercased()
            case .upper: text.uppercased()
            }
        var clean = String.UnicodeScalarView()
        var bytes = 0
        var marks = 0
        var isBehindLetter = false
        for scalar in cased.precomposedStringWithCanonicalMapping.unicodeScalars {
            let kept: Unicode.Scalar
            if scalar.isLetterOrDigit, !scalar.properties.isDefaultIgnorableCodePoint {
                (kept, marks, isBehindLetter) = (scalar, 0, true)
            } else if isBehindLetter, marks < Self.marksMax, scalar.isMark {
                kept = scalar
                marks += 1
            } else {
                (kept, isBehindLetter) = ("_", false)
            }
            bytes += UTF8.width(kept)
            guard bytes <= Self.bytesMax else { break }
            clean.append(kept)
        }
        return String(clean)
    }
}

extension Unicode.Scalar {
    /// A mark that is seen (Unicode categories Mn and Mc).
    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: !properties.isDefaultIgnorableCodePoint
        default: false
        }
    }

    /// A letter of any script, or a decimal digit (categories L and Nd).
    fileprivate var isLetterOrDigit: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }
}
