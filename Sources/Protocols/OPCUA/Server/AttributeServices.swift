import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// Read and Write (Part 4, 5.11).
    mutating func addAttributes() {
        add(ReadRequest.self) { core, _, request throws(ServiceError) in
            try core.check(operations: request.nodesToRead.count)
            guard (0...3).contains(request.timestampsToReturn.rawValue) else {
                throw ServiceError(.badTimestampsToReturnInvalid)
            }
            guard request.maxAge >= 0 else { throw ServiceError(.badMaxAgeInvalid) }
            let now = SystemClock.utc
            return ReadResponse(
                results: zip(request.nodesToRead, core.stored(request.nodesToRead)).map { item, stored in
                    var value = core.read(item, stored: stored, now: now)
                    let times = request.timestampsToReturn
                    // Times belong to values; other attributes have none.
                    if times == .server || times == .neither || item.attributeId != AttributeId.value {
                        value.sourceTimestamp = nil
                    }
                    if times == .source || times == .neither || item.attributeId != AttributeId.value {
                        value.serverTimestamp = nil
                    }
                    return value
                })
        }
        add(WriteRequest.self) { core, _, request throws(ServiceError) in
            try core.check(operations: request.nodesToWrite.count)
            return WriteResponse(results: request.nodesToWrite.map { core.write($0) })
        }
    }
}

extension ServerCore {
    /// The values of variables at one moment, nil for whatever else is to be read: what the application updates
    /// together is read together.
    fileprivate func stored(_ items: [ReadValueId]) -> [DataValue?] {
        let positions = items.map { item -> Int? in
            guard item.attributeId == AttributeId.value, let index = space.index(of: item.nodeId),
                case .variable(let variable) = space[index].kind, variable.computed == nil
            else { return nil }
            return space.position(variable)
        }
        return store.withValues { values in positions.map { $0.map { values.values[$0] } } }
    }

    /// - Parameter stored: the value if it is known already.
    func read(_ item: ReadValueId, stored: DataValue? = nil, now: DateTime) -> DataValue {
        guard let index = space.index(of: item.nodeId) else { return DataValue(status: .badNodeIdUnknown) }
        var range: NumericRange?
        if let text = item.indexRange, !text.isEmpty {
            range = NumericRange(text)
            if range == nil { return DataValue(status: .badIndexRangeInvalid) }
        }
        if item.attributeId == AttributeId.value, let encoding = item.dataEncoding.name, !encoding.isEmpty,
            encoding != "Default Binary"
        {
            return DataValue(status: .badDataEncodingUnsupported)
        }
        let node = space[index]
        guard item.attributeId == AttributeId.value else {
            guard let attribute = attribute(item.attributeId, of: node) else {
                return DataValue(status: .badAttributeIdInvalid)
            }
            return range?.part(of: DataValue(attribute)) ?? DataValue(attribute)
        }
        guard case .variable(let variable) = node.kind else { return DataValue(status: .badAttributeIdInvalid) }
        let value = value(variable, stored: stored, now: now)
        return range?.part(of: value) ?? value
    }

    /// An attribute other than Value; nil for one that the node does not have.
    private func attribute(_ id: UInt32, of node: Node) -> Variant? {
        guard case .variable(let variable) = node.kind, space.historyLength(of: variable) > 0 else {
            return node.attribute(id)
        }
        switch (id, node.attribute(id)) {
        case (AttributeId.historizing, _): return .boolean(true)
        // HistoryRead 4 (Part 3, 8.57).
        case (AttributeId.accessLevel, .byte(let level)?), (AttributeId.userAccessLevel, .byte(let level)?):
            return .byte(level | 4)
        case (_, let value): return value
        }
    }

