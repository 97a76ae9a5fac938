import Foundation
import SimulatorPlant

/// The catalogue of a plant: the built-in one, what files add to it, and the industries chosen of both.
enum CatalogueFiles {
    /// The most that a file may hold, in bytes.
    static let bytesMax = 16 << 20

    /// Throws when a file cannot be read or understood, and when an industry is unknown.
    static func catalogue(files: [String], industries: [String]?) throws -> Catalogue {
        var catalogue = try Catalogue.builtIn()
        for file in files { try catalogue.add(try text(of: file, "the sensors"), file: file) }
        if let industries { catalogue = try catalogue.only(industries) }
        return catalogue
    }

    /// The words of a list such as `mining, utilities`.
    static func names(_ list: String) -> [String] {
        list.split(separator: ",").map { $0.filter { $0 != " " } }
    }

    /// The whole of a file. `what` names its content in the error.
    static func text(of path: String, _ what: String, bytesMax: Int = bytesMax) throws -> String {
        guard let bytes = try content(of: path, upTo: bytesMax + 1) else {
            throw SimulatorConfigurationError(description: "cannot read \(what) in '\(path)'")
        }
        guard bytes.count <= bytesMax else {
            throw SimulatorConfigurationError(description: "'\(path)' is larger than \(bytesMax >> 20) MiB")
        }
        let isText = bytes.allSatisfy { $0 >= 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        guard isText, let text = String(validating: bytes, as: UTF8.self) else {
            throw SimulatorConfigurationError(description: "'\(path)' is no text")
        }
        return text
    }

    /// Nil for what is not there, is a folder or is not ours to read.
    private static func content(of path: String, upTo count: Int) throws -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            return nil
        }
        // Of an empty file there is nothing to be had.
        return try file.read(upToCount: count) ?? Data()
    }
}
