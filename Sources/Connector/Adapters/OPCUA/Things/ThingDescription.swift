import ConnectorModel
import Foundation
import OPCUATypes

/// A W3C Thing Description with the OPC UA binding (OPC 10101): which nodes of which server, and how it is protected.
struct ThingDescription: Hashable, Sendable {
    /// `opc.tcp://host:port/path`
    var endpoint: String
    var nodes: [NodeSelection]
    var security = Security()

    /// What the description says of the channel and of the user; nil leaves it to both sides.
    struct Security: Hashable, Sendable {
        var mode: String?
        var policy: String?
        var needsUser = false
    }

    /// Larger descriptions are refused unread.
    static let bytesMax = 16 * 1024 * 1024

    /// - Throws: ``ThingDescriptionError``
    init(_ bytes: Data) throws(ThingDescriptionError) {
        guard bytes.count <= Self.bytesMax else {
            throw ThingDescriptionError(problem: "is larger than \(Self.bytesMax >> 20) MiB")
        }
        let document: ThingDocument
        do {
            document = try JSONDecoder().decode(ThingDocument.self, from: bytes)
        } catch {
            throw ThingDescriptionError(problem: "is no Thing Description: \(error)")
        }
        var endpoints: [String] = []
        var nodes: [NodeSelection] = []
        for (name, property) in (document.properties ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let form = property.forms.first(where: { $0.isOPCUA(base: document.base) }) else { continue }
            let target = try ThingTarget(form, base: document.base, property: name)
            if !endpoints.contains(target.endpoint) { endpoints.append(target.endpoint) }
            nodes.append(target.node)
        }
        guard let endpoint = endpoints.first else {
            throw ThingDescriptionError(problem: "has no property with a form at opc.tcp://")
        }
        guard endpoints.count == 1 else {
            throw ThingDescriptionError(
                problem: "names several servers (\(endpoints.joined(separator: ", "))); make a source of each")
        }
        self.endpoint = endpoint
        self.nodes = nodes
        security = try document.protection()
    }
}

/// Why a Thing Description cannot be used, as a phrase that follows its name.
struct ThingDescriptionError: Error, Hashable {
    var problem: String
}

/// The node that a form leads to (OPC 10101, 6.2): `opc.tcp://host:port/path/?id=nsu=urn:x;s=name`.
struct ThingTarget {
    var endpoint: String
    var node: NodeSelection

    fileprivate init(
        _ form: ThingDocument.Form, base: String?, property: String
    ) throws(ThingDescriptionError) {
        let href = form.absolute(base: base)
        let parts = href.firstRange(of: "?id=").map { (href[..<$0.lowerBound], String(href[$0.upperBound...])) }
        endpoint = String(parts?.0 ?? href[...])
        // The slash before the query belongs to the query's form, not to the server's path.
        if endpoint.hasSuffix("/") { endpoint.removeLast() }
        do throws(SettingError) {
            if let id = parts?.1 {
                node = try NodeSelection(nodeID: id.removingPercentEncoding ?? id)
            } else if let path = form.browsePath {
                node = try NodeSelection(browsePath: path)
            } else {
                throw SettingError(key: "href", problem: "'\(href)' has no ?id= with a node id")
            }
        } catch {
            throw ThingDescriptionError(
                problem: "has a form that leads nowhere: property '\(property)': \(error.problem)")
        }
    }
}

/// What is read of a Thing Description's text.
private struct ThingDocument: Decodable {
    struct Form: Decodable {
        var href: String
        var browsePath: String?

        enum CodingKeys: String, CodingKey {
            case href
            case browsePath = "uav:browsePath"
        }

        func absolute(base: String?) -> String {
            // A scheme stands before any query; a node id may hold one, too.
            guard !href.prefix(while: { $0 != "?" }).contains("://"), let base else { return href }
            // An href such as `/?id=…` gives the node only; the server is the base's (6.2).
            return (base.hasSuffix("/") ? String(base.dropLast()) : base) + (href.hasPrefix("/") ? href : "/" + href)
        }

        func isOPCUA(base: String?) -> Bool { absolute(base: base).lowercased().hasPrefix("opc.tcp://") }
    }

    struct Property: Decodable {
        var forms: [Form]
    }

    struct Scheme: Decodable {
        var scheme: String
        var mode: String?
        var policy: String?
        var token: String?
        var allOf: Names?
        var oneOf: Names?

        enum CodingKeys: String, CodingKey {
            case scheme, allOf, oneOf
            case mode = "uav:securityMode"
            case policy = "uav:securityPolicy"
            case token = "uav:userIdentityToken"
        }
    }

    /// One name or a list of them.
    struct Names: Decodable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                names = [name]
            } else {
                names = try container.decode([String].self)
            }
        }
    }

    var base: String?
    var properties: [String: Property]?
    var security: Names?
    var securityDefinitions: [String: Scheme]?

    /// The schemes in force, those inside combinations too (6.4).
    func protection() throws(ThingDescriptionError) -> ThingDescription.Security {
        var result = ThingDescription.Security()
        var open = security?.names ?? []
        var seen: Set<String> = []
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            guard let scheme = securityDefinitions?[name] else {
                throw ThingDescriptionError(problem: "uses the security '\(name)' without defining it")
            }
            switch scheme.scheme {
            case "auto": break
            case "nosec": result.mode = "None"
            case "combo": open += scheme.allOf?.names ?? Array((scheme.oneOf?.names ?? []).prefix(1))
            case "basic": result.needsUser = true
            case "uav:channelsec":
                result.mode = scheme.mode
                // The policy is a name or the URI that ends with it.
                result.policy = scheme.policy.map { String($0.split(separator: "#").last ?? "") }
            case "uav:authentication": result.needsUser = scheme.token.map { $0.lowercased() == "username" } ?? false
            default:
                throw ThingDescriptionError(
                    problem: "asks for the security scheme '\(scheme.scheme)', which is not known here")
            }
        }
        return result
    }
}
