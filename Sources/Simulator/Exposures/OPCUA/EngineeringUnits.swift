import OPCUATypes

/// Engineering units as OPC UA clients know them (Part 8, 5.6.3).
enum EngineeringUnits {
    /// The unit with its number after UN/ECE Recommendation 20; −1 when it has none there.
    static func information(_ unit: String) -> EUInformation {
        EUInformation(
            namespaceUri: "http://www.opcfoundation.org/UA/units/un/cefact", unitId: codes[unit].map(number) ?? -1,
            displayName: LocalizedText(unit), description: LocalizedText(unit))
    }

    /// The characters of the common code as the bytes of one number.
    static func number(_ code: Substring) -> Int32 {
        code.utf8.reduce(0) { $0 << 8 | Int32($1) }
    }

    /// Our word for a unit → common code of UN/ECE Recommendation 20.
    private static let codes: [String: Substring] = {
        var codes: [String: Substring] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            for word in words.dropFirst() { codes[String(word)] = words[0] }
        }
        return codes
    }()

    private static let table = """
        CEL °C
        P1 % %RH
        RPM RPM
        PS PSI
        BAR bar
        MBR mbar
        PAL Pa
        KPA kPa
        KWT kW
        MAW MW
        WTT W
        MVA MVA
        AMP A
        B22 kA
        VLT V
        KVT kV
        HTZ Hz
        C16 mm/s
        MTS m/s
        2X m/min
        L2 L/min LPM
        G2 GPM
        MQH m³/h
        Q30 pH
        59 ppm
        KGM kg
        KGS kg/s
        E93 kg/h
        KMQ kg/m³
        GRM g
        MGM mg
        MTR m
        MMT mm
        FOT ft
        MLT mL
        DD ° deg
        SEC s
        MIN min
        LUX lux
        D54 W/m²
        MTQ m³
        LTR L
        TNE t ton
        BLL BBL
        B1 BBL/day
        2L CFM SCFM
        M1 mg/L
        GL g/L
        C7 cP
        E96 deg/s
        G42 μS/cm
        H61 mS/cm
        MWH MWh
        H87 pieces bottles vials tablets vehicles
        C62 count cycles strokes batches washes welds trips steps ratio PF people floor
        NU Nm
        B47 kN
        """
}
