import Glibc
import MQTTCore
import NIOCore
import NIOPosix

/// The sentences.
extension MQTTClientError {
    static func refused(_ address: String, _ reason: ReasonCode, _ text: String?) -> MQTTClientError {
        let said = text.map { " (\($0))" } ?? ""
        return MQTTClientError(
            .refused, "the MQTT broker \(address) refused the connection: \(reason)\(said); \(reason.advice)",
            reason: reason)
    }

    static func disconnected(_ address: String, _ disconnect: Disconnect) -> MQTTClientError {
        let said = disconnect.properties.reasonString.map { " (\($0))" } ?? ""
        let elsewhere = disconnect.properties.serverReference.map { "; it names \($0)" } ?? ""
        return MQTTClientError(
            .disconnected,
            "the MQTT broker \(address) ended the connection: \(disconnect.reason)\(said)\(elsewhere); "
                + disconnect.reason.advice,
            reason: disconnect.reason)
    }

    static func violation(_ address: String, _ what: String, _ reason: ReasonCode) -> MQTTClientError {
        MQTTClientError(
            .protocolViolation, "the MQTT broker \(address) broke the protocol: \(what)", reason: reason)
    }

    static func lost(_ address: String, _ cause: (any Error)?) -> MQTTClientError {
        let detail = cause.map { ": \($0)" } ?? ""
        return MQTTClientError(
            .connectionLost, "the connection to the MQTT broker \(address) was lost\(detail)", cause: cause)
    }

    static func lapsed(_ address: String) -> MQTTClientError {
        MQTTClientError(
            .keepAliveLapsed, "the MQTT broker \(address) did not answer a ping: the connection was given up")
    }

    static func closed(_ address: String) -> MQTTClientError {
        MQTTClientError(.closed, "the connection to the MQTT broker \(address) is closed")
    }

    static func noAnswer(_ address: String) -> MQTTClientError {
        MQTTClientError(
            .connectTimeout, "the MQTT broker \(address) did not answer CONNECT in time: is it an MQTT broker?")
    }

    /// Puts a failure to connect into words.
    static func connecting(_ address: String, _ error: any Error) -> MQTTClientError {
        if let error = error as? MQTTClientError { return error }
        if let error = error as? NIOConnectionError {
            guard let attempt = error.connectionErrors.first else {
                return MQTTClientError(
                    .unknownHost, "the host of the MQTT broker \(address) is unknown: check the name", cause: error)
            }
            return connecting(address, attempt.error)
        }
        if case .connectTimeout = error as? ChannelError {
            return MQTTClientError(
                .connectTimeout, "the MQTT broker \(address) does not answer: check address and firewall", cause: error)
        }
        if let error = error as? IOError, error.errnoCode == ECONNREFUSED {
            return MQTTClientError(
                .connectionRefused, "nothing listens at \(address): check the port and that the broker runs",
                cause: error)
        }
        return MQTTClientError(
            .unreachable, "the MQTT broker \(address) cannot be reached: \(error)", cause: error)
    }
}
