/// Whether two byte strings are the same, in a time that depends on their lengths only: how many bytes of a guessed
/// secret are right cannot be measured.
func isSameInConstantTime(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    var difference: UInt8 = left.count == right.count ? 0 : 1
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
}
