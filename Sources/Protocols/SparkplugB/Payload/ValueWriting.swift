import ProtobufWire

/// The numbers of the fields of a value in one of the schema's messages, which have them in the same order.
struct ValueFields {
    let int: UInt32
    var long: UInt32 { int + 1 }
    var float: UInt32 { int + 2 }
    var double: UInt32 { int + 3 }
    var boolean: UInt32 { int + 4 }
    var string: UInt32 { int + 5 }
    /// In a metric bytes, data set and template follow; in a property its sets.
    var afterString: UInt32 { int + 6 }
    /// Bytes; outside a metric, as a vendor's extension.
    let bytes: UInt32

    static let metric = ValueFields(int: 10, bytes: 16)
    static let property = ValueFields(int: 3, bytes: 11)
    static let parameter = ValueFields(int: 3, bytes: 9)
    static let cell = ValueFields(int: 1, bytes: 7)
}

extension WireWriter {
    /// Appends the field for a value; a null has none.
    ///
    /// Numbers of up to 32 bits go into `int_value`, negative ones as two's complement of 32 bits.
    mutating func value(_ value: MetricValue, _ type: DataType?, _ fields: ValueFields) {
        switch value {
        case .null: break
        case .int(let number):
            if type == .int64 || type == nil {
                field(fields.long, unsigned: UInt64(bitPattern: number))
            } else {
                field(fields.int, unsigned: UInt64(UInt32(truncatingIfNeeded: number)))
            }
        case .uint(let number):
            if type == .uint64 || type == nil {
                field(fields.long, unsigned: number)
            } else {
                field(fields.int, unsigned: UInt64(UInt32(truncatingIfNeeded: number)))
            }
        case .dateTime(let time): field(fields.long, unsigned: UInt64(bitPattern: time))
        case .float(let number): field(fields.float, float: number)
        case .double(let number): field(fields.double, double: number)
        case .boolean(let flag): field(fields.boolean, bool: flag)
        case .string(let text): field(fields.string, string: text)
        case .bytes(let bytes): field(fields.bytes, bytes: bytes)
        case .array(let array): field(fields.bytes, bytes: array.bytes(type ?? .int64Array))
        case .dataSet(let dataSet):
            let open = beginNested(fields.afterString + 1)
            dataSet.write(to: &self)
            endNested(open)
        case .template(let template):
            let open = beginNested(fields.afterString + 2)
            template.write(to: &self)
            endNested(open)
        case .properties(let set):
            let open = beginNested(fields.afterString)
            set.write(to: &self)
            endNested(open)
        case .propertySets(let sets):
            let open = beginNested(fields.afterString + 1)
            for set in sets {
                let one = beginNested(1)
                set.write(to: &self)
                endNested(one)
            }
            endNested(open)
        }
    }
}
