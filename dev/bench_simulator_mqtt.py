"""The MQTT part of dev/bench-simulator: mosquitto_sub gets the JSON of every sensor, this looks at the times in it."""

import subprocess
import sys
import time


def mqtt(arguments, folder: str, simulator) -> list[dict]:
    with simulator(arguments, arguments.mqtt_tags, "mqtt", f"{folder}/mqtt.log") as plant:
        # %U is the time at which mosquitto_sub had the message.
        client = subprocess.Popen(
            ["taskset", "-c", str(arguments.client_core), "mosquitto_sub", "-V", "mqttv5", "-p", str(plant.port), "-t",
             "sensors/+/+/value", "-F", "%U %t %p"], stdout=subprocess.PIPE, bufsize=1 << 20)
        try:
            found = count(arguments, client, plant)
        finally:
            client.terminate()
            client.wait()
        found["resident"] = plant.memory("VmHWM")
    expected = arguments.mqtt_tags * arguments.seconds
    share = 100 * found["on_time"] / expected
    each = found["cpu"] / max(1, found["values"]) * 1e6
    print(f"\nMQTT, {arguments.mqtt_tags} tags at 1 Hz, JSON, embedded broker, mosquitto_sub, {arguments.seconds} s\n"
          f"on time {share:.3f} %, missing {expected - found['values']}, late p50 {found['p50']:.0f}, p99 {found['p99']:.0f}, "
          f"max {found['max']:.0f} ms, CPU {each:.3f} µs an update, {found['cpu'] / arguments.seconds:.1%} of a core, "
          f"resident {found['resident']:.0f} MiB, start {plant.start:.1f} s", flush=True)
    of = {"tags": arguments.mqtt_tags}
    return [
        {"name": "mqtt on time", "value": share, "unit": "%"} | of,
        {"name": "mqtt late p99", "value": found["p99"], "unit": "ms"} | of,
        {"name": "mqtt CPU an update", "value": each, "unit": "µs"} | of,
        {"name": "mqtt resident", "value": found["resident"], "unit": "MiB"} | of,
    ]


def count(arguments, client: subprocess.Popen, plant) -> dict:
    """Values of a span of whole ticks, each topic's tick once."""
    last: dict[bytes, int] = {}
    late: list[float] = []
    start = end = used = 0
    begin_cpu = 0.0
    patience = time.monotonic() + 60
    for line in client.stdout:
        came, topic, payload = line.split(b" ", 2)
        stamp = int(payload[payload.rindex(b":") + 1 : payload.rindex(b"}")])
        fresh = stamp > last.get(topic, 0)
        last[topic] = max(stamp, last.get(topic, 0))
        if not start:
            if len(last) < arguments.mqtt_tags:
                if time.monotonic() > patience:
                    sys.exit(f"bench-simulator: only {len(last)} of {arguments.mqtt_tags} tags over MQTT")
                continue
            start = time.time_ns() // 1000 + 500_000
            end, begin_cpu = start + arguments.seconds * 1_000_000, plant.cpu()
        moment = float(came)
        if fresh and start <= stamp < end:
            late.append(moment * 1e3 - stamp / 1e3)
        if moment * 1e6 > end and not used:
            used = plant.cpu() - begin_cpu
        # What comes later than this counts as missing.
        if moment * 1e6 > end + 5_000_000:
            break
    late.sort()
    return {"values": len(late), "on_time": sum(value <= 1000 for value in late), "cpu": used,
            "p50": late[len(late) // 2] if late else 0, "p99": late[len(late) * 99 // 100] if late else 0,
            "max": late[-1] if late else 0}
