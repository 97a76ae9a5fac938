public import NIOCore

/// The properties of one packet, in the order of the wire.
public struct Properties: Equatable, Sendable, ExpressibleByArrayLiteral {
    public private(set) var all: [Property]

    public init(_ all: [Property] = []) { self.all = all }

    public init(arrayLiteral elements: Property...) { all = elements }

    public var isEmpty: Bool { all.isEmpty }

    public mutating func append(_ property: Property) { all.append(property) }

    /// Takes out every property with this identifier.
    public mutating func removeAll(_ id: PropertyID) { all.removeAll { $0.id == id } }
}

extension Properties {
    public var payloadIsText: Bool? { first { if case .payloadFormatIndicator(let it) = $0 { it } else { nil } } }
    /// Seconds.
    public var messageExpiryInterval: UInt32? {
        first { if case .messageExpiryInterval(let it) = $0 { it } else { nil } }
    }
    public var contentType: String? { first { if case .contentType(let it) = $0 { it } else { nil } } }
    public var responseTopic: String? { first { if case .responseTopic(let it) = $0 { it } else { nil } } }
    public var correlationData: ByteBuffer? { first { if case .correlationData(let it) = $0 { it } else { nil } } }
    public var subscriptionIdentifiers: [Int] {
        all.compactMap { if case .subscriptionIdentifier(let it) = $0 { it } else { nil } }
    }
    /// Seconds.
    public var sessionExpiryInterval: UInt32? {
        first { if case .sessionExpiryInterval(let it) = $0 { it } else { nil } }
    }
    public var assignedClientIdentifier: String? {
        first { if case .assignedClientIdentifier(let it) = $0 { it } else { nil } }
    }
    /// Seconds.
    public var serverKeepAlive: UInt16? { first { if case .serverKeepAlive(let it) = $0 { it } else { nil } } }
    public var authenticationMethod: String? {
        first { if case .authenticationMethod(let it) = $0 { it } else { nil } }
    }
    public var requestProblemInformation: Bool? {
        first { if case .requestProblemInformation(let it) = $0 { it } else { nil } }
    }
    /// Seconds.
    public var willDelayInterval: UInt32? { first { if case .willDelayInterval(let it) = $0 { it } else { nil } } }
    public var serverReference: String? { first { if case .serverReference(let it) = $0 { it } else { nil } } }
    public var reasonString: String? { first { if case .reasonString(let it) = $0 { it } else { nil } } }
    public var receiveMaximum: UInt16? { first { if case .receiveMaximum(let it) = $0 { it } else { nil } } }
    public var topicAliasMaximum: UInt16? { first { if case .topicAliasMaximum(let it) = $0 { it } else { nil } } }
    public var topicAlias: UInt16? { first { if case .topicAlias(let it) = $0 { it } else { nil } } }
    public var maximumQoS: QoS? { first { if case .maximumQoS(let it) = $0 { it } else { nil } } }
    public var retainAvailable: Bool? { first { if case .retainAvailable(let it) = $0 { it } else { nil } } }
    public var userProperties: [(name: String, value: String)] {
        all.compactMap { if case .userProperty(let name, let value) = $0 { (name, value) } else { nil } }
    }
    /// Bytes.
    public var maximumPacketSize: UInt32? { first { if case .maximumPacketSize(let it) = $0 { it } else { nil } } }
    public var wildcardSubscriptionAvailable: Bool? {
        first { if case .wildcardSubscriptionAvailable(let it) = $0 { it } else { nil } }
    }
    public var sharedSubscriptionAvailable: Bool? {
        first { if case .sharedSubscriptionAvailable(let it) = $0 { it } else { nil } }
    }

    private func first<Value>(_ read: (Property) -> Value?) -> Value? {
        for property in all {
            if let value = read(property) { return value }
        }
        return nil
    }
}
