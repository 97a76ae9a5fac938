import NIOCore
import TestRandomness
import Testing

@testable import MDNSCore

func name(_ text: String) -> DNSName { DNSName(text) ?? DNSName.read([]) }

func encoded(_ message: DNSMessage) -> [UInt8] {
    var buffer = ByteBuffer()
    message.encode(into: &buffer)
    return Array(buffer.readableBytesView)
}

func decoded(_ bytes: [UInt8]) throws -> DNSMessage { try DNSMessage(decoding: ByteBuffer(bytes: bytes)) }

@Suite struct DNSMessageTests {
    /// A query as a browser sends it.
    private let query: [UInt8] = [
        0, 0,  // id
        0, 0,  // a query
        0, 1, 0, 1, 0, 0, 0, 0,  // one question, one known answer
        5, 0x5F, 0x68, 0x74, 0x74, 0x70,  // _http
        4, 0x5F, 0x74, 0x63, 0x70,  // _tcp
        5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0,  // local
        0, 12,  // PTR
        0x80, 1,  // may be answered to the asker alone; class IN
        0xC0, 12,  // the name at byte 12
        0, 12, 0, 1,  // PTR, IN, shared
        0, 0, 0x11, 0x94,  // 4500 s
        0, 4,  // four bytes
        1, 0x61,  // a
        0xC0, 12,  // _http._tcp.local
    ]

    @Test func aQueryBothWays() throws {
        let type = name("_http._tcp.local")
        let message = DNSMessage(
            questions: [DNSQuestion(type, .ptr, wantsUnicast: true)],
            knownAnswers: [
                DNSRecord(type, .pointer(name("a._http._tcp.local")), secondsToLive: 4500, isUnique: false)
            ])
        #expect(encoded(message) == query)
        let read = try decoded(query)
        #expect(read == message && !read.isResponse && read.isOrdinary && !read.isTruncated)
    }

    /// An answer with every kind of record.
    private let response: [UInt8] = [
        0, 0,
        0x84, 0,  // a response, authoritative
        0, 0, 0, 5, 0, 0, 0, 1,
        1, 0x68, 5, 0x6C, 0x6F, 0x63, 0x61, 0x6C, 0,  // h.local
        0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 192, 168, 1, 5,  // A, unique, 120 s
        0xC0, 12, 0, 28, 0x80, 1, 0, 0, 0, 120, 0, 16,  // AAAA
        0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
        1, 0x73, 0xC0, 14, 0, 33, 0x80, 1, 0, 0, 0, 120, 0, 8,  // s.local, SRV
        0, 0, 0, 0, 0x13, 0x9C, 0xC0, 12,  // priority, weight, 5020, h.local
        0xC0, 63, 0, 16, 0x80, 1, 0, 0, 0x11, 0x94, 0, 7,  // TXT
        6, 0x70, 0x61, 0x74, 0x68, 0x3D, 0x2F,  // path=/
        0xC0, 63, 0, 47, 0x80, 1, 0, 0, 0, 120, 0, 9,  // NSEC
        0xC0, 63, 0, 5, 0, 0, 0x80, 0, 0x40,  // the name itself; TXT is bit 16, SRV bit 33
        0xC0, 63, 0, 99, 0, 3, 0, 0, 0, 0, 0, 2, 7, 8,  // type 99, class 3
    ]

    private var records: [DNSRecord] {
        let (host, service) = (name("h.local"), name("s.local"))
        return [
            DNSRecord(host, .address(.ipv4(0xC0A8_0105)), secondsToLive: 120, isUnique: true),
            DNSRecord(
                host, .address(.ipv6(0xFE80_0000_0000_0000, 9)), secondsToLive: 120, isUnique: true),
            DNSRecord(
                service, .service(priority: 0, weight: 0, port: 5020, target: host), secondsToLive: 120,
                isUnique: true),
            DNSRecord(service, .text([Array("path=/".utf8)]), secondsToLive: 4500, isUnique: true),
        ]
    }

    @Test func aResponseBothWays() throws {
        let service = name("s.local")
        let message = DNSMessage(
            answers: records + [
                DNSRecord(service, .types([.txt, .srv]), secondsToLive: 120, isUnique: true)
            ],
            additionals: [
                DNSRecord(
                    service, .other(RecordType(rawValue: 99), [7, 8]), secondsToLive: 0, isUnique: false,
                    recordClass: 3)
            ])
        #expect(encoded(message) == response)
        let read = try decoded(response)
        #expect(read.isResponse)
        #expect(Array(read.answers.prefix(4)) == records)
        #expect(read.answers[4].type == .nsec, "kept as bytes, because nobody here asks for it")
        #expect(read.additionals == message.additionals)
    }

    @Test func aMessageInTheMiddleOfABufferPointsIntoItself() throws {
        var buffer = ByteBuffer(bytes: [1, 2, 3])
        DNSMessage(answers: records).encode(into: &buffer)
        buffer.moveReaderIndex(forwardBy: 3)
        #expect(try DNSMessage(decoding: buffer).answers == records)
    }

