import TestKit
import Testing

extension ForeignPeers {
    /// The peers with each other, without us: when these fail, the peers or the kit are at fault, not the products.
    @Suite struct Control {
        @Test(arguments: ["3.1.1", "5"]) func pahoAndMosquitto(version: String) async throws {
            try await withMosquitto { broker in
                let seen = try await runPeer(
                    "Tests/Interop/peers/mqtt_client.py",
                    ["echo", "--version", version, "--port", "\(broker.port)", "--count", "100"])
                #expect(seen["order0"].bool == true)
                #expect(seen["order1"].bool == true)
                #expect(seen["large"].bool == true)
                #expect(seen["cleared"].bool == true)
            }
        }

        @Test func asyncuaClientAndServer() async throws {
            let port = try FreePorts.next()
            let server = try start(.peer("Tests/Interop/peers/opcua_server.py", ["--port", "\(port)"]))
            _ = try await server.line(containing: "ready")
            let seen = try await runPeer(
                "Tests/Interop/peers/opcua_client.py",
                ["--endpoint", "opc.tcp://127.0.0.1:\(port)/peer/", "--namespace", "urn:peer:plant"])
            #expect(seen["sensors"].object.count == 12)
            #expect(seen["bad_items"].array == [])
            server.terminate()
            #expect(try await result(of: server)["types"].array.count == 12)
        }

        @Test func theKitTellsHowAProgramEnded() async throws {
            let shell = "/bin/sh"
            let (ending, output) = try await run(
                Launch(name: "sh", path: shell, arguments: ["-c", "echo out; exit 3"]))
            #expect(ending == .exited(code: 3))
            #expect(output == "out\n")

            let sleeper = try start(Launch(name: "sleep", path: shell, arguments: ["-c", "echo here; exec sleep 60"]))
            #expect(try await sleeper.line(containing: "here") == "here")
            #expect(sleeper.ending == nil)
            sleeper.kill()
            #expect(try await sleeper.waitForEnd() == .killed(signal: 9))

            let failed = try start(Launch(name: "sh", path: shell, arguments: ["-c", "echo why; exit 1"]))
            await #expect(throws: TestKitError.self) { try await failed.line(containing: "never") }

            let folder = try await run(
                Launch(name: "pwd", path: "/bin/pwd", arguments: [], environment: [:], directory: "/usr"))
            #expect(folder.output == "/usr\n")
        }

        @Test func theKitReadsHTTPAnswers() async throws {
            let port = try FreePorts.next()
            let script = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=\(port), bind='127.0.0.1')"
            let server = Launch(
                name: "http", path: try Workplace.python(), arguments: ["-c", script],
                directory: Workplace.repository)
            try await withProgram(server) { program in
                let http = LocalHTTP(port: port)
                let page = try await program.whileAlive("an answer") { try await http.get("/Makefile") }
                #expect(page.status == 200)
                #expect(page.text == (try read(Workplace.repository + "/Makefile")))
                #expect(try await http.get("/nothing").status == 404)
                #expect(try await http.post("/Makefile", "{}").status == 501)
            }
        }
    }
}
