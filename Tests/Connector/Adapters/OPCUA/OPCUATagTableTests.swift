import ConnectorModel
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// From values by client handle to rows.
@Suite struct OPCUATagTableTests {
    private let sink = MQTTFakeSink()
    private let tags = SourceTags()
    private let intake: Intake

    init() {
        intake = Intake(
            source: SourceIdentity(name: "s", protocolType: "opcua", endpoint: "x", statusName: { "\($0)" }),
            layout: .rawEvents, sink: sink)
    }

    private func tag(
        _ name: String, expands: Bool = false, isEnumeration: Bool = false,
        _ change: (inout TagDetails) -> Void = { _ in }
    ) -> TagTable.Tag {
        var details = TagDetails.unknown
        change(&details)
        return TagTable.Tag(
            variable: Variable(node: NodeId(namespace: 2, string: name), path: "plant/\(name)", name: name),
            details: details, isEnumeration: isEnumeration, expands: expands)
    }

    private func take(_ found: [TagTable.Tag]) -> SourceTags.Change {
        tags.take(FoundTags(found.map { .new($0) }), .standard, intake)
    }

    private func deliver(_ value: Variant, _ status: StatusCode = .good, of handle: Int = 0) {
        tags.deliver([DataValue(value, status: status)], of: [handle], to: intake)
    }

    private func cells() throws -> [String] {
        try sink.rows().map { row in
            guard case .text(let address)? = row["topic_or_path"] else { return "?" }
            guard case .text(let value)? = row["value"] else { return address }
            return "\(address)=\(value)"
        }
    }

