public import NIOCore

/// A request for what a device says of itself: function 43, MEI type 14 (V1.1b3, 6.21).
public struct DeviceIdentificationRequest: Hashable, Sendable {
    /// How much is asked for.
    public enum Category: UInt8, Hashable, CaseIterable, Sendable {
        /// Vendor name, product code, revision.
        case basic = 1
        /// Also vendor URL, product name, model name, application name.
        case regular = 2
        /// Also the vendor's own objects.
        case extended = 3
        /// Exactly one object.
        case individual = 4
    }

    public let category: Category
    /// The object at which the answer shall begin (stream access), or the one asked for (individual access).
    public let firstObject: UInt8

    public init(category: Category = .basic, firstObject: UInt8 = 0) {
        self.category = category
        self.firstObject = firstObject
    }

    static let meiType: UInt8 = 14
    static let pduBytes = 4

    func encode(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(
            FunctionCode.encapsulatedInterface.rawValue, Self.meiType, category.rawValue, firstObject)
    }

    /// Reads a request from what follows the function byte.
    ///
    /// - Throws: the exception that a server must answer: `illegalFunction` for another MEI type,
    ///   `illegalDataValue` for a category that does not exist or a request cut short.
    public init(decoding pdu: inout ByteBuffer) throws(ExceptionRefusal) {
        guard let meiType = pdu.readInteger(as: UInt8.self) else { throw ExceptionRefusal(.illegalDataValue) }
        guard meiType == Self.meiType else { throw ExceptionRefusal(.illegalFunction) }
        guard let (code, object) = pdu.readMultipleIntegers(as: (UInt8, UInt8).self),
            let category = Category(rawValue: code)
        else { throw ExceptionRefusal(.illegalDataValue) }
        self.init(category: category, firstObject: object)
    }
}

/// A request that a server refuses, with the code to answer.
public struct ExceptionRefusal: Error, Hashable, Sendable {
    public let code: ExceptionCode

    public init(_ code: ExceptionCode) {
        self.code = code
    }
}

/// One answer of a device about itself; the objects may go on in a further one.
public struct DeviceIdentificationPage: Hashable, Sendable {
    /// One named fact. Object 0 is the vendor's name, 1 the product code, 2 the revision (V1.1b3, 6.21, table).
    public struct Object: Hashable, Sendable {
        public let id: UInt8
        public let text: String

        public init(id: UInt8, text: String) {
            self.id = id
            self.text = text
        }
    }

    public let category: UInt8
    /// What the device can do; 0x80 is set when it answers requests for individual objects.
    public let conformity: UInt8
    /// The object to ask for next; nil when this is the last page.
    public let nextObject: UInt8?
    public let objects: [Object]

    public init(category: UInt8, conformity: UInt8, nextObject: UInt8?, objects: [Object]) {
        self.category = category
        self.conformity = conformity
        self.nextObject = nextObject
        self.objects = objects
    }

    init(decoding pdu: inout ByteBuffer) throws(ResponseError) {
        guard
            let (meiType, category, conformity, more, next, count) =
                pdu.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8).self)
        else { throw .truncated }
        guard meiType == DeviceIdentificationRequest.meiType else { throw .malformedIdentification }
        var objects: [Object] = []
        for _ in 0..<count {
            guard let (id, length) = pdu.readMultipleIntegers(as: (UInt8, UInt8).self),
                let bytes = pdu.readBytes(length: Int(length))
            else { throw .truncated }
            objects.append(Object(id: id, text: RegisterDecoder.text(of: bytes)))
        }
        self.init(
            category: category, conformity: conformity, nextObject: more == 0 ? nil : next, objects: objects)
    }

    /// Appends the page's PDU. The objects must fit; `DeviceIdentity.page` cuts them so that they do.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeInteger(FunctionCode.encapsulatedInterface.rawValue)
        buffer.writeInteger(DeviceIdentificationRequest.meiType)
        buffer.writeInteger(category)
        buffer.writeInteger(conformity)
        buffer.writeInteger(UInt8(nextObject == nil ? 0 : 0xFF))
        buffer.writeInteger(nextObject ?? 0)
        buffer.writeInteger(UInt8(truncatingIfNeeded: objects.count))
        for object in objects {
            buffer.writeInteger(object.id)
            buffer.writeInteger(UInt8(truncatingIfNeeded: object.text.utf8.count))
            buffer.writeString(object.text)
        }
    }
}
