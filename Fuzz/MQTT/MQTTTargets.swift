import FuzzKit

let mqttTargets = [
    FuzzTarget("mqtt-packet", seeds: { PacketFuzz.seeds }, run: PacketFuzz.packets),
    FuzzTarget("mqtt-machines", seeds: { MachineFuzz.seeds }, run: MachineFuzz.connection),
    FuzzTarget("mqtt-payload", seeds: { PayloadFuzz.seeds }, run: PayloadFuzz.payload),
]
