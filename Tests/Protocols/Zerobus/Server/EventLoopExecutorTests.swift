import NIOCore
import NIOPosix
import Testing

@testable import ZerobusClient

@Suite struct EventLoopExecutorTests {
    @Test func tasksAndTheirChildrenRunOnTheLoop() async {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        @Sendable func isOnLoop() async -> Bool {
            await Task.yield()
            return loop.inEventLoop
        }
        await withTaskExecutorPreference(EventLoopExecutor(loop)) {
            #expect(await isOnLoop())
            let children = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { await isOnLoop() } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(children)
        }
        #expect(!loop.inEventLoop)
    }
}
