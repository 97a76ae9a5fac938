/// What makes a machine work hard or little: the weights of the sum that is its load.
///
/// With all weights together near 1 the load stays within ±1 by itself; beyond that it saturates.
package struct MachineDemand: Sendable, Equatable {
    /// Length of its work cycle, in seconds.
    package var cycle: Double
    /// How far the cycle swings the load; 0.5 is a lot.
    package var swing = 0.2
    /// The pattern of shifts over a day.
    package var shift = 0.55
    /// Sunshine, as the clouds leave it.
    package var sun = 0.0
    /// The temperature outdoors, over day and year.
    package var air = 0.0
    /// Ore hardness, weather, orders: what wanders over a quarter of an hour.
    package var slow = 0.35
    /// Lumps on the belt, gusts: what wanders over seconds.
    package var fast = 0.12
}
