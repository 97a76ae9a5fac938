import NIOCore

@testable import ModbusCore

/// A buffer of the bytes of a table, one row per field.
func bytes(_ fields: [UInt8]...) -> ByteBuffer {
    ByteBuffer(bytes: fields.flatMap { $0 })
}

func encoded(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer
}

/// A block of registers as a device would answer it.
func block(_ words: [UInt16], type: RegisterType = .holding, address: UInt16 = 0) -> RegisterBlock {
    RegisterBlock(
        type: type, address: address, count: words.count,
        bytes: encoded { buffer in for word in words { buffer.writeInteger(word) } })
}
