public import OPCUACore
public import OPCUATypes

/// A method as the application declares it (Part 3, 5.7).
public struct MethodDefinition: Sendable {
    public var id: NodeId
    public var name: String
    /// Text for people; the name when nil.
    public var displayName: String?
    public var description: String?
    public var inputs: [Argument]
    public var outputs: [Argument]
    /// Does the work, on the server's event loop: it must be quick. Number and types of the arguments are right.
    public var call: @Sendable (MethodCall) -> MethodAnswer

    public init(
        id: NodeId, name: String, displayName: String? = nil, description: String? = nil, inputs: [Argument] = [],
        outputs: [Argument] = [], call: @escaping @Sendable (MethodCall) -> MethodAnswer
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.description = description
        self.inputs = inputs
        self.outputs = outputs
        self.call = call
    }
}

/// A call of a method, as the method sees it.
public struct MethodCall: Sendable {
    /// The object whose method is called.
    public var object: NodeId
    public var arguments: [Variant]
    /// Who calls.
    public var user: SessionUser
}

/// What a method answers.
public struct MethodAnswer: Hashable, Sendable {
    public var status: StatusCode
    /// As many as the method has outputs; none when the status is bad.
    public var outputs: [Variant]
    /// What is wrong with each argument, when the status is BadInvalidArgument.
    public var argumentStatuses: [StatusCode]

    public init(_ status: StatusCode = .good, outputs: [Variant] = [], argumentStatuses: [StatusCode] = []) {
        self.status = status
        self.outputs = outputs
        self.argumentStatuses = argumentStatuses
    }
}
