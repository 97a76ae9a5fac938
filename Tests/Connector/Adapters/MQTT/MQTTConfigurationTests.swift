import ConnectorModel
import MQTTAdapter
import Testing

@Suite struct MQTTConfigurationTests {
    private typealias Topic = MQTTSourceConfiguration.Topic

    @Test func defaults() throws {
        let configuration = try MQTTSourceConfiguration(
            name: "press", endpoint: "mqtt://plant:1883", topics: [Topic(filter: "a/#"), Topic(filter: "b", qos: 0)])
        #expect(configuration.clientID == "penstock-press")
        #expect(!configuration.cleanSession)
        #expect(configuration.keepAliveSeconds == 60)
        #expect(configuration.version == .automatic)
        #expect(configuration.tagLimit == 10_000)
    }

    /// What is wrong, the key that is named, and a piece of the sentence.
    private func problem(
        endpoint: String = "mqtt://h", topics: [MQTTSourceConfiguration.Topic] = [.init(filter: "#")], qos: Int = 1,
        clientID: String? = nil, cleanSession: Bool = false, keepAlive: Int = 60, username: String? = nil,
        password: String? = nil, tagLimit: Int = 1
    ) -> SettingError? {
        do throws(SettingError) {
            _ = try MQTTSourceConfiguration(
                name: "s", endpoint: endpoint, topics: topics, qos: qos, clientID: clientID,
                cleanSession: cleanSession, keepAliveSeconds: keepAlive, username: username, password: password,
                tagLimit: tagLimit)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatCannotBeIsRefusedWithItsKey() {
        #expect(problem() == nil)
        #expect(problem(endpoint: "http://h")?.key == "endpoint")
        #expect(problem(endpoint: "mqtt://user:secret@h")?.key == "endpoint")
        #expect(problem(endpoint: "mqtt://h:70000")?.key == "endpoint")
        #expect(problem(topics: [])?.description.contains("at least one topic filter") == true)
        #expect(problem(topics: [Topic(filter: "a"), Topic(filter: "b/#/c")])?.key == "topics[1]")
        #expect(problem(topics: [Topic(filter: "a", qos: 3)])?.key == "topics[0].qos")
        #expect(
            problem(topics: [Topic(filter: "a"), Topic(filter: "a", qos: 0)])?.problem == "names \"a\" a second time")
        #expect(problem(qos: -1)?.description == "qos: -1 is no quality of service; 0, 1 or 2 is possible")
        #expect(problem(clientID: "")?.key == "client_id")
        #expect(problem(clientID: "", cleanSession: true) == nil)
        #expect(problem(clientID: "a\nb")?.key == "client_id")
        #expect(problem(keepAlive: 65_536)?.key == "keep_alive_seconds")
        #expect(problem(keepAlive: 0) == nil)
        #expect(problem(password: "p")?.key == "password")
        #expect(problem(username: "u", password: "p") == nil)
        #expect(problem(tagLimit: 0)?.key == "variable_limit")
    }

    @Test func noSentenceHoldsTheSecret() {
        let problem = problem(endpoint: "mqtt://user:secret@h")
        #expect(problem?.description.contains("secret") == false)
    }
}
