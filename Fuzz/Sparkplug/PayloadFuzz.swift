import FuzzKit
import NIOCore
import SparkplugB

/// One payload with every type, and what may stand beside a value.
@Sendable func payloadSeeds() -> [[UInt8]] {
    let properties = PropertySet([
        .init("Quality", .int32, .int(192)), .init("engUnit", .string, .string("kW")), .init("none", .int64, .null),
        .init("set", .propertySet, .properties(PropertySet([.init("a", .double, .double(1))]))),
        .init("sets", .propertySetList, .propertySets([PropertySet([.init("b", .boolean, .boolean(true))])])),
    ])
    let all = SampleValues.all.enumerated().map { index, sample in
        Metric("m\(index)", alias: UInt64(index), timestamp: 5, sample.0, sample.1)
    }
    let rich = Metric(
        "rich", .float, .float(1), isHistorical: true, isTransient: true,
        metadata: MetricMetadata(
            isMultiPart: true, contentType: "c", size: 1, seq: 2, fileName: "f", fileType: "t", md5: "m",
            description: "d"), properties: properties)
    return all.map { bytes(of: Payload(timestamp: 1, metrics: [$0], seq: 3)) } + [
        bytes(of: Payload(timestamp: 1, metrics: [rich], seq: 255, uuid: "u", body: [1, 2])),
        bytes(of: Payload(metrics: all)), bytes(of: HostApplication.rebirthRequest(timestamp: 1)),
    ]
}

func bytes(of payload: Payload) -> [UInt8] { Array(payload.encoded().readableBytesView) }

@Sendable func fuzzPayload(_ input: ByteBuffer) {
    let limits = PayloadLimits(metricsMax: 100, elementsMax: 1000, depthMax: 4)
    do throws(PayloadError) {
        let payload = try Payload(input, limits: limits)
        demand(payload.metrics.count <= 100)
        check(payload)
    } catch {
        demand(!error.description.isEmpty)
    }
    #if PLANTED_TRAP
    demand(input.readableBytesView.first != 0x2A || input.readableBytes != 3, "planted")
    #endif
}

/// What was read and written is read again as it was.
private func check(_ payload: Payload) {
    let again = payload.encoded()
    do throws(PayloadError) {
        let repeated = try Payload(again, limits: PayloadLimits(metricsMax: 100, elementsMax: 100_000, depthMax: 8))
        // NaN is not equal to itself, but its bytes are.
        demand(repeated.encoded() == again, "\(payload) became \(repeated)")
    } catch {
        unexpected("\(payload) cannot be read again: \(error)")
    }
}
