package import ConnectorModel
import LocalTableAdapter
import ZerobusAdapter

/// One target with the sources whose rows it gets: what becomes a lane.
package struct TargetRoute: Sendable {
    /// The lane's name in metrics, on pages and on disk; no two routes share one.
    package var name: String
    package var target: TargetSettings
    /// In the order of the configuration.
    package var sources: [SourceSettings]
}

extension ConnectorSettings {
    /// Every target once, the default first: a source's rows reach its own table and no other.
    package var routes: [TargetRoute] {
        var routes = [TargetRoute(name: laneName(of: target), target: target, sources: [])]
        for source in sources {
            let target = sourceTargets[source.name] ?? target
            if let index = routes.firstIndex(where: { $0.target == target }) {
                routes[index].sources.append(source)
            } else {
                routes.append(TargetRoute(name: laneName(of: target), target: target, sources: [source]))
            }
        }
        return routes
    }

    /// The table's name; what tells it from a table of the same name follows, because records of another service or
    /// layout are another lane's.
    private func laneName(of other: TargetSettings) -> String {
        var name = other.tableName
        if let service = other.service, service != target.service {
            name += "@" + service.replacing("://", with: "-").replacing("/", with: "")
        }
        return other.layout == .rawEvents ? name : "\(name).\(other.layout.name)"
    }
}

extension TargetSettings {
    /// The rows' layout.
    package var layout: RecordLayout {
        switch self {
        case .zerobus(let zerobus): zerobus.layout
        case .local(let local): local.layout
        case .notConfigured(let table, _), .disabled(let table): table.layout
        }
    }

    /// Streams that are open to it at the same time.
    package var streams: Int {
        if case .zerobus(let zerobus) = self { zerobus.streams } else { 1 }
    }

    /// The target in a few words.
    package var summary: String {
        switch self {
        case .zerobus(let zerobus): "\(zerobus.table) (\(zerobus.layout.name)) at \(zerobus.endpoint)"
        case .local(let local): "local table \(local.table) (\(local.layout.name))"
        case .notConfigured(let table, let missing): "\(table.name), not configured; missing: \(missing)"
        case .disabled(let table): "\(table.name), switched off"
        }
    }

    package var tableName: String {
        switch self {
        case .zerobus(let zerobus): zerobus.table
        case .local(let local): local.table
        case .notConfigured(let table, _), .disabled(let table): table.name
        }
    }

    /// Where the table's service is; nil for a table of this machine.
    fileprivate var service: String? {
        if case .zerobus(let zerobus) = self { zerobus.endpoint } else { nil }
    }
}
