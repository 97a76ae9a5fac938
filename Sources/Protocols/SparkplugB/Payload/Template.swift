import ProtobufWire

/// A structure: its definition, or one instance of it (Sparkplug 3.0, 6.4.21).
public struct Template: Hashable, Sendable {
    public var version: String?
    /// The members.
    public var metrics: [Metric]
    public var parameters: [Parameter]
    /// The name of the definition; nil in a definition.
    public var reference: String?
    public var isDefinition: Bool

    /// A parameter of a structure (Sparkplug 3.0, 6.4.22).
    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var type: DataType?
        public var value: MetricValue

        public init(name: String, type: DataType?, value: MetricValue) {
            self.name = name
            self.type = type
            self.value = value
        }
    }

    public init(
        version: String? = nil, metrics: [Metric] = [], parameters: [Parameter] = [], reference: String? = nil,
        isDefinition: Bool = false
    ) {
        self.version = version
        self.metrics = metrics
        self.parameters = parameters
        self.reference = reference
        self.isDefinition = isDefinition
    }

    init(_ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget) throws(PayloadError) {
        self.init()
        try budget.enter()
        var fields = FieldReader(bytes)
        while let field = try fields.next() {
            switch field {
            case 1: version = try fields.string()
            case 2:
                try budget.take()
                metrics.append(try Metric(MetricView(try fields.bytes()), &budget))
            case 3:
                try budget.take()
                parameters.append(try Self.parameter(try fields.bytes(), &budget))
            case 4: reference = try fields.string()
            case 5: isDefinition = try fields.bool()
            default: try fields.skip()
            }
        }
        budget.leave()
    }

    private static func parameter(
        _ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget
    ) throws(PayloadError) -> Parameter {
        var fields = FieldReader(bytes)
        var parameter = Parameter(name: "", type: nil, value: .null)
        var value = RawValue.none
        while let field = try fields.next() {
            switch field {
            case 1: parameter.name = try fields.string()
            case 2: parameter.type = DataType(rawValue: try fields.uint32())
            case 3: value = .int(try fields.uint32())
            case 4: value = .long(try fields.varint())
            case 5: value = .float(try fields.float())
            case 6: value = .double(try fields.double())
            case 7: value = .boolean(try fields.bool())
            case 8: value = .string(try fields.bytes())
            case 9: value = .vendor(try fields.bytes())
            default: try fields.skip()
            }
        }
        parameter.value =
            try MetricValue.decodeAny(value, parameter.type, isNull: false, &budget)
        return parameter
    }

    func write(to writer: inout WireWriter) {
        if let version { writer.field(1, string: version) }
        for metric in metrics {
            let open = writer.beginNested(2)
            metric.write(to: &writer)
            writer.endNested(open)
        }
        for parameter in parameters {
            let open = writer.beginNested(3)
            writer.field(1, string: parameter.name)
            if let type = parameter.type { writer.field(2, unsigned: UInt64(type.rawValue)) }
            writer.value(parameter.value, parameter.type, .parameter)
            writer.endNested(open)
        }
        if let reference { writer.field(4, string: reference) }
        writer.field(5, bool: isDefinition)
    }
}
