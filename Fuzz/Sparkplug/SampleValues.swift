import SparkplugB

/// One value of each type.
enum SampleValues {
    static let all: [(DataType, MetricValue)] = [
        (.int8, .int(-1)), (.int16, .int(-300)), (.int32, .int(70_000)), (.int64, .int(.min)), (.uint8, .uint(255)),
        (.uint16, .uint(300)), (.uint32, .uint(70_000)), (.uint64, .uint(.max)), (.float, .float(1.5)),
        (.double, .double(.infinity)), (.boolean, .boolean(true)), (.string, .string("text")),
        (.dateTime, .dateTime(1_700_000_000_000)), (.text, .string("")), (.uuid, .string("1b4e28ba")),
        (
            .dataSet,
            .dataSet(
                DataSet(
                    columns: ["a", "b"], types: [.double, .string],
                    rows: [[.double(1), .string("x")], [.null, .string("y")]]))
        ), (.bytes, .bytes([0, 1, 2])), (.file, .bytes([9])),
        (
            .template,
            .template(
                Template(
                    version: "1", metrics: [Metric("t", .int8, .int(1))],
                    parameters: [.init(name: "p", type: .boolean, value: .boolean(true))], reference: "r"))
        ), (.int8Array, .array(.ints([1, -1]))), (.int16Array, .array(.ints([1, -1]))),
        (.int32Array, .array(.ints([1, -1]))), (.int64Array, .array(.ints([1, -1]))),
        (.uint8Array, .array(.uints([1, 2]))), (.uint16Array, .array(.uints([1, 2]))),
        (.uint32Array, .array(.uints([1, 2]))), (.uint64Array, .array(.uints([1, 2]))),
        (.floatArray, .array(.floats([1.5]))), (.doubleArray, .array(.doubles([1.5]))),
        (.booleanArray, .array(.booleans([true, false, true]))), (.stringArray, .array(.strings(["a", ""]))),
        (.dateTimeArray, .array(.dateTimes([1]))), (.double, .null),
    ]
}
