import OPCUATypes

/// What is known of a server's own data types: how its structures are read.
struct DataTypes: Sendable {
}
