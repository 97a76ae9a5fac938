import Glibc
public import Logging
public import MDNSCore
import NIOConcurrencyHelpers
public import NIOCore
public import NIOPosix

/// Announces services on the links of this machine by multicast DNS, for as long as it runs. What cannot be had is said and
/// tried again; it never ends anything.
public final class ServiceAnnouncer: Sendable {
    public struct Configuration: Sendable {
        /// The first label of the host's name, `NAME.local`; letters, digits and hyphens.
        public var host: String
        /// What the services listen on: an address is announced on its own link, a wildcard on all but loopback.
        public var listening: String
        /// Names or addresses of the network devices to use; empty are all that the services can be reached on.
        public var interfaces: [String]
        /// UDP port of the group; anything but 5353 is for tests.
        public var port: Int

        public init(host: String, listening: String, interfaces: [String] = [], port: Int = 5353) {
            self.host = host
            self.listening = listening
            self.interfaces = interfaces
            self.port = port
        }
    }

    private struct State {
        var services: [Int: Service] = [:]
        var channels: [LinkChoice.Place: any Channel] = [:]
        /// What has been said already.
        var notices: Set<String> = []
    }

    private let configuration: Configuration
    private let choice: LinkChoice
    private let group: any EventLoopGroup
    private let logger: Logger
    private let notice: @Sendable (String) -> Void
    private let state = NIOLockedValueBox(State())
    /// From one look at the links to the next.
    private static let pause = Duration.seconds(10)

    /// - Parameter notice: takes sentences for people: links that cannot be used, names that others have.
    public init(
        configuration: Configuration, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger, notice: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        choice = LinkChoice(listening: configuration.listening, interfaces: configuration.interfaces)
        self.group = group
        self.logger = logger
        self.notice = notice
    }

    /// The name of this machine as a label: what stands before its first dot, with hyphens for all that a host's name
    /// cannot have.
    public static var machineName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        let name = bytes.prefix { $0 != 0 && $0 != CChar(bitPattern: UInt8(ascii: ".")) }
        let label = String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self).map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return label.isEmpty ? "localhost" : String(label)
    }

    /// Announces a service from now on, on every link.
    ///
    /// - Parameter id: to withdraw it by; one that is announced already is replaced.
    public func announce(_ service: Service, id: Int) {
        state.withLockedValue { state in
            if state.services.updateValue(service, forKey: id) != nil { Self.tell(.remove(id: id), state.channels) }
            // Within the lock, so that commands reach the links in the order in which they were given.
            Self.tell(.add(service, id: id), state.channels)
        }
    }

    /// Takes a service back: who has heard of it forgets it at once.
    public func withdraw(id: Int) {
        state.withLockedValue { state in
            guard state.services.removeValue(forKey: id) != nil else { return }
            Self.tell(.remove(id: id), state.channels)
        }
    }

    private static func tell(_ command: LinkHandler.Command, _ channels: [LinkChoice.Place: any Channel]) {
        for channel in channels.values { channel.triggerUserOutboundEvent(command, promise: nil) }
    }

    /// Announces until the task is cancelled, then takes everything back. Links come and go meanwhile.
    public func run() async {
        while !Task.isCancelled {
            await lookAtLinks()
            do {
                try await Task.sleep(for: Self.pause)
            } catch {
                // Cancelled: that is the end.
                break
            }
        }
        let channels = state.withLockedValue { state in
            defer { state.channels = [:] }
            return Array(state.channels.values)
        }
        for channel in channels { await Self.close(channel) }
    }

    private func lookAtLinks() async {
        let links: [NetworkLink]
        do {
            links = try NetworkLink.all()
        } catch {
            say("the network devices of this machine cannot be listed: \(error)")
            return
        }
        for name in choice.missing(among: links) { say("there is no network device '\(name)' at the moment") }
        let places = choice.places(among: links)
        if places.isEmpty { say("no network device can multicast for services on \(configuration.listening)") }
        let own = Set(links.flatMap(\.addresses))
        let gone = state.withLockedValue { state in
            let gone = state.channels.filter { !places.contains($0.key) || !$0.value.isActive }
            for place in gone.keys { state.channels[place] = nil }
            return Array(gone.values)
        }
        for channel in gone { await Self.close(channel) }
        for place in places where state.withLockedValue({ $0.channels[place] == nil }) { await open(place, own: own) }
    }

    private func open(_ place: LinkChoice.Place, own: Set<HostAddress>) async {
        let settings = LinkHandler.Settings(
            host: configuration.host, addresses: place.addresses, ownAddresses: own, port: configuration.port,
            logger: logger, notice: { [weak self] in self?.say("\(place.link.name): \($0)") })
        do {
            let channel = try await MulticastSocket.open(
                place, port: configuration.port, group: group, handler: settings)
            state.withLockedValue { state in
                state.channels[place] = channel
                for (id, service) in state.services.sorted(by: { $0.key < $1.key }) {
                    Self.tell(.add(service, id: id), [place: channel])
                }
            }
        } catch {
            say("\(place.link.name): cannot announce: \((error as? IOError)?.systemText ?? "\(error)")")
        }
    }

    private func say(_ sentence: String) {
        let isNew = state.withLockedValue { state in
            // Names can be contested again and again; what is remembered has an end.
            if state.notices.count > 100 { state.notices = [] }
            return state.notices.insert(sentence).inserted
        }
        if isNew { notice(sentence) }
    }

    private static func close(_ channel: any Channel) async {
        channel.triggerUserOutboundEvent(LinkHandler.Command.stop, promise: nil)
        await withCheckedContinuation { continuation in
            channel.closeFuture.whenComplete { _ in continuation.resume() }
        }
    }
}
