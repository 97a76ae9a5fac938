public import Foundation
public import OPCUASecurity
import OPCUATypes

/// A folder of certificates (Part 12, F.1): `own/`, `trusted/`, `issuers/`, `crl/` and `rejected/`. Files are read when
/// they are asked for, so that what a person moves there counts from the next connection on.
///
/// The subfolders `certs/` and `crl/` of the standard's own layout are read too.
public struct PKIFolder: Sendable {
    /// Where a certificate lies.
    public enum Store: String, CaseIterable, Sendable {
        case own, trusted, issuers, rejected
    }

    /// A certificate with its place.
    public struct Entry: Sendable {
        public var store: Store
        public var file: URL
        public var certificate: ApplicationCertificate
    }

    public let folder: URL
    /// Rejected certificates beyond this many are not kept: whoever connects could fill the disk.
    public static let maxRejected = 100

    public init(path: String) { folder = URL(fileURLWithPath: path, isDirectory: true) }

    // MARK: Whom we trust

    /// Everything that is trusted now.
    /// - Throws: ``PKIError`` that names the file that cannot be read, as a list with holes would refuse or admit wrongly.
    public func trustList() throws(PKIError) -> TrustList {
        TrustList(
            trusted: try entries(.trusted).map(\.certificate), issuers: try entries(.issuers).map(\.certificate),
            revocations: try revocationLists())
    }

    private func revocationLists() throws(PKIError) -> [RevocationList] {
        var lists: [RevocationList] = []
        for file in revocationFolders.flatMap(PKIFile.all) {
            lists.append(try PKIFile.read(file, RevocationList.init(pemOrDER:)))
        }
        return lists
    }

    /// All certificates of a store, in the order of their file names.
    /// - Throws: ``PKIError`` that names the first file that is no certificate.
    public func entries(_ store: Store) throws(PKIError) -> [Entry] {
        var entries: [Entry] = []
        for file in certificateFiles(store) { entries += try self.entries(in: file, store) }
        return entries
    }

    /// All certificates of a store, and what is wrong with those files that cannot be read.
    public func readableEntries(_ store: Store) -> (entries: [Entry], problems: [PKIError]) {
        var found: [Entry] = []
        var problems: [PKIError] = []
        for file in certificateFiles(store) {
            do throws(PKIError) { found += try entries(in: file, store) } catch { problems.append(error) }
        }
        return (found, problems)
    }

    /// A bundle of PEM holds several.
    private func entries(in file: URL, _ store: Store) throws(PKIError) -> [Entry] {
        try PKIFile.read(file, ApplicationCertificate.chain(pemOrDER:))
            .map { Entry(store: store, file: file, certificate: $0) }
    }

    /// Trusts a certificate; it leaves `rejected/`.
    /// - Parameter asIssuer: only to complete chains: what it signed is not trusted for that.
    public func trust(_ certificate: ApplicationCertificate, asIssuer: Bool = false) throws(PKIError) {
        try PKIFile.write(certificate.der, to: file(certificate, in: asIssuer ? .issuers : .trusted))
        // It may not have been there.
        try? FileManager.default.removeItem(at: file(certificate, in: .rejected))
    }

    /// Keeps a certificate that was refused, so that a person can look at it and trust it.
    /// - Returns: whether it was new and kept.
    @discardableResult
    public func keepRejected(_ certificate: ApplicationCertificate) throws(PKIError) -> Bool {
        let file = file(certificate, in: .rejected)
        guard !FileManager.default.fileExists(atPath: file.path),
            PKIFile.all(in: url(.rejected)).count < Self.maxRejected
        else { return false }
        try PKIFile.write(certificate.der, to: file)
        return true
    }

    /// Takes trust back: the certificate moves to `rejected/`.
    /// - Throws: ``PKIError`` also when its file holds others too, which would lose their trust with it.
    public func reject(_ entry: Entry) throws(PKIError) {
        guard try entries(in: entry.file, entry.store).count == 1 else {
            throw PKIError("\(entry.file.path) holds several certificates; take this one out of it")
        }
        try PKIFile.write(entry.certificate.der, to: file(entry.certificate, in: .rejected))
        do { try FileManager.default.removeItem(at: entry.file) } catch {
            throw PKIError("cannot remove \(entry.file.path): \(error.localizedDescription)")
        }
    }

    // MARK: Where things lie

    func url(_ store: Store) -> URL { folder.appendingPathComponent(store.rawValue, isDirectory: true) }

    private func file(_ certificate: ApplicationCertificate, in store: Store) -> URL {
        url(store).appendingPathComponent("\(certificate.thumbprintText).der")
    }

    private func certificateFiles(_ store: Store) -> [URL] {
        guard store != .own else {
            return FileManager.default.fileExists(atPath: ownCertificate.path) ? [ownCertificate] : []
        }
        return [url(store), url(store).appendingPathComponent("certs")].flatMap(PKIFile.all)
    }

    private var revocationFolders: [URL] {
        [folder, url(.trusted), url(.issuers)].map { $0.appendingPathComponent("crl", isDirectory: true) }
    }

    /// What tells whether any file that matters for trust was changed: names, sizes and times.
    public var state: PKIFile.State {
        PKIFile.State(
            of: [.own, .trusted, .issuers].flatMap { PKIFile.all(in: url($0)) }
                + [.trusted, .issuers].flatMap { PKIFile.all(in: url($0).appendingPathComponent("certs")) }
                + revocationFolders.flatMap(PKIFile.all))
    }
}

/// What is wrong with a folder of certificates.
public struct PKIError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