    @Test func additionalRecordsStayOutWhereTheyDoNotFit() throws {
        let message = DNSMessage(answers: [records[0]], additionals: [records[3]])
        var buffer = ByteBuffer()
        message.encode(into: &buffer, bytesPreferred: 40)
        #expect(try DNSMessage(decoding: buffer) == DNSMessage(answers: [records[0]]))
        buffer.clear()
        message.encode(into: &buffer, bytesPreferred: 1_400)
        #expect(try DNSMessage(decoding: buffer) == message)
    }

    @Test func everyTruncationIsAnError() {
        for bytes in [query, response] {
            for length in 0..<bytes.count {
                #expect(throws: DNSDecodingError.self) { try decoded(Array(bytes.prefix(length))) }
            }
        }
    }

    /// A header with so many questions, answers and further records.
    private static func header(_ counts: [UInt8]) -> [UInt8] { [0, 0, 0x84, 0] + counts.flatMap { [0, $0] } }

    @Test(
        arguments: [
            (header([1, 0, 0, 0]) + [0xC0, 12, 0, 1, 0, 1], .pointerNotBackwards),  // a pointer to itself
            (header([1, 0, 0, 0]) + [0xC0, 14, 0xC0, 12], .pointerNotBackwards),  // forwards
            (header([1, 0, 0, 0]) + [1, 0x61, 0xC0, 12, 0, 1, 0, 1], .pointerNotBackwards),  // into the name itself
            (header([1, 0, 0, 0]) + [0xC0, 0, 0, 1, 0, 1], .pointerNotBackwards),  // into the header
            (header([1, 0, 0, 0]) + [0x40, 0, 0, 1, 0, 1], .unknownLabel),
            (header([1, 0, 0, 0]) + [0x80, 0, 0, 1, 0, 1], .unknownLabel),
            (header([0, 1, 0, 0]) + [0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 3, 1, 2, 3], .wrongLength(.a)),
            (header([0, 1, 0, 0]) + [0, 0, 28, 0, 1, 0, 0, 0, 1, 0, 3, 1, 2, 3], .wrongLength(.aaaa)),
            (header([0, 1, 0, 0]) + [0, 0, 12, 0, 1, 0, 0, 0, 1, 0, 2, 0, 0], .wrongLength(.ptr)),
            (header([0, 1, 0, 0]) + [0, 0, 16, 0, 1, 0, 0, 0, 1, 0, 2, 2, 0x61], .wrongLength(.txt)),
            (header([0, 1, 0, 0]) + [0, 0, 33, 0, 1, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0], .truncated),
            ([0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], .tooManyEntries),
        ] as [([UInt8], DNSDecodingError)])
    func whatCannotBeReadIsNamed(bytes: [UInt8], error: DNSDecodingError) {
        #expect(throws: error) { try decoded(bytes) }
        #expect(!error.description.isEmpty)
    }

    @Test func nothingLongerThanADatagramIsRead() {
        let zeros = [UInt8](repeating: 0, count: DNSMessage.bytesMax)
        #expect(throws: Never.self) { try decoded(zeros) }
        #expect(throws: DNSDecodingError.tooLong) { try decoded(zeros + [0]) }
    }

    @Test func aChainOfPointersEndsWithTheLongestName() throws {
        // Each name is one label and a pointer to the name before it.
        func message(_ names: Int) -> [UInt8] {
            var bytes = Self.header([UInt8(names), 0, 0, 0])
            var last: Int?
            for _ in 0..<names {
                let place = bytes.count
                bytes += [1, 0x61]
                if let last { bytes += [0xC0 | UInt8(last >> 8), UInt8(last & 0xFF)] } else { bytes.append(0) }
                bytes += [0, 12, 0, 1]
                last = place
            }
            return bytes
        }
        #expect(try decoded(message(127)).questions.last?.name.labels.count == 127, "255 bytes on the wire")
        #expect(throws: DNSDecodingError.nameTooLong) { try decoded(message(128)) }
    }

    @Test func garbageNeverTraps() {
        var generator = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            var bytes = response
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? decoded(bytes)
        }
    }

    @Test func namesAreEqualInAnyCase() {
        #expect(name("Plant._HTTP._tcp.local") == name("pLANT._http._TCP.LOCAL"))
        #expect(Set([name("A.local"), name("a.local")]).count == 1)
        #expect(name("a.b.local") != name("b.a.local"))
        #expect(DNSName(labels: ["a.b", "local"]) != name("a.b.local"))
        #expect(DNSName(labels: ["Dr. Pump \\ 1", "local"])?.description == "Dr\\. Pump \\\\ 1.local")
    }

    @Test func namesHaveLimits() {
        #expect(DNSName(labels: [String(repeating: "a", count: 63)]) != nil)
        #expect(DNSName(labels: [String(repeating: "a", count: 64)]) == nil)
        #expect(DNSName("a..local") == nil)
        let long = Array(repeating: String(repeating: "a", count: 63), count: 3)
        #expect(DNSName(labels: long + [String(repeating: "a", count: 61)]) != nil, "255 bytes")
        #expect(DNSName(labels: long + [String(repeating: "a", count: 62)]) == nil)
    }
}
