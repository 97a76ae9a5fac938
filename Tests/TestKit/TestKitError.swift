/// Why a helper of the tests gave up, in words that end up in the test's report.
package struct TestKitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
