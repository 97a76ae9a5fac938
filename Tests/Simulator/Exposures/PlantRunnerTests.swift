import SimulatorPlant
import Synchronization
import Testing

@testable import SimulatorExposures

@Suite struct PlantRunnerTests {
    private final class Recorder: TickReceiver {
        let ticks = Mutex<[Tick]>([])
        let done: AsyncStream<Never>.Continuation
        let count: Int

        init(count: Int, done: AsyncStream<Never>.Continuation) {
            self.count = count
            self.done = done
        }

        func received(_ tick: Tick) {
            let enough = ticks.withLock { ticks in
                ticks.append(tick)
                return ticks.count >= count
            }
            if enough { done.finish() }
        }
    }

    private struct Full: Error {}

    private final class Broken: TickReceiver {
        func received(_ tick: Tick) throws { if tick.number > 1 { throw Full() } }
    }

    @Test func ticksComeInOrderWithTimesFromTheStart() async throws {
        let plant = try Plant(
            catalogue: .crushingLine(), settings: PlantSettings(intervalMilliseconds: 10), start: 1_000)
        let runner = PlantRunner(plant)
        let (ends, done) = AsyncStream<Never>.makeStream()
        let recorder = Recorder(count: 6, done: done)
        try runner.feed.join(recorder)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CancellationError.self) { try await runner.run(now: 1_000) } }
            for await _ in ends {}
            group.cancelAll()
        }
        let ticks = recorder.ticks.withLock { $0 }
        #expect(ticks.count >= 6)
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.number < $1.number })
        #expect(ticks.allSatisfy { $0.timestamp == 1_000 + Int64($0.number) * 10_000 })
        // The runner's way of ticking gives the values of the pure plant.
        var again = plant
        again.advance(to: ticks[5].number)
        #expect(again.tick == ticks[5])
    }

    @Test func aReceiverThatCannotGoOnEndsTheRun() async throws {
        let runner = PlantRunner(
            try Plant(catalogue: .crushingLine(), settings: PlantSettings(intervalMilliseconds: 10), start: 0))
        try runner.feed.join(Broken())
        await #expect(throws: Full.self) { try await runner.run(now: 0) }
    }
}
