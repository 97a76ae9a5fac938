import Testing

/// Our programs beside programs that this project did not write. They start real processes, so they run one after
/// the other; a peer or a program that is missing fails the run.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ForeignPeers {}
