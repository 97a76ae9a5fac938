import AsyncHTTPClient
import ConnectorModel
import Foundation
import NIOCore
import NIOHTTP1

/// A Thing Description as the definition of a source: a file that is read with the configuration, or a URL that is
/// read at each connection.
enum ThingSource {
    private static let timeout = TimeAmount.seconds(10)

    static func isURL(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// - Throws: `SettingError` at the key `td`.
    static func read(file: String) throws(SettingError) -> ThingDescription {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            guard size <= ThingDescription.bytesMax else { throw ThingDescriptionError(problem: "is too large") }
            return try ThingDescription(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch let error as ThingDescriptionError {
            throw SettingError(key: "td", problem: "'\(file)' \(error.problem)")
        } catch {
            throw SettingError(key: "td", problem: "'\(file)' cannot be read; is there such a file?")
        }
    }

    /// - Throws: `SourceFailure`: transient when the description cannot be had, permanent when it cannot be used.
    static func read(url: String) async throws(SourceFailure) -> ThingDescription {
        let bytes: Data
        do {
            let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: timeout)
            guard response.status == .ok else {
                throw SourceFailure(.transient, "\(url) answers \(response.status) instead of a Thing Description")
            }
            bytes = Data(try await response.body.collect(upTo: ThingDescription.bytesMax).readableBytesView)
        } catch let failure as SourceFailure {
            throw failure
        } catch {
            throw SourceFailure(.transient, "the Thing Description at \(url) cannot be had: \(error)")
        }
        do throws(ThingDescriptionError) {
            return try ThingDescription(bytes)
        } catch {
            throw SourceFailure(.permanent, "the Thing Description at \(url) \(error.problem)")
        }
    }
}

extension OPCUASourceConfiguration {
    /// The configuration with what a Thing Description at a URL adds; itself when there is none.
    func withThing() async throws(SourceFailure) -> OPCUASourceConfiguration {
        guard let thing else { return self }
        let description = try await ThingSource.read(url: thing)
        var result = self
        do throws(SettingError) {
            try result.add(description)
        } catch {
            throw SourceFailure(.permanent, "the Thing Description at \(thing): \(error)")
        }
        result.thing = nil
        return result
    }

    /// Takes nodes and security of a description; what is configured wins.
    mutating func add(_ description: ThingDescription) throws(SettingError) {
        nodes = Self.each(nodes + description.nodes)
        security = try security.with(description.security)
    }
}

extension OPCUASourceSecurity {
    /// What is configured, and where it says nothing, what a Thing Description says.
    fileprivate func with(_ thing: ThingDescription.Security) throws(SettingError) -> OPCUASourceSecurity {
        if thing.needsUser, username == nil {
            throw SettingError(
                key: "username", problem: "is missing; the Thing Description asks for a user name and a password")
        }
        let isOpen = modeName != nil || policyName != nil
        return try OPCUASourceSecurity(
            mode: isOpen ? modeName : thing.mode, policy: isOpen ? policyName : thing.policy, certificate: certificate,
            privateKey: privateKey, serverCertificate: serverCertificate, username: username, password: password,
            allowDeprecated: allowDeprecated, trustOnFirstUse: trustOnFirstUse)
    }
}
