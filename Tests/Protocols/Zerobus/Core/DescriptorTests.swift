import SwiftProtobuf
import Testing

@testable import ZerobusCore

@Suite struct DescriptorTests {
    func field(
        _ name: String, _ number: Int32, _ type: Google_Protobuf_FieldDescriptorProto.TypeEnum,
        label: Google_Protobuf_FieldDescriptorProto.Label = .optional, typeName: String = ""
    ) -> Google_Protobuf_FieldDescriptorProto {
        .with {
            $0.name = name
            $0.number = number
            $0.type = type
            $0.label = label
            if !typeName.isEmpty { $0.typeName = typeName }
        }
    }

    func parse(_ message: Google_Protobuf_DescriptorProto) throws -> RecordDescriptor {
        try RecordDescriptor(serialized: try message.serializedBytes())
    }

    /// A message with a map, a nested message and an enum, as protoc writes it for package `my.pkg`.
    var full: Google_Protobuf_DescriptorProto {
        .with {
            $0.name = "Row"
            $0.field = [
                field("id", 1, .int64, label: .required),
                field("tags", 2, .message, label: .repeated, typeName: ".my.pkg.Row.TagsEntry"),
                field("inner", 3, .message, typeName: ".my.pkg.Row.Inner"),
                field("state", 4, .enum, typeName: ".my.pkg.Row.State"),
                field("values", 5, .double, label: .repeated),
            ]
            $0.nestedType = [
                .with {
                    $0.name = "TagsEntry"
                    $0.field = [field("key", 1, .string), field("value", 2, .string)]
                    $0.options.mapEntry = true
                },
                .with {
                    $0.name = "Inner"
                    $0.field = [field("x", 1, .bool)]
                },
            ]
            $0.enumType = [
                .with {
                    $0.name = "State"
                    $0.value = [
                        .with {
                            $0.name = "OFF"; $0.number = 0
                        }
                    ]
                }
            ]
        }
    }

    @Test func resolvesMapsMessagesAndEnums() throws {
        let descriptor = try parse(full)
        #expect(descriptor.name == "Row")
        #expect(descriptor.fields.map(\.name) == ["id", "tags", "inner", "state", "values"])
        #expect(descriptor.fields.map(\.isRequired) == [true, false, false, false, false])
        #expect(
            descriptor.fields.map(\.kind) == [
                .one(.scalar(.int64)), .map(key: .string, value: .scalar(.string)),
                .one(.message([.init(number: 1, name: "x", isRequired: false, kind: .one(.scalar(.bool)))])),
                .one(.scalar(.enumeration)), .repeated(.scalar(.double)),
            ])
    }

    @Test func namesWithoutAPackageAndWithTheMessagesNameInIt() throws {
        for prefix in [".Row", ".Row.Row", ".a.Row.b.Row"] {
            var message = full
            message.field[1].typeName = prefix + ".TagsEntry"
            #expect(try parse(message).fields.count == 5)
        }
    }

    @Test(arguments: ["Row.Inner", "Inner", ".my.pkg.Inner", ".google.protobuf.StringValue", "", "."])
    func refusesWhatIsNotSelfContained(name: String) throws {
        var message = full
        message.field[2].typeName = name
        let error = #expect(throws: ZerobusError.self) { try parse(message) }
        #expect(error?.message.contains("Error Code: 4033") == true)
    }

    @Test func refusesBrokenFields() throws {
        var twice = full
        twice.field[1].number = 1
        #expect(throws: ZerobusError.self) { try parse(twice) }
        var named = full
        named.field[4].name = "id"
        #expect(throws: ZerobusError.self) { try parse(named) }
        var zero = full
        zero.field[0].number = 0
        #expect(throws: ZerobusError.self) { try parse(zero) }
        var single = full
        single.field[1].label = .optional
        #expect(throws: ZerobusError.self) { try parse(single) }
        var empty = full
        empty.field = []
        #expect(throws: ZerobusError.self) { try parse(empty) }
        #expect(throws: ZerobusError.self) { try RecordDescriptor(serialized: [0xFF, 0xFF]) }
        #expect(throws: ZerobusError.self) { try RecordDescriptor(serialized: []) }
    }

    @Test func refusesRecursionAndExplosion() throws {
        var recursive = full
        recursive.nestedType[1].field = [field("again", 1, .message, typeName: ".my.pkg.Row.Inner")]
        #expect(throws: ZerobusError.self) { try parse(recursive) }
        // Each level holds the next one ten times: 10^15 fields if followed.
        let wide = Google_Protobuf_DescriptorProto.with { root in
            root.name = "R"
            root.field = (1...10).map { field("f\($0)", Int32($0), .message, typeName: ".R.L1") }
            root.nestedType = (1...15).map { level in
                .with {
                    $0.name = "L\(level)"
                    $0.field = (1...10).map { field("f\($0)", Int32($0), .message, typeName: ".R.L\(level + 1)") }
                }
            }
        }
        #expect(throws: ZerobusError.self) { try parse(wide) }
    }

    @Test func columnLimit() throws {
        func message(_ count: Int32) -> Google_Protobuf_DescriptorProto {
            .with {
                $0.name = "W"
                $0.field = (1...count).map { field("c\($0)", $0, .int32) }
            }
        }
        #expect(try parse(message(2000)).fields.count == 2000)
        #expect(throws: ZerobusError.self) { try parse(message(2001)) }
    }
}
