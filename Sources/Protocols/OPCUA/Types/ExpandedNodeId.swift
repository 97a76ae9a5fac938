/// A NodeId that may name its namespace by URI and may live in another server (Part 6, 5.2.2.10).
public struct ExpandedNodeId: Hashable, Sendable {
    public var nodeId: NodeId
    /// When set, it stands in place of the namespace index.
    public var namespaceURI: String?
    /// Index into the server array; 0 is the server itself.
    public var serverIndex: UInt32

    public static let null = ExpandedNodeId(.null)

    public init(_ nodeId: NodeId, namespaceURI: String? = nil, serverIndex: UInt32 = 0) {
        self.nodeId = nodeId
        self.namespaceURI = namespaceURI
        self.serverIndex = serverIndex
    }

    /// The NodeId in the server whose namespace array is given; nil for another server or an unknown namespace.
    public func local(in namespaces: [String]) -> NodeId? {
        guard serverIndex == 0 else { return nil }
        guard let namespaceURI else { return nodeId }
        guard let index = namespaces.firstIndex(of: namespaceURI), let short = UInt16(exactly: index) else {
            return nil
        }
        return NodeId(namespace: short, identifier: nodeId.identifier)
    }
}

extension ExpandedNodeId: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        let form = try reader.readUInt8()
        nodeId = try NodeId(form: form, from: &reader)
        namespaceURI = form & NodeIdForm.namespaceURIFlag == 0 ? nil : try String.read(from: &reader)
        serverIndex = form & NodeIdForm.serverIndexFlag == 0 ? 0 : try reader.readUInt32()
    }

    public func encode(to writer: inout BinaryWriter) {
        var flags: UInt8 = 0
        if namespaceURI != nil { flags |= NodeIdForm.namespaceURIFlag }
        if serverIndex != 0 { flags |= NodeIdForm.serverIndexFlag }
        nodeId.encode(flags: flags, to: &writer)
        if let namespaceURI { writer.write(string: namespaceURI) }
        if serverIndex != 0 { writer.write(serverIndex) }
    }
}

/// Text form of Part 6, 5.3.1.11: `svr=1;nsu=urn:x;s=name`; `;` and `%` in the URI are written `%3B` and `%25`.
extension ExpandedNodeId: CustomStringConvertible, LosslessStringConvertible {
    public init?(_ text: String) {
        var rest = text[...]
        var server: UInt32 = 0
        var uri: String?
        if rest.hasPrefix("svr=") {
            guard let end = rest.firstIndex(of: ";"),
                let number = decimal(rest[..<end].dropFirst(4), as: UInt32.self)
            else { return nil }
            server = number
            rest = rest[rest.index(after: end)...]
        }
        if rest.hasPrefix("nsu=") {
            guard let end = rest.firstIndex(of: ";") else { return nil }
            uri = unescape(rest[..<end].dropFirst(4))
            rest = rest[rest.index(after: end)...]
            guard let identifier = NodeId.Identifier(parsing: rest) else { return nil }
            self.init(NodeId(namespace: 0, identifier: identifier), namespaceURI: uri, serverIndex: server)
            return
        }
        guard let nodeId = NodeId(parsing: rest) else { return nil }
        self.init(nodeId, serverIndex: server)
    }

    public var description: String {
        let server = serverIndex == 0 ? "" : "svr=\(serverIndex);"
        guard let namespaceURI else { return server + nodeId.description }
        return server + "nsu=\(escape(namespaceURI));" + nodeId.identifier.text
    }
}

private func escape(_ text: String) -> String {
    text.map { $0 == "%" ? "%25" : $0 == ";" ? "%3B" : String($0) }.joined()
}

/// Turns `%3B` and `%25` back; a percent sign before anything else stays as it is.
private func unescape(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let mark = rest.firstIndex(of: "%") {
        result += rest[..<mark]
        let code = rest[mark...].prefix(3).uppercased()
        if code == "%3B" || code == "%25" {
            result += code == "%3B" ? ";" : "%"
            rest = rest[rest.index(mark, offsetBy: 3)...]
        } else {
            result += "%"
            rest = rest[rest.index(after: mark)...]
        }
    }
    return result + rest
}
