/// Why a plant cannot be built as it was asked for.
package enum PlantError: Error, Equatable, CustomStringConvertible {
    /// No industry of that name is in the catalogue.
    case unknownIndustry(String, known: [String])
    /// A setting lies outside what is possible; the text names the setting, its value and the limits.
    case impossible(String)

    package var description: String {
        switch self {
        case .unknownIndustry(let name, let known):
            "unknown industry '\(name)'; known: \(known.joined(separator: ", "))"
        case .impossible(let text): text
        }
    }
}
