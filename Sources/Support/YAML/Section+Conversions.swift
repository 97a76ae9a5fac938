/// Values under other names as the canonical keys have them.
extension Section {
    /// The value as the canonical key has it; nil when it cannot be, which is then a finding.
    func converted(_ entry: YAMLNode.Entry, at path: String, _ conversion: Conversion) -> YAMLNode? {
        if case .same = conversion { return entry.value }
        guard case .scalar(var scalar) = entry.value, !scalar.isNull else { return entry.value }
        if case .nameOfVariable = conversion {
            scalar.text = "${env:\(scalar.text)}"
            return .scalar(scalar)
        }
        do {
            let text = try references.resolve(scalar.text)
            switch Self.converted(text, conversion) {
            case .success(let text):
                scalar.text = text
                return .scalar(scalar)
            case .failure(let failure):
                findings.add(failure.problem, at: path, line: entry.line, in: entry.file ?? file)
                return nil
            }
        } catch {
            if error.isMissing, context.missingReference == .warning {
                findings.warnUnresolved(error.problem, at: path, line: entry.line, in: entry.file ?? file)
            } else {
                findings.add(error.problem, at: path, line: entry.line, in: entry.file ?? file)
            }
            return nil
        }
    }

    private static func converted(_ text: String, _ conversion: Conversion) -> Result<String, References.Failure> {
        switch conversion {
        case .same, .nameOfVariable: return .success(text)
        case .truth(let yes, let no): return .success(truth(text).map { $0 ? yes : no } ?? text)
        case .millisecondsAsSeconds:
            guard let number = Double(text), number.isFinite else {
                return .failure(.init(problem: "a number is expected, found '\(text)'"))
            }
            return .success(String(number / 1000))
        case .secondsAsMilliseconds, .wholeSeconds:
            guard let duration = DurationText.parse(text) else {
                return .failure(
                    .init(problem: "a time such as 2, 0.5, 500ms or 1m is expected, found '\(text)'"))
            }
            let (seconds, attoseconds) = duration.components
            if case .wholeSeconds = conversion { return .success(String(seconds + (attoseconds > 0 ? 1 : 0))) }
            return .success(String(seconds * 1000 + (attoseconds + 500_000_000_000_000) / 1_000_000_000_000_000))
        }
    }

    static func isSame(_ left: YAMLNode, _ right: YAMLNode) -> Bool {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            if left.text == right.text { return true }
            guard let number = Double(left.text) else { return false }
            return number == Double(right.text)
        case (.sequence(let left, _), .sequence(let right, _)):
            return left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.mapping(let left, _), .mapping(let right, _)):
            return left.count == right.count
                && left.allSatisfy { entry in
                    right.contains { $0.key == entry.key && isSame($0.value, entry.value) }
                }
        default: return false
        }
    }
}
