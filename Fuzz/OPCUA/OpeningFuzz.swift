import FuzzKit
import NIOCore
import OPCUATypes

@testable import OPCUACore
@testable import OPCUASecurity

/// OpenSecureChannel messages of a secured channel. The first byte chooses the part: one of 16 values goes the whole way
/// with real keys, which takes a thousand times as long as what is done with the decrypted bytes.
func fuzzOpening(_ input: ByteBuffer) {
    var input = input
    guard let kind = input.readInteger(as: UInt8.self) else { return }
    switch OpeningPart(rawValue: kind & 0x3F) {
    case .wholeToServer: openAtServer(input)
    case .wholeToClient: openAtClient(input)
    case .sealedToServer: if let sealed = sealed(input, FuzzPeople.clientSecurity) { openAtServer(sealed, input) }
    case .sealedToClient: if let sealed = sealed(input, FuzzPeople.serverSecurity) { openAtClient(sealed) }
    case .certificates: readCertificates(input)
    case .files: readFiles(Array(input.readableBytesView))
    case nil: uncover(input, sizeBytes: kind & 0x40 == 0 ? 1 : 2)
    }
}

enum OpeningPart: UInt8 {
    case wholeToServer, wholeToClient, sealedToServer, sealedToClient, certificates, files
}

private let now = Moment(monotonic: .uptimeNanoseconds(1), utc: Sample.dateTime)

/// A frame of everything that comes after the frame header.
private func frame(_ content: ByteBuffer) -> Frame {
    var bytes = ByteBuffer()
    bytes.writeInteger(Frame.header(.openSecureChannel, .final, bytes: Frame.headerBytes + content.readableBytes))
    bytes.writeImmutableBuffer(content)
    return Frame(type: .openSecureChannel, kind: .final, bytes: bytes)
}

private func handshake(_ type: FrameType, _ body: some BinaryEncodable) -> Frame {
    Frame(type: type, kind: .final, bytes: Frame.handshake(type, body))
}

/// What a message of these bytes looks like when it is signed and encrypted: sequence number, request id, body.
private func sealed(_ plain: ByteBuffer, _ security: ChannelSecurity) -> ByteBuffer? {
    guard plain.readableBytes >= 8 else { return nil }
    var writer = BinaryWriter()
    writer.write(0 as UInt64)
    writer.write(7 as UInt32)
    AsymmetricHeader(security).encode(to: &writer)
    let plainBytes = writer.buffer.readableBytes
    writer.buffer.writeImmutableBuffer(plain)
    // The header is signed too; its size is corrected when the rest is known.
    writer.buffer.setInteger(Frame.header(.openSecureChannel, .final, bytes: writer.buffer.readableBytes), at: 0)
    guard (try? security.asymmetric()?.seal(&writer.buffer, plainBytes: plainBytes)) != nil else {
        unexpected("a message could not be sealed")
    }
    return writer.buffer.getSlice(
        at: Frame.headerBytes, length: writer.buffer.readableBytes - Frame.headerBytes)
}

/// - Parameter plain: what was sealed, where the message is genuine.
private func openAtServer(_ content: ByteBuffer, _ plain: ByteBuffer? = nil) {
    let frame = frame(content)
    if let plain {
        guard let front = try? AsymmetricFront(frame),
            let chunk = try? AsymmetricChunk(frame, front, security: FuzzPeople.serverSecurity.asymmetric())
        else { unexpected("a sealed message does not open") }
        demand(chunk.body.readableBytesView.elementsEqual(plain.readableBytesView.dropFirst(8)))
    }
    var server = ServerChannel(
        channelId: 1, settings: ServerChannelSettings(), security: FuzzPeople.offers, nonces: FuzzPeople.nonces,
        now: now)
    let hello = Hello(limits: TransportLimits(), endpointURL: "opc.tcp://localhost")
    _ = server.frameReceived(handshake(.hello, hello), now: now)
    switch server.frameReceived(frame, now: now) {
    case .send(let bytes): demand(bytes.readableBytes > 0 && server.deadline != nil)
    case .refuse(_, let error): demand(error.status.isBad && server.deadline == nil)
    case .wait, .request, .aborted, .closed: unexpected("an opening was taken for something else")
    }
}

private func openAtClient(_ content: ByteBuffer) {
    var client = ClientChannel(
        ClientChannelSettings(endpointURL: "opc.tcp://localhost"), security: FuzzPeople.clientSecurity,
        nonces: FuzzPeople.nonces)
    _ = client.connected()
    _ = client.frameReceived(handshake(.acknowledge, Acknowledge(limits: TransportLimits())), now: now)
    switch client.frameReceived(frame(content), now: now) {
    case .opened: demand(client.isOpen)
    case .fail: demand(!client.isOpen)
    default: unexpected("an answer was taken for something else")
    }
}

