import ZerobusCore

/// Reads CREATE TABLE statements in the dialect of Delta.
package struct DDLParser {
    /// What a text contains.
    package struct Script: Equatable, Sendable {
        package struct Creation: Equatable, Sendable {
            package let schema: TableSchema
            /// IF NOT EXISTS was written.
            package let ifNotExists: Bool
        }

        package var creations: [Creation] = []
        /// Statements that only the lakehouse needs (views, comments, grants, properties); their first words.
        package var skipped: [String] = []
    }

    /// Why the text was refused; one sentence for people.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Types in types.
    private static let maxDepth = 16

    private var tokens: ArraySlice<DDLTokens.Token>

    /// Reads a text of one or more statements separated by semicolons; throws for one that should create a table and
    /// cannot be understood, and for one that would change data.
    package static func parse(_ text: String) throws(Failure) -> Script {
        let tokens: [DDLTokens.Token]
        do throws(DDLTokens.Malformed) {
            tokens = try DDLTokens.split(text)
        } catch {
            throw Failure(description: error.description)
        }
        var script = Script()
        for statement in tokens.split(separator: .symbol(";")) {
            var parser = DDLParser(tokens: statement)
            try parser.statement(into: &script)
        }
        return script
    }

    private mutating func statement(into script: inout Script) throws(Failure) {
        let whole = tokens
        if take("CREATE") {
            if take("OR") { _ = take("REPLACE") }
            _ = take("EXTERNAL")
            if take("TABLE") {
                script.creations.append(try creation())
                return
            }
        }
        let words = whole.prefix(3).compactMap { if case .word(let word) = $0 { word.uppercased() } else { nil } }
        let harmless: Set<String> = ["CREATE", "COMMENT", "GRANT", "ALTER", "USE", "SET"]
        guard let first = words.first, harmless.contains(first) else {
            throw Failure(
                description: "only CREATE TABLE statements are understood, not '\(words.joined(separator: " "))'")
        }
        script.skipped.append(words.joined(separator: " "))
    }

    private mutating func creation() throws(Failure) -> Script.Creation {
        var ifNotExists = false
        if take("IF") {
            guard take("NOT"), take("EXISTS") else { throw Failure(description: "IF NOT EXISTS is incomplete") }
            ifNotExists = true
        }
        var parts = [try name("a table name")]
        while take(".") { parts.append(try name("a part of the table name")) }
        let full = parts.joined(separator: ".")
        guard parts.count == 3, let table = TableName(full) else {
            throw Failure(description: "table names are catalog.schema.table, not '\(full)'")
        }
        guard take("(") else { throw Failure(description: "\(table): the column list is missing") }
        var columns: [TableSchema.Column] = []
        repeat {
            if try skipConstraint() { continue }
            columns.append(try column(of: table))
        } while take(",")
        guard take(")") else { throw Failure(description: "\(table): expected , or ) \(place)") }
        // What follows (USING DELTA, PARTITIONED BY, TBLPROPERTIES …) does not change what rows look like.
        do throws(ZerobusError) {
            return .init(schema: try TableSchema(name: table, columns: columns), ifNotExists: ifNotExists)
        } catch {
            throw Failure(description: error.message)
        }
    }

    private mutating func column(of table: TableName) throws(Failure) -> TableSchema.Column {
        let name = try name("a column name")
        let type: ColumnType
        do throws(Failure) {
            type = try self.type(depth: 0)
        } catch {
            throw Failure(description: "\(table), column \(name): \(error.description)")
        }
        var isNullable = true
        // Up to the next comma at this level: NOT NULL counts, defaults, comments and masks do not.
        while let token = tokens.first, token != .symbol(","), token != .symbol(")") {
            if take("NOT") {
                guard take("NULL") else { throw Failure(description: "\(table), column \(name): NOT without NULL") }
                isNullable = false
            } else if token == .symbol("(") {
                try skipParentheses()
            } else {
                tokens.removeFirst()
            }
        }
        return TableSchema.Column(name: name, type: type, isNullable: isNullable)
    }

    private mutating func type(depth: Int) throws(Failure) -> ColumnType {
        guard depth < Self.maxDepth else { throw Failure(description: "types are nested too deep") }
        guard case .word(let word)? = tokens.popFirst() else { throw Failure(description: "expected a type \(place)") }
        switch word.uppercased() {
        case "TINYINT", "BYTE": return .tinyint
        case "SMALLINT", "SHORT": return .smallint
        case "INT", "INTEGER": return .int
        case "BIGINT", "LONG": return .bigint
        case "FLOAT", "REAL": return .float
        case "DOUBLE": return .double
        case "BOOLEAN": return .boolean
        case "STRING": return .string
        case "VARCHAR", "CHAR", "CHARACTER": return .varchar(try sizes(1).first ?? 0)
        case "BINARY": return .binary
        case "DATE": return .date
        case "TIMESTAMP", "TIMESTAMP_LTZ": return .timestamp
        case "TIMESTAMP_NTZ": return .timestampNTZ
        case "VARIANT": return .variant
        case "DECIMAL", "DEC", "NUMERIC":
            guard tokens.first == .symbol("(") else { return .decimal(10, 0) }
            let sizes = try sizes(2)
            return .decimal(sizes.first ?? 10, sizes.count > 1 ? sizes[1] : 0)
        case "ARRAY":
            try expect("<")
            let element = try type(depth: depth + 1)
            try expect(">")
            return .array(element)
        case "MAP":
            try expect("<")
            let key = try type(depth: depth + 1)
            try expect(",")
            let value = try type(depth: depth + 1)
            try expect(">")
            return .map(key, value)
        case "STRUCT":
            return .structure(try structFields(depth: depth))
        default:
            throw Failure(description: "the type \(word.uppercased()) is not known")
        }
    }

    private mutating func structFields(depth: Int) throws(Failure) -> [ColumnType.StructField] {
        var fields: [ColumnType.StructField] = []
        try expect("<")
        repeat {
            let name = try name("a field name")
            _ = take(":")
            fields.append(.init(name: name, type: try type(depth: depth + 1)))
            if take("NOT") { _ = take("NULL") }
            if take("COMMENT") { tokens = tokens.dropFirst() }
        } while take(",")
        try expect(">")
        return fields
    }

    // MARK: Tokens

    /// `(n)` or `(n, m)`.
    private mutating func sizes(_ most: Int) throws(Failure) -> [Int] {
        var sizes: [Int] = []
        try expect("(")
        repeat {
            guard case .number(let size)? = tokens.popFirst() else {
                throw Failure(description: "expected a number \(place)")
            }
            sizes.append(size)
        } while take(",")
        try expect(")")
        guard sizes.count <= most else { throw Failure(description: "too many sizes of a type") }
        return sizes
    }

    /// A table constraint instead of a column.
    private mutating func skipConstraint() throws(Failure) -> Bool {
        guard case .word(let word)? = tokens.first,
            ["CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK"].contains(word.uppercased())
        else { return false }
        while let token = tokens.first, token != .symbol(","), token != .symbol(")") {
            if token == .symbol("(") { try skipParentheses() } else { tokens.removeFirst() }
        }
        return true
    }

    private mutating func skipParentheses() throws(Failure) {
        var depth = 0
        while let token = tokens.popFirst() {
            if token == .symbol("(") { depth += 1 }
            if token == .symbol(")") { depth -= 1 }
            if depth == 0 { return }
        }
        throw Failure(description: "a ( has no )")
    }

    private mutating func name(_ what: String) throws(Failure) -> String {
        switch tokens.popFirst() {
        case .word(let name)?, .quoted(let name)?:
            guard !name.isEmpty else { throw Failure(description: "\(what) is empty") }
            return name
        default: throw Failure(description: "expected \(what) \(place)")
        }
    }

    private mutating func take(_ text: String) -> Bool {
        switch tokens.first {
        case .word(let word)? where word.uppercased() == text: break
        case .symbol(let symbol)? where String(symbol) == text: break
        default: return false
        }
        tokens.removeFirst()
        return true
    }

    private mutating func expect(_ text: String) throws(Failure) {
        guard take(text) else { throw Failure(description: "expected \(text) \(place)") }
    }

    private var place: String {
        switch tokens.first {
        case .word(let text)?, .quoted(let text)?, .string(let text)?: "at '\(text)'"
        case .number(let number)?: "at \(number)"
        case .symbol(let symbol)?: "at '\(symbol)'"
        case nil: "at the end"
        }
    }
}
