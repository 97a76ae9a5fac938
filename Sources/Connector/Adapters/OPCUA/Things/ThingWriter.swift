import JSONSupport
import OPCUATypes

/// Writes what was found on a server as a Thing Description (OPC 10101), one property for each variable.
extension NodeTree {
    /// - Parameter title: of the thing.
    package func thingDescription(title: String) -> String {
        let properties = nodes.filter { $0.nodeClass == .variable }
        var names: Set<String> = []
        let members = properties.map { node -> (String, String) in
            let name = names.insert(node.path).inserted ? node.path : "\(node.path) (\(node.id))"
            return (name, property(node))
        }
        let context = #"["https://www.w3.org/2022/wot/td/v1.1",{"uav":"http://opcfoundation.org/UA/WoT-Binding/"}]"#
        return JSONForm.object([
            ("@context", context), ("@type", #""uav:object""#), ("title", JSONText.quoted(title)),
            ("base", JSONText.quoted(endpoint)),
            // Policy, mode and user are agreed on when a client connects.
            ("securityDefinitions", #"{"auto_sc":{"scheme":"auto"}}"#), ("security", #""auto_sc""#),
            ("properties", JSONForm.object(members)),
        ])
    }

    private func property(_ node: Node) -> String {
        var members = [
            ("@type", #""uav:variable""#), ("title", JSONText.quoted(node.browseName.name ?? node.path)),
            ("uav:browseName", JSONText.quoted(node.browseName.description)),
        ]
        if let type = schemaType(of: node) { members.append(("type", JSONText.quoted(type))) }
        if let description = node.details.description { members.append(("description", JSONText.quoted(description))) }
        if let unit = node.details.unit { members.append(("unit", JSONText.quoted(unit))) }
        if let range = node.details.range {
            members.append(("minimum", JSONText.number(range.low)))
            members.append(("maximum", JSONText.number(range.high)))
        }
        members += [("readOnly", "true"), ("observable", "true"), ("forms", "[\(form(node))]")]
        return JSONForm.object(members)
    }

    private func form(_ node: Node) -> String {
        let href =
            "/?id="
            + nodeText(node.id).replacing("%", with: "%25").replacing("#", with: "%23")
            .replacing("&", with: "%26")
        return JSONForm.object([
            ("href", JSONText.quoted(href)), ("op", #"["readproperty","observeproperty"]"#),
            ("contentType", #""application/octet-stream""#),
        ])
    }

    /// With the namespace by URI: an index holds for one start of the server only.
    private func nodeText(_ id: NodeId) -> String {
        guard id.namespace > 0, Int(id.namespace) < namespaces.count else { return id.description }
        return ExpandedNodeId(
            NodeId(namespace: 0, identifier: id.identifier), namespaceURI: namespaces[Int(id.namespace)]
        ).description
    }

    /// The type of a JSON value that the variable's would be.
    private func schemaType(of node: Node) -> String? {
        if node.details.valueRank >= 0 { return "array" }
        guard let standard = node.dataType.standard else { return nil }
        return switch standard {
        case 1: "boolean"
        case 2...9: "integer"
        case 10, 11, 26: "number"
        case 12, 13, 14, 15, 21: "string"
        default: nil
        }
    }
}
