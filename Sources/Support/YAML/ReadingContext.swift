/// What all sections of one reading of a document share.
final class ReadingContext {
    /// What a reference counts as whose variable or credential is not there.
    enum MissingReference {
        case mistake
        /// The configuration is checked elsewhere than it runs.
        case warning
    }

    let findings: Findings
    let references: References
    let missingReference: MissingReference
    /// Nil when nobody wants to know the keys.
    let recorder: KeyRecorder?
    /// Whether no document is read but all keys are gathered that one may have: every key seems to be there with its
    /// default, every list has one item.
    let isSurvey: Bool

    init(
        findings: Findings, references: References, missingReference: MissingReference = .mistake,
        recorder: KeyRecorder? = nil, isSurvey: Bool = false
    ) {
        self.findings = findings
        self.references = references
        self.missingReference = missingReference
        self.recorder = recorder
        self.isSurvey = isSurvey
    }
}
