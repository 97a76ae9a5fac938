/// Follows all ways through a pattern at the same time, in the order of their preference.
struct PatternSearch {
    private struct Thread {
        var place: Int
        var saved: [Int]
    }

    private let instructions: [Pattern.Instruction]
    private let slots: Int
    private let text: [Unicode.Scalar]
    private var threads: [Thread] = []
    private var next: [Thread] = []
    /// By instruction: the step in which it was last reached. Each instruction holds one thread only, the preferred.
    private var reached: [Int]
    private var step = 0

    init(_ instructions: [Pattern.Instruction], slots: Int, _ text: [Unicode.Scalar]) {
        self.instructions = instructions
        self.slots = slots
        self.text = text
        reached = [Int](repeating: -1, count: instructions.count)
    }

    /// The places of the groups in the first match; -1 for what was not reached. Nil when there is none.
    mutating func run() -> [Int]? {
        var found: [Int]?
        for position in 0...text.count {
            // A match further left is preferred, so nothing new begins behind one.
            if found == nil { add(Thread(place: 0, saved: [Int](repeating: -1, count: slots)), at: position) }
            swap(&threads, &next)
            next.removeAll(keepingCapacity: true)
            step += 1
            guard !threads.isEmpty else {
                if found != nil { return found }
                continue
            }
            for thread in threads {
                switch instructions[thread.place] {
                case .match: found = thread.saved
                case .set(let set):
                    if position < text.count, set.contains(text[position]) {
                        add(Thread(place: thread.place + 1, saved: thread.saved), at: position + 1)
                    }
                    continue
                default: continue
                }
                // Those behind it are less preferred.
                break
            }
        }
        return found
    }

    /// Adds a thread, and those into which it divides before it takes a scalar. What is still to be followed is kept
    /// on a list rather than on the stack, because a pattern may nest deeply.
    private mutating func add(_ thread: Thread, at position: Int) {
        var waiting = [thread]
        while var thread = waiting.popLast() {
            guard reached[thread.place] != step else { continue }
            reached[thread.place] = step
            switch instructions[thread.place] {
            case .set, .match: next.append(thread)
            case .jump(let place):
                thread.place = place
                waiting.append(thread)
            case .split(let first, let second):
                waiting.append(Thread(place: second, saved: thread.saved))
                waiting.append(Thread(place: first, saved: thread.saved))
            case .save(let slot):
                thread.saved[slot] = position
                thread.place += 1
                waiting.append(thread)
            case .textStart where position == 0, .textEnd where position == text.count:
                thread.place += 1
                waiting.append(thread)
            case .textStart, .textEnd: break
            }
        }
    }
}
