import Testing

@testable import ConnectorObservability

@Suite struct PrometheusTextTests {
    private func line(_ labels: [(String, String)], _ value: Double) -> String {
        var text = PrometheusText()
        text.metric("m", .gauge, "Help.", [(labels, value)])
        return text.text.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func aMetricHasHelpTypeAndSamples() {
        var text = PrometheusText()
        text.metric("a_total", .counter, "What a is.", [([("x", "1"), ("y", "2")], 3), ([], 4)])
        text.metric("none", .gauge, "Left out.", [])
        #expect(
            text.text == """
                # HELP a_total What a is.
                # TYPE a_total counter
                a_total{x="1",y="2"} 3
                a_total 4

                """)
    }

    /// The text format escapes backslash, quote and line feed; a carriage return before it must not hide it.
    @Test func labelsCannotBreakTheFormat() {
        #expect(line([("l", "a\\b\"c\nd")], 1) == #"m{l="a\\b\"c\nd"} 1"#)
        #expect(line([("l", "a\r\nb")], 1) == "m{l=\"a\r\\nb\"} 1")
        #expect(line([("l", "ä🙂")], 1) == "m{l=\"ä🙂\"} 1")
    }

    @Test func numbersAreThoseOfTheFormat() {
        let table: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (1.5, "1.5"), (1e6, "1000000"), (9_007_199_254_740_992, "9007199254740992"),
            (1e300, "1e+300"), (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-2, "-2"),
        ]
        for (value, text) in table { #expect(line([], value) == "m \(text)") }
    }
}
