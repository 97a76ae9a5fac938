import ConnectorModel
import Foundation
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// Thing Descriptions with the OPC UA binding (OPC 10101), read and written.
@Suite(.timeLimit(.minutes(1))) struct ThingDescriptionTests {
    private func read(_ text: String) throws -> ThingDescription { try ThingDescription(Data(text.utf8)) }

    private func problem(_ text: String) -> String {
        do {
            _ = try read(text)
            return ""
        } catch {
            return (error as? ThingDescriptionError)?.problem ?? "\(error)"
        }
    }

    private func thing(_ forms: String, _ rest: String = "") -> String {
        #"{"title":"t","properties":{"p":{"forms":[\#(forms)]}}\#(rest)}"#
    }

    @Test func formsGiveServerAndNodes() throws {
        let thing = try read(
            #"""
            {"@context":["https://www.w3.org/2022/wot/td/v1.1",{"uav":"http://opcfoundation.org/UA/WoT-Binding/"}],
             "title":"pump", "base":"opc.tcp://plc:4840/UA/Pump",
             "properties":{
               "a":{"type":"number","forms":[{"href":"/?id=nsu=http://x/pump;s=Speed","op":["readproperty"]}]},
               "b":{"forms":[{"href":"opc.tcp://plc:4840/UA/Pump/?id=ns=10;i=12345"}]},
               "c":{"forms":[{"href":"https://elsewhere/c"},{"href":"/?id=ns=2;s=a%23b%26c"}]},
               "d":{"forms":[{"href":"/","uav:browsePath":"/Root/Objects/1:Machine/1:Pressure"}]},
               "e":{"forms":[{"href":"https://elsewhere/e"}]}}}
            """#)
        #expect(thing.endpoint == "opc.tcp://plc:4840/UA/Pump")
        #expect(
            thing.nodes.map(\.text) == [
                "nsu=http://x/pump;s=Speed", "ns=10;i=12345", "ns=2;s=a#b&c", "/Root/Objects/1:Machine/1:Pressure",
            ])
        #expect(thing.security == .init())
    }

    @Test func whatCannotBeUsedIsSaidInWords() {
        #expect(problem("{}").contains("no property with a form at opc.tcp://"))
        #expect(problem("[]").contains("is no Thing Description"))
        #expect(problem(thing(#"{"href":"opc.tcp://a/x"}"#)).contains("has no ?id="))
        #expect(problem(thing(#"{"href":"opc.tcp://a/?id=x"}"#)).contains("is no node id"))
        let two =
            #"{"properties":{"a":{"forms":[{"href":"opc.tcp://a/?id=i=1"}]},"b":{"forms":[{"href":"opc.tcp://b/?id=i=1"}]}}}"#
        #expect(problem(two).contains("several servers (opc.tcp://a, opc.tcp://b)"))
        let form = #"{"href":"opc.tcp://a/?id=i=1"}"#
        #expect(problem(thing(form, #","security":"x""#)).contains("'x' without defining it"))
        #expect(
            problem(thing(form, #","security":"x","securityDefinitions":{"x":{"scheme":"psk"}}"#)).contains("'psk'"))
    }

    @Test(
        arguments: [
            (#""s","securityDefinitions":{"s":{"scheme":"auto"}}"#, nil, nil, false),
            (#"["s"],"securityDefinitions":{"s":{"scheme":"nosec"}}"#, "None", nil, false),
            (
                #""s","securityDefinitions":{"s":{"scheme":"combo","allOf":["c","u"]},"c":{"scheme":"uav:channelsec","uav:securityMode":"SignAndEncrypt","uav:securityPolicy":"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"},"u":{"scheme":"uav:authentication","uav:userIdentityToken":"UserName"}}"#,
                "SignAndEncrypt", "Basic256Sha256", true
            ),
            (
                #""s","securityDefinitions":{"s":{"scheme":"uav:channelsec","uav:securityMode":"Sign","uav:securityPolicy":"Aes128_Sha256_RsaOaep"}}"#,
                "Sign", "Aes128_Sha256_RsaOaep", false
            ),
            // A combination that names itself ends.
            (#""s","securityDefinitions":{"s":{"scheme":"combo","allOf":"s"}}"#, nil, nil, false),
        ] as [(String, String?, String?, Bool)])
    func securityDefinitionsGiveModePolicyAndUser(
        security: String, mode: String?, policy: String?, needsUser: Bool
    ) throws {
        let thing = try read(thing(#"{"href":"opc.tcp://a/?id=i=1"}"#, #","security":\#(security)"#))
        #expect(thing.security == .init(mode: mode, policy: policy, needsUser: needsUser))
    }

    @Test func aFileDefinesASourceAndKeysWinOverIt() throws {
        let file = NSTemporaryDirectory() + "/thing-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let security =
            #","security":"s","securityDefinitions":{"s":{"scheme":"uav:channelsec","uav:securityMode":"Sign","uav:securityPolicy":"Basic256Sha256"}}"#
        try thing(#"{"href":"opc.tcp://a:1/?id=i=1"}"#, security).write(toFile: file, atomically: true, encoding: .utf8)
        func source(
            endpoint: String = "", security: OPCUASourceSecurity = .unset
        ) throws -> OPCUASourceConfiguration {
            try OPCUASourceConfiguration(
                name: "s", endpoint: endpoint, nodes: ["ns=2;s=x"], security: security, thing: file)
        }
        var made = try source()
        #expect(made.endpoint == "opc.tcp://a:1" && made.nodes.map(\.text) == ["ns=2;s=x", "i=1"])
        #expect(made.security.modeName == "Sign" && made.security.policyName == "Basic256Sha256")
        made = try source(endpoint: "opc.tcp://b:2", security: OPCUASourceSecurity(mode: "None"))
        #expect(made.endpoint == "opc.tcp://b:2" && made.security.modeName == "None" && made.security.policyName == nil)
        #expect(throws: SettingError.self) {
            try OPCUASourceConfiguration(name: "s", endpoint: "", thing: "/nowhere.json")
        }
        #expect(throws: SettingError(key: "endpoint", problem: "is missing; a td at a URL is read later")) {
            try OPCUASourceConfiguration(name: "s", endpoint: "", thing: "https://x/td")
        }
    }

    // MARK: Looking at a server

    private func tree(
        _ plant: OPCUATestPlant, from start: NodeSelection? = nil, depth: Int = 64, limit: Int = 1000
    ) async throws -> NodeTree {
        let found = OPCUABox<NodeTree?>(nil)
        try await plant.serve { port in
            let look = OPCUALook(
                try OPCUASourceConfiguration(name: "s", endpoint: "opc.tcp://127.0.0.1:\(port)/x"),
                pkiFolder: OPCUATestPlant.noPKI, logger: OPCUATestPlant.logger)
            found.set(try await look.tree(from: start, depth: depth, limit: limit))
        }
        return try #require(found.value)
    }

    @Test func aTreeIsPrintedInItsOrder() async throws {
        let tree = try await tree(.tree())
        #expect(
            tree.lines == [
                "Objects  i=85  Object",
                "  2:line  ns=2;s=line  Object",
                "    2:cell  ns=2;s=line/cell  Object",
                "      2:deep  ns=2;s=line/cell/deep  Object",
                "        2:d  ns=2;s=line/cell/deep/d  Variable  Double  0.0",
                "      2:c  ns=2;s=line/cell/c  Variable  Double  0.0",
                "    2:a  ns=2;s=line/a  Variable  Double  0.0",
                "    2:b  ns=2;s=line/b  Variable  Double  0.0",
                "      2:p  ns=2;s=line/b/p  Variable  Double  0.0",
                "  2:store  ns=2;s=store  Object",
                "    2:a  ns=2;s=store/a  Variable  Double  0.0",
            ])
        #expect(!tree.isTruncated)
    }

    @Test func depthStartAndLimitBoundTheTree() async throws {
        #expect(try await tree(.tree(), depth: 1).count == 3)
        let cell = try await tree(.tree(), from: "/line/cell")
        #expect(cell.lines.first == "2:cell  ns=2;s=line/cell  Object" && cell.count == 4)
        let cut = try await tree(.tree(), limit: 4)
        #expect(cut.count == 4 && cut.isTruncated)
        #expect(try await !tree(.tree(), limit: 11).isTruncated)
    }

    @Test func theTreeIsJSONWithUnits() async throws {
        let tree = try await tree(OPCUATestPlant(tags: 1), from: "ns=2;s=plant")
        #expect(
            tree.json
                == #"{"node_id":"ns=2;s=plant","browse_name":"2:plant","class":"Object","children":[{"node_id":"ns=2;s=t0","browse_name":"2:t0","class":"Variable","data_type":"Double","value":0.0,"unit":"kW","children":[]}]}"#
        )
    }

    /// What is written of a server is what a source of it reads.
    @Test func aWrittenDescriptionReadsBack() async throws {
        let tree = try await tree(OPCUATestPlant(tags: 2))
        let text = tree.thingDescription(title: "a \"plant\"")
        let thing = try read(text)
        #expect(thing.endpoint == tree.endpoint)
        #expect(thing.nodes.map(\.text) == ["nsu=urn:test:plant;s=t0", "nsu=urn:test:plant;s=t1"])
        #expect(text.contains(#""unit":"kW","minimum":0.0,"maximum":10.0"#) && text.contains(#""title":"a \"plant\"""#))
    }
}
