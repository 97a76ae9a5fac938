import SimulatorPlant
import Synchronization
import WebSupport

/// Keeps the history of the sensors that are looked at while the plant goes on.
final class PlantHistory: TickReceiver {
    private let book: Mutex<HistoryBook>

    /// The most samples of one sensor.
    static let samplesMax = HistoryBook.Limits().samplesMax

    init(_ tick: Tick, limits: HistoryBook.Limits = HistoryBook.Limits()) {
        book = Mutex(HistoryBook(limits: limits, tick))
    }

    func received(_ tick: Tick) {
        book.withLock { $0.ticked(tick) }
    }

    /// Notes that somebody looks at the sensors; those for which there is no room have no history.
    func look(_ places: [Int], now: Int64) {
        book.withLock { $0.lookedAt(places, now: now) }
    }

    /// The samples of a sensor, the oldest first, `limit` of the latest at most. Throws when too many sensors are
    /// looked at.
    func samples(_ place: Int, now: Int64, limit: Int = samplesMax) throws(WebProblem) -> [HistoryBook.Sample] {
        let samples: [HistoryBook.Sample]? = book.withLock { book in
            book.lookedAt(place, now: now) ? book.samples(place) : nil
        }
        guard let samples else {
            throw .unavailable(
                "\(HistoryBook.Limits().sensorsMax) sensors are being looked at, which is the most; close some charts")
        }
        return samples.suffix(limit)
    }
}
