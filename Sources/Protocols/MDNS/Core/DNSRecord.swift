/// The number of a kind of record (RFC 1035, 3.2.2).
public struct RecordType: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = RecordType(rawValue: 1)
    public static let ptr = RecordType(rawValue: 12)
    public static let txt = RecordType(rawValue: 16)
    public static let aaaa = RecordType(rawValue: 28)
    public static let srv = RecordType(rawValue: 33)
    /// Which types a name has (RFC 4034, 4; in the form of RFC 6762, 6.1).
    public static let nsec = RecordType(rawValue: 47)
    /// In questions: whatever there is.
    public static let any = RecordType(rawValue: 255)

    public static func < (left: RecordType, right: RecordType) -> Bool { left.rawValue < right.rawValue }
}

/// An address of a host.
public enum HostAddress: Hashable, Sendable {
    case ipv4(UInt32)
    /// The first eight bytes and the last.
    case ipv6(UInt64, UInt64)

    /// The type of its record.
    public var type: RecordType {
        switch self {
        case .ipv4: .a
        case .ipv6: .aaaa
        }
    }
}

/// What a record says.
public enum RecordData: Hashable, Sendable {
    case address(HostAddress)
    case pointer(DNSName)
    /// Where a service is (RFC 2782).
    case service(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
    /// Strings of at most 255 bytes, `key=value` in service discovery (RFC 6763, 6). Never none: an empty record is one
    /// empty string.
    case text([[UInt8]])
    /// These types and no other; below 256, in ascending order.
    case types([RecordType])
    /// Any other type, its bytes as they came.
    case other(RecordType, [UInt8])

    public var type: RecordType {
        switch self {
        case .address(let address): address.type
        case .pointer: .ptr
        case .service: .srv
        case .text: .txt
        case .types: .nsec
        case .other(let type, _): type
        }
    }
}

/// One record of a message.
public struct DNSRecord: Hashable, Sendable {
    /// The class of the Internet (RFC 1035, 3.2.4), the only one in use.
    public static let internet: UInt16 = 1

    public var name: DNSName
    public var data: RecordData
    /// How long it holds, in seconds; 0 takes it back (RFC 6762, 10.1).
    public var secondsToLive: UInt32
    /// Whether nobody else has records of this name and type, so that older ones are forgotten (cache-flush bit, 10.2).
    public var isUnique: Bool
    /// 15 bits.
    public var recordClass: UInt16

    public init(
        _ name: DNSName, _ data: RecordData, secondsToLive: UInt32, isUnique: Bool,
        recordClass: UInt16 = DNSRecord.internet
    ) {
        self.name = name
        self.data = data
        self.secondsToLive = secondsToLive
        self.isUnique = isUnique
        self.recordClass = recordClass
    }

    public var type: RecordType { data.type }

    /// Whether it says the same, however long and to whomever.
    public func saysTheSame(as other: DNSRecord) -> Bool {
        recordClass == other.recordClass && name == other.name && data == other.data
    }
}

/// One question of a message.
public struct DNSQuestion: Hashable, Sendable {
    public var name: DNSName
    public var type: RecordType
    /// Whether the answer may come to the asker alone (RFC 6762, 5.4).
    public var wantsUnicast: Bool
    /// 15 bits; 255 is any.
    public var recordClass: UInt16

    public init(
        _ name: DNSName, _ type: RecordType, wantsUnicast: Bool = false, recordClass: UInt16 = DNSRecord.internet
    ) {
        self.name = name
        self.type = type
        self.wantsUnicast = wantsUnicast
        self.recordClass = recordClass
    }

    /// Whether it asks for records of the Internet, or of any class.
    var isOfInternet: Bool { recordClass == DNSRecord.internet || recordClass == 255 }

    /// Whether it asks for records of this type, of the class of the Internet.
    func asks(for other: RecordType) -> Bool { isOfInternet && (type == other || type == .any) }
}