/// What stands in a decrypted message: the first bytes say how much of it is header and signature.
private func uncover(_ input: ByteBuffer, sizeBytes: Int) {
    var input = input
    guard let header = input.readInteger(as: UInt8.self), let signature = input.readInteger(as: UInt8.self) else {
        return
    }
    let (plainBytes, signatureBytes) = (min(Int(header) & 31, input.readableBytes), Int(signature))
    var chunk = input
    var asked = false
    let isOpen =
        (try? AsymmetricSecurity.uncover(
            &chunk, plainBytes: plainBytes, signatureBytes: signatureBytes, sizeBytes: sizeBytes
        ) { found, signed in
            asked = true
            demand(found.count == signatureBytes && signed.count + found.count == input.readableBytes)
            return true
        }) != nil
    guard isOpen else { return }
    demand(asked && chunk.readableBytes >= plainBytes + 8)
    demand(input.readableBytesView.starts(with: chunk.readableBytesView))
    #if PLANTED_TRAP
    demand(
        chunk.readableBytes + signatureBytes + sizeBytes + 3 != input.readableBytes, "planted: three bytes of padding")
    #endif
    chunk.moveReaderIndex(forwardBy: plainBytes + 8)
    guard let message = try? IncomingMessage(chunk) else { return }
    _ = try? message.decode(OpenSecureChannelRequest.self)
    _ = try? message.decode(OpenSecureChannelResponse.self)
}

/// Certificates of a peer that nobody knows yet: all that is asked of them before they are trusted.
private func readCertificates(_ input: ByteBuffer) {
    guard let chain = try? ApplicationCertificate.chain(Array(input.readableBytesView)) else { return }
    demand(!chain.isEmpty && chain.count <= ApplicationCertificate.maxChain)
    let expected = CertificateExpectation(
        owner: "the certificate", policy: .basic128Rsa15, applicationURI: "urn:client", host: "localhost")
    for certificate in chain {
        demand((try? ApplicationCertificate(der: certificate.der)) == certificate)
        _ = (certificate.subject, certificate.issuer, certificate.hostNames, certificate.isAuthority)
        _ = (certificate.keyUsage, certificate.extendedKeyUsage, certificate.maxPathLength)
    }
    _ = try? TrustList(trusted: [chain[0]]).check(chain, expected, now: now.utc)
    _ = try? TrustList(trusted: [FuzzPeople.client.certificate]).check(chain, expected, now: now.utc)
}

/// Files of certificates and revocation lists, in PEM or DER.
private func readFiles(_ bytes: [UInt8]) {
    if let chain = try? ApplicationCertificate.chain(pemOrDER: bytes) { demand(!chain.isEmpty) }
    if let list = try? RevocationList(pemOrDER: bytes) { demand((try? RevocationList(pemOrDER: list.der)) == list) }
}

func openingSeeds() -> [[UInt8]] {
    let nonce = ByteString([UInt8](repeating: 2, count: 16))
    let request = OpenSecureChannelRequest(
        requestHeader: RequestHeader(requestHandle: 1), requestType: .issue, securityMode: .signAndEncrypt,
        clientNonce: nonce, requestedLifetime: 60_000)
    let response = OpenSecureChannelResponse(
        responseHeader: ResponseHeader(requestHandle: 1), serverProtocolVersion: 0,
        securityToken: ChannelSecurityToken(channelId: 1, tokenId: 1, createdAt: now.utc, revisedLifetime: 60_000),
        serverNonce: nonce)
    func plain<T: Structure>(_ structure: T) -> [UInt8] {
        var writer = BinaryWriter()
        for number: UInt32 in [1, 1] { writer.write(number) }
        NodeId(T.binaryEncodingId).encode(to: &writer)
        structure.encode(to: &writer)
        return Array(writer.buffer.readableBytesView)
    }
    func seed(_ part: OpeningPart, _ bytes: [UInt8]) -> [UInt8] { [part.rawValue] + bytes }
    func whole(_ plain: [UInt8], _ security: ChannelSecurity) -> [UInt8] {
        Array(sealed(ByteBuffer(bytes: plain), security)?.readableBytesView ?? ByteBuffer().readableBytesView)
    }
    // 12 bytes of header, 3 of padding and their number, 5 of signature.
    func decrypted(_ plain: [UInt8], sizeBytes: Int) -> [UInt8] {
        [sizeBytes == 1 ? 0x20 : 0x60, 12, 5] + [UInt8](repeating: 0, count: 12) + plain + [3, 3, 3, 3]
            + (sizeBytes == 2 ? [0] : []) + [UInt8](repeating: 9, count: 5)
    }
    return [
        seed(.wholeToServer, whole(plain(request), FuzzPeople.clientSecurity)),
        seed(.wholeToClient, whole(plain(response), FuzzPeople.serverSecurity)),
        seed(.sealedToServer, plain(request)), seed(.sealedToClient, plain(response)),
        seed(.certificates, FuzzPeople.client.certificate.der),
        seed(.certificates, FuzzPeople.client.certificate.der + FuzzPeople.server.certificate.der),
        seed(.files, Array((FuzzPeople.client.certificate.pem + "\n" + FuzzPeople.server.certificate.pem).utf8)),
        seed(.files, FuzzPeople.revocations),
    ] + [1, 2].flatMap { [decrypted(plain(request), sizeBytes: $0), decrypted(plain(response), sizeBytes: $0)] }
}
