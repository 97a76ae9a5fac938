import SimulatorExposures
import YAMLSupport

/// The block `mqtt` of the simulator's configuration.
struct MQTTSection: Equatable {
    var port: Int?
    var settings = MQTTSettings()

    private enum Payload: String, CaseIterable {
        case json, kepware, sparkplug
    }

    /// Reads every key of the block.
    static func read(_ mqtt: consuming Section) -> MQTTSection {
        var read = MQTTSection(port: mqtt.optionalInteger("port", in: 0...65_535))
        let payload = mqtt.choice("payload", default: Payload.json, Payload.allCases.map { ($0.rawValue, $0) })
        read.settings.intervalMilliseconds = mqtt.optionalInteger("interval_ms", in: 10...3_600_000)
        let hasBlock = mqtt.has("sparkplug")
        let sparkplug = sparkplug(mqtt.section("sparkplug"))
        switch payload {
        case .json: read.settings.payload = .json
        case .kepware: read.settings.payload = .kepware
        case .sparkplug: read.settings.payload = .sparkplug(sparkplug)
        }
        if hasBlock, payload != .sparkplug { mqtt.report("needs payload: sparkplug", at: "sparkplug") }
        if mqtt.has("broker") {
            if read.port != nil { mqtt.report("is of the simulator's own broker; with broker it has none", at: "port") }
            read.settings.destination = .other(otherBroker(&mqtt))
        } else {
            read.settings.destination = .own(ownBroker(&mqtt))
        }
        mqtt.finish()
        return read
    }

    private static func sparkplug(_ block: consuming Section) -> SparkplugSettings {
        let settings = SparkplugSettings(
            group: block.string("group") ?? SparkplugSettings.defaultGroup, primaryHost: block.string("primary_host"))
        if let fault = SparkplugSettings.fault(inName: settings.group) { block.report(fault, at: "group") }
        if let host = settings.primaryHost, let fault = SparkplugSettings.fault(inName: host) {
            block.report(fault, at: "primary_host")
        }
        block.finish()
        return settings
    }

    /// `tls` and `users` of the simulator's own broker.
    private static func ownBroker(_ mqtt: inout Section) -> MQTTSettings.OwnBroker {
        var broker = MQTTSettings.OwnBroker()
        for key in ["username", "password"] where mqtt.has(key) {
            _ = mqtt.string(key)
            mqtt.report("is for another broker, named by broker; the simulator's own has users", at: key)
        }
        if mqtt.has("tls") {
            var tls = mqtt.section("tls")
            broker.useTLS(
                certificate: tls.requiredString("certificate"), privateKey: tls.requiredString("private_key"),
                clientCA: tls.string("client_ca"), isOnlyNewest: isOnlyNewest(&tls))
            tls.finish()
        }
        broker.users = mqtt.sections("users").map { item in
            var item = item
            let user = MQTTSettings.User(
                name: item.requiredString("name"), password: item.requiredString("password"))
            item.finish()
            return user
        }
        if Set(broker.users.map(\.name)).count < broker.users.count {
            mqtt.report("two users have the same name", at: "users")
        }
        return broker
    }

    /// `broker`, `username`, `password` and `tls` of a broker to publish to.
    private static func otherBroker(_ mqtt: inout Section) -> MQTTSettings.OtherBroker {
        var broker = MQTTSettings.OtherBroker(endpoint: mqtt.requiredString("broker"))
        if !broker.endpoint.isEmpty, let fault = MQTTSettings.fault(inBroker: broker.endpoint) {
            mqtt.report(fault, at: "broker")
        }
        broker.username = mqtt.string("username")
        broker.password = mqtt.string("password")
        if broker.password != nil, broker.username == nil { mqtt.report("needs a username beside it", at: "password") }
        if mqtt.has("users") {
            _ = mqtt.sections("users")
            mqtt.report("are of the simulator's own broker; write username and password", at: "users")
        }
        if mqtt.has("tls") {
            var tls = mqtt.section("tls")
            let certificate = tls.string("certificate")
            let privateKey = tls.string("private_key")
            if (certificate == nil) != (privateKey == nil) {
                tls.report(
                    "is missing; certificate and private_key go together",
                    at: certificate == nil ? "certificate" : "private_key")
            }
            broker.useTLS(
                ca: tls.string("ca"), certificate: certificate, privateKey: privateKey,
                isOnlyNewest: isOnlyNewest(&tls), verify: tls.boolean("verify", default: true))
            tls.finish()
            if !MQTTSettings.usesTLS(broker.endpoint) {
                mqtt.report("has no effect: the broker's URL does not begin with mqtts:// or wss://", at: "tls")
            }
        }
        return broker
    }

    private static func isOnlyNewest(_ tls: inout Section) -> Bool {
        tls.choice("min_version", default: false, [("1.2", false), ("1.3", true)])
    }
}
