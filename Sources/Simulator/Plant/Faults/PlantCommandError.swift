/// Why the plant did not do what it was told.
package enum PlantCommandError: Error, Equatable, CustomStringConvertible {
    /// No sensor has this path.
    case unknownSensor(String)
    /// No machine has this path; the hint names one that may be meant.
    case unknownMachine(String, hint: String?)
    /// No fault, scenario or replay of this name is there.
    case notThere(String)
    /// What was asked for is against the rules; the sentence says which one.
    case impossible(String)
    /// It runs already, or there are as many as there may be.
    case conflict(String)

    package var description: String {
        switch self {
        case .unknownSensor(let path): "there is no sensor '\(path)'"
        case .unknownMachine(let path, let hint):
            "there is no machine '\(path)'" + (hint.map { "; did you mean '\($0)'?" } ?? "")
        case .notThere(let what): "there is no \(what)"
        case .impossible(let text), .conflict(let text): text
        }
    }
}
