/// A table's full name, `catalog.schema.table`.
public struct TableName: Hashable, Sendable, CustomStringConvertible {
    public let catalog: String
    public let schema: String
    public let table: String

    /// Nil unless `text` is exactly three non-empty parts of at most 255 bytes without spaces, quotes or control
    /// characters.
    public init?(_ text: some StringProtocol) {
        let parts = String(text).split(separator: "." as Character, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts.allSatisfy(Self.isPart) else { return nil }
        catalog = parts[0]
        schema = parts[1]
        table = parts[2]
    }

    public var description: String { "\(catalog).\(schema).\(table)" }

    private static func isPart(_ part: String) -> Bool {
        let forbidden: Set<UInt8> = Set("`\"'/\\;".utf8)
        return (1...255).contains(part.utf8.count)
            && part.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) }
    }
}
