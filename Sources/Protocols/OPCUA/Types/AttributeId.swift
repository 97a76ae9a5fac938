/// Numbers of a node's attributes (Part 6, A.1).
public enum AttributeId {
    public static let nodeId: UInt32 = 1
    public static let nodeClass: UInt32 = 2
    public static let browseName: UInt32 = 3
    public static let displayName: UInt32 = 4
    public static let description: UInt32 = 5
    public static let writeMask: UInt32 = 6
    public static let userWriteMask: UInt32 = 7
    public static let isAbstract: UInt32 = 8
    public static let symmetric: UInt32 = 9
    public static let inverseName: UInt32 = 10
    public static let containsNoLoops: UInt32 = 11
    public static let eventNotifier: UInt32 = 12
    public static let value: UInt32 = 13
    public static let dataType: UInt32 = 14
    public static let valueRank: UInt32 = 15
    public static let arrayDimensions: UInt32 = 16
    public static let accessLevel: UInt32 = 17
    public static let userAccessLevel: UInt32 = 18
    public static let minimumSamplingInterval: UInt32 = 19
    public static let historizing: UInt32 = 20
    public static let executable: UInt32 = 21
    public static let userExecutable: UInt32 = 22
    public static let dataTypeDefinition: UInt32 = 23
}
