import FuzzKit
import NIOCore
import OPCUATypes

/// Any structure of the table as it travels in a message or an ExtensionObject: the NodeId of its encoding, its fields.
func fuzzMessage(_ input: ByteBuffer) {
    guard let read = try? Front(decoding: input), let number = read.typeId.standard, let type = structures[number]
    else { return }
    let body = input.getSlice(at: input.readerIndex + read.bytes, length: input.readableBytes - read.bytes)
    checkStructure(type, body ?? ByteBuffer())
}

/// By the number of the encoding.
private let structures: [UInt32: any Structure.Type] = Dictionary(
    uniqueKeysWithValues: everyStructure.map { structure in
        let type = Swift.type(of: structure)
        return (type.binaryEncodingId, type)
    })

func messageSeeds() -> [[UInt8]] {
    everyStructure.map { structure in
        var writer = BinaryWriter()
        NodeId(type(of: structure).binaryEncodingId).encode(to: &writer)
        structure.encode(to: &writer)
        return Array(writer.buffer.readableBytesView)
    }
}

private func checkStructure<T: Structure>(_ type: T.Type, _ body: ByteBuffer) { checkCanonical(type, body) }

/// What was read and written again reads and writes the same: compared as bytes, as NaN is not equal to itself.
@discardableResult
func checkCanonical<T: BinaryCodable>(_ type: T.Type, _ bytes: ByteBuffer) -> T? {
    guard let value = try? T(decoding: bytes) else { return nil }
    let written = value.encoded()
    guard let again = try? T(decoding: written) else { unexpected("\(type): what was written cannot be read") }
    demand(again.encoded() == written, "\(type): reads differently the second time")
    return value
}

/// The NodeId in front of a structure, and how many bytes it took.
private struct Front: BinaryDecodable {
    var typeId: NodeId
    var bytes: Int

    init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        typeId = try NodeId(from: &reader)
        bytes = reader.offset
    }
}
