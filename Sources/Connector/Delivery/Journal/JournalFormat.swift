/// The journal on disk, format version 1. All numbers are little-endian; checksums are CRC-32C.
///
/// A journal is a directory of one lane (mode 0700, files 0600):
///
///     lock                      held with flock(2) while a process uses the journal; its text is the process id
///     tags                      what frames refer to by number: prefixes and source names
///     watermark                 what has been acknowledged
///     segment-<16 digits>       records, in order of number; numbers rise and are never used again
///     segment-….damaged         a segment whose header could not be read: kept for inspection, not delivered
///
/// **Segment.** The header (``FileHeader``) twice, at 0 and 512, then frames from 1024 on, without gaps:
///
///     header   0 magic "PNSTKSEG"   8 version u16   10 flags u16   12 zero u32   16 segment id u64 (random)
///             24 segment number u64   32 created, µs since 1970, i64   40 number of the segment before u64
///             48 frames that count in the segment before u32   52 of these, known to be synced u32
///             56 key id (16)   72 key salt (32)   104 authentication tag (16): zero without flag 1
///             508 checksum of bytes 0..<508
///     frame    0 mark "PFRM"   4 body length u32   8 frame number u32   12 record count u32
///             16 index of the first record in the segment u32   20 source reference u32
///             24 submitted, µs since 1970, i64   32 frames of this segment that were synced before u32
///             36 prefixes that were synced before u32   40 partition u16   42 cursor length u16
///             44 checksum of the body   48 checksum of bytes 0..<48
///             52 body: cursor, then entries of (prefix reference varint, suffix length varint, suffix)
///
/// Both checksums of a frame start from that of the eight bytes of the segment id, so that bytes of an older file
/// in the same place on the disk never pass. Segments are preallocated: their end is where no further valid frame
/// is found, never the file's length. "Frames that count in the segment before" makes an unsynced tail void whose
/// frames were written again to the next segment. A hole below the frames that were known to be synced is damage; one
/// between those and the frames that count is what a power failure leaves of a group that was never reported durable.
/// A record's identity is the segment id and its index in it.
///
/// **Seal.** With flag 1 in a header the file is sealed with AES-256-GCM. Its key is HKDF-SHA256 of a data key of the
/// ring, named by the key id, with the salt, which is random for every file. The header's tag vouches for bytes
/// 0..<104 (nonce: twelve bytes, the last eight all ones). A frame's body is then ciphertext and a tag of 16 bytes; the
/// nonce is the frame's number, big-endian in the last eight of twelve bytes, and bytes 0..<44 of the frame are
/// vouched for. A place in a segment is written once: after a failed write or sync the segment is closed, and every
/// start opens a new one, so no nonce is used twice with a key. Checksums are those of what stands on disk, so that
/// damage is found without a key. One journal may hold files of several keys and files in the clear.
///
/// **Tags.** A header like a segment's ("PNSTKTAG", twice), then from 1024 on:
///
///     entry    0 mark "PTAG"   4 length u32   8 reference u32   12 kind u32 (1 prefix, 2 source name)
///             16 checksum of bytes 4..<16 and the content, salted with the file's id   20 content
///
/// Sealed, the content is a random nonce (12), ciphertext and tag (16), and bytes 0..<16 are vouched for. The first
/// group of each run writes the file anew: whether all of an older one is durable, nobody can tell.
/// References of each kind count from 0. Entries are synced before the first frame that uses them. A number that
/// is missing here but was in use belongs to a lost entry and is never given again.
///
/// **Watermark.** Two slots at 0 and 4096, written in turn; the valid one with the higher sequence counts:
///
///     slot     0 magic "PNSTKWMK"   8 version u16   10 flags u16   12 zero u32   16 sequence u64
///             24 segment number u64   32 segment id u64   40 acknowledged frames of that segment u32
///             44 checksum of bytes 0..<44
///     sealed   0 magic, version, flags 1 as above   12 zero u32   16 key id (16)   32 salt (32), new with every write
///             64 bytes 16..<44 of a slot, sealed (28 + 16), bytes 0..<64 vouched for, nonce 0
///             108 checksum of bytes 0..<108
///
/// All segments with a lower number are acknowledged too. Losing the last write only means sending again.
package enum JournalFormat {
    package static let version: UInt16 = 1

    static let segmentMagic = magic("PNSTKSEG")
    static let tagsMagic = magic("PNSTKTAG")
    static let watermarkMagic = magic("PNSTKWMK")

    /// Bytes of one copy of a header.
    static let headerBytes = 512
    /// Where a segment's first frame and the first entry of the tags file start.
    package static let bodyStart = 2 * headerBytes
    /// Bytes of a frame before its body.
    package static let frameHeadBytes = 52
    /// The largest body of a frame. Frames have at most 64 KiB, unless a single record is larger.
    package static let frameBodyBytesMax = 32 * 1024 * 1024
    /// References of one kind.
    static let referencesMax = 1 << 24
    /// The largest prefix or source name.
    static let tagBytesMax = 1024 * 1024

    static let lockName = "lock"
    static let tagsName = "tags"
    static let watermarkName = "watermark"
    private static let segmentPrefix = "segment-"
    static let damagedSuffix = ".damaged"
    /// A file that is being written to replace another one.
    static let replacementSuffix = ".new"

    /// The name of a segment's file: its number in 16 decimal digits, so that names sort as numbers do.
    static func segmentName(_ number: UInt64) -> String {
        let digits = String(number)
        return segmentPrefix + String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }

    /// The number in a segment's file name; nil for any other file.
    static func segmentNumber(of name: String) -> UInt64? {
        guard name.hasPrefix(segmentPrefix) else { return nil }
        let digits = name.dropFirst(segmentPrefix.count)
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return UInt64(digits)
    }

    private static func magic(_ text: StaticString) -> UInt64 {
        text.withUTF8Buffer { UnsafeRawBufferPointer($0).number(at: 0, UInt64.self) }
    }
}
