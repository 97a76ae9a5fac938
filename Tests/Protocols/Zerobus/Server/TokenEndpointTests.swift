import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import ZerobusClient
@testable import ZerobusCore
@testable import ZerobusServer

/// `POST /oidc/v1/token`: the form as the service documents it, and what is said of any other.
@Suite struct TokenEndpointTests {
    private static let basic = "Basic " + Data("client:secret".utf8).base64EncodedString()

    private func post(
        _ ports: LocalServer.Ports, _ body: String, authorization: String? = basic,
        type: String = "application/x-www-form-urlencoded"
    ) async throws -> (status: UInt, text: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(ports.http)/oidc/v1/token")
        request.method = .POST
        request.headers.add(name: "content-type", value: type)
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(string: body))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        return (answer.status.code, String(buffer: try await answer.body.collect(upTo: 1 << 16)))
    }

    @Test func onlyTheDocumentedFormIsAnswered() async throws {
        try await LocalWorld.with { ports, _ in
            let right = TokenRequest(table: try Telemetry.table(), workspaceID: "123").formBody
            let answer = try await post(ports, right)
            #expect(answer.status == 200)
            for part in [#""access_token":"#, #""token_type":"Bearer""#, #""expires_in":3600"#] {
                #expect(answer.text.contains(part), "\(answer.text)")
            }
            // A form that names no table is answered with a token for the workspace.
            #expect(try await post(ports, "grant_type=client_credentials&scope=all-apis").status == 200)

            let wrong: [(form: String, error: String)] = [
                (right.replacing("client_credentials", with: "password"), "unsupported_grant_type"),
                (right.replacing("all-apis", with: "sql"), "invalid_scope"),
                (right.replacing("zerobusDirectWriteApi", with: "other"), "invalid_target"),
                (right.replacing("workspaces%2F123", with: "workspaces%2F"), "invalid_target"),
                (right.replacing("unity_catalog_privileges", with: "other"), "invalid_authorization_details"),
                (right.replacing("MODIFY", with: "OWN"), "invalid_authorization_details"),
                (right.replacing("USE%20SCHEMA", with: "SELECT"), "invalid_authorization_details"),
                (right.replacing("USE%20CATALOG", with: "SELECT"), "invalid_authorization_details"),
                (right.replacing("main.plant.telemetry", with: "plant.telemetry"), "invalid_authorization_details"),
                ("grant_type=client_credentials&scope=%zz", "invalid_request"), ("", "unsupported_grant_type"),
            ]
            for (form, error) in wrong {
                let answer = try await post(ports, form)
                #expect(answer.status == 400 && answer.text.contains(#""error":"\#(error)""#), "\(form) \(answer)")
            }
            #expect(try await post(ports, right, type: "application/json").status == 400)
            for authorization in [nil, "Bearer x", "Basic x", "Basic " + Data(":secret".utf8).base64EncodedString()] {
                let answer = try await post(ports, right, authorization: authorization)
                #expect(answer.status == 401 && answer.text.contains("invalid_client"))
            }
        }
    }

    /// A client that gets its token late opens its stream all the same.
    @Test func aSlowEndpointOnlyTakesTime() async throws {
        try await LocalWorld.with { configuration in
            configuration.drill.tokenDelay = .milliseconds(100)
        } _: { ports, _ in
            let start = ContinuousClock.now
            let end = try await LocalWorld.client(ports).withStream(try Telemetry.request()) { stream in
                _ = try await stream.send(batchBody: Telemetry.batch(0..<10), count: 10)
                stream.finish()
                for await _ in stream.acknowledgements {}
            }
            #expect(end == .finished && ContinuousClock.now - start >= .milliseconds(100))
        }
    }
}
