import Logging
import NIOCore
import OPCUACore
import OPCUATypes

/// Where a request came from and where its answer goes.
struct Call {
    var connection: ConnectionHandler
    var requestId: UInt32

    func respond(_ message: OutgoingMessage, requestHandle: UInt32) {
        connection.respond(message, requestId: requestId, requestHandle: requestHandle)
    }
}

/// A request refused as a whole; answered with a ServiceFault (Part 4, 7.35).
struct ServiceError: Error {
    var status: StatusCode

    init(_ status: StatusCode) { self.status = status }
}

/// Services by the number of their request's encoding. A new service is a row.
struct ServiceTable: Sendable {
    typealias Service = @Sendable (ServerCore, Call, ByteBuffer) throws -> Void
    private var services: [UInt32: Service] = [:]

    subscript(typeId: UInt32) -> Service? { services[typeId] }

    /// A service that needs no session.
    mutating func add<R: ServiceRequest>(
        open type: R.Type, _ body: @escaping @Sendable (ServerCore, Call, R) throws -> R.Response
    ) {
        services[R.binaryEncodingId] = { core, call, bytes in
            let request = try R(decoding: bytes, limits: core.configuration.channel.decoding)
            let handle = request.requestHeader.requestHandle
            do {
                core.answer(call, try body(core, call, request), requestHandle: handle)
            } catch let error as ServiceError {
                core.fault(call, error.status, requestHandle: handle)
            }
        }
    }

    /// A service of an activated session.
    mutating func add<R: ServiceRequest>(
        _ type: R.Type, _ body: @escaping @Sendable (ServerCore, SessionState, R) throws -> R.Response
    ) {
        add(open: type) { core, call, request in
            let session = try core.session(of: request.requestHeader, on: call.connection.channelId)
            do {
                let response = try body(core, session, request)
                session.count(R.binaryEncodingId, failed: false)
                return response
            } catch {
                session.count(R.binaryEncodingId, failed: true)
                throw error
            }
        }
    }

    /// A service that answers later, by itself; throws to answer with a fault at once.
    mutating func add<R: ServiceRequest>(
        later type: R.Type, _ body: @escaping @Sendable (ServerCore, Call, SessionState, R) throws -> Void
    ) {
        services[R.binaryEncodingId] = { core, call, bytes in
            let request = try R(decoding: bytes, limits: core.configuration.channel.decoding)
            do {
                let session = try core.session(of: request.requestHeader, on: call.connection.channelId)
                session.count(R.binaryEncodingId, failed: false)
                try body(core, call, session, request)
            } catch let error as ServiceError {
                core.fault(call, error.status, requestHandle: request.requestHeader.requestHandle)
            }
        }
    }

    static let all: ServiceTable = {
        var table = ServiceTable()
        table.addDiscovery()
        table.addSessions()
        table.addView()
        table.addAttributes()
        table.addHistory()
        table.addMethods()
        table.addMonitoredItems()
        table.addSubscriptions()
        return table
    }()
}

extension ServerCore {
    /// Finds the service of a message and runs it.
    func handle(_ call: Call, _ message: ByteBuffer) {
        do {
            let message = try IncomingMessage(message)
            guard let service = ServiceTable.all[message.typeId] else {
                // The header is at the front of every request.
                let header = try RequestHeader(decoding: message.body, limits: configuration.channel.decoding)
                return fault(call, .badServiceUnsupported, requestHandle: header.requestHandle)
            }
            try service(self, call, message.body)
        } catch {
            logger.debug("request could not be read", metadata: ["reason": "\(error)"])
            fault(call, (error as? BinaryDecodingError)?.statusCode ?? .badInternalError, requestHandle: 0)
        }
    }

    func answer(_ call: Call, _ response: some ServiceResponse, requestHandle: UInt32) {
        var response = response
        response.responseHeader.timestamp = SystemClock.utc
        response.responseHeader.requestHandle = requestHandle
        call.respond(OutgoingMessage(response), requestHandle: requestHandle)
    }

    func fault(_ call: Call, _ status: StatusCode, requestHandle: UInt32) {
        counters.rejectedRequests &+= 1
        call.respond(
            OutgoingMessage(fault: status, requestHandle: requestHandle, at: SystemClock.utc),
            requestHandle: requestHandle)
    }

    /// Longest response that a session's client takes, in bytes; `.max` for any.
    func responseCapacity(of session: SessionState) -> Int {
        connections[session.machine.channelId]?.responseCapacity ?? .max
    }

    /// The activated session that a request names.
    func session(of header: RequestHeader, on channelId: UInt32) throws(ServiceError) -> SessionState {
        guard let session = sessions[header.authenticationToken] else { throw ServiceError(.badSessionIdInvalid) }
        let status = session.machine.requestReceived(channelId: channelId, now: SystemClock.moment)
        guard status.isGood else { throw ServiceError(status) }
        return session
    }

    /// The number of operations of a request must be more than none and within the limits (Part 4, 7.34).
    func check(operations count: Int) throws(ServiceError) {
        guard count > 0 else { throw ServiceError(.badNothingToDo) }
        guard count <= configuration.limits.maxOperationsPerRequest else { throw ServiceError(.badTooManyOperations) }
    }
}
