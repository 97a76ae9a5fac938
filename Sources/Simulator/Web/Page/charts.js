import { get, sensorPath } from "./api.js";
import { attempt, button, byId, element, fill, number, propose, time } from "./dom.js";
import { subscribe } from "./live.js";
import { find } from "./sensors.js";

const samplesMax = 1200;
const seriesMax = 8;
// Colours that differ in brightness too, and dashes for those who do not see colours.
const colours = ["#ff3621", "#1b8fbf", "#c98a00", "#3f9f5f", "#8a63d2", "#d0559b", "#7a8288", "#00a3a3"];
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

const series = new Map();
let chart;

export const ink = () => getComputedStyle(document.body).getPropertyValue("--ink").trim();
export const line = () => getComputedStyle(document.body).getPropertyValue("--line").trim();

const dark = globalThis.matchMedia("(prefers-color-scheme: dark)");

/// Gives a chart the colours of the page, which change with the light.
export function dress(chart) {
  const { scales, plugins } = chart.options;
  for (const scale of Object.values(scales)) {
    scale.ticks.color = ink();
    scale.title.color = ink();
    scale.grid.color = line();
  }
  plugins.legend.labels.color = ink();
  chart.update("none");
}

/// A chart with numbers on both axes; nothing where Chart.js is missing.
export function plot(canvas, { xTitle, xText, yTitle }) {
  if (!globalThis.Chart) {
    canvas.parentElement.hidden = true;
    return undefined;
  }
  const made = new globalThis.Chart(canvas, {
    type: "line",
    data: { datasets: [] },
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      elements: { point: { radius: 0, hitRadius: 6 }, line: { borderWidth: 1.5 } },
      scales: { x: axis(xTitle, xText ? { callback: xText } : {}), y: axis(yTitle) },
      plugins: {
        legend: { labels: { boxWidth: 24, boxHeight: 1 } },
        tooltip: { callbacks: { title: items => items.slice(0, 1).map(item => (xText || number)(item.parsed.x)) } },
      },
    },
  });
  dark.addEventListener("change", () => dress(made));
  dress(made);
  return made;
}

const axis = (title, ticks = {}, more = {}) => ({
  type: "linear", title: { display: Boolean(title), text: title },
  ticks: { maxRotation: 0, maxTicksLimit: 8, ...ticks }, grid: {}, ...more,
});

function statistics(points) {
  const values = points.map(point => point.y).filter(value => value !== null);
  if (!values.length) return {};
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean, min: Math.min(...values), max: Math.max(...values), count: values.length,
    sigma: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null,
  };
}

const plain = value => (value === null ? null : Number(value));

async function add(path) {
  if (series.has(path)) return;
  if (series.size >= seriesMax) throw new Error(`a chart shows ${seriesMax} series at most; remove one first`);
  const history = await get(sensorPath(path, "history"));
  const slot = [...Array(seriesMax).keys()].find(place => ![...series.values()].some(item => item.slot === place));
  const item = {
    slot, unit: history.unit, quality: "", now: null,
    points: history.samples.map(sample => ({ x: sample.timestamp / 1000, y: plain(sample.value) })),
  };
  item.stop = subscribe(path, (timestamp, value, quality) => {
    const x = timestamp / 1000;
    item.quality = quality;
    item.now = value;
    if (item.points.length && item.points[item.points.length - 1].x >= x) return;
    item.points.push({ x, y: plain(value) });
    if (item.points.length > samplesMax) item.points.shift();
  });
  series.set(path, item);
  draw();
}

function drop(path) {
  series.get(path)?.stop();
  series.delete(path);
  draw();
}

/// Each unit has an axis of its own, the first one on the left.
function scales(units) {
  const options = chart.options.scales;
  for (const name of Object.keys(options)) if (name !== "x") delete options[name];
  units.forEach((unit, place) => {
    options[place === 0 ? "y" : `y${place}`] = axis(unit || "on / off", {}, {
      position: place === 0 ? "left" : "right", grid: { drawOnChartArea: place === 0 },
    });
  });
  if (!units.length) options.y = axis();
}

function draw() {
  fill(byId("charts-rows"), [...series].map(([path, item]) => {
    const facts = statistics(item.points);
    return {
      key: path, className: item.quality,
      cells: [
        `${path} (${item.unit})`, number(item.now), number(facts.mean), number(facts.min), number(facts.max),
        number(facts.sigma, 3), number(facts.count), { text: item.quality, className: "quality" },
        button("Remove", `Remove ${path}`, () => drop(path)),
      ],
    };
  }));
  if (!chart) return;
  const units = [...new Set([...series.values()].map(item => item.unit))];
  scales(units);
  chart.data.datasets = [...series].map(([path, item]) => ({
    label: path, data: item.points, borderColor: colours[item.slot], backgroundColor: colours[item.slot],
    borderDash: dashes[Math.floor(item.slot / 2) % dashes.length], spanGaps: false,
    yAxisID: units.indexOf(item.unit) === 0 ? "y" : `y${units.indexOf(item.unit)}`,
  }));
  dress(chart);
}

export async function show(query) {
  chart ??= plot(byId("charts-canvas"), { xText: milliseconds => time(milliseconds * 1000) });
  if (query.has("sensor")) await attempt(() => add(query.get("sensor")));
}

export const refresh = draw;

byId("charts-form").addEventListener("submit", event => {
  event.preventDefault();
  const input = byId("charts-sensor");
  attempt(() => add(input.value.trim())).then(() => { input.value = ""; });
});
byId("charts-clear").onclick = () => { for (const path of [...series.keys()]) drop(path); };
propose(byId("charts-sensor"), byId("charts-list"), text => find(text));
