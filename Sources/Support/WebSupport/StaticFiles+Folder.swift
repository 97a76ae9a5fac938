import Foundation

/// How much of a folder may be served.
package struct StaticFilesLimits: Equatable, Sendable {
    package var maxFiles: Int
    package var maxBytes: Int
    /// Folders inside folders.
    package var maxDepth: Int

    package init(maxFiles: Int = 64, maxBytes: Int = 8 << 20, maxDepth: Int = 3) {
        self.maxFiles = maxFiles
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
    }
}

/// Why a folder cannot be served; the description is one sentence for people.
package struct StaticFilesError: Error, Equatable, CustomStringConvertible, Sendable {
    package let description: String
}

extension StaticFiles {
    /// Reads a folder and the folders in it.
    ///
    /// Only regular files are taken: links are not followed, so that nothing outside the folder is served, and
    /// hidden files stay hidden.
    package init(folder: String, limits: StaticFilesLimits = StaticFilesLimits()) throws(StaticFilesError) {
        self.init()
        var kind: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &kind), kind.boolValue else {
            throw StaticFilesError(description: "\(folder) is no folder")
        }
        var budget = limits
        try read(folder, prefix: "", depth: 0, of: limits, &budget)
    }

    private mutating func read(
        _ folder: String, prefix: String, depth: Int, of limits: StaticFilesLimits, _ budget: inout StaticFilesLimits
    ) throws(StaticFilesError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw StaticFilesError(description: "\(folder) cannot be read")
        }
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = folder + "/" + name
            // `attributesOfItem` tells of a link itself, not of what it leads to.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            switch attributes?[.type] as? FileAttributeType {
            case .typeDirectory where depth < limits.maxDepth:
                try read(path, prefix: prefix + name + "/", depth: depth + 1, of: limits, &budget)
            case .typeRegular:
                let size = (attributes?[.size] as? NSNumber)?.intValue ?? Int.max
                budget.maxFiles -= 1
                guard budget.maxFiles >= 0, size <= budget.maxBytes else {
                    throw StaticFilesError(
                        description: "\(folder) holds more than \(limits.maxFiles) files or \(limits.maxBytes) bytes")
                }
                guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= budget.maxBytes else {
                    throw StaticFilesError(description: "\(path) cannot be read")
                }
                budget.maxBytes -= bytes.count
                add(prefix + name, [UInt8](bytes))
            default: continue
            }
        }
    }

    /// The style sheets and scripts of the pages that come from elsewhere (Bootstrap, Chart.js).
    ///
    /// They are in `named`, or in the folder `assets` beside the program. Without that folder there are none, and
    /// pages must say what they lack; a folder that was named must be there.
    package static func assets(named: String?) throws(StaticFilesError) -> StaticFiles {
        if let named { return try StaticFiles(folder: named) }
        guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return StaticFiles() }
        let folder = program.deletingLastPathComponent().path + "/assets"
        guard FileManager.default.fileExists(atPath: folder) else { return StaticFiles() }
        return try StaticFiles(folder: folder)
    }
}
