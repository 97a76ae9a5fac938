import ConnectorVault
package import YAMLSupport

/// Finds the secrets among configuration values: to mask them, to put back what a mask stands for, to move them into the
/// vault.
package enum SecretPlaces {
    /// What is shown instead of a secret.
    package static let mask = KeyRecord.mask

    /// The way to a value: keys, and items by their name or, without one, by their number.
    struct Path: Hashable {
        enum Step: Hashable {
            case key(String)
            case name(String)
            case number(Int)
        }

        var steps: [Step] = []

        func appending(_ step: Step) -> Path { Path(steps: steps + [step]) }

        var words: [String] {
            steps.compactMap { step in
                switch step {
                case .key(let word), .name(let word): word
                case .number(let number): String(number)
                }
            }
        }

        /// `sources.boiler.password`.
        var text: String { words.joined(separator: ".") }

        var lastKey: String {
            for case .key(let key) in steps.reversed() { return key }
            return ""
        }
    }

    // MARK: Masks

    /// The values with `***` in the place of every secret that stands there in the clear.
    package static func masked(_ tree: YAMLTree) -> YAMLTree {
        mapTexts(tree) { path, text in shown(text, key: path.lastKey) }
    }

    /// How a text is shown under its key.
    static func shown(_ text: String, key: String) -> String {
        if isWhollySecret(key, text) { return mask }
        return SecretWords.masked(text)
    }

    /// Whether the text holds a secret that is not behind a reference.
    static func isSecret(_ text: String, key: String) -> Bool { shown(text, key: key) != text }

    private static func isWhollySecret(_ key: String, _ text: String) -> Bool {
        guard !text.isEmpty, !isReference(text) else { return false }
        // `client_secret_env` names a variable.
        if SecretWords.hold(key), !key.hasSuffix("_env") { return true }
        let lowered = text.lowercased()
        return key == "connection_string" && ["pwd=", "password="].contains { lowered.contains($0) }
    }

    /// Whether the text is one reference without a default, which would be in the clear.
    static func isReference(_ text: String) -> Bool {
        guard References.names(in: text) == [text] else { return false }
        return text.hasPrefix("${credential:") || text.split(separator: ":").count <= (text.hasPrefix("${env:") ? 2 : 1)
    }

    /// The values with what each mask stands for in `current`.
    /// - Returns: also the paths of masks that stand for nothing.
    static func unmasked(_ tree: YAMLTree, from current: YAMLTree) -> (tree: YAMLTree, unknown: [String]) {
        let known = texts(of: current)
        var unknown: [String] = []
        let tree = mapTexts(tree) { path, text in
            guard text.contains(mask) else { return text }
            if let secret = known[path], shown(secret, key: path.lastKey) == text { return secret }
            // Elsewhere three stars are only text.
            if text == mask && SecretWords.hold(path.lastKey) || text.contains("://\(mask)@") {
                unknown.append(path.text)
            }
            return text
        }
        return (tree, unknown)
    }

    // MARK: Into the vault

    /// The values with references in the place of clear secrets, and those secrets by the names that they get.
    /// - Parameters:
    ///   - current: secrets that stand there already stay where they are; nil moves all.
    ///   - taken: names that the vault has.
    static func moved(
        _ tree: YAMLTree, except current: YAMLTree?, taken: Set<CredentialName>
    ) -> (tree: YAMLTree, secrets: [CredentialName: String]) {
        let known = current.map(texts(of:)) ?? [:]
        var taken = taken
        var secrets: [CredentialName: String] = [:]
        let tree = mapTexts(tree) { path, text in
            guard isSecret(text, key: path.lastKey), References.names(in: text).isEmpty, known[path] != text else {
                return text
            }
            let name = freeName(for: path, &taken)
            secrets[name] = text
            return "${credential:\(name)}"
        }
        return (tree, secrets)
    }

    /// The earlier text, for a copy of it: a clear secret that the file will have no more is not in the copy either.
    /// - Returns: nil when the text can be kept as it is.
    static func backupText(of document: ConfigurationDocument, for wanted: YAMLTree) -> String? {
        let kept = texts(of: wanted)
        let base = YAMLTree(document.base).withoutNulls
        let redacted = mapTexts(base) { path, text in
            guard isSecret(text, key: path.lastKey), kept[path] != text else { return text }
            return kept[path] ?? "${credential:\(CredentialName(sanitizing: path.words))}"
        }
        if redacted == base { return nil }
        return YAMLEdit.text(document.text, changedTo: redacted) ?? YAMLText.document(redacted)
    }

    /// A name that no credential has: what the vault holds may be referred to by older configurations.
    private static func freeName(for path: Path, _ taken: inout Set<CredentialName>) -> CredentialName {
        let words = path.words == ["zerobus", "auth", path.lastKey] ? ["zerobus", path.lastKey] : path.words
        let first = CredentialName(sanitizing: words)
        var name = first
        var number = 2
        while !taken.insert(name).inserted {
            name = first.numbered(number)
            number += 1
        }
        return name
    }

    // MARK: Walking

    private static func texts(of tree: YAMLTree) -> [Path: String] {
        var texts: [Path: String] = [:]
        _ = mapTexts(tree) { path, text in
            texts[path] = text
            return text
        }
        return texts
    }

    /// Every text, and every number under a secret's key, changed by `body`.
    private static func mapTexts(
        _ tree: YAMLTree, _ path: Path = Path(), _ body: (Path, String) -> String
    ) -> YAMLTree {
        switch tree {
        case .text(let text): return .text(body(path, text))
        case .number(let text):
            let new = body(path, text)
            return new == text ? tree : .text(new)
        case .block(let members):
            return .block(members.map { .init($0.key, mapTexts($0.value, path.appending(.key($0.key)), body)) })
        case .list(let items):
            let names = YAMLTree.names(of: items)
            return .list(
                items.enumerated().map { index, item in
                    mapTexts(item, path.appending(names.map { .name($0[index]) } ?? .number(index)), body)
                })
        case .null, .truth: return tree
        }
    }
}
