/// Where a key stands in a configuration, from its root down.
package struct KeyAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Step: Hashable, Sendable {
        case key(String)
        /// An item of a list; the variant is the kind of item, once it is known (`opcua` for a source).
        case item(Int, variant: String?)
        /// One of a block's blocks or values that have names of the user's choice.
        case member(String)
    }

    package private(set) var steps: [Step]

    init(steps: [Step]) {
        self.steps = steps
    }

    package static let root = KeyAddress(steps: [])

    package func appending(_ step: Step) -> KeyAddress {
        KeyAddress(steps: steps + [step])
    }

    package func key(_ name: String) -> KeyAddress { appending(.key(name)) }

    /// The address with the last item's kind.
    func ofVariant(_ variant: String) -> KeyAddress {
        var address = self
        if let index = steps.lastIndex(where: { if case .item = $0 { true } else { false } }),
            case .item(let number, _) = steps[index]
        {
            address.steps[index] = .item(number, variant: variant)
        }
        return address
    }

    /// `sources[0].registers[2].type`.
    package var description: String {
        text { number, _ in
            String(number)
        } member: {
            $0
        }
    }

    /// The address of all keys that differ in items and names only: `sources[modbus].registers[].type`.
    package var pattern: String {
        text { _, variant in
            variant ?? ""
        } member: { _ in
            "<name>"
        }
    }

    /// The pattern without kinds of items, which other names may be told of before the kind is known.
    var bare: String {
        text { _, _ in
            ""
        } member: { _ in
            "<name>"
        }
    }

    private func text(item: (Int, String?) -> String, member: (String) -> String) -> String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let name): text += text.isEmpty ? name : "." + name
            case .item(let number, let variant): text += "[" + item(number, variant) + "]"
            case .member(let name): text += "." + member(name)
            }
        }
        return text
    }
}
