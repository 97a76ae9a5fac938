import { get, sensorPath } from "./api.js";
import { attempt, byId, fill, number, propose, time } from "./dom.js";
import { dress, ink, plot } from "./charts.js";
import { find } from "./sensors.js";

const lineColours = ["#1b8fbf", "#c98a00", "#3f9f5f", "#8a63d2", "#d0559b"];
let spectrumChart;
let spcChart;
let spectrumPath = "";
let spcPath = "";

async function showSpectrum(path) {
  const answer = await get(sensorPath(path, "spectrum"));
  spectrumPath = path;
  const limit = Number(byId("spectrum-to").value);
  const most = Math.max(...answer.amplitudes.slice(2));
  byId("spectrum-text").textContent =
    `${answer.samples} samples at ${answer.sample_rate_hz} Hz, ${number(answer.resolution_hz)} Hz per bin. `
    + `Highest peak ${number(answer.peak_hz)} Hz. Bearing wear ${number(answer.wear, 2)}.`;
  fill(byId("spectrum-rows"), answer.lines.map(item => ({
    key: item.name,
    cells: [item.name, `${number(item.frequency_hz)} Hz`, `${number(item.amplitude, 3)} ${answer.unit}`],
  })));
  if (!spectrumChart) return;
  const inView = answer.lines.filter(item => item.frequency_hz <= limit);
  spectrumChart.data.datasets = [
    {
      label: `${path} (${answer.unit})`, borderColor: "#ff3621", backgroundColor: "#ff3621",
      data: answer.amplitudes.map((y, bin) => ({ x: bin * answer.resolution_hz, y })).filter(point => point.x <= limit),
    },
    ...inView.map((item, place) => ({
      label: item.name, borderColor: lineColours[place % lineColours.length], borderDash: [4, 4], borderWidth: 1,
      data: [{ x: item.frequency_hz, y: 0 }, { x: item.frequency_hz, y: most }],
    })),
  ];
  spectrumChart.options.scales.x.max = limit;
  dress(spectrumChart);
}

async function showSPC(path) {
  const answer = await get(sensorPath(path, "spc"));
  spcPath = path;
  const { limits, points, violations } = answer;
  byId("spc-text").textContent = limits
    ? `Centre ${number(limits.centre)}, limits ${number(limits.lower)} and ${number(limits.upper)} ${answer.unit} from the first `
      + `${limits.baseline} values; a value every ${answer.spacing} samples. ${violations.length} violations.`
    : `${points.length} values so far; limits need ${answer.baseline_needed} that differ. Leave the chart open.`;
  fill(byId("spc-rows"), violations.map(item => ({
    key: `${item.timestamp} ${item.rule}`, cells: [time(item.timestamp), number(item.value), `${item.rule}: ${item.title}`],
  })));
  if (!spcChart) return;
  const marked = new Set(violations.map(item => item.timestamp));
  const xs = points.map(point => point.timestamp / 1000);
  const level = (label, y, dash) => ({
    label, borderColor: ink(), borderDash: dash, borderWidth: 1,
    data: xs.length ? [{ x: xs[0], y }, { x: xs[xs.length - 1], y }] : [],
  });
  spcChart.data.datasets = [
    {
      label: `${path} (${answer.unit})`, borderColor: "#1b8fbf", backgroundColor: "#1b8fbf",
      data: points.map(point => ({ x: point.timestamp / 1000, y: point.value })),
      pointRadius: points.map(point => (marked.has(point.timestamp) ? 5 : 1.5)),
      pointStyle: points.map(point => (marked.has(point.timestamp) ? "rectRot" : "circle")),
      pointBackgroundColor: points.map(point => (marked.has(point.timestamp) ? "#ff3621" : "#1b8fbf")),
    },
    ...(limits ? [level("centre", limits.centre, []), level("upper limit", limits.upper, [6, 4]),
      level("lower limit", limits.lower, [6, 4])] : []),
  ];
  dress(spcChart);
}

export function show(query) {
  spectrumChart ??= plot(byId("spectrum-canvas"), { xTitle: "Hz" });
  spcChart ??= plot(byId("spc-canvas"), { xText: milliseconds => time(milliseconds * 1000) });
  if (query.has("spectrum")) byId("spectrum-sensor").value = query.get("spectrum");
}

export async function refresh() {
  try {
    if (spectrumPath) await showSpectrum(spectrumPath);
    if (spcPath) await showSPC(spcPath);
  } catch (error) {
    byId("spectrum-text").textContent = error.message;
  }
}

byId("spectrum-form").addEventListener("submit", event => {
  event.preventDefault();
  attempt(() => showSpectrum(byId("spectrum-sensor").value.trim()));
});
byId("spc-form").addEventListener("submit", event => {
  event.preventDefault();
  attempt(() => showSPC(byId("spc-sensor").value.trim()));
});
propose(byId("spectrum-sensor"), byId("spectrum-list"), text => find(text, "vibration"));
propose(byId("spc-sensor"), byId("spc-list"), text => find(text));
