"""What all peer scripts share: the result is one line of JSON, the last one that a script prints."""

import asyncio
import json
import signal
import sys
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def result(**members) -> None:
    print(json.dumps(members, separators=(",", ":")), flush=True)


def ready() -> None:
    """Tells the test that this server can be connected to."""
    print("ready", flush=True)


def fail(reason: str) -> None:
    print(f"peer failed: {reason}", flush=True)
    sys.exit(1)


def microseconds(time: datetime | None) -> int | None:
    """UTC microseconds since 1970, exact. A time without a zone is UTC, as in OPC UA."""
    if time is None:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return (time - EPOCH) // timedelta(microseconds=1)


def utc(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def stop_asked() -> asyncio.Event:
    """Set when the test asks the server to stop (SIGTERM)."""
    event = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, event.set)
    return event
