"""Figures that a bench leaves for the table of dev/bench: <cache>/bench/<name>.json.

    figures.py FILE < lines of JSON, each {"name": …, "value": …, "unit": …, "peer": … or absent}

A figure replaces the one of its name; those that this run did not measure stay.
"""

import datetime
import json
import os
import sys


def keep(file: str, figures: list[dict]) -> None:
    kept = {}
    try:
        with open(file, encoding="utf-8") as content:
            kept = {figure["name"]: figure for figure in json.load(content)["figures"]}
    except (OSError, ValueError, KeyError):
        pass  # None yet, or none that can be read: these begin anew.
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    kept |= {figure["name"]: figure | {"measured": now} for figure in figures}
    os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
    bench = os.path.splitext(os.path.basename(file))[0]
    with open(file + ".new", "w", encoding="utf-8") as content:
        json.dump({"bench": bench, "measured": now, "figures": list(kept.values())}, content, indent=1)
    os.replace(file + ".new", file)


if __name__ == "__main__":
    keep(sys.argv[1], [json.loads(line) for line in sys.stdin if line.startswith("{")])
