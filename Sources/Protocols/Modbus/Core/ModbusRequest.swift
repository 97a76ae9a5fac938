public import NIOCore

/// Everything that a client of this library can ask a device.
public enum ModbusRequest: Hashable, Sendable {
    case read(ReadRequest)
    case deviceIdentification(DeviceIdentificationRequest)

    /// The function that carries the request.
    public var function: FunctionCode {
        switch self {
        case .read(let request): request.function
        case .deviceIdentification: .encapsulatedInterface
        }
    }

    /// Bytes of the request's PDU.
    var pduBytes: Int {
        switch self {
        case .read: ReadRequest.pduBytes
        case .deviceIdentification: DeviceIdentificationRequest.pduBytes
        }
    }

    /// Appends the request's PDU.
    public func encode(into buffer: inout ByteBuffer) {
        switch self {
        case .read(let request): request.encode(into: &buffer)
        case .deviceIdentification(let request): request.encode(into: &buffer)
        }
    }

    /// Reads the PDU that came as the answer to this request.
    ///
    /// Checks that the function is the one asked for and that the data is as long as the request implies.
    /// Bytes after the data are tolerated: some devices pad their answers.
    /// - Throws: `ResponseError` when the answer does not fit the request.
    public func decodeResponse(_ pdu: ByteBuffer) throws(ResponseError) -> ModbusResponse {
        var pdu = pdu
        guard let function = pdu.readInteger(as: UInt8.self) else { throw .truncated }
        let expected = self.function
        guard function == expected.rawValue else {
            guard function == expected.rawValue | FunctionCode.exceptionFlag else {
                throw .unexpectedFunction(function, expected: expected)
            }
            guard let code = pdu.readInteger(as: UInt8.self) else { throw .truncated }
            return .exception(ExceptionCode(rawValue: code))
        }
        switch self {
        case .read(let request):
            guard let byteCount = pdu.readInteger(as: UInt8.self) else { throw .truncated }
            guard Int(byteCount) == request.responseBytes else {
                throw .unexpectedByteCount(Int(byteCount), expected: request.responseBytes)
            }
            guard let bytes = pdu.readSlice(length: request.responseBytes) else { throw .truncated }
            return .block(
                RegisterBlock(
                    type: request.type, address: request.address, count: Int(request.count), bytes: bytes))
        case .deviceIdentification:
            return .deviceIdentification(try DeviceIdentificationPage(decoding: &pdu))
        }
    }
}

/// What a device can answer.
public enum ModbusResponse: Hashable, Sendable {
    case block(RegisterBlock)
    case deviceIdentification(DeviceIdentificationPage)
    case exception(ExceptionCode)
}

/// Why an answer cannot be what was asked for.
public enum ResponseError: Error, Hashable, Sendable {
    case truncated
    case unexpectedFunction(UInt8, expected: FunctionCode)
    case unexpectedUnit(UnitID, expected: UnitID)
    case unexpectedByteCount(Int, expected: Int)
    case malformedIdentification
    /// What came on the serial line was no frame, or one whose checksum is wrong.
    case checksum
}

extension ResponseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "the answer ends before its data does"
        case .unexpectedFunction(let got, let expected):
            "the answer is for function \(got), asked was \(expected.rawValue)"
        case .unexpectedUnit(let got, let expected): "unit \(got) answered in place of unit \(expected)"
        case .unexpectedByteCount(let got, let expected): "the answer holds \(got) bytes of data instead of \(expected)"
        case .checksum: "what came on the line is no frame with a right checksum; look at cable, baud rate and parity"
        case .malformedIdentification: "the device identification is not in the form of the standard"
        }
    }
}
