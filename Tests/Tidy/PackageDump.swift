import Foundation

/// One part of the package as `swift package dump-package` describes it.
struct Part {
    var name: String
    /// For example `Sources/Protocols/Modbus/Core`.
    var folder: String
    /// Parts of this package and products of other packages that its manifest entry lists.
    var dependencies: Set<String>
}

/// Reads the description that `dev/dump` wrote.
enum PackageDump {
    private struct Package: Decodable {
        var targets: [Target]
    }

    private struct Target: Decodable {
        var name: String
        var path: String?
        var dependencies: [Dependency]
    }

    /// `{"target": [name, condition]}`, `{"product": [name, package, aliases, condition]}` or `{"byName": […]}`.
    private struct Dependency: Decodable {
        var name: String

        init(from decoder: any Decoder) throws {
            let kinds = try decoder.singleValueContainer().decode([String: [Element]].self)
            guard let name = kinds.values.first?.first?.text else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a dependency without a name"))
            }
            self.name = name
        }
    }

    /// A name, or something else that these tests do not need.
    private struct Element: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    static func parts(json: Data) throws -> [Part] {
        try JSONDecoder().decode(Package.self, from: json).targets.map { target in
            Part(
                name: target.name, folder: target.path ?? "",
                dependencies: Set(target.dependencies.map(\.name)))
        }
    }
}
