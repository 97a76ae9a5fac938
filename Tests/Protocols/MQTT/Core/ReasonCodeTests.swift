import Testing

@testable import MQTTCore

/// The table of reason codes (MQTT 5.0 table 2-6), number by number.
private let reasonTable: [(UInt8, ReasonCode, String)] = [
    (0x00, .success, "success"), (0x01, .grantedQoS1, "granted QoS 1"), (0x02, .grantedQoS2, "granted QoS 2"),
    (0x04, .disconnectWithWill, "disconnected with will message"),
    (0x10, .noMatchingSubscribers, "no matching subscribers"),
    (0x11, .noSubscriptionExisted, "no subscription existed"),
    (0x18, .continueAuthentication, "continue authentication"), (0x19, .reAuthenticate, "re-authenticate"),
    (0x80, .unspecifiedError, "unspecified error"), (0x81, .malformedPacket, "malformed packet"),
    (0x82, .protocolError, "protocol error"),
    (0x83, .implementationSpecificError, "implementation specific error"),
    (0x84, .unsupportedProtocolVersion, "unsupported protocol version"),
    (0x85, .clientIdentifierNotValid, "client identifier not valid"),
    (0x86, .badUserNameOrPassword, "bad user name or password"), (0x87, .notAuthorized, "not authorized"),
    (0x88, .serverUnavailable, "server unavailable"), (0x89, .serverBusy, "server busy"), (0x8A, .banned, "banned"),
    (0x8B, .serverShuttingDown, "server shutting down"),
    (0x8C, .badAuthenticationMethod, "bad authentication method"), (0x8D, .keepAliveTimeout, "keep-alive timeout"),
    (0x8E, .sessionTakenOver, "session taken over by another client with the same client id"),
    (0x8F, .topicFilterInvalid, "topic filter invalid"), (0x90, .topicNameInvalid, "topic name invalid"),
    (0x91, .packetIdentifierInUse, "packet identifier in use"),
    (0x92, .packetIdentifierNotFound, "packet identifier not found"),
    (0x93, .receiveMaximumExceeded, "receive maximum exceeded"), (0x94, .topicAliasInvalid, "topic alias invalid"),
    (0x95, .packetTooLarge, "packet too large"), (0x96, .messageRateTooHigh, "message rate too high"),
    (0x97, .quotaExceeded, "quota exceeded"), (0x98, .administrativeAction, "administrative action"),
    (0x99, .payloadFormatInvalid, "payload format invalid"), (0x9A, .retainNotSupported, "retain not supported"),
    (0x9B, .qosNotSupported, "QoS not supported"), (0x9C, .useAnotherServer, "use another server"),
    (0x9D, .serverMoved, "server moved"),
    (0x9E, .sharedSubscriptionsNotSupported, "shared subscriptions not supported"),
    (0x9F, .connectionRateExceeded, "connection rate exceeded"), (0xA0, .maximumConnectTime, "maximum connect time"),
    (0xA1, .subscriptionIdentifiersNotSupported, "subscription identifiers not supported"),
    (0xA2, .wildcardSubscriptionsNotSupported, "wildcard subscriptions not supported"),
]

@Suite struct ReasonCodeTests {
    @Test func numbersAndWords() {
        for (number, code, words) in reasonTable {
            #expect(code.rawValue == number)
            #expect(code.words == words)
            #expect(code.isError == (number >= 0x80))
        }
        #expect(Set(reasonTable.map(\.0)).count == 43)
    }

    /// The return codes of 3.1.1 (section 3.2.2.3), both ways.
    @Test func connectReturnCodes() {
        let table: [(UInt8, ReasonCode)] = [
            (0, .success), (1, .unsupportedProtocolVersion), (2, .clientIdentifierNotValid), (3, .serverUnavailable),
            (4, .badUserNameOrPassword), (5, .notAuthorized),
        ]
        for (number, code) in table {
            #expect(ReasonCode(connectReturnCode: number) == code)
            #expect(code.connectReturnCode == number)
        }
        #expect(ReasonCode(connectReturnCode: 6) == .unspecifiedError)
    }
}
