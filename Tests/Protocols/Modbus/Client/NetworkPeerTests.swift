import Foundation
import ModbusClient
import ModbusCore
import ModbusServer
import NIOCore
import NIOPosix
import NIOSSL
import TLSSupport
import Testing

/// Over a network: programs of others, gateways that carry serial frames, and TLS.
@Suite(.timeLimit(.minutes(2))) struct NetworkPeerTests {
    @Test func ourClientReadsLibmodbus() async throws {
        let peer = try ForeignPeer(libmodbus: "tcp-server", "0")
        defer { peer.end() }
        let port = try #require(await peer.printed(firstLineOnly: true).first.flatMap(Int.init))
        try await ModbusLink.withConnection(to: ModbusEndpoint(host: "127.0.0.1", port: port), logger: quiet) { link in
            try await PeerValues.check(link, unit: 1)
            let coils = try await link.read(ReadRequest(type: .coil, address: 0, count: 6), unit: 1)
            #expect(coils.bits == [true, false, false, true, false, false])
            let discretes = try await link.read(ReadRequest(type: .discrete, address: 0, count: 3), unit: 1)
            #expect(discretes.bits == [false, true, false])
            let input = try await link.read(ReadRequest(type: .input, address: 1, count: 1), unit: 1)
            #expect(input.registers == [1])
        }
    }

    @Test func mbpollAndLibmodbusReadOurServer() async throws {
        let bank = RegisterBank([5: PeerValues.unit()])
        try await ModbusTCPServer(configuration: .init(port: 0), bank: bank, logger: quiet).withServer { port in
            let mbpoll = try ForeignPeer(
                "/usr/bin/mbpoll",
                [
                    "-m", "tcp", "-a", "5", "-p", "\(port)", "-t", "4:float", "-B", "-r", "15", "-c", "1", "-1",
                    "127.0.0.1",
                ])
            #expect(await mbpoll.printed().last?.filter { !$0.isWhitespace } == "[15]:3.14")
            mbpoll.end()
            let libmodbus = try ForeignPeer(libmodbus: "read", "tcp", "\(port)", "5", "0", "2")
            #expect(await libmodbus.printed() == ["32769", "65534"])
            libmodbus.end()
        }
    }

    @Test(arguments: [Framing.rtu, .ascii]) func serialFramesTravelOverTCP(framing: Framing) async throws {
        let bank = RegisterBank([5: PeerValues.unit(), 7: UnitRegisters(holdings: [0..<2])])
        let configuration = ModbusTCPServer.Configuration(port: 0, framing: framing)
        try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
            try await ModbusLink.withConnection(
                to: ModbusEndpoint(host: "127.0.0.1", port: port, framing: framing),
                configuration: ModbusClientConfiguration(maxInFlight: 8), logger: quiet
            ) { link in
                try await PeerValues.check(link, unit: 5)
                // However many are asked for at once, they go one at a time and all are answered.
                let outcomes = Outcomes()
                let requests = try (0..<20).map { index in
                    UnitRequest(
                        unit: index % 2 == 0 ? 5 : 7, read: try ReadRequest(type: .holding, address: 0, count: 1))
                }
                try await link.perform(requests, each: outcomes.add)
                #expect(Set(outcomes.indices).count == 20)
                #expect(outcomes.all.allSatisfy { if case .response(.block) = $0.outcome { true } else { false } })
            }
        }
    }

    private static let pymodbusRTUOverTCP = """
        import asyncio, sys
        from pymodbus import FramerType
        from pymodbus.client import AsyncModbusTcpClient
        async def main():
            c = AsyncModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), framer=FramerType.RTU)
            assert await c.connect()
            print((await c.read_holding_registers(0, count=2, device_id=5)).registers)
            c.close()
        asyncio.run(main())
        """

    @Test func pymodbusReadsOurServerByRTUOverTCP() async throws {
        let bank = RegisterBank([5: PeerValues.unit()])
        let configuration = ModbusTCPServer.Configuration(port: 0, framing: .rtu)
        try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
            let peer = try ForeignPeer(python: Self.pymodbusRTUOverTCP, "\(port)")
            #expect(await peer.printed() == ["[32769, 65534]"])
            peer.end()
        }
    }

    /// Certificates of a small authority of the test's own.
    private struct Certificates {
        let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let script = """
                set -e; cd '\(folder.path)'
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
                for name in server client; do
                  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
                  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' > $name.ext
                  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -days 2 -extfile $name.ext
                done
                """
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", script]
            shell.standardOutput = FileHandle.nullDevice
            shell.standardError = FileHandle.nullDevice
            try shell.run()
            shell.waitUntilExit()
            try #require(shell.terminationStatus == 0)
        }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        /// A server that asks its clients for a certificate of the authority.
        func server() throws -> TLSConfiguration {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(path("server.pem")).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: path("server.key"), format: .pem)))
            tls.certificateVerification = .noHostnameVerification
            tls.trustRoots = .file(path("ca.pem"))
            tls.minimumTLSVersion = .tlsv12
            return tls
        }

        func end() { try? FileManager.default.removeItem(at: folder) }
    }

    @Test func bothEndsShowTheirCertificates() async throws {
        let certificates = try Certificates()
        defer { certificates.end() }
        let mutual = ClientTLS(
            ca: certificates.path("ca.pem"), certificate: certificates.path("client.pem"),
            privateKey: certificates.path("client.key"))
        let configuration = ModbusTCPServer.Configuration(port: 0, tls: try certificates.server())
        let bank = RegisterBank([5: PeerValues.unit()])
        try await ModbusTCPServer(configuration: configuration, bank: bank, logger: quiet).withServer { port in
            func read(_ tls: ClientTLS, host: String = "127.0.0.1") async throws {
                try await ModbusLink.withConnection(
                    to: ModbusEndpoint(host: host, port: port, isSecure: true),
                    configuration: ModbusClientConfiguration(timeout: .seconds(20), tls: tls), logger: quiet
                ) { try await PeerValues.check($0, unit: 5) }
            }
            try await read(mutual)
            try await read(mutual, host: "localhost")
            var newest = mutual
            newest.minVersion = .tls13
            try await read(newest)
            // Not trusted here: the system knows nothing of this authority.
            var untrusting = mutual
            untrusting.ca = nil
            let untrusted = await #expect(throws: ModbusClientError.self) { try await read(untrusting) }
            #expect(untrusted?.code == .cannotConnect)
            #expect(untrusted?.message.contains("tls.ca") == true)
            var careless = untrusting
            careless.verify = false
            try await read(careless)
            // Not trusted there: no certificate of ours. With TLS 1.3 this is told only after the handshake.
            let anonymous = ClientTLS(ca: certificates.path("ca.pem"))
            await #expect(throws: ModbusClientError.self) { try await read(anonymous) }
            let missing = ClientTLS(ca: certificates.path("none.pem"))
            let unreadable = await #expect(throws: ModbusClientError.self) { try await read(missing) }
            #expect(unreadable?.message.contains("none.pem cannot be read") == true)
        }
    }
}
