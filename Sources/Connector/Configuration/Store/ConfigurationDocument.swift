import Crypto
package import YAMLSupport

/// A configuration as it lies on disk: the file, and the layers over it.
package struct ConfigurationDocument: Sendable {
    /// A file that is laid over those before it.
    package struct Layer: Sendable {
        package var path: String
        package var text: String
        var root: YAMLNode?
    }

    /// The file's path; nil when there is none and the defaults hold.
    package var file: String?
    /// The file's text; empty when there is no file.
    package var text: String
    package var layers: [Layer]
    /// The file's values alone.
    var base: YAMLNode?
    /// All layers merged; entries of layers remember their file.
    package var root: YAMLNode?

    /// The values that count.
    package var tree: YAMLTree { YAMLTree(root).withoutNulls }

    /// Tells one state of the files from another (RFC 9110 section 8.8.3), quotes included.
    package var entityTag: String {
        var hash = SHA256()
        for text in [text] + layers.map(\.text) {
            hash.update(data: Array("\(text.utf8.count):".utf8))
            hash.update(data: Array(text.utf8))
        }
        let digits = hash.finalize().prefix(12).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "\"" + digits.joined() + "\""
    }

    /// Each single value that a layer says, by its key path, with the layer's path and the line.
    package var layered: [(key: String, place: String)] {
        var found: [(key: String, place: String)] = []
        Self.collect(root, path: "", into: &found)
        return found
    }

    private static func collect(_ node: YAMLNode?, path: String, into found: inout [(key: String, place: String)]) {
        switch node {
        case .mapping(let entries, _)?:
            for entry in entries {
                let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                if case .scalar = entry.value, let file = entry.file {
                    found.append((path, "\(file):\(entry.line)"))
                } else {
                    collect(entry.value, path: path, into: &found)
                }
            }
        case .sequence(let items, _)?:
            let names = YAMLTree.names(of: items.map { YAMLTree($0) })
            for (index, item) in items.enumerated() {
                collect(item, path: names.map { "\(path).\($0[index])" } ?? "\(path)[\(index)]", into: &found)
            }
        case .scalar?, nil: break
        }
    }
}
