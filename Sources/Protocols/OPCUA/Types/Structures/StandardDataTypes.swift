/// Types of namespace 0 that every dictionary knows: a simple type as `id name = id of the built-in type`, an
/// enumeration as `id name : names from 0`, a structure as `id name encoding field/type …` with `[]` for an array.
/// Others are asked of the server like its own types.
private let standardDataTypes: StaticString = """
    26 Number = 24
    27 Integer = 24
    28 UInteger = 24
    29 Enumeration = 6
    30 Image = 15
    50 Decimal = 22
    95 AccessRestrictionType = 5
    288 IntegerId = 7
    289 Counter = 7
    290 Duration = 11
    291 NumericRange = 12
    294 UtcTime = 13
    295 LocaleId = 12
    311 ApplicationInstanceCertificate = 15
    347 AttributeWriteMask = 7
    388 SessionAuthenticationToken = 17
    521 ContinuationPoint = 15
    2000 ImageBMP = 15
    2001 ImageGIF = 15
    2002 ImageJPG = 15
    2003 ImagePNG = 15
    11737 BitFieldMaskDataType = 9
    12877 NormalizedString = 12
    12878 DecimalString = 12
    12879 DurationString = 12
    12880 TimeString = 12
    12881 DateString = 12
    15031 AccessLevelType = 3
    15033 EventNotifierType = 3
    15406 AccessLevelExType = 7
    16307 AudioDataType = 15
    17588 Index = 7
    20998 VersionTime = 7
    23751 UriString = 12
    24263 SemanticVersionString = 12
    25726 EncodedTicket = 12
    31917 Handle = 7
    31918 TrimmedString = 12
    852 ServerState : Running Failed NoConfiguration Suspended Shutdown Test CommunicationFault Unknown
    12077 AxisScaleEnumeration : Linear Log Ln
    296 Argument 298 Name/12 DataType/17 ValueRank/6 ArrayDimensions/7[] Description/21
    338 BuildInfo 340 ProductUri/12 ManufacturerName/12 ProductName/12 SoftwareVersion/12 BuildNumber/12 BuildDate/13
    862 ServerStatusDataType 864 StartTime/13 CurrentTime/13 State/852 BuildInfo/338 SecondsTillShutdown/7 ShutdownReason/21
    884 Range 886 Low/11 High/11
    887 EUInformation 889 NamespaceUri/12 UnitId/6 DisplayName/21 Description/21
    7594 EnumValueType 8251 Value/8 DisplayName/21 Description/21
    8912 TimeZoneDataType 8917 Offset/4 DaylightSavingInOffset/1
    12079 AxisInformation 12089 EngineeringUnits/887 EURange/884 Title/21 AxisScaleType/12077 AxisSteps/11[]
    12080 XVType 12090 X/11 Value/10
    12171 ComplexNumberType 12181 Real/10 Imaginary/10
    12172 DoubleComplexNumberType 12182 Real/11 Imaginary/11
    12755 OptionSet 12765 Value/15 ValidBits/15
    14533 KeyValuePair 14846 Key/20 Value/24
    18806 RationalNumber 18815 Numerator/6 Denominator/7
    18808 3DVector 18817 X/11 Y/11 Z/11
    18810 3DCartesianCoordinates 18819 X/11 Y/11 Z/11
    18812 3DOrientation 18821 A/11 B/11 C/11
    18814 3DFrame 18823 CartesianCoordinates/18810 Orientation/18812
    """

extension DataTypeDictionary {
    mutating func addStandardTypes() throws(DataTypeDefinitionError) {
        for type in BuiltInType.allCases { try put(.builtIn(type), type.dataType, "\(type)") }
        for line in standardDataTypes.description.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 3, let id = UInt32(words[0]) else { throw .notADefinition }
            let (dataType, name, rest) = (NodeId(id), String(words[1]), words[3...])
            switch words[2] {
            case "=":
                guard let base = UInt8(words[3]).flatMap(BuiltInType.init) else { throw .notADefinition }
                try put(.builtIn(base), dataType, name)
            case ":":
                let fields = rest.enumerated().map { EnumField(value: Int64($0.offset), name: String($0.element)) }
                try add(dataType, name: name, EnumDefinition(fields: fields))
            default:
                guard let encoding = UInt32(words[2]) else { throw .notADefinition }
                let fields = rest.compactMap(StructureField.init(standard:))
                guard fields.count == rest.count else { throw .notADefinition }
                try add(dataType, name: name, StructureDefinition(defaultEncodingId: NodeId(encoding), fields: fields))
            }
        }
    }
}

extension StructureField {
    /// A field of the table: `name/type` or `name/type[]`.
    fileprivate init?(standard text: Substring) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let type = UInt32(parts[1].prefix { $0 != "[" }) else { return nil }
        self.init(name: String(parts[0]), dataType: NodeId(type), valueRank: parts[1].hasSuffix("[]") ? 1 : -1)
    }
}
