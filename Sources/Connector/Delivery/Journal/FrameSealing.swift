import ConnectorKeys

/// A frame's body in the clear and sealed; see ``JournalFormat``.
enum FrameSealing {
    /// The bytes of a frame's head that are vouched for: all but its checksums.
    private static let contextBytes = 44

    /// How many bytes a seal adds to a frame.
    static func extraBytes(_ seal: FileSeal?) -> Int { seal == nil ? 0 : SealingKey.tagBytes }

    /// Writes the body over `place`, which is ``extraBytes(_:)`` longer; the head in front is complete but for
    /// its checksums.
    static func write(
        _ plaintext: UnsafeRawBufferPointer, of number: UInt32, head: UnsafeRawBufferPointer, _ seal: FileSeal?,
        to place: UnsafeMutableRawBufferPointer
    ) {
        guard let seal else {
            place.copyMemory(from: plaintext)
            return
        }
        seal.key.seal(
            plaintext, nonce: SealNonce(counter: UInt64(number)), context: head.slice(0..<contextBytes), into: place)
    }

    /// The body in the clear, without the cursor; nil when the seal does not hold.
    static func entries(
        of head: FrameHead, _ body: UnsafeRawBufferPointer, headBytes: UnsafeRawBufferPointer, _ seal: FileSeal?
    ) -> [UInt8]? {
        guard let seal else { return [UInt8](body.slice(Int(head.cursorBytes)..<body.count)) }
        let nonce = SealNonce(counter: UInt64(head.number))
        guard let plaintext = seal.key.open(body, nonce: nonce, context: headBytes.slice(0..<contextBytes)),
            plaintext.count >= Int(head.cursorBytes)
        else { return nil }
        return head.cursorBytes == 0 ? plaintext : Array(plaintext[Int(head.cursorBytes)...])
    }
}
