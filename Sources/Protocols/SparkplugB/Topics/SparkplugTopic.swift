/// What a message is about, from its topic (Sparkplug 3.0, 4).
public enum SparkplugTopic: Hashable, Sendable {
    /// The messages of edge nodes and devices, and the commands to them.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case nodeBirth = "NBIRTH"
        case nodeDeath = "NDEATH"
        case nodeData = "NDATA"
        case nodeCommand = "NCMD"
        case deviceBirth = "DBIRTH"
        case deviceDeath = "DDEATH"
        case deviceData = "DDATA"
        case deviceCommand = "DCMD"

        /// Whether the topic ends with a device.
        public var isOfDevice: Bool {
            switch self {
            case .deviceBirth, .deviceDeath, .deviceData, .deviceCommand: true
            case .nodeBirth, .nodeDeath, .nodeData, .nodeCommand: false
            }
        }
    }

    /// The device is nil for messages of the node itself.
    case message(Kind, EdgeNodeID, device: String?)
    /// Whether a host application is there: `spBv1.0/STATE/<host>` of 3.0, `STATE/<host>` before.
    case state(host: String, isOld: Bool)

    /// The first level of all topics of Sparkplug B.
    public static let namespace = "spBv1.0"

    /// Takes a topic apart; nil for what is no topic of Sparkplug B.
    public init?(_ text: some StringProtocol) {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = levels.last, !last.isEmpty else { return nil }
        if levels.count == 2, levels[0] == "STATE" {
            self = .state(host: String(last), isOld: true)
            return
        }
        guard levels.count >= 3, levels[0] == Self.namespace else { return nil }
        if levels.count == 3, levels[1] == "STATE" {
            self = .state(host: String(last), isOld: false)
            return
        }
        guard levels.count >= 4, let kind = Kind(rawValue: String(levels[2])),
            levels.count == (kind.isOfDevice ? 5 : 4), !levels[1].isEmpty, !levels[3].isEmpty
        else { return nil }
        self = .message(
            kind, EdgeNodeID(group: String(levels[1]), node: String(levels[3])),
            device: kind.isOfDevice ? String(last) : nil)
    }

    /// The topic as it stands in a message.
    public var text: String {
        switch self {
        case .message(let kind, let id, let device):
            "\(Self.namespace)/\(id.group)/\(kind.rawValue)/\(id.node)" + (device.map { "/\($0)" } ?? "")
        case .state(let host, let isOld): isOld ? "STATE/\(host)" : "\(Self.namespace)/STATE/\(host)"
        }
    }

    /// Refuses a group, node, device or host whose name cannot be a level of a topic (4.1.2).
    ///
    /// - Returns: what is wrong with it, as a phrase; nil when nothing is.
    public static func fault(inName name: String) -> String? {
        if name.isEmpty { return "must not be empty" }
        if name.contains(where: { $0 == "/" || $0 == "+" || $0 == "#" }) { return "must not contain /, + or #" }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "contains a control character"
        }
        return nil
    }
}
