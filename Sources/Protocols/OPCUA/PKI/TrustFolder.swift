public import OPCUASecurity
import Synchronization

/// The trust list of a folder, read again only when a file in it was changed: for servers, which ask at each connection.
///
/// A server's security takes `trust: { folder.current() }` and `refused: { folder.refused($0) }`.
public final class TrustFolder: Sendable {
    private struct Read: Sendable {
        var state: PKIFile.State?
        var list = TrustList()
    }

    private let folder: PKIFolder
    private let complain: @Sendable (PKIError) -> Void
    private let read = Mutex(Read())

    /// - Parameter complain: told what is wrong with a file, once for each change of the folder.
    public init(_ folder: PKIFolder, complain: @escaping @Sendable (PKIError) -> Void) {
        self.folder = folder
        self.complain = complain
    }

    /// Whom the folder trusts now. While a file cannot be read, whom it trusted before; at first nobody.
    public func current() -> TrustList {
        let state = folder.state
        return read.withLock { read in
            guard read.state != state else { return read.list }
            read.state = state
            do throws(PKIError) { read.list = try folder.trustList() } catch { complain(error) }
            return read.list
        }
    }

    /// Keeps a certificate that was refused in `rejected/`, where a person finds it.
    public func refused(_ certificate: ApplicationCertificate) {
        do throws(PKIError) { try folder.keepRejected(certificate) } catch { complain(error) }
    }
}
