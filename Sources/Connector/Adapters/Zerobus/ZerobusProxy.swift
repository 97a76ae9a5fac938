package import ConnectorModel
import ZerobusClient

/// The proxies of a Zerobus target, as configured and as the environment names them.
package struct ZerobusProxy: Equatable, Sendable {
    let settings: ProxySettings

    /// Everything is reached directly.
    package static let none = ZerobusProxy(settings: .none)

    private init(settings: ProxySettings) { self.settings = settings }

    /// What is configured comes first; what it leaves out comes from the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
    /// `NO_PROXY`, also in lower case). A proxy of the environment never stands before this machine itself.
    ///
    /// - Parameters:
    ///   - https, http: `http://[user:password@]host:port`, for endpoints of either kind.
    ///   - exceptions: as in `NO_PROXY`.
    ///   - environment: nil when it is not to be asked.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        https: String?, http: String?, exceptions: [String], environment: [String: String]?
    ) throws(SettingError) {
        func variable(_ name: String) -> String? {
            guard let value = environment?[name.lowercased()] ?? environment?[name], !value.isEmpty else { return nil }
            return value
        }
        let rules = ProxyExceptions(exceptions) + ProxyExceptions(variable("NO_PROXY") ?? "")
        let isConfigured = https != nil || http != nil
        settings = ProxySettings(
            https: try Self.address(https ?? variable("HTTPS_PROXY"), key: "proxy.https_proxy"),
            http: try Self.address(http ?? variable("HTTP_PROXY"), key: "proxy.http_proxy"),
            exceptions: isConfigured ? rules : rules + .loopback)
    }

    private static func address(_ text: String?, key: String) throws(SettingError) -> ProxyAddress? {
        guard let text else { return nil }
        do throws(ServiceAddress.Invalid) {
            return try ProxyAddress(text)
        } catch {
            throw SettingError(key: key, problem: error.description)
        }
    }

    /// The proxy that leads to https endpoints, without user and password; nil for none.
    package var description: String? { settings.https?.description ?? settings.http?.description }
}
