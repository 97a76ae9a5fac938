package import OPCUATypes
import SwiftASN1

extension Credentials {
    /// A revocation list of this authority; for tests of those who read one.
    package func revocationList(
        of serialNumbers: [[UInt8]], at time: DateTime, nextUpdate: DateTime
    ) throws -> [UInt8] {
        var list = DER.Serializer()
        try list.appendConstructedNode(identifier: .sequence) { fields throws in
            fields.appendPrimitiveNode(identifier: .integer) { $0.append(1) }
            try fields.appendSHA256WithRSA()
            try fields.serialize(certificate.form.subject)
            try fields.append(time)
            try fields.append(nextUpdate)
            try fields.appendConstructedNode(identifier: .sequence) { entries throws in
                for serial in serialNumbers {
                    try entries.appendConstructedNode(identifier: .sequence) {
                        $0.appendPrimitiveNode(identifier: .integer) { $0 += serial }
                        try $0.append(time)
                    }
                }
            }
        }
        let signature = try privateKey.sign(list.serializedBytes, .pkcs1SHA256)
        var whole = DER.Serializer()
        try whole.appendConstructedNode(identifier: .sequence) {
            $0.serializeRawBytes(list.serializedBytes)
            try $0.appendSHA256WithRSA()
            try $0.serialize(ASN1BitString(bytes: signature[...]))
        }
        return whole.serializedBytes
    }
}
