/// The identifier of a property (MQTT 5.0 section 2.2.2.2).
public enum PropertyID: UInt8, Sendable, CaseIterable {
    case payloadFormatIndicator = 1
    case messageExpiryInterval = 2
    case contentType = 3
    case responseTopic = 8
    case correlationData = 9
    case subscriptionIdentifier = 11
    case sessionExpiryInterval = 17
    case assignedClientIdentifier = 18
    case serverKeepAlive = 19
    case authenticationMethod = 21
    case authenticationData = 22
    case requestProblemInformation = 23
    case willDelayInterval = 24
    case requestResponseInformation = 25
    case responseInformation = 26
    case serverReference = 28
    case reasonString = 31
    case receiveMaximum = 33
    case topicAliasMaximum = 34
    case topicAlias = 35
    case maximumQoS = 36
    case retainAvailable = 37
    case userProperty = 38
    case maximumPacketSize = 39
    case wildcardSubscriptionAvailable = 40
    case subscriptionIdentifierAvailable = 41
    case sharedSubscriptionAvailable = 42

    /// The places where the standard allows this property.
    var places: PropertyPlaces {
        switch self {
        case .payloadFormatIndicator, .messageExpiryInterval, .contentType, .responseTopic, .correlationData:
            [.publish, .will]
        case .subscriptionIdentifier: [.publish, .subscribe]
        case .sessionExpiryInterval: [.connect, .connAck, .disconnect]
        case .assignedClientIdentifier, .serverKeepAlive, .responseInformation, .maximumQoS, .retainAvailable,
            .wildcardSubscriptionAvailable, .subscriptionIdentifierAvailable, .sharedSubscriptionAvailable:
            [.connAck]
        case .authenticationMethod, .authenticationData: [.connect, .connAck, .auth]
        case .requestProblemInformation, .requestResponseInformation: [.connect]
        case .willDelayInterval: [.will]
        case .serverReference: [.connAck, .disconnect]
        case .reasonString: [.connAck, .acknowledgement, .subAck, .unsubAck, .disconnect, .auth]
        case .receiveMaximum, .topicAliasMaximum, .maximumPacketSize: [.connect, .connAck]
        case .topicAlias: [.publish]
        case .userProperty: .everywhere
        }
    }
}

/// The packets, and the will inside CONNECT, in which properties stand.
struct PropertyPlaces: OptionSet, Sendable {
    var rawValue: UInt16

    static let connect = PropertyPlaces(rawValue: 1 << 0)
    static let connAck = PropertyPlaces(rawValue: 1 << 1)
    static let publish = PropertyPlaces(rawValue: 1 << 2)
    static let will = PropertyPlaces(rawValue: 1 << 3)
    /// PUBACK, PUBREC, PUBREL and PUBCOMP.
    static let acknowledgement = PropertyPlaces(rawValue: 1 << 4)
    static let subscribe = PropertyPlaces(rawValue: 1 << 5)
    static let subAck = PropertyPlaces(rawValue: 1 << 6)
    static let unsubscribe = PropertyPlaces(rawValue: 1 << 7)
    static let unsubAck = PropertyPlaces(rawValue: 1 << 8)
    static let disconnect = PropertyPlaces(rawValue: 1 << 9)
    static let auth = PropertyPlaces(rawValue: 1 << 10)
    static let everywhere = PropertyPlaces(rawValue: (1 << 11) - 1)
}
