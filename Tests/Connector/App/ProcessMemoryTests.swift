import Testing

@testable import ConnectorApp

/// What is given back is the program's code alone, and the program runs on.
@Suite struct ProcessMemoryTests {
    @Test func onlyTheExecutablePartOfTheProgramIsCode() {
        func range(_ line: String) -> Range<UInt>? {
            ProcessMemory.codeRange(inMapsLine: line, of: "/opt/penstock bin/penstock")
        }
        let code =
            "559266a44000-55926a578000 r-xp 00000000 fe:00 6604249                    /opt/penstock bin/penstock\n"
        #expect(range(code) == 0x5592_66a4_4000..<0x5592_6a57_8000)
        // Relocated constants, changed data, another file, memory without a file, and no line at all.
        #expect(range("55926a578000-55926a703000 r--p 03b33000 fe:00 6604249 /opt/penstock bin/penstock\n") == nil)
        #expect(range("55926a703000-55926cd06000 rw-p 03cbe000 fe:00 6604249 /opt/penstock bin/penstock\n") == nil)
        #expect(range("7f421ce24000-7f421cf7a000 r-xp 00026000 fe:00 333151 /usr/lib/libc.so.6\n") == nil)
        #expect(range("7f421ce24000-7f421cf7a000 r-xp 00000000 00:00 0\n") == nil)
        #expect(range("") == nil && range("x-y r-xp 0 0 0 /opt/penstock bin/penstock") == nil)
    }

    @Test func theProgramRunsOn() {
        ProcessMemory.giveBack()
        #expect(ProcessMemory.codeRange(inMapsLine: "", of: "") == nil)
    }
}
