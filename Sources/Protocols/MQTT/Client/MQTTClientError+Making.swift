import Glibc
import MQTTCore
import MQTTTransport
import NIOCore
import NIOPosix
import TLSSupport

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

    /// The link ended before the broker said a word.
    static func hungUp(_ address: String, usesTLS: Bool) -> MQTTClientError {
        let hint = usesTLS ? "is it an MQTT broker?" : "is it an MQTT broker, and does it want TLS (mqtts://)?"
        return MQTTClientError(
            .connectionLost, "the MQTT broker \(address) closed the connection before it answered: \(hint)")
    }

    /// What came first was no answer to CONNECT.
    static func noMQTT(_ address: String, _ what: String, _ reason: ReasonCode, usesTLS: Bool) -> MQTTClientError {
        let other = usesTLS ? "a WebSocket (wss://)" : "TLS (mqtts://) or a WebSocket (ws://)"
        return MQTTClientError(
            .protocolViolation,
            "what listens at \(address) does not answer as an MQTT broker does (\(what)): check the port, and whether "
                + "it wants \(other)", reason: reason)
    }

    static func tls(_ address: String, _ failure: TLSFailure, _ cause: any Error) -> MQTTClientError {
        MQTTClientError(.tlsFailed, "the MQTT broker \(address) \(failure.sentence)", cause: cause)
    }

    static func noWebSocket(_ address: String, _ cause: any Error) -> MQTTClientError {
        MQTTClientError(
            .webSocketRefused, "no WebSocket to the MQTT broker \(address) came about: \(cause)", cause: cause)
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
        if let error = error as? TLSFileError {
            return MQTTClientError(.tlsFailed, error.description, cause: error)
        }
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
