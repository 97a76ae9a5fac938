import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Connections through a proxy, for a client that knows none: a socket of the file system, which only this user can
/// open, leads through CONNECT to the destination.
struct ProxyTunnel: Sendable {
    let proxy: ProxyAddress
    let destination: ServiceAddress
    let connectTimeout: TimeAmount
    private let failure = NIOLockedValueBox<String?>(nil)

    init(_ proxy: ProxyAddress, to destination: ServiceAddress, connectTimeout: TimeAmount = .seconds(10)) {
        self.proxy = proxy
        self.destination = destination
        self.connectTimeout = connectTimeout
    }

    /// Why the last connection came to nothing; one sentence.
    var lastFailure: String? { failure.withLockedValue { $0 } }

    /// Opens the tunnel's entrance for as long as `body` runs; `body` gets the socket's path.
    func withEntrance<Result>(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, _ body: (String) async throws -> Result
    ) async throws -> Result {
        var template = Array((NSTemporaryDirectory() + "/penstock-XXXXXX").utf8CString)
        // mkdtemp makes the folder for this user alone.
        guard mkdtemp(&template) != nil else { throw IOError(errnoCode: errno, reason: "mkdtemp") }
        let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let entrance = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { child in dig(from: child) }
            .bind(unixDomainSocketPath: folder + "/tunnel").get()
        do {
            let result = try await body(folder + "/tunnel")
            try? await entrance.close()
            return result
        } catch {
            try? await entrance.close()
            throw error
        }
    }

    /// Leads one connection on through the proxy.
    private func dig(from child: any Channel) -> EventLoopFuture<Void> {
        let inside = GlueHandler()
        let bound = NIOLoopBound(inside, eventLoop: child.eventLoop)
        let digging = ClientBootstrap(group: child.eventLoop)
            .connectTimeout(connectTimeout)
            .channelInitializer { [proxy, destination, failure] outside in
                outside.eventLoop.makeCompletedFuture {
                    let glue = GlueHandler()
                    let ask = ConnectHandler(proxy, destination) { result in
                        switch result {
                        case .open: GlueHandler.join(bound.value, glue)
                        case .refused(let why):
                            failure.withLockedValue { $0 = why }
                            outside.close(promise: nil)
                            child.close(promise: nil)
                        case .incomplete: break
                        }
                    }
                    try outside.pipeline.syncOperations.addHandlers(ask, glue)
                }
            }
            .connect(host: proxy.host, port: proxy.port)
        digging.whenFailure { [proxy, failure] error in
            failure.withLockedValue { $0 = "the proxy \(proxy) cannot be reached: \(error)" }
            child.close(promise: nil)
        }
        return child.eventLoop.makeCompletedFuture { try child.pipeline.syncOperations.addHandler(inside) }
    }
}

/// Asks a proxy for the tunnel and steps aside when it stands.
private final class ConnectHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: ProxyAddress
    private let destination: ServiceAddress
    private let done: (ConnectReply.Result) -> Void
    private var reply = ConnectReply()
    private var result = ConnectReply.Result.incomplete

    init(_ proxy: ProxyAddress, _ destination: ServiceAddress, done: @escaping (ConnectReply.Result) -> Void) {
        self.proxy = proxy
        self.destination = destination
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        let host = destination.host.contains(":") ? "[\(destination.host)]" : destination.host
        var request = "CONNECT \(host):\(destination.port) HTTP/1.1\r\nHost: \(host):\(destination.port)\r\n"
        if let authorization = proxy.authorization { request += "Proxy-Authorization: \(authorization)\r\n" }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request + "\r\n")), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard result == .incomplete else { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        result = reply.received(&buffer)
        guard result != .incomplete else { return }
        done(result)
        if result == .open, buffer.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(buffer))
            context.fireChannelReadComplete()
        }
    }

    typealias InboundOut = ByteBuffer

    func channelInactive(context: ChannelHandlerContext) {
        if result == .incomplete { done(.refused("the proxy \(proxy) ended the connection")) }
        context.fireChannelInactive()
    }
}

/// Passes the bytes of one channel to another on the same event loop; reads no faster than the other can write.
private final class GlueHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var partner: GlueHandler?
    private var isReadHeld = false

    /// From here on each passes to the other what it reads.
    static func join(_ left: GlueHandler, _ right: GlueHandler) {
        left.partner = right
        right.partner = left
        for glue in [left, right] {
            glue.context?.channel.setOption(.autoRead, value: true).whenComplete { _ in }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partner?.context?.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { partner?.context?.flush() }

    func channelInactive(context: ChannelHandlerContext) {
        partner?.context?.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let partner, partner.isReadHeld {
            partner.isReadHeld = false
            partner.context?.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if partner?.context?.channel.isWritable == false {
            isReadHeld = true
        } else {
            context.read()
        }
    }
}
