public import ModbusCore
import NIOConcurrencyHelpers

/// The units of a server and their registers, shared between the server and whoever feeds it.
///
/// Every update and every request sees the bank as a whole: what is set inside one `update` becomes visible together,
/// and all registers of one answer stem from the same moment.
public final class RegisterBank: Sendable {
    private let units: NIOLockedValueBox<Units>

    /// The units of a bank, while it is held.
    public struct Units: Sendable {
        private var units: [UnitID: UnitRegisters]

        init(_ units: [UnitID: UnitRegisters]) {
            self.units = units
        }

        /// Every unit there is, in the order of the addresses.
        var ids: [UnitID] { units.keys.sorted() }

        /// The registers of a unit; nil when there is no such unit.
        public subscript(_ unit: UnitID) -> UnitRegisters? {
            get { units[unit] }
            _modify { yield &units[unit] }
        }
    }

    public init(_ units: [UnitID: UnitRegisters]) {
        self.units = NIOLockedValueBox(Units(units))
    }

    /// Changes registers of any units as one step; may be called from any thread. Requests wait meanwhile.
    public func update<Result>(_ body: (inout Units) throws -> Result) rethrows -> Result {
        try units.withLockedValue { try body(&$0) }
    }

    /// Changes registers of one unit as one step; false when there is no such unit.
    @discardableResult
    public func update(unit: UnitID, _ body: (inout UnitRegisters) throws -> Void) rethrows -> Bool {
        try update { units in
            guard units[unit] != nil else { return false }
            try body(&units[unit, default: UnitRegisters()])
            return true
        }
    }
}

extension RegisterBank.Units {
    fileprivate subscript(_ unit: UnitID, default fallback: UnitRegisters) -> UnitRegisters {
        get { self[unit] ?? fallback }
        _modify {
            var registers = self[unit] ?? fallback
            self[unit] = nil  // gives up the second reference, so that the tables are changed in place
            defer { self[unit] = registers }
            yield &registers
        }
    }
}
