import ModbusCore
import Testing

@Suite struct ModbusEndpointTests {
    @Test(
        arguments: [
            ("modbus://plc1:5020", "plc1", 5020), ("modbus+tcp://10.0.0.1:502", "10.0.0.1", 502),
            ("MODBUS://plc1", "plc1", 502), ("10.0.0.1:1502", "10.0.0.1", 1502), ("modbus://[::1]:5020", "::1", 5020),
            ("modbus://[fe80::1]", "fe80::1", 502), ("[::1]:502", "::1", 502), ("modbus://plc1:5020/", "plc1", 5020),
        ] as [(String, String, Int)])
    func accepted(_ text: String, _ host: String, _ port: Int) throws {
        #expect(try ModbusEndpoint(parsing: text) == ModbusEndpoint(host: host, port: port))
    }

    @Test(
        arguments: [
            ("modbus+tls://plc1", ModbusEndpoint(host: "plc1", port: 802, isSecure: true)),
            ("modbus+rtu+tcp://gate:4001", ModbusEndpoint(host: "gate", port: 4001, framing: .rtu)),
            ("modbus+ascii+tcp://[::1]:4001", ModbusEndpoint(host: "::1", port: 4001, framing: .ascii)),
            ("modbus+rtu:///dev/ttyUSB0", ModbusEndpoint(serialLine: "/dev/ttyUSB0")),
            ("modbusrtu:///dev/ttyS0", ModbusEndpoint(serialLine: "/dev/ttyS0")),
            ("/dev/serial/by-id/usb-1", ModbusEndpoint(serialLine: "/dev/serial/by-id/usb-1")),
            ("modbus+ascii:///dev/ttyS0", ModbusEndpoint(serialLine: "/dev/ttyS0", framing: .ascii)),
        ])
    func otherWaysToADevice(_ text: String, _ endpoint: ModbusEndpoint) throws {
        #expect(try ModbusEndpoint(parsing: text) == endpoint)
        #expect(try ModbusEndpoint(parsing: endpoint.description) == endpoint)
    }

    @Test(arguments: [
        "", "plc1", "http://plc1:80", "modbus://", "modbus://:502", "modbus://plc1:0", "modbus://plc1:65536",
        "modbus://plc1:+5", "modbus://plc1:", "modbus://plc1:x", "modbus://a@plc1:502", "modbus://plc1:502/unit",
        "::1:502", "modbus://[::1", "modbus://[::1]502", "pl c1:502", "modbusrtu://ttyS0", "modbus+rtu://",
        "modbus+rtu://gate:4001", "modbus+ascii:///", "/", "/dev/tty S0",
    ])
    func refused(_ text: String) {
        #expect(throws: EndpointError.self) { try ModbusEndpoint(parsing: text) }
    }

    @Test func theTextCanBeReadAgain() throws {
        for endpoint in [ModbusEndpoint(host: "::1", port: 1502), ModbusEndpoint(host: "plc1")] {
            #expect(try ModbusEndpoint(parsing: endpoint.description) == endpoint)
        }
    }
}
