import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a server could not start listening; the description is one sentence for people.
package struct WebServerError: Error, Equatable, CustomStringConvertible, Sendable {
    package let description: String

    init(tlsFile path: String, _ what: String) {
        description = "\(path) cannot be read as \(what)"
    }

    init(binding host: String, port: Int, failed error: any Error) {
        let place = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        if let error = error as? IOError {
            description =
                switch error.errnoCode {
                case EADDRINUSE: "cannot listen on \(place): the port is already in use"
                case EACCES, EPERM: "cannot listen on \(place): permission denied (ports below 1024 need privileges)"
                case EADDRNOTAVAIL: "cannot listen on \(place): this machine has no such address"
                default: "cannot listen on \(place): \(String(cString: strerror(error.errnoCode)))"
                }
        } else if error is SocketAddressError {
            description = "cannot listen on \(place): the host name is unknown"
        } else {
            description = "cannot listen on \(place): \(error)"
        }
    }
}
