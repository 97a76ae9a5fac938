import JSONSupport
package import YAMLSupport

/// Configuration values as JSON and back.
package enum TreeJSON {
    /// - Throws: `JSONError` for what is no JSON, or a key written twice.
    package static func parse(_ bytes: [UInt8]) throws(TreeError) -> YAMLTree {
        let result = bytes.withUnsafeBytes { bytes -> Result<YAMLTree, TreeError> in
            var scanner = JSONScanner(bytes)
            do throws(JSONError) {
                let tree = try value(try scanner.next(), &scanner)
                _ = try scanner.next()
                return .success(tree)
            } catch {
                return .failure(TreeError(description: error.description))
            }
        }
        return try result.get()
    }

    /// Why a body is no configuration.
    package struct TreeError: Error, Sendable, CustomStringConvertible {
        package var description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// The scanner bounds the depth.
    private static func value(_ token: JSONToken, _ scanner: inout JSONScanner) throws(JSONError) -> YAMLTree {
        switch token.kind {
        case .beginObject:
            var members: [YAMLTree.Member] = []
            while true {
                let key = try scanner.next()
                guard key.kind == .key else { return .block(unique(members)) }
                let name = scanner.string(key)
                members.append(.init(name, try value(try scanner.next(), &scanner)))
            }
        case .beginArray:
            var items: [YAMLTree] = []
            while true {
                let token = try scanner.next()
                if token.kind == .endArray { return .list(items) }
                items.append(try value(token, &scanner))
            }
        case .string: return .text(scanner.string(token))
        case .number: return .number(String(decoding: scanner.text(token), as: UTF8.self))
        case .true: return .truth(true)
        case .false: return .truth(false)
        default: return .null
        }
    }

    /// Of a key written twice the last counts, as in most readers of JSON.
    private static func unique(_ members: [YAMLTree.Member]) -> [YAMLTree.Member] {
        var seen: Set<String> = []
        return members.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }

    package static func text(_ tree: YAMLTree) -> String {
        switch tree {
        case .null: "null"
        case .truth(let truth): truth ? "true" : "false"
        case .number(let text): text
        case .text(let text): JSONText.quoted(text)
        case .list(let items): "[" + items.map(text).joined(separator: ",") + "]"
        case .block(let members):
            "{" + members.map { JSONText.quoted($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
        }
    }
}
