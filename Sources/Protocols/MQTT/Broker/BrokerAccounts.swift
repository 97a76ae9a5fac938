public import MQTTCore
import NIOCore

/// What a client may do.
public struct BrokerPermissions: Sendable, Equatable {
    /// Topics under which it may publish, also as its will.
    public var publish: [TopicFilter]
    /// Topic filters within which it may subscribe.
    public var subscribe: [TopicFilter]

    public init(publish: [TopicFilter], subscribe: [TopicFilter]) {
        self.publish = publish
        self.subscribe = subscribe
    }

    func allowsPublishing(_ topic: String) -> Bool { publish.contains { $0.matches(topic) } }

    func allowsSubscribing(_ filter: TopicFilter) -> Bool { subscribe.contains { $0.covers(filter) } }
}

/// Who may connect, and what each may do.
public struct BrokerAccounts: Sendable {
    /// One user.
    public struct Account: Sendable {
        public var username: String
        public var password: String
        /// nil allows everything.
        public var permissions: BrokerPermissions?

        public init(username: String, password: String, permissions: BrokerPermissions? = nil) {
            self.username = username
            self.password = password
            self.permissions = permissions
        }
    }

    /// What clients without a user name are.
    public enum Anonymous: Sendable, Equatable {
        case refused
        case allowed(BrokerPermissions)
    }

    private var byName: [String: Account]
    public var anonymous: Anonymous

    /// Of two accounts with the same name the later counts.
    public init(_ accounts: [Account], anonymous: Anonymous = .refused) {
        byName = Dictionary(accounts.map { ($0.username, $0) }) { $1 }
        self.anonymous = anonymous
    }

    /// Decides about a client.
    func decide(_ credentials: BrokerConfiguration.Credentials) -> BrokerDecision {
        guard let username = credentials.username else {
            switch anonymous {
            case .refused: return .refused(.badUserNameOrPassword)
            case .allowed(let permissions): return .admitted(permissions)
            }
        }
        let given = credentials.password.map { Array($0.readableBytesView) } ?? []
        let account = byName[username]
        // An unknown name costs the same time as a wrong password.
        let isRight = Self.isEqual(given, Array((account?.password ?? "").utf8))
        guard let account, isRight else { return .refused(.badUserNameOrPassword) }
        return .admitted(account.permissions)
    }

    /// Compares in a time that depends on the first length alone.
    private static func isEqual(_ given: [UInt8], _ wanted: [UInt8]) -> Bool {
        var difference: UInt8 = given.count == wanted.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            difference |= byte ^ (wanted.isEmpty ? 0 : wanted[index % wanted.count])
        }
        return difference == 0
    }
}

/// What was decided about a client.
enum BrokerDecision: Sendable, Equatable {
    /// nil allows everything.
    case admitted(BrokerPermissions?)
    case refused(ReasonCode)
}
