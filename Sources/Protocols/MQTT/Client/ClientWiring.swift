import Glibc
import MQTTCore
import MQTTTransport
import NIOCore
import NIOSSL
import TLSSupport

/// What lies between the socket and the handler of a connection: TLS, a WebSocket, both or nothing.
struct ClientWiring: Sendable {
    private let configuration: MQTTClientConfiguration
    private let tls: NIOSSLContext?

    /// Reads the files of certificates.
    init(_ configuration: MQTTClientConfiguration) throws {
        self.configuration = configuration
        tls = try configuration.tls?.context()
    }

    var usesTLS: Bool { tls != nil }

    /// Adds the handlers; the last one enters the pipeline when the bytes of MQTT can flow.
    func add(_ handler: ClientHandler, to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if configuration.readInterval > .zero {
            try pipeline.addHandler(PacedReading(interval: configuration.readInterval))
        }
        if let tls {
            let isAddress = (try? SocketAddress(ipAddress: configuration.host, port: 0)) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : configuration.host))
        }
        guard let path = configuration.webSocketPath else {
            try pipeline.addHandler(handler)
            return
        }
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let upgraded = try WebSocketUpgrade.ask(
            channel, host: configuration.address, path: path,
            maximumFrameBytes: min(Int(UInt32.max), configuration.limits.maximumPacketSize + 1024 * 1024)
        ) { channel in
            try channel.pipeline.syncOperations.addHandler(bound.value)
        }
        upgraded.whenFailure { [self] error in
            bound.value.finish(explain(error, on: channel, hasAnswered: false, isUpgrading: true))
        }
    }

    /// Puts a failure of the transport into words.
    func explain(
        _ error: (any Error)?, on channel: any Channel, hasAnswered: Bool, isUpgrading: Bool = false
    ) -> MQTTClientError {
        let address = configuration.address
        guard let error else {
            return hasAnswered ? .lost(address, nil) : .hungUp(address, usesTLS: configuration.tls != nil)
        }
        if let tls = configuration.tls {
            let peer = try? channel.pipeline.syncOperations.nioSSL_peerCertificate()
            let failure = TLSFailure(error, peer: peer, hasCertificate: tls.certificate != nil, now: time(nil))
            if let failure { return .tls(address, failure, error) }
        }
        if isUpgrading {
            return error is WebSocketUpgrade.Refused
                ? .noWebSocket(address, error) : .hungUp(address, usesTLS: configuration.tls != nil)
        }
        return .lost(address, error)
    }
}
