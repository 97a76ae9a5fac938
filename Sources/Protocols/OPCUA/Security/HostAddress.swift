/// `192.168.0.1`, or eight groups of an IPv6 address.
func addressText(_ bytes: [UInt8]) -> String? {
    switch bytes.count {
    case 4: bytes.map(String.init).joined(separator: ".")
    case 16:
        stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    default: nil
    }
}

/// Bytes of an IPv4 address, or of an IPv6 address with or without `::`; nil for a name.
func addressBytes(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 4, !text.contains(":") {
        let bytes = parts.compactMap { UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }
    guard text.contains(":") else { return nil }
    let halves = text.replacing("::", with: "|").split(separator: "|", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    let groups = halves.map { half in
        half.isEmpty
            ? [] : half.split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0, radix: 16) }
    }
    let given = groups.joined()
    let known = given.compactMap { $0 }
    guard known.count == given.count, halves.count == 2 ? known.count < 8 : known.count == 8 else { return nil }
    let tail = halves.count == 2 ? groups[1].compactMap { $0 } : []
    let head = groups[0].compactMap { $0 }
    let middle = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
    return (head + middle + tail).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
}
