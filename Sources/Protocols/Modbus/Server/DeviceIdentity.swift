import ModbusCore

/// What a server says of itself when asked by function 43/14 (V1.1b3, 6.21).
public struct DeviceIdentity: Hashable, Sendable {
    private let objects: [DeviceIdentificationPage.Object]

    /// Texts longer than one answer can hold (244 bytes) are cut.
    ///
    /// - Parameter extended: the vendor's own objects, numbered 128...255; other numbers are left out.
    public init(
        vendorName: String, productCode: String, revision: String, vendorURL: String? = nil,
        productName: String? = nil, modelName: String? = nil, applicationName: String? = nil,
        extended: [UInt8: String] = [:]
    ) {
        let standard = [vendorName, productCode, revision, vendorURL, productName, modelName, applicationName]
        var objects: [DeviceIdentificationPage.Object] = []
        for (id, text) in standard.enumerated() {
            if let text { objects.append(.init(id: UInt8(id), text: Self.fitting(text))) }
        }
        for (id, text) in extended.sorted(by: { $0.key < $1.key }) where id >= 128 {
            objects.append(.init(id: id, text: Self.fitting(text)))
        }
        self.objects = objects
    }

    /// The answer to a request: as many objects as fit into one PDU.
    ///
    /// - Throws: `illegalDataAddress` for a single object that does not exist.
    func page(for request: DeviceIdentificationRequest) throws(ExceptionRefusal) -> DeviceIdentificationPage {
        if request.category == .individual {
            guard let object = objects.first(where: { $0.id == request.firstObject }) else {
                throw ExceptionRefusal(.illegalDataAddress)
            }
            return DeviceIdentificationPage(
                category: request.category.rawValue, conformity: conformity, nextObject: nil, objects: [object])
        }
        let last: UInt8 =
            switch request.category {
            case .basic: 2
            case .regular: 127
            case .extended, .individual: 255
            }
        let offered = objects.filter { $0.id <= last }
        // An unknown first object means: from the beginning.
        let start = offered.firstIndex { $0.id == request.firstObject } ?? 0
        var room = ModbusLimits.pduBytes - Self.headerBytes
        var end = start
        while end < offered.count, offered[end].text.utf8.count + 2 <= room {
            room -= offered[end].text.utf8.count + 2
            end += 1
        }
        return DeviceIdentificationPage(
            category: request.category.rawValue, conformity: conformity,
            nextObject: end < offered.count ? offered[end].id : nil, objects: Array(offered[start..<end]))
    }

    /// Function, MEI type, category, conformity, more follows, next object, number of objects.
    private static let headerBytes = 7

    /// The highest category there is an object of; 0x80: single objects can be asked for.
    private var conformity: UInt8 {
        let highest = objects.last?.id ?? 0
        return 0x80 | (highest >= 128 ? 3 : highest > 2 ? 2 : 1)
    }

    private static func fitting(_ text: String) -> String {
        var text = text
        while text.utf8.count > ModbusLimits.pduBytes - headerBytes - 2 { text.removeLast() }
        return text
    }
}
