"""How the runs of dev/crash-test, dev/outage and dev/rotation begin and end: their folder, their programs, their word."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import NoReturn

from world import World


def folder_for(arguments: argparse.Namespace, name: str) -> str:
    """Where the run keeps its files. From here on SIGTERM ends it as an error does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    folder = arguments.folder or tempfile.mkdtemp(prefix=f"penstock-{name}-")
    os.makedirs(folder, exist_ok=True)
    return folder


def carry_out(world: World, folder: str, arguments: argparse.Namespace, body: Callable[[], bool]) -> NoReturn:
    """Exits with whether all was good, as `body` says, after ending the programs. The folder of a run that was not good
    stays for whoever looks into it."""
    good = False
    try:
        good = body()
    except RuntimeError as error:
        print(f"NOT GOOD: {error}", flush=True)
    finally:
        world.end()
        if good and not arguments.folder:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if good else 1)
