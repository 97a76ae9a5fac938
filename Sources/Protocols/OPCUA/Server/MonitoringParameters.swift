import NIOCore
import OPCUACore
import OPCUATypes

/// What is granted of what a client asks of a monitored item.
extension ServerCore {
    func queueSize(_ asked: UInt32) -> Int { min(max(Int(asked), 1), configuration.limits.maxQueueSize) }

    /// The sampling interval in nanoseconds: 0 reports values as they come, less than that means the publishing interval
    /// (Part 4, 7.21).
    func samplingInterval(_ milliseconds: Double, _ subscription: SubscriptionState) -> Int64 {
        guard milliseconds >= 0, milliseconds.isFinite else {
            return subscription.machine.publishingInterval.nanoseconds
        }
        return Int64(min(milliseconds, Self.longestSamplingMilliseconds) * 1e6)
    }

    /// A day.
    private static let longestSamplingMilliseconds = 86_400_000.0

    func filter(
        _ object: ExtensionObject, _ node: NodeId, _ attribute: UInt32
    ) throws(ServiceError) -> Monitor.Filter {
        guard !object.typeId.isNull else { return Monitor.Filter() }
        let decoded: DataChangeFilter?
        do throws(BinaryDecodingError) {
            decoded = try object.decode(as: DataChangeFilter.self)
        } catch {
            throw ServiceError(.badMonitoredItemFilterInvalid)
        }
        guard let decoded else { throw ServiceError(.badMonitoredItemFilterUnsupported) }
        guard attribute == AttributeId.value else { throw ServiceError(.badFilterNotAllowed) }
        guard (0...2).contains(decoded.trigger.rawValue) else { throw ServiceError(.badMonitoredItemFilterInvalid) }
        guard decoded.deadbandType != 0 else { return Monitor.Filter(trigger: decoded.trigger) }
        guard let index = space.index(of: node), case .variable(let variable) = space[index].kind,
            space.isNumeric(variable.dataType)
        else { throw ServiceError(.badFilterNotAllowed) }
        let deadband = decoded.deadbandValue
        switch decoded.deadbandType {
        case 1:
            guard deadband >= 0 else { throw ServiceError(.badDeadbandFilterInvalid) }
            return Monitor.Filter(trigger: decoded.trigger, deadband: deadband)
        case 2:
            // A share of the range of the item, which it must have (Part 8, 6.2).
            guard (0...100).contains(deadband), let range = engineeringRange(of: index) else {
                throw ServiceError(.badDeadbandFilterInvalid)
            }
            return Monitor.Filter(trigger: decoded.trigger, deadband: (range.high - range.low) * deadband / 100)
        default: throw ServiceError(.badMonitoredItemFilterUnsupported)
        }
    }

    /// The EURange of an item; nil when it has none that is one.
    private func engineeringRange(of index: Int32) -> ValueRange? {
        let property = space[index].references.lazy
            .filter { $0.isForward && $0.type == Standard.hasProperty }
            .map { self.space[$0.target] }
            .first { $0.browseName == QualifiedName("EURange") }
        guard case .variable(let variable)? = property?.kind,
            case .extensionObject(let object) = value(variable, now: .null).value,
            let range = try? object.decode(as: ValueRange.self), range.low < range.high
        else { return nil }
        return range
    }
}

extension AddressSpace {
    /// Whether values of a data type have a distance from each other.
    func isNumeric(_ dataType: NodeId) -> Bool {
        (BuiltInType.sByte.rawValue...BuiltInType.double.rawValue).contains {
            BuiltInType(rawValue: $0).map { isType($0, dataType: dataType) } ?? false
        }
    }
}
