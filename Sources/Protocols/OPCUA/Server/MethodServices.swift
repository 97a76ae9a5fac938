import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// Call (Part 4, 5.12).
    mutating func addMethods() {
        add(CallRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.methodsToCall.count)
            return CallResponse(results: request.methodsToCall.map { core.call($0, session) })
        }
    }
}

extension ServerCore {
    fileprivate func call(_ request: CallMethodRequest, _ session: SessionState) -> CallMethodResult {
        guard let object = space.index(of: request.objectId) else {
            return CallMethodResult(statusCode: .badNodeIdUnknown)
        }
        guard let index = space.index(of: request.methodId), case .method(let method) = space[index].kind,
            space[object].references.contains(where: {
                $0.isForward && $0.target == index && space.isReference($0.type, kindOf: Standard.hasComponent)
            })
        else { return CallMethodResult(statusCode: .badMethodInvalid) }
        guard request.inputArguments.count >= method.inputs.count else {
            return CallMethodResult(statusCode: .badArgumentsMissing)
        }
        guard request.inputArguments.count <= method.inputs.count else {
            return CallMethodResult(statusCode: .badTooManyArguments)
        }
        let statuses = zip(request.inputArguments, method.inputs).map { value, argument -> StatusCode in
            accepts(value, argument.dataType, valueRank: argument.valueRank) ? .good : .badTypeMismatch
        }
        guard statuses.allSatisfy(\.isGood) else {
            return CallMethodResult(statusCode: .badInvalidArgument, inputArgumentResults: statuses)
        }
        let answer =
            switch method.behaviour {
            case .application(let body):
                body(
                    MethodCall(
                        object: request.objectId, arguments: request.inputArguments,
                        user: session.machine.user ?? .anonymous))
            case .getMonitoredItems: getMonitoredItems(request.inputArguments, session)
            case .resendData: resendData(request.inputArguments, session)
            }
        return CallMethodResult(
            statusCode: answer.status, inputArgumentResults: answer.argumentStatuses,
            outputArguments: answer.status.isBad ? [] : answer.outputs)
    }

    /// Server.GetMonitoredItems (Part 5, 9.1): the handles of a subscription's items, for a client that lost its own.
    private func getMonitoredItems(_ arguments: [Variant], _ session: SessionState) -> MethodAnswer {
        owned(arguments, session) { subscription in
            let items = subscription.handles
            return MethodAnswer(outputs: [
                .array(VariantArray(.uint32(items.map(\.server)))), .array(VariantArray(.uint32(items.map(\.client)))),
            ])
        }
    }

    /// Server.ResendData (Part 5, 9.2): the current values once more.
    private func resendData(_ arguments: [Variant], _ session: SessionState) -> MethodAnswer {
        owned(arguments, session) { subscription in
            resend(subscription)
            return MethodAnswer()
        }
    }

    /// Does something with the session's own subscription that the only argument names.
    private func owned(
        _ arguments: [Variant], _ session: SessionState, _ body: (SubscriptionState) -> MethodAnswer
    ) -> MethodAnswer {
        guard case .uint32(let id)? = arguments.first, let subscription = subscriptions[id] else {
            return MethodAnswer(.badSubscriptionIdInvalid)
        }
        guard subscription.session === session else { return MethodAnswer(.badUserAccessDenied) }
        return body(subscription)
    }
}

extension SubscriptionState {
    /// Handles of the items in the order of their creation.
    var handles: [(server: UInt32, client: UInt32)] {
        (items.map { ($0.key, $0.value.clientHandle) } + events.map { ($0.key, $0.value.clientHandle) })
            .sorted { $0.0 < $1.0 }
    }
}
