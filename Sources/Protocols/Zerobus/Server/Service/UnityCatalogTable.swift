import ZerobusCore

/// A table's definition in the shape of Unity Catalog's REST API.
struct UnityCatalogTable: Encodable {
    struct Column: Encodable {
        var name: String
        var typeText: String
        var typeName: String
        var typeJSON: String
        var position: Int
        var nullable: Bool

        enum CodingKeys: String, CodingKey {
            case name, position, nullable
            case typeText = "type_text"
            case typeName = "type_name"
            case typeJSON = "type_json"
        }
    }

    var name: String
    var catalogName: String
    var schemaName: String
    var fullName: String
    var tableType = "MANAGED"
    var dataSourceFormat = "DELTA"
    var columns: [Column]

    enum CodingKeys: String, CodingKey {
        case name, columns
        case catalogName = "catalog_name"
        case schemaName = "schema_name"
        case fullName = "full_name"
        case tableType = "table_type"
        case dataSourceFormat = "data_source_format"
    }

    init(_ schema: TableSchema) {
        name = schema.name.table
        catalogName = schema.name.catalog
        schemaName = schema.name.schema
        fullName = schema.name.description
        columns = schema.columns.enumerated().map { index, column in
            let field = ColumnType.StructField(name: column.name, type: column.type)
            return Column(
                name: column.name, typeText: column.type.sql.lowercased(), typeName: column.type.catalogName,
                typeJSON: field.json(isNullable: column.isNullable), position: index, nullable: column.isNullable)
        }
    }
}

extension ColumnType {
    /// The catalog's word for the type.
    fileprivate var catalogName: String {
        switch self {
        case .tinyint: "BYTE"
        case .smallint: "SHORT"
        case .bigint: "LONG"
        case .varchar: "STRING"
        case .decimal: "DECIMAL"
        case .array: "ARRAY"
        case .map: "MAP"
        case .structure: "STRUCT"
        default: sql
        }
    }

    /// The type as Spark writes it in JSON.
    private var json: String {
        switch self {
        case .tinyint: "\"byte\""
        case .smallint: "\"short\""
        case .int: "\"integer\""
        case .bigint: "\"long\""
        case .varchar: "\"string\""
        case .array(let element): "{\"type\":\"array\",\"elementType\":\(element.json),\"containsNull\":true}"
        case .map(let key, let value):
            "{\"type\":\"map\",\"keyType\":\(key.json),\"valueType\":\(value.json),\"valueContainsNull\":true}"
        case .structure(let fields):
            "{\"type\":\"struct\",\"fields\":[\(fields.map { $0.json(isNullable: true) }.joined(separator: ","))]}"
        default: "\"\(sql.lowercased())\""
        }
    }

    fileprivate static func fieldJSON(_ field: StructField, isNullable: Bool) -> String {
        "{\"name\":\(JSONText.quoted(field.name)),\"type\":\(field.type.json),\"nullable\":\(isNullable),\"metadata\":{}}"
    }
}

extension ColumnType.StructField {
    fileprivate func json(isNullable: Bool) -> String { ColumnType.fieldJSON(self, isNullable: isNullable) }
}
