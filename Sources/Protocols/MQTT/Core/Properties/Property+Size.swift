import NIOCore

extension Properties {
    /// Bytes of the block on the wire, without its length in front.
    var size: Int { all.reduce(0) { $0 + $1.size } }
}

extension Property {
    /// Bytes on the wire, identifier included.
    var size: Int {
        switch self {
        case .payloadFormatIndicator, .requestProblemInformation, .requestResponseInformation, .maximumQoS,
            .retainAvailable, .wildcardSubscriptionAvailable, .subscriptionIdentifierAvailable,
            .sharedSubscriptionAvailable:
            2
        case .serverKeepAlive, .receiveMaximum, .topicAliasMaximum, .topicAlias: 3
        case .messageExpiryInterval, .sessionExpiryInterval, .willDelayInterval, .maximumPacketSize: 5
        case .contentType(let text), .responseTopic(let text), .assignedClientIdentifier(let text),
            .authenticationMethod(let text), .responseInformation(let text), .serverReference(let text),
            .reasonString(let text):
            3 + text.utf8.count
        case .correlationData(let data), .authenticationData(let data): 3 + data.readableBytes
        case .subscriptionIdentifier(let number): 1 + VariableByteInteger.size(of: number)
        case .userProperty(let name, let value): 5 + name.utf8.count + value.utf8.count
        }
    }
}
