/// What an intake keeps of one tag that every reading needs: where its record's constant part is, and what it read
/// last. Forty bytes without a reference, so that a reading costs no counting of them.
struct TagSlot {
    /// How ``bits`` are to be read.
    enum Kind: UInt8 {
        /// Nothing was read yet.
        case never
        case none, bool, int, uint, float, double
        /// The number of a value that is kept apart.
        case kept
    }

    let prefix: UInt32
    private(set) var status: Int32 = 0
    private(set) var bits: UInt64 = 0
    /// Microseconds; what no clock says for a reading without a time.
    private var sourceTime = Self.noTime
    private var received = Self.noTime
    private(set) var kind = Kind.never
    private var type = ValueType.none
    private var quality = Quality.good
    /// What the tag's values are, by all readings so far.
    private var keptType = ValueType.none
    /// The number of its conditioner; 0 is none.
    let conditioner: UInt32

    private static let noTime = Int64.min

    init(prefix: UInt32, conditioner: UInt32 = 0) {
        self.prefix = prefix
        self.conditioner = conditioner
    }

    /// Takes note of a reading's type.
    /// - Returns: whether it is another than before. A whole number among floating-point ones is none: many devices and
    ///   every JSON text leave out a decimal point that would have only a zero behind it.
    @inline(__always)
    mutating func changesType(_ reading: Reading) -> Bool {
        reading.type == keptType ? false : takesType(reading)
    }

    private mutating func takesType(_ reading: Reading) -> Bool {
        if case .none = reading.value { return false }
        guard reading.type != .none, reading.type != .opcuaNull else { return false }
        let (before, now) = (keptType, reading.type)
        if before == .none {
            keptType = now
            return false
        }
        if before.kind == "float", now.kind == "int" { return false }
        keptType = now
        return !(before.kind == "int" && now.kind == "float")
    }

    /// Takes a reading.
    /// - Parameters:
    ///   - kind: how the value is held.
    ///   - bits: the value, or its number among those kept apart.
    @inline(__always)
    mutating func take(_ reading: Reading, _ kind: Kind, _ bits: UInt64, received: Timestamp) {
        self.kind = kind
        self.bits = bits
        type = reading.type
        status = reading.status.code
        quality = reading.status.quality
        sourceTime = reading.sourceTime?.microseconds ?? Self.noTime
        self.received = received.microseconds
    }

    /// The last reading.
    /// - Parameter kept: the value with a number among those kept apart.
    func last(kept: (Int) -> ReadingValue) -> (reading: Reading, received: Timestamp)? {
        let value: ReadingValue
        switch kind {
        case .never: return nil
        case .none: value = .none
        case .bool: value = .bool(bits != 0)
        case .int: value = .int(Int64(bitPattern: bits))
        case .uint: value = .uint(bits)
        case .float: value = .float(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: value = .double(Double(bitPattern: bits))
        case .kept: value = kept(Int(bits))
        }
        let time = sourceTime == Self.noTime ? nil : Timestamp(microseconds: sourceTime)
        return (
            Reading(value, type, status: Status(code: status, quality: quality), at: time),
            Timestamp(microseconds: received)
        )
    }
}

/// Values that are no numbers, of the tags whose last value is one.
struct KeptValues {
    private var values: [ReadingValue] = []
    private var free: [Int] = []

    subscript(number: Int) -> ReadingValue { values[number] }

    /// Keeps a value.
    /// - Parameter slot: the tag, whose earlier value gives way.
    mutating func keep(_ value: ReadingValue, for slot: TagSlot) -> UInt64 {
        let number: Int
        if slot.kind == .kept {
            number = Int(slot.bits)
        } else if let unused = free.popLast() {
            number = unused
        } else {
            values.append(value)
            return UInt64(values.count - 1)
        }
        values[number] = value
        return UInt64(number)
    }

    /// The tag's last value is a number now.
    mutating func release(_ slot: TagSlot) {
        guard slot.kind == .kept else { return }
        values[Int(slot.bits)] = .none
        free.append(Int(slot.bits))
    }
}
