/// The protocol's own verdict on a reading, with the quality that the adapter derived from it.
///
/// The code keeps the protocol's bits (an OPC UA StatusCode is negative when bad); its name in words is
/// looked up once per code through `SourceIdentity.statusName`.
package struct Status: Hashable, Sendable {
    package var code: Int32
    package var quality: Quality

    @inlinable
    package init(code: Int32, quality: Quality) {
        self.code = code
        self.quality = quality
    }

    /// Code 0, which every protocol here calls good.
    @inlinable
    package static var good: Status { Status(code: 0, quality: .good) }

    /// The link to the device is lost: OPC UA's BadNoCommunication (Part 4, 7.39), used for every protocol.
    package static let noCommunication = Status(code: Int32(bitPattern: 0x8031_0000), quality: .bad)
}
