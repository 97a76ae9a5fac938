import SimulatorExposures
import YAMLSupport

/// The block `opcua` of the simulator's configuration.
extension OPCUAAccess {
    /// Reads `security` and `users`.
    static func read(_ opcua: inout Section) -> OPCUAAccess {
        var access = OPCUAAccess()
        var security = opcua.section("security")
        if security.has("policies") {
            access.policies = words(&security, "policies", OPCUAAccess.policyNames)
        }
        if security.has("modes") { access.modes = words(&security, "modes", OPCUAAccess.modeNames) }
        if let folder = security.string("folder") { access.folder = folder }
        access.trustsAll = security.choice("trust", default: false, [("listed", false), ("all", true)])
        access.admitsAnonymous = security.boolean("anonymous", default: true)
        security.finish()
        access.users = opcua.sections("users").map { item in
            var item = item
            let user = User(name: item.requiredString("name"), password: item.requiredString("password"))
            item.finish()
            return user
        }
        if access.policies.isEmpty { opcua.report("at least one policy is needed", at: "security") }
        if access.modes.isEmpty { opcua.report("at least one mode is needed", at: "security") }
        if Set(access.users.map(\.name)).count < access.users.count {
            opcua.report("two users have the same name", at: "users")
        }
        if !access.admitsAnonymous, access.users.isEmpty {
            opcua.report("without anonymous users there must be others", at: "users")
        }
        return access
    }

    /// Words of a list, written in any case, each of them one of a few.
    private static func words(_ section: inout Section, _ key: String, _ valid: [String]) -> [String] {
        section.strings(key).compactMap { text in
            if let word = valid.first(where: { $0.lowercased() == text.lowercased() }) { return word }
            section.report("'\(text)' is not possible; one of: \(valid.joined(separator: ", "))", at: key)
            return nil
        }
    }
}
