import ConnectorJournal

extension LaneState {
    /// The next thing that the lane's thread does.
    enum Work: Equatable {
        /// Tell sources whether they may deliver more; `open` says whether there is room for all.
        case announceDemand(open: Bool)
        /// Give up the oldest segment.
        case makeRoom
        /// Put the record at the front of the queue among the dead letters.
        case bury
        /// Do what somebody asked the lane's thread for.
        case errand
        /// Keep what waits on disk from now on, or in memory again.
        case changePlace(usesDisk: Bool)
        /// Write and sync what is pending.
        case commit
        /// Read frames that are only on disk.
        case refill(FrameQueue.Refill)
        /// Write the watermark and delete segments.
        case saveWatermark(upTo: JournalPosition, durable: Bool)
        /// Nothing to do before the time, or before something happens.
        case sleep(until: Duration?)
        /// Everything is done that closing waits for.
        case finish
    }
}
