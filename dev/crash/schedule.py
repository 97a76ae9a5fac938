"""What happens when in a crash run: a value that follows from the seed alone."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Kill:
    """kill -9 of the connector; `again` kills the next run too, so many seconds after its start."""

    at: float
    again: float | None = None


@dataclass(frozen=True)
class SinkEvent:
    """What becomes of the sink: start, stop (SIGTERM), kill (SIGKILL), freeze (SIGSTOP), thaw (SIGCONT)."""

    at: float
    what: str


@dataclass(frozen=True)
class BrokerRestart:
    """SIGTERM to the broker, which comes back after `away` seconds with what it has on disk."""

    at: float
    away: float


SINK_STATES = ("up", "down", "frozen")
SHARE_DURING_RECOVERY = 0.2


def kills(seed: int, count: int, seconds: float) -> list[Kill]:
    """Exactly `count` kills, uniform over the time; a fifth of them hit a connector that has just been started."""
    chance = random.Random(f"kills {seed}")
    during_recovery = int(count * SHARE_DURING_RECOVERY)
    times = sorted(chance.uniform(0, seconds) for _ in range(count - during_recovery))
    followed = set(chance.sample(range(len(times)), during_recovery))
    return [
        Kill(at, chance.uniform(0.05, 0.5) if index in followed else None) for index, at in enumerate(times)
    ]


def sink(seed: int, seconds: float) -> list[SinkEvent]:
    """A sink that is up for half of the time, and else down, flapping or frozen; it is up at the start and the end."""
    chance = random.Random(f"sink {seed}")
    scale = min(1.0, max(0.05, seconds / 900))
    events: list[SinkEvent] = []
    now = 0.0

    def then(what: str, low: float, high: float) -> None:
        nonlocal now
        events.append(SinkEvent(now, what))
        now += chance.uniform(low, high)

    while True:
        now += chance.uniform(20, 60) * scale
        if now > seconds:
            return [event for event in events if event.at <= seconds] + mended(events, seconds)
        kind = chance.choice(["down", "down", "flapping", "frozen"])
        if kind == "down":
            then(chance.choice(["stop", "kill"]), 5 * scale, 40 * scale)
            then("start", 0, 0)
        elif kind == "frozen":
            then("freeze", 2 * scale, 30 * scale)
            then("thaw", 0, 0)
        else:
            for _ in range(chance.randint(3, 8)):
                if chance.random() < 0.3:
                    then("freeze", 0.2, 2)
                    then("thaw", 0.2, 2)
                else:
                    then(chance.choice(["stop", "kill"]), 0.2, 2)
                    then("start", 0.2, 2)


def mended(events: list[SinkEvent], seconds: float) -> list[SinkEvent]:
    """What brings the sink up again when the time is over in the middle of a failure."""
    state = "up"
    for event in events:
        if event.at <= seconds:
            state = {"start": "up", "thaw": "up", "stop": "down", "kill": "down", "freeze": "frozen"}[event.what]
    return {"up": [], "down": [SinkEvent(seconds, "start")], "frozen": [SinkEvent(seconds, "thaw")]}[state]


def broker(seed: int, restarts: int, seconds: float) -> list[BrokerRestart]:
    """Restarts of the broker, uniform over the time."""
    chance = random.Random(f"broker {seed}")
    times = sorted(chance.uniform(0, seconds) for _ in range(restarts))
    return [BrokerRestart(at, chance.uniform(0.1, 1.5)) for at in times]
