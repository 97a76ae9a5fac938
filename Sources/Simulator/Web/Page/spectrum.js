import { get, sensorPath } from "./api.js";
import { attempt, byId, fill, number, propose } from "./dom.js";
import { dress, plot } from "./plot.js";
import { find, proposal } from "./sensors.js";

const colours = ["#1b8fbf", "#c98a00", "#3f9f5f", "#8a63d2", "#d0559b"];
const meanings = {
  shaft: "Turns of the shaft: grows with unbalance and misalignment",
  BPFO: "Balls passing the outer ring: damage there, the most common",
  BPFI: "Balls passing the inner ring: damage there",
  BSF: "Turns of a ball: damage of a ball",
  FTF: "Turns of the cage: wear of the cage",
};
let chart;
let path = "";

async function draw() {
  const wanted = path;
  const answer = await get(sensorPath(wanted, "spectrum"));
  if (wanted !== path) return;
  const limit = Number(byId("spectrum-to").value);
  const inView = answer.lines.filter(item => item.frequency_hz <= limit);
  const points = answer.amplitudes.map((y, bin) => ({ x: bin * answer.resolution_hz, y })).filter(point => point.x <= limit);
  const most = Math.max(...points.slice(2).map(point => point.y));
  byId("spectrum-text").textContent =
    `${answer.samples} samples at ${answer.sample_rate_hz} Hz, ${number(answer.resolution_hz)} Hz per bin. `
    + `Highest peak ${number(answer.peak_hz)} Hz. Bearing wear ${number(answer.wear, 2)}.`;
  byId("spectrum-text").className = `sentence ${answer.wear > 0 ? "alarm" : "fine"}`;
  fill(byId("spectrum-rows"), answer.lines.map(item => ({
    key: item.name,
    cells: [
      item.name, { text: `${number(item.frequency_hz)} Hz`, className: "num" },
      { text: `${number(item.amplitude, 3)} ${answer.unit}`, className: "num" },
      { text: meanings[item.name.split(" ")[0]] || "", className: "wrap" },
    ],
  })));
  if (!chart) return;
  chart.data.datasets = [
    { label: `${path} (${answer.unit})`, borderColor: "#ff3621", backgroundColor: "#ff3621", data: points },
    ...inView.map((item, place) => ({
      label: item.name, borderColor: colours[place % colours.length], borderDash: [4, 4], borderWidth: 1.5,
      data: [{ x: item.frequency_hz, y: 0 }, { x: item.frequency_hz, y: most }],
    })),
  ];
  chart.options.scales.x.max = limit;
  chart.options.scales.y.title = { display: true, text: answer.unit };
  dress(chart);
}

async function choose(wanted) {
  const before = path;
  path = wanted;
  await attempt(async () => {
    try {
      await draw();
    } catch (error) {
      if (path === wanted) path = before === wanted ? "" : before;
      throw error;
    }
  });
}

export async function show(query) {
  chart ??= plot(byId("spectrum-canvas"), { xTitle: "Hz" });
  let asked = query.get("sensor") || path;
  if (!asked) {
    asked = await proposal(byId("spectrum-sensor"), "vibration");
    if (path || !asked) return;
  }
  byId("spectrum-sensor").value = asked;
  await choose(asked);
}

export async function refresh() {
  if (path) await draw();
}

byId("spectrum-form").addEventListener("submit", event => {
  event.preventDefault();
  choose(byId("spectrum-sensor").value.trim());
});
byId("spectrum-to").addEventListener("change", () => attempt(refresh));
propose(byId("spectrum-sensor"), byId("spectrum-list"), text => find(text, "vibration"));
