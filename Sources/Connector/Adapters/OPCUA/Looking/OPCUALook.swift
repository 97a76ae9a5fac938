import ConnectorModel
package import Logging
import OPCUAClient
import OPCUAPKI
import OPCUASecurity
import OPCUATypes

/// A short look at a server for a person at a terminal: no subscription, no rows.
package struct OPCUALook: Sendable {
    private let configuration: OPCUASourceConfiguration
    private let files: SecurityFiles
    private let logger: Logger

    /// - Parameter pkiFolder: holds the own certificate and those that are trusted.
    package init(_ configuration: OPCUASourceConfiguration, pkiFolder: String, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        files = SecurityFiles(settings: configuration.security, folder: PKIFolder(path: pkiFolder), logger: logger)
    }

    /// Connects as a source would and lends the connection out.
    /// - Throws: `SourceFailure` when the link cannot be made.
    private func withConnection<Result: Sendable>(
        _ body: @escaping @Sendable (AddressSpaceBrowser) async throws -> Result
    ) async throws -> Result {
        do {
            return try await connect(insists: false, body)
        } catch let error as OPCUAClientError {
            let isUnset = error.status == .badSecurityPolicyRejected && configuration.security == .unset
            guard try isUnset || files.refused(error) else { throw SourceFailure(error) }
        }
        do {
            return try await connect(insists: true, body)
        } catch let error as OPCUAClientError {
            _ = try files.refused(error)
            throw SourceFailure(error)
        }
    }

    private func connect<Result: Sendable>(
        insists: Bool, _ body: @escaping @Sendable (AddressSpaceBrowser) async throws -> Result
    ) async throws -> Result {
        let client = OPCUAClientConfiguration(
            endpoint: configuration.address, security: try files.security(insists: insists))
        let (results, result) = AsyncStream<Result>.makeStream()
        try await OPCUAConnection.withConnection(client, receiver: NoReceiver()) { connection in
            let limits = try await connection.operationLimits()
            result.yield(try await body(AddressSpaceBrowser(connection: connection, limits: limits)))
        }
        result.finish()
        for await result in results { return result }
        throw SourceFailure(.transient, "\(configuration.endpoint): the look ended without a result")
    }

    /// The tree of nodes below a place.
    /// - Parameters:
    ///   - start: a NodeId or browse path; nil is Objects without the server's own.
    ///   - limit: the most nodes.
    package func tree(from start: NodeSelection?, depth: Int, limit: Int) async throws -> NodeTree {
        let configuration = configuration
        return try await withConnection { browser in
            let survey = Survey(browser: browser, configuration: configuration, logger: logger)
            let namespaces = try await survey.namespaces()
            var node = StandardNode.objects
            if let start {
                switch start.place {
                case .node(let named):
                    guard let local = named.local(in: namespaces) else {
                        throw SourceFailure(.permanent, "the server does not have the namespace of \(start.text)")
                    }
                    node = local
                case .path(let path):
                    let found = try await PathResolver(browser: browser, namespaces: namespaces).resolve([path])
                    guard case .success(let end)? = found.first else {
                        throw SourceFailure(.permanent, "\(start.text) leads to no node; look at its parts one by one")
                    }
                    node = end
                }
            }
            var tree = try await TreeReader(browser: browser).read(from: node, depth: depth, limit: limit)
            tree.namespaces = namespaces
            tree.endpoint = configuration.endpoint
            return tree
        }
    }

    /// What a server says of itself, in lines for people.
    package func greeting() async throws -> [String] {
        let endpoint = configuration.address.address
        return try await withConnection { browser in
            let offered = try await browser.connection.endpoints()
            let values = try await browser.connection.read(
                [(StandardNode.serverStatus, .value), (StandardNode.namespaceArray, .value)], limits: browser.limits)
            var lines = ["connected to \(endpoint)"]
            if case .extensionObject(let object) = values[0].value,
                let status = try? object.decode(as: ServerStatusDataType.self)
            {
                let build = status.buildInfo
                let words = [build.productName, build.softwareVersion, build.manufacturerName.map { "of \($0)" }]
                lines.append("server: " + words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " "))
                lines.append("started: \(VariantReading.text(of: status.startTime))")
            }
            for endpoint in offered {
                let tokens = endpoint.userIdentityTokens.map { $0.tokenType.words }
                lines.append(
                    "offers: \(endpoint.policy?.name ?? endpoint.securityPolicyUri ?? "?") \(endpoint.securityMode.words)"
                        + " for \(Set(tokens).sorted().joined(separator: ", "))")
            }
            if case .array(let array) = values[1].value, case .string(let names) = array.elements {
                lines += names.enumerated().map { "namespace \($0): \($1 ?? "")" }
            }
            return lines
        }
    }
}

/// A look subscribes to nothing.
private struct NoReceiver: OPCUAReceiver {
    func notifications(_ message: NotificationReader, of subscription: UInt32) {}
    func lost(_ messages: Int, of subscription: UInt32) {}
}

extension UserTokenType {
    fileprivate var words: String {
        switch self {
        case .anonymous: "anonymous"
        case .userName: "user name"
        case .certificate: "certificate"
        case .issuedToken: "issued token"
        default: "token type \(rawValue)"
        }
    }
}
