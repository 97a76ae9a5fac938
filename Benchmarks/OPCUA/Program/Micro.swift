import Crypto
import CryptoExtras
import Foundation
import NIOCore
import OPCUASecurity
import OPCUATypes

/// The hot paths alone, for counting instructions and comparing with what they stand on.
enum Micro {
    /// CPU nanoseconds of one of `count` things.
    private static func measure(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let begin = Usage.now.cpu
        try body()
        return (Usage.now.cpu - begin) * 1e9 / Double(max(count, 1))
    }

    /// CPU nanoseconds of this thread.
    private static func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
        var (begin, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin)
        try body()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - begin.tv_sec) * 1e9 + Double(end.tv_nsec - begin.tv_nsec)
    }

    static func decode(values: Int, rounds: Int) throws {
        let time = DateTime(ticks: 133_000_000_000_000_000)
        var writer = BinaryWriter()
        writer.write(1 as UInt32)
        writer.write(time.ticks)
        writer.write(1 as Int32)
        NodeId(DataChangeNotification.binaryEncodingId).encode(to: &writer)
        writer.write(1 as UInt8)
        let lengthAt = writer.buffer.writerIndex
        writer.write(0 as Int32)
        writer.write(Int32(values))
        for index in 0..<values {
            writer.writeNotification(
                clientHandle: UInt32(index),
                value: DataValue(.double(Double(index)), sourceTimestamp: time, serverTimestamp: time))
        }
        writer.write(-1 as Int32)
        writer.buffer.setInteger(
            Int32(writer.buffer.writerIndex - lengthAt - 4), at: lengthAt, endianness: .little)
        var sum = 0.0
        let nanoseconds = try measure(values * rounds) {
            for _ in 0..<rounds {
                var end = 0
                let message = try NotificationReader(writer.buffer, end: &end)
                try message.forEach { if case .double(let value) = $0.value { sum += value } }
            }
        }
        report(["decode_ns": nanoseconds.rounded(to: 2), "sum": sum])
    }

    static func encode(values: Int, rounds: Int) {
        let time = DateTime(ticks: 133_000_000_000_000_000)
        var bytes = 0
        let nanoseconds = measure(values * rounds) {
            for round in 0..<rounds {
                var writer = BinaryWriter()
                writer.buffer.reserveCapacity(values * 40)
                let value = DataValue(.double(Double(round)), sourceTimestamp: time, serverTimestamp: time)
                for index in 0..<values { writer.writeNotification(clientHandle: UInt32(index), value: value) }
                bytes += writer.buffer.readableBytes
            }
        }
        report(["encode_ns": nanoseconds.rounded(to: 2), "bytes": bytes])
    }

    static func secure(bytes: Int, rounds: Int) throws {
        let (one, other) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        guard
            let client = SymmetricSecurity(.basic256Sha256, .signAndEncrypt, ownNonce: one, peerNonce: other),
            let server = SymmetricSecurity(.basic256Sha256, .signAndEncrypt, ownNonce: other, peerNonce: one)
        else { return }
        // Padding then fills no more than its own byte.
        let body = (bytes / 16) * 16 - 32 - 1
        var plain = ByteBuffer(repeating: 7, count: 16 + body)
        plain.reserveCapacity(16 + body + 64)
        var sealed = plain
        try client.seal(&sealed, plainBytes: 16)
        let payload = [UInt8](sealed.readableBytesView.dropFirst(16))
        let signing = SymmetricKey(size: .bits256)
        let encryption = SymmetricKey(size: .bits256)
        let vector = AES._CBC.IV()
        var (seal, open, encrypt, decrypt) = (Double.infinity, Double.infinity, Double.infinity, Double.infinity)
        // Turn by turn, the best of each: what else runs on the machine meets all alike.
        var chunk = plain
        for _ in 0..<rounds {
            seal = min(seal, try nanoseconds { try client.seal(&chunk, plainBytes: 16) })
            open = min(open, try nanoseconds { try server.open(&chunk, plainBytes: 16) })
            encrypt = min(
                encrypt,
                try nanoseconds {
                    _ = HMAC<SHA256>.authenticationCode(for: payload, using: signing)
                    _ = try AES._CBC.encrypt(payload, using: encryption, iv: vector, noPadding: true)
                })
            decrypt = min(
                decrypt,
                try nanoseconds {
                    _ = try AES._CBC.decrypt(payload, using: encryption, iv: vector, noPadding: true)
                    _ = HMAC<SHA256>.authenticationCode(for: payload, using: signing)
                })
        }
        let megabytes = Double(payload.count) * 1e3
        report([
            "bytes": payload.count, "seal_MBps": (megabytes / seal).rounded(),
            "bare_encrypt_MBps": (megabytes / encrypt).rounded(),
            "seal_ratio": (encrypt / seal).rounded(to: 3), "open_MBps": (megabytes / open).rounded(),
            "bare_decrypt_MBps": (megabytes / decrypt).rounded(), "open_ratio": (decrypt / open).rounded(to: 3),
        ])
    }
}