    /// The current value of a variable.
    func value(_ variable: Node.Variable, stored: DataValue? = nil, now: DateTime) -> DataValue {
        switch variable.computed {
        case .currentTime: return DataValue(.dateTime(now), sourceTimestamp: now, serverTimestamp: now)
        case .serverStatus:
            return DataValue(
                .extensionObject(ExtensionObject(serverStatus(now: now))), sourceTimestamp: now, serverTimestamp: now)
        case .diagnostics(let id): return DataValue(diagnostics(id), sourceTimestamp: now, serverTimestamp: now)
        case .constant(let value): return DataValue(value, sourceTimestamp: startTime, serverTimestamp: now)
        case .property(let analog, let kind):
            return DataValue(space.property(analog, kind), sourceTimestamp: startTime, serverTimestamp: now)
        case nil:
            let position = space.position(variable)
            var value = stored ?? store.withValues { $0.values[position] }
            value.serverTimestamp = now
            return value
        }
    }

    func serverStatus(now: DateTime) -> ServerStatusDataType {
        ServerStatusDataType(
            startTime: startTime, currentTime: now, state: .running, buildInfo: configuration.buildInfo(startTime))
    }
}

extension ServerConfiguration {
    func buildInfo(_ date: DateTime) -> BuildInfo {
        BuildInfo(
            productUri: productURI, manufacturerName: "Penstock", productName: applicationName,
            softwareVersion: softwareVersion, buildNumber: softwareVersion, buildDate: date)
    }
}

extension Node {
    /// The value of an attribute other than Value; nil for one that the node does not have (Part 3, 5).
    func attribute(_ id: UInt32) -> Variant? {
        switch id {
        case AttributeId.nodeId: return .nodeId(self.id)
        case AttributeId.nodeClass: return .int32(nodeClass.rawValue)
        case AttributeId.browseName: return .qualifiedName(browseName)
        case AttributeId.displayName: return .localizedText(displayName)
        case AttributeId.description: return .localizedText(description)
        case AttributeId.writeMask, AttributeId.userWriteMask: return .uint32(0)
        default: break
        }
        switch kind {
        // The server tells the events of all (SubscribeToEvents 1; Part 3, 8.59).
        case .object:
            return id == AttributeId.eventNotifier ? .byte(self.id == NodeId(Standard.server) ? 1 : 0) : nil
        case .variable(let variable): return variable.attribute(id)
        case .type(let isAbstract, let inverseName): return typeAttribute(id, isAbstract, inverseName)
        case .dataType(let definition):
            return switch id {
            case AttributeId.isAbstract: .boolean(false)
            case AttributeId.dataTypeDefinition: .extensionObject(definition)
            default: nil
            }
        case .method: return id == AttributeId.executable || id == AttributeId.userExecutable ? .boolean(true) : nil
        }
    }

    private func typeAttribute(_ id: UInt32, _ isAbstract: Bool, _ inverseName: String?) -> Variant? {
        switch id {
        case AttributeId.isAbstract: .boolean(isAbstract)
        case AttributeId.symmetric where nodeClass == .referenceType: .boolean(inverseName == nil)
        case AttributeId.inverseName where nodeClass == .referenceType: .localizedText(LocalizedText(inverseName))
        case AttributeId.dataType where nodeClass == .variableType: .nodeId(NodeId(24))
        case AttributeId.valueRank where nodeClass == .variableType: .int32(-2)
        default: nil
        }
    }
}

extension Node.Variable {
    fileprivate func attribute(_ id: UInt32) -> Variant? {
        switch id {
        case AttributeId.dataType: .nodeId(dataType)
        case AttributeId.valueRank: .int32(valueRank)
        case AttributeId.arrayDimensions:
            .array(VariantArray(.uint32(valueRank > 0 ? [UInt32](repeating: 0, count: Int(valueRank)) : [])))
        // CurrentRead 1, CurrentWrite 2 (Part 3, 8.57).
        case AttributeId.accessLevel, AttributeId.userAccessLevel: .byte(isWritable ? 3 : 1)
        case AttributeId.minimumSamplingInterval: .double(0)
        case AttributeId.historizing: .boolean(false)
        default: nil
        }
    }
}
