import OPCUATypes

/// A way through the tree by browse names, as people write it: `/Objects/2:Plant/Line1/nsu=urn:x;Speed`.
///
/// Names are separated by `/`; `&` takes the next character as it is (Part 4, A.2). A name without namespace fits in
/// any. A way that does not begin at Objects, Types or Views begins below Objects.
struct BrowsePathText: Hashable, Sendable {
    /// The namespace of a browse name as far as it is given.
    enum Namespace: Hashable, Sendable {
        case any
        case index(UInt16)
        case uri(String)
    }

    struct Element: Hashable, Sendable {
        var namespace: Namespace
        var name: String
    }

    /// Names below `start`; empty names `start` itself.
    var elements: [Element]
    /// Objects, Types or Views (Part 5, 8.2).
    var start: NodeId

    static let objects = NodeId(85)
    private static let starts: [String: NodeId] = ["Objects": objects, "Types": NodeId(86), "Views": NodeId(87)]
    /// Longer ways are no ways of people.
    static let elementsMax = 64

    /// - Returns: nil for an empty way, an empty name or a namespace index that is none.
    init?(_ text: String) {
        var rest = text.hasPrefix("/") ? text.dropFirst() : text[...]
        guard !rest.isEmpty else { return nil }
        var elements: [Element] = []
        while true {
            guard let element = Self.takeElement(&rest), elements.count < Self.elementsMax else { return nil }
            elements.append(element)
            guard rest.first == "/" else { break }
            rest = rest.dropFirst()
        }
        if elements.count > 1, elements[0].name == "Root", elements[0].isStandard { elements.removeFirst() }
        start = Self.objects
        if let first = elements.first, first.isStandard, let named = Self.starts[first.name] {
            start = named
            elements.removeFirst()
        }
        self.elements = elements
    }

    /// One name up to the next `/` that is not escaped; nil when it cannot be.
    private static func takeElement(_ rest: inout Substring) -> Element? {
        var namespace = Namespace.any
        if rest.hasPrefix("nsu=") {
            guard let end = rest.firstIndex(of: ";"), let expanded = ExpandedNodeId(rest[..<end] + ";i=0"),
                let uri = expanded.namespaceURI, !uri.isEmpty
            else { return nil }
            namespace = .uri(uri)
            rest = rest[rest.index(after: end)...]
        } else {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            if !digits.isEmpty, rest.dropFirst(digits.count).first == ":" {
                guard let index = UInt16(digits) else { return nil }
                namespace = .index(index)
                rest = rest.dropFirst(digits.count + 1)
            }
        }
        var name = ""
        while let next = rest.first, next != "/" {
            rest = rest.dropFirst()
            if next == "&" {
                guard let escaped = rest.popFirst() else { return nil }
                name.append(escaped)
            } else {
                name.append(next)
            }
        }
        return name.isEmpty ? nil : Element(namespace: namespace, name: name)
    }
}

extension BrowsePathText.Element {
    fileprivate var isStandard: Bool { namespace == .any || namespace == .index(0) }

    /// Whether a browse name of a server with that namespace array is meant.
    func fits(_ name: QualifiedName, in namespaces: [String]) -> Bool {
        guard name.name == self.name else { return false }
        return switch namespace {
        case .any: true
        case .index(let index): name.namespace == index
        case .uri(let uri): Int(name.namespace) < namespaces.count && namespaces[Int(name.namespace)] == uri
        }
    }

    /// The name as the server knows it; nil while its namespace is open or not the server's.
    func qualified(in namespaces: [String]) -> QualifiedName? {
        switch namespace {
        case .any: nil
        case .index(let index): QualifiedName(name, namespace: index)
        case .uri(let uri):
            namespaces.firstIndex(of: uri).flatMap { UInt16(exactly: $0) }.map { QualifiedName(name, namespace: $0) }
        }
    }
}
