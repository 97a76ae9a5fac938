"""All protocols of one simulator at the same time, before, during and after faults: plant_agreement.py … PATH…

Prints what each of them showed of the sensors, and between which ticks the faults were asked for. What is right is
judged by the simulator's own log.
"""

import argparse
import json

from peer import fail, result
from plant_readers import Plant, readers, until

parser = argparse.ArgumentParser()
for port in ("opcua", "mqtt", "modbus", "web"):
    parser.add_argument(f"--{port}", type=int, required=True)
parser.add_argument("--payload", choices=("json", "kepware", "sparkplug"), required=True)
parser.add_argument("--faults", type=json.loads, default=[], help="JSON list of bodies for POST /api/faults")
parser.add_argument("--after", type=float, required=True, help="seconds to watch after the faults were asked for")
parser.add_argument("paths", nargs="+")
arguments = parser.parse_args()

plant = Plant(arguments.web)
found = readers(plant, arguments.paths, arguments.opcua, arguments.mqtt, arguments.modbus, arguments.payload)


def state() -> str:
    return str({name: (reader.latest, reader.trouble) for name, reader in found.items()})


until("every reader has every sensor", lambda: all(r.has_all() for r in found.values()), about=state)
# Everyone has a start; the faults come when everyone has seen two more ticks.
begin = max(reader.latest for reader in found.values())
until(
    "two more ticks", about=state, holds=lambda: all(
        sum(moment > begin for moment in next(iter(r.samples.values()))) >= 2 for r in found.values()))
before = plant.now()
for fault in arguments.faults:
    status, answer = plant.ask("POST", "/api/faults", fault)
    if status != 201:
        fail(f"{fault}: {status} {answer}")
after = plant.now()
end = after + int(arguments.after * 1_000_000)
until("the last tick", lambda: all(reader.latest >= end for reader in found.values()), about=state)
left = plant.ask("GET", "/api/faults")[1]["count"]
for reader in found.values():
    reader.stopping = True
for reader in found.values():
    reader.join(15)
result(
    begin=begin, before=before, after=after, end=end, left=left,
    faulty=[[moment, count] for moment, count in sorted(found["modbus"].faulty.items())],
    losses={name: reader.losses for name, reader in found.items()},
    seen={name: reader.listed() for name, reader in found.items()},
)
