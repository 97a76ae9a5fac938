import ConnectorModel
import MQTTAdapter
import MQTTCore
import Testing

@Suite struct MQTTPendingAcknowledgementsTests {
    private typealias Action = PendingAcknowledgements.Action

    private func token(_ sequence: UInt64) -> DeliveryToken { DeliveryToken(generation: 1, sequence: sequence) }

    private func ticket(_ number: UInt64) -> Ticket { Ticket(number: number) }

    @Test func acknowledgesWhatIsDurable() {
        var pending = PendingAcknowledgements()
        #expect(pending.delivered(through: token(4), ticket: ticket(10), hasUnassured: false) == Action())
        #expect(pending.delivered(through: token(9), ticket: ticket(12), hasUnassured: false) == Action())
        #expect(pending.delivered(through: token(11), ticket: ticket(13), hasUnassured: false) == Action())
        #expect(pending.durable(upTo: ticket(9)) == Action())
        #expect(pending.durable(upTo: ticket(10)) == Action(acknowledge: token(4)))
        #expect(pending.durable(upTo: ticket(11)) == Action())
        #expect(pending.durable(upTo: ticket(20)) == Action(acknowledge: token(11)))
        #expect(pending.waitingBatches == 0)
        #expect(pending.durable(upTo: ticket(20)) == Action())
    }

    @Test func theLaneMayBeFasterThanTheEventLoop() {
        var pending = PendingAcknowledgements()
        #expect(pending.durable(upTo: ticket(5)) == Action())
        #expect(
            pending.delivered(through: token(0), ticket: ticket(5), hasUnassured: false)
                == Action(acknowledge: token(0)))
        #expect(pending.delivered(through: token(1), ticket: ticket(6), hasUnassured: false) == Action())
    }

    @Test func messagesWithoutReadingsKeepTheirPlace() {
        var pending = PendingAcknowledgements()
        #expect(
            pending.delivered(through: token(0), ticket: nil, hasUnassured: false) == Action(acknowledge: token(0)))
        #expect(pending.delivered(through: token(1), ticket: ticket(1), hasUnassured: false) == Action())
        #expect(pending.delivered(through: token(2), ticket: nil, hasUnassured: false) == Action())
        #expect(pending.waitingBatches == 1)
        #expect(pending.durable(upTo: ticket(1)) == Action(acknowledge: token(2)))
    }

    @Test func aFullLaneWithholdsAcknowledgements() {
        var pending = PendingAcknowledgements()
        _ = pending.delivered(through: token(0), ticket: ticket(1), hasUnassured: false)
        #expect(pending.demand(open: false) == Action())
        #expect(pending.durable(upTo: ticket(1)) == Action())
        _ = pending.delivered(through: token(1), ticket: ticket(2), hasUnassured: false)
        #expect(pending.durable(upTo: ticket(2)) == Action())
        #expect(pending.demand(open: true) == Action(acknowledge: token(1)))
        #expect(pending.demand(open: true) == Action())
    }

    @Test func aFullLaneStopsReadingOnlyForUnassuredMessages() {
        var pending = PendingAcknowledgements()
        #expect(pending.demand(open: false) == Action())
        #expect(pending.delivered(through: nil, ticket: ticket(1), hasUnassured: true) == Action(reading: false))
        #expect(pending.delivered(through: nil, ticket: ticket(2), hasUnassured: true) == Action())
        #expect(pending.durable(upTo: ticket(2)) == Action())
        #expect(pending.demand(open: true) == Action(reading: true))
        #expect(pending.demand(open: false) == Action(reading: false))
        _ = pending.delivered(through: token(0), ticket: ticket(3), hasUnassured: false)
        _ = pending.durable(upTo: ticket(3))
        #expect(pending.demand(open: true) == Action(acknowledge: token(0), reading: true))
    }

    @Test func neverAcknowledgesTooEarlyOrOutOfOrder() {
        var state: UInt64 = 3
        func random(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        for _ in 0..<300 {
            var pending = PendingAcknowledgements()
            var submitted: UInt64 = 0
            var durable: UInt64 = 0
            var needs: [UInt64] = []  // by token: the ticket that it waits for
            var acknowledged = -1
            var isOpen = true
            func check(_ action: PendingAcknowledgements.Action) {
                guard let token = action.acknowledge else { return }
                #expect(isOpen)
                #expect(Int(token.sequence) > acknowledged)
                #expect(needs[Int(token.sequence)] <= durable)
                acknowledged = Int(token.sequence)
            }
            for _ in 0..<60 {
                switch random(4) {
                case 0, 1:
                    let hasReadings = random(4) > 0
                    if hasReadings { submitted += 1 + random(3) }
                    // Now and then the lane is durable before it returns.
                    if random(5) == 0 {
                        durable = submitted
                        check(pending.durable(upTo: ticket(durable)))
                    }
                    var last: DeliveryToken?
                    for _ in 0..<random(4) {
                        last = token(UInt64(needs.count))
                        needs.append(hasReadings ? submitted : needs.last ?? 0)
                    }
                    check(
                        pending.delivered(
                            through: last, ticket: hasReadings ? ticket(submitted) : nil, hasUnassured: false))
                case 2:
                    durable = max(durable, min(submitted, durable + random(4)))
                    check(pending.durable(upTo: ticket(durable)))
                default:
                    isOpen = random(2) == 0
                    check(pending.demand(open: isOpen))
                }
            }
            isOpen = true
            durable = submitted
            check(pending.demand(open: true))
            check(pending.durable(upTo: ticket(durable)))
            #expect(acknowledged == needs.count - 1)
        }
    }
}
