import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// `penstock certificates` as a person uses it.
    @Suite struct Certificates {
        private func certificates(_ state: String, _ arguments: [String]) async throws -> (Ending, output: String) {
            try await run(.program("penstock", ["certificates"] + arguments + ["--state", state]))
        }

        private func said(_ state: String, _ arguments: [String]) async throws -> String {
            let (ending, output) = try await certificates(state, arguments)
            #expect(ending == .exited(code: 0), "\(arguments): \(output)")
            return output
        }

        private func thumbprint(_ text: String) throws -> String {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("SHA-1:") })
            return String(try #require(line.split(separator: " ").last))
        }

        @Test func theOwnCertificateIsMadeListedAndShown() async throws {
            try await withTemporaryDirectory { directory in
                let state = directory + "/state"
                #expect(try await said(state, ["list"]) == "")
                let made = try await said(
                    state,
                    ["create", "--host", "gateway.plant", "--host", "10.1.2.3", "--uri", "urn:gateway", "--days", "90"])
                #expect(made.contains("ApplicationUri:  urn:gateway\n"))
                #expect(made.contains("hosts:           gateway.plant, 10.1.2.3\n"))
                #expect(made.contains("uses:            server, client, signing, encrypting\n"))
                #expect(made.contains("(89 days left)") || made.contains("(90 days left)"))
                #expect(made.contains("key:             RSA 2048 bits\n"))
                #expect(made.contains("issuer:          itself\n"))
                let thumbprint = try thumbprint(made)
                let list = try await said(state, ["list"])
                #expect(list.hasPrefix("own       \(thumbprint)  20"), "\(list)")
                // Found by its first digits, also with colons as other tools write them, and by its file.
                let pairs =
                    "\(thumbprint.prefix(2)):\(thumbprint.dropFirst(2).prefix(2)):\(thumbprint.dropFirst(4).prefix(2))"
                for name in [String(thumbprint.prefix(6)), pairs.lowercased(), state + "/pki/own/certificate.der"] {
                    #expect(try await said(state, ["info", name]).contains(thumbprint))
                }
                let pem = try await said(state, ["info", thumbprint, "--pem"])
                #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
                try write(pem, to: directory + "/own.pem")
                #expect(try await said(state, ["info", directory + "/own.pem"]).contains(thumbprint))
                // The key is for its owner only; it stays when the certificate is made anew, unless its size changes.
                let key = state + "/pki/own/private_key.pem"
                let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                let before = try read(key)
                let again = try await said(state, ["create"])
                #expect(try read(key) == before)
                #expect(try self.thumbprint(again) != thumbprint)
                let larger = try await said(state, ["create", "--key-size", "3072"])
                #expect(larger.contains("RSA 3072 bits"))
                #expect(try read(key) != before)
            }
        }

        @Test func othersAreTrustedAndRejected() async throws {
            try await withTemporaryDirectory { directory in
                let state = directory + "/state"
                let server = directory + "/server"
                let thumbprint = try thumbprint(try await said(server, ["create"]))
                let file = server + "/pki/own/certificate.der"
                #expect(try await said(state, ["trust", file]) == "trusted: \(thumbprint) O=Penstock,CN=Penstock\n")
                #expect(try await said(state, ["list"]).hasPrefix("trusted   \(thumbprint)"))
                #expect(try await said(state, ["reject", String(thumbprint.prefix(8))]).hasPrefix("rejected: "))
                #expect(try await said(state, ["list"]).hasPrefix("rejected  \(thumbprint)"))
                #expect(try await said(state, ["trust", thumbprint]).hasPrefix("trusted: "))
                #expect(try await said(state, ["list"]).split(separator: "\n").count == 1)
                _ = try await said(state, ["reject", thumbprint])
                #expect(try await said(state, ["trust", thumbprint, "--issuer"]).hasPrefix("known as an issuer"))
                #expect(try await said(state, ["list"]).hasPrefix("issuers   \(thumbprint)"))

                // One broken file hides no other.
                try write("hello", to: state + "/pki/issuers/broken.der")
                let list = try await said(state, ["list"])
                #expect(list.contains("issuers   unreadable: \(state)/pki/issuers/broken.der: the file is neither PEM"))
                #expect(list.contains(thumbprint))
            }
        }

        @Test func theStateDirectoryOfTheConfigurationCounts() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/penstock.yaml"
                try write("state_directory: \(directory)/here\n", to: file)
                let (ending, output) = try await run(
                    .program("penstock", ["certificates", "create", "--config", file]))
                #expect(ending == .exited(code: 0), "\(output)")
                #expect(FileManager.default.fileExists(atPath: directory + "/here/pki/own/certificate.der"))
            }
        }

        @Test func mistakesAreOneClearLine() async throws {
            try await withTemporaryDirectory { directory in
                let state = directory + "/state"
                try write("hello", to: directory + "/hello.txt")
                for (arguments, words) in [
                    (["trust", "ABCD1234"], "'ABCD1234' is neither a file nor a thumbprint of a certificate in"),
                    (["info", directory + "/hello.txt"], "hello.txt: the file is neither PEM nor DER"),
                    (["reject", "ABCD1234"], "no trusted certificate has the thumbprint ABCD1234"),
                    (["create", "--key-size", "1024"], "--key-size 1024 is not possible; one of: 2048, 3072, 4096"),
                    (["create", "--days", "0"], "--days 0 is out of range; 1 to 36500 is possible"),
                ] {
                    let (ending, output) = try await certificates(state, arguments)
                    #expect(ending != .exited(code: 0))
                    #expect(output.contains(words), "\(output)")
                    #expect(output.split(separator: "\n").count == 1, "\(output)")
                }
            }
        }
    }
}
