/// A pattern as it was read.
indirect enum PatternNode: Hashable {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    case either([PatternNode])
    /// The number of a named group; nil for one that is only for precedence.
    case group(PatternNode, Int?)
    case many(PatternNode, from: Int, upTo: Int?, isLazy: Bool)
    case textStart, textEnd
}

/// Writes a pattern as instructions.
struct PatternProgram {
    private(set) var instructions: [Pattern.Instruction] = []

    mutating func write(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .set(let set): try append(.set(set))
        case .textStart: try append(.textStart)
        case .textEnd: try append(.textEnd)
        case .sequence(let nodes): for node in nodes { try write(node) }
        case .either(let nodes): try writeEither(nodes)
        case .group(let inner, let number):
            if let number { try append(.save(2 * number)) }
            try write(inner)
            if let number { try append(.save(2 * number + 1)) }
        case .many(let inner, let from, let upTo, let isLazy): try writeMany(inner, from, upTo, isLazy)
        }
    }

    private mutating func append(_ instruction: Pattern.Instruction) throws(PatternError) {
        guard instructions.count < Pattern.instructionsMax else {
            throw PatternError("is too large: repetitions written out, it takes more than \(Pattern.instructionsMax)")
        }
        instructions.append(instruction)
    }

    private mutating func writeEither(_ nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try write(node)
                break
            }
            let split = instructions.count
            try append(.split(split + 1, 0))
            try write(node)
            jumps.append(instructions.count)
            try append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func writeMany(
        _ inner: PatternNode, _ from: Int, _ upTo: Int?, _ isLazy: Bool
    ) throws(PatternError) {
        for _ in 0..<from { try write(inner) }
        func split(_ inside: Int, _ behind: Int) -> Pattern.Instruction {
            isLazy ? .split(behind, inside) : .split(inside, behind)
        }
        guard let upTo else {
            let start = instructions.count
            try append(.split(0, 0))
            try write(inner)
            try append(.jump(start))
            instructions[start] = split(start + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in from..<max(from, upTo) {
            splits.append(instructions.count)
            try append(.split(0, 0))
            try write(inner)
        }
        for place in splits { instructions[place] = split(place + 1, instructions.count) }
    }
}