    @Test func arraysBecomeOneRowPerElementBesideTheirOwn() throws {
        _ = take([tag("a", expands: true)])
        deliver(.array(VariantArray(.int32([1, 2]))))
        deliver(.array(VariantArray(.double([1, 2, 3, 4]), dimensions: [2, 2])))
        deliver(.array(VariantArray(.int32([5]))))
        deliver(.null, .badNotConnected)
        #expect(
            try cells() == [
                "plant/a=[1,2]", "plant/a[0]=1", "plant/a[1]=2",
                "plant/a=[[1.0,2.0],[3.0,4.0]]", "plant/a[0][0]=1.0", "plant/a[0][1]=2.0", "plant/a[1][0]=3.0",
                "plant/a[1][1]=4.0",
                "plant/a=[5]", "plant/a[0]=5",
                // What was known of the elements is known no longer.
                "plant/a", "plant/a[0]",
            ])
        let first = try #require(try sink.rows().dropFirst().first)
        #expect(first["value_num"] == .double(1) && first["value_type"] == .text("Int32"))
    }

    @Test func elementsAreLimitedAndTheRestIsCounted() throws {
        _ = take([tag("a", expands: true)])
        deliver(.array(VariantArray(.byte([UInt8](repeating: 1, count: TagTable.elementsMax)))))
        #expect(try cells().count == 1 + TagTable.elementsMax && tags.diagnostics().elementsLeftOut == 0)
        deliver(.array(VariantArray(.byte([UInt8](repeating: 1, count: TagTable.elementsMax + 2)))))
        #expect(try cells().count == 2 * (1 + TagTable.elementsMax) && tags.diagnostics().elementsLeftOut == 2)
    }

    @Test func withoutTheKeyAnArrayIsOneRow() throws {
        _ = take([tag("a")])
        deliver(.array(VariantArray(.int32([1, 2]))))
        #expect(try cells() == ["plant/a=[1,2]"])
    }

    @Test func numbersWithNamesKeepBoth() throws {
        var dictionary = DataTypeDictionary()
        let mode = NodeId(namespace: 2, numeric: 9)
        let bits = NodeId(namespace: 2, numeric: 10)
        try dictionary.add(
            mode, name: "Mode",
            EnumDefinition(fields: [EnumField(value: 0, name: "Off"), EnumField(value: 5, name: "Run")]))
        try dictionary.add(
            bits, name: "Bits",
            EnumDefinition(fields: [EnumField(value: 0, name: "Ready"), EnumField(value: 2, name: "Hot")]),
            optionSet: .byte)
        _ = tags.take(
            FoundTags(
                [
                    tag("mode", isEnumeration: true) { $0.dataType = mode },
                    tag("bits", isEnumeration: true) { $0.dataType = bits },
                    tag("state") { $0.names = ValueNames(strings: ["Closed", nil, "Open"]) },
                    tag("on") { $0.names = ValueNames([(1, "On"), (0, "Off")] as [(Int64, String?)]) },
                ].map { .new($0) }), DataTypes(dictionary), intake)
        deliver(.int32(5), of: 0)
        deliver(.int32(6), of: 0)
        deliver(.array(VariantArray(.int32([0, 5, 6]))), of: 0)
        deliver(.byte(5), of: 1)
        deliver(.uint32(2), of: 2)
        deliver(.uint32(1), of: 2)
        deliver(.boolean(true), of: 3)
        #expect(
            try cells() == [
                "plant/mode=Run", "plant/mode=6", #"plant/mode=["Off","Run",6]"#, "plant/bits=Ready|Hot",
                "plant/state=Open", "plant/state=1", "plant/on=On",
            ])
        let rows = try sink.rows()
        #expect(rows[0]["value_num"] == .double(5) && rows[0]["value_type"] == .text("Int32"))
        #expect(rows[3]["value_num"] == .double(5) && rows[4]["value_num"] == .double(2))
        #expect(rows[6]["value_num"] == .double(1) && rows[6]["value_type"] == .text("Boolean"))
    }

    @Test func structuresBecomeObjectsOfTheirFields() throws {
        _ = take([tag("a")])
        let range = ExtensionObject(ValueRange(low: -1, high: 2.5))
        deliver(.extensionObject(range))
        deliver(.array(VariantArray(.extensionObject([range, .null]))))
        deliver(.variant(.extensionObject(range)))
        #expect(
            try cells() == [
                #"plant/a={"Low":-1.0,"High":2.5}"#,
                #"plant/a=[{"Low":-1.0,"High":2.5},{"type_id":"i=0","body":null}]"#,
                #"plant/a={"Low":-1.0,"High":2.5}"#,
            ])
        #expect(tags.takeWork().encodings.isEmpty)
    }

    /// What is not known is asked for once, however often it comes.
    @Test func unknownStructuresAreWorkToDo() throws {
        _ = take([tag("a")])
        let woken = OPCUAFlag()
        tags.whenThereIsWork { woken.set() }
        let encoding = NodeId(namespace: 3, numeric: 9)
        let object = ExtensionObject(typeId: encoding, body: .binary(ByteString([1])))
        deliver(.double(1))
        #expect(!woken.isSet)
        deliver(.array(VariantArray(.extensionObject([object, object]))))
        #expect(woken.isSet && tags.takeWork().encodings == [encoding])
        deliver(.extensionObject(object))
        #expect(tags.takeWork().encodings.isEmpty)
        var dictionary = DataTypeDictionary()
        try dictionary.add(
            NodeId(namespace: 3, numeric: 8), name: "T",
            StructureDefinition(
                defaultEncodingId: encoding, fields: [StructureField(name: "b", dataType: NodeId(3), valueRank: -1)]))
        tags.learn(DataTypes(dictionary))
        deliver(.extensionObject(object))
        #expect(try cells().last == #"plant/a={"b":1}"#)
    }

    @Test func overflowsAndChangesOfTypeAreCounted() {
        _ = take([tag("a"), tag("b")])
        deliver(.double(1), StatusCode(0x0000_0480))
        // Uncertain with the overflow bits, and info bits that mean something else.
        deliver(.double(1), StatusCode(0x4090_0480))
        deliver(.double(1), StatusCode(0x0000_0080))
        #expect(tags.diagnostics().queueOverflows == 2)
        deliver(.int32(1), of: 1)
        deliver(.null, .badNotConnected, of: 1)
        deliver(.int32(1), of: 1)
        #expect(tags.diagnostics().typeChanges == 0)
        deliver(.double(1), of: 1)
        #expect(tags.diagnostics().typeChanges == 1)
    }

    @Test func handlesThatWereNeverGivenBelongToNobody() {
        _ = take([tag("a")])
        deliver(.double(1), of: 1)
        deliver(.double(1), of: Int(UInt32.max))
        #expect(sink.count == 0)
    }

    // MARK: Surveys

    @Test func aHandleKeepsItsMeaningOverSurveys() throws {
        #expect(take([tag("a"), tag("b")]).wanted == [0, 1])
        for handle in 0...1 { tags.isMonitored(handle, as: .init(subscription: 1, id: UInt32(handle))) }
        // b is gone, c is new, a has a unit now.
        let change = take([tag("c"), tag("a") { $0.unit = "bar" }])
        #expect(change.wanted == [2] && change.gone == [1])
        deliver(.double(1), of: 0)
        guard case .map(let metadata)? = try #require(try sink.rows().first)["metadata"] else {
            Issue.record("no metadata")
            return
        }
        #expect(metadata["unit"] == "bar")
        // A new connection monitors nothing yet, and knows b again as what it was.
        tags.reset(isPolling: false)
        #expect(take([tag("a"), tag("b"), tag("c")]).wanted == [0, 1, 2])
    }

    @Test func aTagOfAnotherNodeIsMonitoredAnew() {
        _ = take([tag("a")])
        tags.isMonitored(0, as: .init(subscription: 1, id: 7))
        var moved = tag("a")
        moved.variable.node = NodeId(namespace: 3, string: "a")
        let change = take([moved])
        #expect(change.wanted == [0] && change.gone == [0])
        #expect(tags.forget(change.gone) == [.init(subscription: 1, id: 7)])
    }

    @Test func placesThatTwoNodesShareAreToldApart() {
        var other = tag("a")
        other.variable.node = NodeId(namespace: 3, numeric: 7)
        #expect(take([tag("a"), other]).wanted == [0, 1])
        #expect(tags.entries([0, 1]).map(\.address) == ["plant/a", "plant/a (ns=3;i=7)"])
        // A third comes and is found first: the others keep their names.
        var third = tag("a")
        third.variable.node = NodeId(namespace: 3, numeric: 8)
        let known = [other, tag("a")].map { tags.handle(of: $0.variable) }
        #expect(known == [1, 0] && tags.handle(of: third.variable) == nil)
        _ = tags.take(
            FoundTags([.new(third)] + known.compactMap { $0 }.map { .known($0) }), .standard, intake)
        #expect(tags.entries([2]).map(\.address) == ["plant/a (ns=3;i=8)"])
    }

    @Test func rangesUnitsAndDescriptionsAreMetadata() {
        let tag = tag("a") {
            $0.unit = "kW"
            $0.range = ValueRange(low: -5, high: 10.5)
            $0.instrumentRange = ValueRange(low: -50, high: 100)
            $0.description = "power"
        }
        let definition = TagNaming.definition(of: tag, at: "plant/a")
        #expect(definition.unit == "kW")
        #expect(
            definition.metadata == [
                "node_id": "ns=2;s=a", "namespace": "2", "eu_low": "-5.0", "eu_high": "10.5",
                "instrument_low": "-50.0", "instrument_high": "100.0", "description": "power",
            ])
    }

    /// One unknown node never stops the others, and is told once.
    @Test func failuresAreNamedWithTheirReasons() {
        _ = take(
            [tag("a"), .init(variable: .missing("/x", .badNoMatch, .init()), details: .unknown, expands: false)])
        #expect(tags.missing([0, 1]).map(\.handle) == [1])
        tags.isMonitored(0, as: .init(subscription: 1, id: 7))
        for _ in 0..<2 { tags.fail([(1, .badNoMatch)], intake) }
        #expect(sink.count == 1)
        let diagnostics = tags.diagnostics()
        #expect(diagnostics.itemsWanted == 2 && diagnostics.itemsCreated == 1 && diagnostics.subscriptions == 1)
        #expect(diagnostics.failedByReason == ["BadNoMatch": 1] && diagnostics.itemsFailed == 1)
        #expect(diagnostics.failures == [.init(item: "/x", reason: "BadNoMatch")])
    }
}
