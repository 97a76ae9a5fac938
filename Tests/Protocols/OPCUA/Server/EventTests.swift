import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct EventTests {
    static func field(_ name: String, of type: UInt32 = 2041) -> SimpleAttributeOperand {
        SimpleAttributeOperand(
            typeDefinitionId: NodeId(type), browsePath: [QualifiedName(name)], attributeId: AttributeId.value)
    }

    private static func element(_ operation: FilterOperator, _ operands: [ExtensionObject]) -> ContentFilterElement {
        ContentFilterElement(filterOperator: operation, filterOperands: operands)
    }

    private static func literal(_ value: Variant) -> ExtensionObject { ExtensionObject(LiteralOperand(value: value)) }
    private static func other(_ index: UInt32) -> ExtensionObject { ExtensionObject(ElementOperand(index: index)) }
    private static let severity = ExtensionObject(field("Severity"))

    private let space = AddressSpace(applicationURI: "urn:a", namespaces: [])

    private func event(_ severity: UInt16, type: UInt32 = 2041) -> ServerEvent {
        ServerEvent(type: NodeId(type), time: .null, message: LocalizedText("m"), severity: severity)
    }

    /// Whether an event passes a where clause; nil when the clause is refused.
    private func passes(_ elements: [ContentFilterElement], _ event: ServerEvent) -> Bool? {
        let filter = EventFilter(
            selectClauses: [Self.field("Severity")], whereClause: ContentFilter(elements: elements))
        guard let selection = EventSelection.make(filter, in: space).selection else { return nil }
        return selection.fields(of: event, id: ByteString([]), at: .null, in: space) != nil
    }

    @Test(arguments: [
        (FilterOperator.equals, [Variant.int32(5)], [false, true, false]),
        (.greaterThan, [.double(5)], [false, false, true]),
        (.lessThan, [.byte(5)], [true, false, false]), (.greaterThanOrEqual, [.int64(5)], [false, true, true]),
        (.lessThanOrEqual, [.uint16(5)], [true, true, false]),
        (.between, [.int32(5), .int32(6)], [false, true, true]),
        (.inList, [.int32(4), .int32(6)], [true, false, true]), (.isNull, [], [false, false, false]),
        (.equals, [.string("5")], [false, false, false]),
    ])
    func comparisons(_ operation: FilterOperator, _ literals: [Variant], _ expected: [Bool]) {
        let element = Self.element(operation, [Self.severity] + literals.map(Self.literal))
        #expect([4, 5, 6].map { passes([element], event($0)) } == expected)
    }

    @Test func conditionsAreJoined() {
        let low = Self.element(.greaterThan, [Self.severity, Self.literal(.int32(3))])
        let high = Self.element(.lessThan, [Self.severity, Self.literal(.int32(6))])
        let and = Self.element(.and, [Self.other(1), Self.other(2)])
        let or = Self.element(.or, [Self.other(1), Self.other(2)])
        let not = Self.element(.not, [Self.other(1)])
        #expect([3, 5, 7].map { passes([and, low, high], event($0)) } == [false, true, false])
        #expect([3, 5, 7].map { passes([or, low, high], event($0)) } == [true, true, true])
        #expect([3, 5].map { passes([not, low], event($0)) } == [true, false])
        // What cannot be said is not true, nor is its opposite.
        let unknown = Self.element(.greaterThan, [ExtensionObject(Self.field("Nothing")), Self.literal(.int32(1))])
        #expect(passes([not, unknown], event(1)) == false)
        #expect(passes([and, unknown, low], event(5)) == false)
        #expect(passes([or, unknown, low], event(5)) == true)
    }

    @Test func typesKnowTheirSupertypes() {
        func ofType(_ type: UInt32) -> [ContentFilterElement] {
            [Self.element(.ofType, [Self.literal(.nodeId(NodeId(type)))])]
        }
        #expect(passes(ofType(2132), event(1, type: 2133)) == true)
        #expect(passes(ofType(2041), event(1, type: 2133)) == true)
        #expect(passes(ofType(2133), event(1, type: 2041)) == false)
    }

    /// Elements that name the same one twice must not double the work with each step.
    @Test func longConditionsEnd() {
        let last = Self.element(.greaterThan, [Self.severity, Self.literal(.int32(3))])
        let chain = (1..<UInt32(EventSelection.maxWhereElements)).map {
            Self.element(.and, [Self.other($0), Self.other($0)])
        }
        #expect(passes(chain + [last], event(5)) == true)
        #expect(passes(chain + [last, last], event(5)) == nil)
    }

    @Test func wrongFiltersAreRefusedWithTheReason() throws {
        func result(_ elements: [ContentFilterElement]) -> [StatusCode] {
            EventSelection.make(
                EventFilter(selectClauses: [Self.field("Time")], whereClause: ContentFilter(elements: elements)),
                in: space
            ).result.whereClauseResult.elementResults.map(\.statusCode)
        }
        #expect(result([Self.element(.equals, [Self.severity])]) == [.badFilterOperandCountMismatch])
        #expect(result([Self.element(.like, [Self.severity, Self.severity])]) == [.badFilterOperatorUnsupported])
        #expect(result([Self.element(FilterOperator(rawValue: 99), [])]) == [.badFilterOperatorInvalid])
        // An element that names itself or one that is not there.
        #expect(result([Self.element(.not, [Self.other(0)])]) == [.badFilterOperandInvalid])
        #expect(result([Self.element(.not, [Self.other(1)])]) == [.badFilterOperandInvalid])
        #expect(EventSelection.make(EventFilter(), in: space).status == .badEventFilterInvalid)
        let clauses = [
            Self.field("Time"), Self.field("Changes"), Self.field("Changes", of: 2133), Self.field("x", of: 1),
        ]
        let made = EventSelection.make(EventFilter(selectClauses: clauses), in: space)
        #expect(made.status == .good)
        #expect(made.result.selectClauseResults == [.good, .badNodeIdUnknown, .good, .badNodeIdUnknown])
    }

    @Test func fullQueuesSaySo() {
        for isOldest in [true, false] {
            let filter = EventFilter(selectClauses: [Self.field("Severity"), Self.field("EventType")])
            guard let selection = EventSelection.make(filter, in: space).selection else {
                return #expect(Bool(false), "refused")
            }
            var item = EventItem(
                clientHandle: 7, mode: .reporting, queueSize: 2, discardOldest: isOldest, filter: selection)
            for severity in 1...4 { item.offer(event(UInt16(severity)), id: ByteString([]), at: .null, in: space) }
            var types: [Variant] = []
            var severities: [Variant] = []
            var room = ResponseRoom(count: 10)
            item.take(&room, at: .null) {
                severities.append($0.eventFields[0]); types.append($0.eventFields[1])
            }
            #expect(room.count == 7)
            let overflow = Variant.nodeId(NodeId(3035))
            #expect(types.firstIndex(of: overflow) == (isOldest ? 0 : 2))
            #expect(
                severities.filter { $0 != .uint16(100) }
                    == (isOldest ? [.uint16(3), .uint16(4)] : [.uint16(1), .uint16(4)]))
            #expect(!item.isDue)
        }
    }

    @Test func eventsAndModelChangesReachTheirClients() async throws {
        let server = try TestServer { space in
            try space.addFolder(TestServer.node("plant"), name: "plant")
        }
        let application = server.application
        try await server.serve { port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                let filter = EventFilter(selectClauses: [
                    Self.field("EventType"), Self.field("Message"), Self.field("Changes", of: 2133),
                ])
                let created = try await client.monitor(
                    [NodeId(2253), AddressSpace.objects, NodeId(99_999)], in: subscription,
                    attribute: AttributeId.eventNotifier, queueSize: 10, filter: ExtensionObject(filter))
                #expect(created.map(\.statusCode) == [.good, .badFilterNotAllowed, .badNodeIdUnknown])
                application.raise(self.event(1))
                let first = try await client.publish().events
                #expect(first.map(\.clientHandle) == [0])
                #expect(
                    first.first?.eventFields
                        == [.nodeId(NodeId(2041)), .localizedText(LocalizedText("m")), .null])

                let handle = try await application.modify { space in
                    try space.addVariable(
                        VariableDefinition(id: TestServer.node("new"), name: "new", type: .double, historyLength: 2),
                        under: TestServer.node("plant"))
                }
                let added = try await client.publish().events.first?.changes
                #expect(
                    added == [
                        ModelChangeStructureDataType(
                            affected: TestServer.node("new"), affectedType: NodeId(63), verb: 1),
                        ModelChangeStructureDataType(affected: TestServer.node("plant"), verb: 4),
                    ])
                application.set(handle, 5)
                #expect(try await client.read(TestServer.node("new")).value == .double(5))
                let watched = try await client.monitor([TestServer.node("new")], in: subscription)
                #expect(watched.map(\.statusCode) == [.good])
                #expect(try await client.publish().changes.map(\.value.value) == [.double(5)])

                try await application.modify { try $0.remove(TestServer.node("plant")) }
                var changes: [StatusCode] = []
                var removed: [NodeId] = []
                while changes.isEmpty || removed.isEmpty {
                    let message = try await client.publish()
                    changes += message.changes.map(\.value.status)
                    removed += message.events.flatMap { $0.changes ?? [] }.filter { $0.verb == 2 }.map(\.affected)
                }
                #expect(changes == [.badNodeIdUnknown])
                #expect(removed == [TestServer.node("plant"), TestServer.node("new")])
                #expect(try await client.read(TestServer.node("new")).status == .badNodeIdUnknown)
                let refused = await #expect(throws: AddressSpaceError.self) {
                    try await application.modify { try $0.remove(NodeId(2253)) }
                }
                #expect(refused == .standardNode(NodeId(2253)))
            }
        }
    }
}

extension PublishResponse {
    fileprivate var events: [EventFieldList] {
        notificationMessage.notificationData.flatMap { object -> [EventFieldList] in
            (try? object.decode(as: EventNotificationList.self))??.events ?? []
        }
    }
}

extension EventFieldList {
    /// The third field as model changes.
    fileprivate var changes: [ModelChangeStructureDataType]? {
        guard case .array(let array) = eventFields[2], case .extensionObject(let objects) = array.elements else {
            return nil
        }
        return objects.compactMap { try? $0.decode(as: ModelChangeStructureDataType.self) }
    }
}
