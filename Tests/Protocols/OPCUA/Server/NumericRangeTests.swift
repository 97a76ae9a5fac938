import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite struct NumericRangeTests {
    @Test(arguments: ["", ":", "1:", ":1", "2:1", "1:1", "-1", "1.5", "1:2:3", "1,", "a", "99999999999", "１"])
    func notEveryTextIsARange(_ text: String) { #expect(NumericRange(text) == nil) }

    @Test func dimensionsAreBounded() {
        let most = Array(repeating: "1", count: NumericRange.maxDimensions)
        #expect(NumericRange(most.joined(separator: ",")) != nil)
        #expect(NumericRange((most + ["1"]).joined(separator: ",")) == nil)
    }

    @Test func partsOfArraysAndTexts() throws {
        let array = Variant.array(VariantArray(.int32([10, 11, 12, 13])))
        func part(_ text: String, _ value: Variant) throws -> Variant? {
            try #require(NumericRange(text)).part(of: value)
        }
        #expect(try part("1", array) == .array(VariantArray(.int32([11]))))
        #expect(try part("1:2", array) == .array(VariantArray(.int32([11, 12]))))
        // Cut at the end of the array, nothing beyond it.
        #expect(try part("3:9", array) == .array(VariantArray(.int32([13]))))
        #expect(try part("4", array) == nil)
        #expect(try part("0,0", array) == nil)
        #expect(try part("0", .int32(1)) == nil)
        #expect(try part("1:2", .string("aß€d")) == .string("ß€"))
        #expect(try part("1:2", .byteString(ByteString([1, 2, 3]))) == .byteString(ByteString([2, 3])))
        let texts = Variant.array(VariantArray(.string(["abc", "def"])))
        #expect(try part("0:1,1", texts) == .array(VariantArray(.string(["b", "e"]))))
        #expect(try part("0:1,3", texts) == nil)
    }

    @Test func partsOfMatrices() throws {
        // 0 1 2
        // 3 4 5
        let matrix = Variant.array(VariantArray(.byte([0, 1, 2, 3, 4, 5]), dimensions: [2, 3]))
        let range = try #require(NumericRange("1,0:1"))
        #expect(range.part(of: matrix) == .array(VariantArray(.byte([3, 4]), dimensions: [1, 2])))
        let column = try #require(NumericRange("0:1,2"))
        #expect(column.part(of: matrix) == .array(VariantArray(.byte([2, 5]), dimensions: [2, 1])))
        #expect(try #require(NumericRange("0")).part(of: matrix) == nil)
        #expect(try #require(NumericRange("2,0")).part(of: matrix) == nil)
        // A matrix whose dimensions lie about its size gives nothing.
        let liar = Variant.array(VariantArray(.byte([0]), dimensions: [2, 3]))
        #expect(column.part(of: liar) == nil)
    }

    @Test func partsAreReplaced() throws {
        let array = Variant.array(VariantArray(.int32([10, 11, 12])))
        let range = try #require(NumericRange("1:2"))
        let two = Variant.array(VariantArray(.int32([1, 2])))
        #expect(range.replacing(in: array, with: two) == .array(VariantArray(.int32([10, 1, 2]))))
        #expect(range.replacing(in: array, with: .array(VariantArray(.int32([1])))) == nil)
        #expect(range.replacing(in: array, with: .array(VariantArray(.byte([1, 2])))) == nil)
        #expect(try #require(NumericRange("2:3")).replacing(in: array, with: two) == nil)
        let bytes = Variant.byteString(ByteString([1, 2, 3]))
        #expect(
            range.replacing(in: bytes, with: .byteString(ByteString([8, 9]))) == .byteString(ByteString([1, 8, 9])))
    }
}
