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
                results: request.nodesToRead.map { item in
                    var value = core.read(item, now: now)
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
    func read(_ item: ReadValueId, now: DateTime) -> DataValue {
        guard let index = space.index(of: item.nodeId) else { return DataValue(status: .badNodeIdUnknown) }
        guard item.indexRange?.isEmpty != false else { return DataValue(status: .badIndexRangeNoData) }
        if item.attributeId == AttributeId.value, let encoding = item.dataEncoding.name, !encoding.isEmpty,
            encoding != "Default Binary"
        {
            return DataValue(status: .badDataEncodingUnsupported)
        }
        let node = space[index]
        guard item.attributeId == AttributeId.value else {
            return node.attribute(item.attributeId).map { DataValue($0) } ?? DataValue(status: .badAttributeIdInvalid)
        }
        guard case .variable(let variable) = node.kind else { return DataValue(status: .badAttributeIdInvalid) }
        return value(variable, now: now)
    }

    /// The current value of a variable.
    func value(_ variable: Node.Variable, now: DateTime) -> DataValue {
        switch variable.computed {
        case .currentTime: return DataValue(.dateTime(now), sourceTimestamp: now, serverTimestamp: now)
        case .serverStatus:
            return DataValue(
                .extensionObject(ExtensionObject(serverStatus(now: now))), sourceTimestamp: now, serverTimestamp: now)
        case nil:
            let position = space.position(variable)
            var value = store.withValues { $0.values[position] }
            value.serverTimestamp = now
            return value
        }
    }

    func serverStatus(now: DateTime) -> ServerStatusDataType {
        ServerStatusDataType(
            startTime: startTime, currentTime: now, state: .running, buildInfo: configuration.buildInfo(startTime))
    }

    func write(_ item: WriteValue) -> StatusCode {
        guard let index = space.index(of: item.nodeId) else { return .badNodeIdUnknown }
        let node = space[index]
        guard item.attributeId == AttributeId.value else {
            return node.attribute(item.attributeId) == nil ? .badAttributeIdInvalid : .badNotWritable
        }
        guard case .variable(let variable) = node.kind else { return .badAttributeIdInvalid }
        guard variable.isWritable, variable.slot >= 0, let handler = configuration.writeHandler else {
            return .badNotWritable
        }
        guard item.indexRange?.isEmpty != false else { return .badWriteNotSupported }
        return handler(VariableHandle(index: variable.slot), item.value)
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
        case .object: return id == AttributeId.eventNotifier ? .byte(0) : nil
        case .variable(let variable): return variable.attribute(id)
        case .type(let isAbstract, let inverseName): return typeAttribute(id, isAbstract, inverseName)
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
