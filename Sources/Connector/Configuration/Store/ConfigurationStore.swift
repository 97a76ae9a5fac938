import FileSupport
import Glibc
package import YAMLSupport

/// Reads and saves a configuration where it lies.
///
/// The file is replaced as a whole; where it cannot be (read-only, or itself a mount point) what is changed goes to
/// `penstock.state.yaml` in the state directory, which is laid over the file when both are read. Between them lies a
/// `connector_state.json` beside the file, if there is one; it is only read.
package struct ConfigurationStore: Sendable {
    /// Where the configuration is, or will be once it is saved.
    package let path: String
    package let stateDirectory: String

    package static let layerName = "penstock.state.yaml"
    package static let foreignLayerName = "connector_state.json"
    /// Copies of earlier texts that are kept.
    package static let backupsMax = 10

    /// Puts a text in the place of a file: `WholeFile.replace`, or what a test has for it.
    typealias Replacing = @Sendable (_ path: String, _ bytes: [UInt8], _ mode: mode_t) throws(FileFailure) -> Void
    private let replacing: Replacing

    package init(path: String, stateDirectory: String) {
        self.init(path: path, stateDirectory: stateDirectory, replacing: WholeFile.replace)
    }

    init(path: String, stateDirectory: String, replacing: @escaping Replacing) {
        self.path = path
        self.stateDirectory = stateDirectory
        self.replacing = replacing
    }

    /// Why a file cannot be read or written.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    private var layerPath: String { stateDirectory + "/" + Self.layerName }
    private var foreignLayerPath: String { WholeFile.directory(of: path) + "/" + Self.foreignLayerName }

    // MARK: Reading

    /// - Throws: `Failure` when a file cannot be read, `ConfigurationError` when one is no YAML.
    package func load() throws -> ConfigurationDocument {
        let text = try Self.read(path)
        let base = try StrictDocument.parse(text ?? "", file: path)
        var document = ConfigurationDocument(
            file: text == nil ? nil : path, text: text ?? "", layers: [], base: base, root: base)
        for path in [foreignLayerPath, layerPath] {
            guard let text = try Self.read(path) else { continue }
            let root = try StrictDocument.parse(text, file: path)
            document.layers.append(.init(path: path, text: text, root: root))
            document.root = YAMLMerge.lay(root, over: document.root, file: path)
        }
        return document
    }

    /// Nil when there is no such file.
    package static func read(_ path: String) throws(Failure) -> String? {
        let bytes: [UInt8]?
        do { bytes = try WholeFile.read(path, bytesMax: YAMLDocument.bytesMax) } catch {
            let cause =
                switch error.code {
                case EFBIG: "the file is larger than \(YAMLDocument.bytesMax / 1024 / 1024) MiB"
                case EACCES, EPERM: "no permission to read it"
                case EISDIR: "it is a folder"
                default: error.cause
                }
            throw Failure(description: "cannot read the configuration \(path): \(cause)")
        }
        guard let bytes else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(description: "\(path): the file is not UTF-8 text")
        }
        return text
    }

    // MARK: Saving

    /// What saving did.
    package struct Saved: Sendable, Equatable {
        /// Files that were written.
        package var written: [String] = []
        /// The copy of the earlier text.
        package var backup: String?
        /// Whether the file keeps its comments; else it was written anew, and only the copy has them.
        package var keepsComments = true
    }

    /// Makes files that mean `wanted`.
    /// - Parameters:
    ///   - document: what is on disk now.
    ///   - backupText: what is kept as a copy instead of the earlier text.
    ///   - backsUp: whether a copy is kept.
    ///   - time: seconds since 1970, for the copy's name.
    package func save(
        _ wanted: YAMLTree, over document: ConfigurationDocument, backupText: String? = nil, backsUp: Bool = true,
        time: Int
    ) throws(Failure) -> Saved {
        let wanted = wanted.withoutNulls
        var saved = Saved()
        do throws(FileFailure) {
            try WholeFile.makeDirectories(stateDirectory, mode: 0o700)
            var base = document.base
            if YAMLTree(base).withoutNulls != wanted || document.file == nil {
                let copy = document.file == nil || !backsUp ? nil : backupText ?? document.text
                if let text = try replaceFile(with: wanted, document, copy, time, &saved) {
                    base = Self.parsed(text)
                }
            }
            try writeLayer(wanted, over: base, document, &saved)
        } catch {
            throw Failure(description: "the configuration cannot be saved: \(error)")
        }
        return saved
    }

    /// - Returns: the new text; nil when the file cannot be replaced.
    private func replaceFile(
        with wanted: YAMLTree, _ document: ConfigurationDocument, _ copy: String?, _ time: Int,
        _ saved: inout Saved
    ) throws(FileFailure) -> String? {
        // Of a link its goal is replaced.
        let goal = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let place = goal ?? path
        let mode = WholeFile.mode(of: place)
        if let mode, mode & 0o222 == 0 || access(place, W_OK) != 0 { return nil }
        let edited = YAMLEdit.text(document.text, changedTo: wanted)
        let text = edited ?? YAMLText.document(wanted)
        if let copy { saved.backup = try backUp(copy, time) }
        do throws(FileFailure) {
            try replacing(place, Array(text.utf8), mode ?? 0o640)
        } catch {
            guard [EROFS, EACCES, EPERM, EBUSY, EXDEV].contains(error.code) else { throw error }
            if let backup = saved.backup { unlink(backup) }
            saved.backup = nil
            return nil
        }
        saved.written.append(path)
        saved.keepsComments = edited != nil
        return text
    }

    /// Lays what the files below it do not say into the layer of the state directory; removes it when that is nothing.
    private func writeLayer(
        _ wanted: YAMLTree, over base: YAMLNode?, _ document: ConfigurationDocument, _ saved: inout Saved
    ) throws(FileFailure) {
        var lower = base
        for layer in document.layers where layer.path == foreignLayerPath {
            lower = YAMLMerge.lay(layer.root, over: lower, file: layer.path)
        }
        guard let difference = YAMLMerge.difference(from: YAMLTree(lower).withoutNulls, to: wanted) else {
            if document.layers.contains(where: { $0.path == layerPath }) {
                guard unlink(layerPath) == 0 || errno == ENOENT else { throw FileFailure("remove", layerPath, errno) }
            }
            return
        }
        let old = document.layers.first { $0.path == layerPath }?.text ?? Self.layerHead
        let text = YAMLEdit.text(old, changedTo: difference) ?? Self.layerHead + YAMLText.document(difference)
        guard Self.parsed(text).map({ YAMLTree($0) }) == difference else {
            return try replaceLayer(Self.layerHead + YAMLText.document(difference), &saved)
        }
        try replaceLayer(text, &saved)
    }

    private func replaceLayer(_ text: String, _ saved: inout Saved) throws(FileFailure) {
        try WholeFile.replace(layerPath, Array(text.utf8), mode: 0o600)
        saved.written.append(layerPath)
    }

    private static let layerHead = """
        # What was changed on the page or through the API; it is laid over the configuration file, which cannot be
        # replaced. null takes away what the file has.

        """

    private static func parsed(_ text: String) -> YAMLNode? {
        // What was written here is YAML; if not, it says nothing.
        do { return try YAMLDocument.parse(text) } catch { return nil }
    }

    // MARK: Copies

    private func backUp(_ text: String, _ time: Int) throws(FileFailure) -> String {
        let folder = stateDirectory + "/backups"
        try WholeFile.makeDirectories(folder, mode: 0o700)
        let name = path.split(separator: "/").last.map(String.init) ?? "penstock.yaml"
        var number = 0
        while true {
            let path = "\(folder)/\(name).\(UTCText.compact(time))" + (number == 0 ? "" : "-\(number)")
            if try WholeFile.create(path, Array(text.utf8), mode: 0o600) {
                removeOldBackups(folder, name)
                return path
            }
            number += 1
        }
    }

    /// Keeps the newest; the names sort by time.
    private func removeOldBackups(_ folder: String, _ name: String) {
        guard let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let text = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if text.hasPrefix(name + ".") { names.append(text) }
        }
        for old in names.sorted().dropLast(Self.backupsMax) { unlink(folder + "/" + old) }
    }
}

/// Times in names of files.
enum UTCText {
    /// `20261121T184907Z`, which sorts by time.
    static func compact(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func text(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return text(parts.tm_year + 1900, 4) + text(parts.tm_mon + 1, 2) + text(parts.tm_mday, 2) + "T"
            + text(parts.tm_hour, 2) + text(parts.tm_min, 2) + text(parts.tm_sec, 2) + "Z"
    }
}
