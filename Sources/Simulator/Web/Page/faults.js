import { get, post, remove } from "./api.js";
import { attempt, button, byId, element, fill, link, number, propose, seconds } from "./dom.js";
import { find } from "./sensors.js";

const value = id => (byId(id).value.trim() === "" ? undefined : Number(byId(id).value));
// A plant may have thousands of faults.
const rowsMax = 200;
let kinds = [];

function explain() {
  for (const prefix of ["fault", "failure"]) {
    const kind = kinds.find(item => item.name === byId(`${prefix}-kind`).value);
    byId(`${prefix}-help`).textContent = kind ? kind.summary : "";
  }
}

export async function show(query) {
  if (query.has("sensor")) byId("fault-sensor").value = query.get("sensor");
  if (kinds.length) return;
  kinds = (await get("/api/faults/kinds")).kinds;
  const options = ofMachine => kinds.filter(kind => kind.machine === ofMachine)
    .map(kind => element("option", { value: kind.name, textContent: kind.name.replaceAll("_", " ") }));
  byId("fault-kind").replaceChildren(...options(false));
  byId("failure-kind").replaceChildren(...options(true));
  explain();
}

async function inject(target, kind, prefix) {
  const body = {
    sensor: byId(target).value.trim(), kind: byId(kind).value, value: value(`${prefix}-value`),
    duration_s: value(`${prefix}-duration`), ramp_s: value(`${prefix}-ramp`),
  };
  await attempt(() => post("/api/faults", body), `${body.kind.replaceAll("_", " ")} at ${body.sensor}`);
  await refresh();
}

export async function refresh() {
  const { faults, count } = await get("/api/faults");
  const text = count === 0 ? "none" : `${count} active`;
  const shown = faults.slice(0, rowsMax);
  if (byId("faults-count").textContent !== text) byId("faults-count").textContent = text;
  byId("faults-clear").disabled = count === 0;
  fill(byId("faults-rows"), shown.map(fault => ({
    key: String(fault.id),
    cells: [
      fault.id, fault.sensor, fault.kind.replaceAll("_", " "), { text: number(fault.value), className: "num" },
      seconds(fault.remaining_s), fault.scenario || "", closer(fault), button("Clear", `Clear fault ${fault.id} at ${fault.sensor}`, async () => {
        await attempt(() => remove(`/api/faults/${fault.id}`), `fault ${fault.id} is cleared`);
        await refresh();
      }),
    ],
  })));
}

/// Links to where a fault shows; that of a machine shows at its sensors.
function closer({ sensor, kind }) {
  if (!kinds.find(item => item.name === kind)?.machine) return link("Chart", "charts", sensor, `Chart of ${sensor}`);
  const [industry, machine] = sensor.split("/");
  const made = element("a", { textContent: "Sensors", href: `#sensors?${new URLSearchParams({ industry, search: machine })}` });
  made.setAttribute("aria-label", `Sensors of ${sensor}`);
  return made;
}

byId("fault-kind").addEventListener("change", explain);
byId("failure-kind").addEventListener("change", explain);
byId("fault-form").addEventListener("submit", event => {
  event.preventDefault();
  inject("fault-sensor", "fault-kind", "fault");
});
byId("failure-form").addEventListener("submit", event => {
  event.preventDefault();
  inject("failure-machine", "failure-kind", "failure");
});
byId("faults-clear").onclick = async () => {
  await attempt(() => remove("/api/faults"), "all faults are cleared");
  await refresh();
};
propose(byId("fault-sensor"), byId("fault-list"), text => find(text));
propose(byId("failure-machine"), byId("failure-list"), async text =>
  (await get("/api/machines", { search: text, limit: 50 })).machines.map(machine => machine.path));
