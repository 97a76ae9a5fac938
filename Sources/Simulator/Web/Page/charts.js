import { get, sensorPath } from "./api.js";
import { attempt, button, byId, fill, number, propose, save, time } from "./dom.js";
import { subscribe } from "./live.js";
import { axis, dress, plot } from "./plot.js";
import { find } from "./sensors.js";

const samplesMax = 1200;
const seriesMax = 8;
// Colours that differ in brightness too, and dashes for those who do not see colours.
const colours = ["#ff3621", "#1b8fbf", "#c98a00", "#3f9f5f", "#8a63d2", "#d0559b", "#7a8288", "#00a3a3"];
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
// The time that is shown, in milliseconds; without an end it moves with the clock.
const spanMin = 5000;
const spanMax = 1200000;
const view = { span: 300000, end: null };

const series = new Map();
let chart;

const plain = value => (value === null || value === undefined ? null : Number(value));

/// The last moment of any series, and the time that is shown.
function range() {
  const last = Math.max(0, ...[...series.values()].map(item => (item.points.length ? item.points[item.points.length - 1].x : 0)));
  const first = Math.min(last, ...[...series.values()].map(item => (item.points.length ? item.points[0].x : last)));
  const to = view.end ?? last;
  // Live and with little to show, the chart is as wide as what there is.
  const from = view.end === null ? Math.max(to - view.span, Math.min(first, to - spanMin)) : to - view.span;
  return { from, to, last };
}

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
  const { from, to } = range();
  const shown = new Map([...series].map(([path, item]) => [path, item.points.filter(point => point.x >= from && point.x <= to)]));
  byId("charts-range").textContent = series.size
    ? `${time(from * 1000)} to ${time(to * 1000)} UTC${view.end === null ? ", live" : ", standing still"}`
    : "No sensor yet: choose one above, or press Chart beside a sensor.";
  fill(byId("charts-rows"), [...series].map(([path, item]) => {
    const facts = statistics(shown.get(path));
    const figure = text => ({ text, className: "num" });
    return {
      key: path, className: item.quality,
      cells: [
        `${path} (${item.unit})`, figure(number(item.now)), figure(number(facts.mean)), figure(number(facts.min)),
        figure(number(facts.max)), figure(number(facts.sigma, 3)), figure(number(facts.count)),
        { text: item.quality, className: "quality" }, button("Remove", `Remove ${path}`, () => drop(path)),
      ],
    };
  }));
  if (!chart) return;
  const units = [...new Set([...series.values()].map(item => item.unit))];
  scales(units);
  chart.options.scales.x.min = series.size ? from : undefined;
  chart.options.scales.x.max = series.size ? to : undefined;
  chart.data.datasets = [...series].map(([path, item]) => ({
    label: path, data: shown.get(path), borderColor: colours[item.slot], backgroundColor: colours[item.slot],
    borderDash: dashes[Math.floor(item.slot / 2) % dashes.length], spanGaps: false,
    yAxisID: units.indexOf(item.unit) === 0 ? "y" : `y${units.indexOf(item.unit)}`,
  }));
  dress(chart);
}

/// Shows another time: as long as `span`, up to `end` or up to now.
function look(span, end) {
  view.span = Math.min(spanMax, Math.max(spanMin, span));
  view.end = end !== null && end >= range().last ? null : end;
  draw();
}

/// Whoever draws over the chart sees the time between closer.
function watch(canvas) {
  const mark = byId("charts-mark");
  let start = null;
  const inside = event => Math.min(chart.chartArea.right, Math.max(chart.chartArea.left, event.offsetX));
  canvas.addEventListener("pointerdown", event => {
    if (event.button !== 0 || !series.size) return;
    start = inside(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    if (start === null) return;
    const [left, right] = [start, inside(event)].sort((a, b) => a - b);
    mark.style.left = `${left}px`;
    mark.style.width = `${right - left}px`;
    mark.hidden = false;
  });
  canvas.addEventListener("pointercancel", () => { start = null; mark.hidden = true; });
  canvas.addEventListener("pointerup", event => {
    if (start === null) return;
    const [left, right] = [start, inside(event)].sort((a, b) => a - b);
    start = null;
    mark.hidden = true;
    if (right - left < 8) return;
    const scale = chart.scales.x;
    const [from, to] = [scale.getValueForPixel(left), scale.getValueForPixel(right)];
    look(to - from, to);
  });
  canvas.addEventListener("dblclick", () => look(300000, null));
}

/// The samples that are shown, one line each.
function asCSV() {
  const { from, to } = range();
  const lines = ["time,path,value"];
  for (const [path, item] of series) {
    for (const point of item.points) {
      if (point.x >= from && point.x <= to) lines.push(`${new Date(point.x).toISOString()},${path},${point.y ?? ""}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

export async function show(query) {
  if (!chart) {
    chart = plot(byId("charts-canvas"), { xText: milliseconds => time(milliseconds * 1000) });
    if (chart) watch(byId("charts-canvas"));
  }
  if (query.has("sensor")) await attempt(async () => { for (const path of query.getAll("sensor")) await add(path); });
  draw();
}

export const refresh = draw;

byId("charts-form").addEventListener("submit", event => {
  event.preventDefault();
  const input = byId("charts-sensor");
  attempt(() => add(input.value.trim())).then(() => { input.value = ""; });
});
byId("charts-clear").onclick = () => { for (const path of [...series.keys()]) drop(path); };
byId("charts-in").onclick = () => look(Math.min(view.span, range().to - range().from) / 2, view.end);
byId("charts-out").onclick = () => look(view.span * 2, view.end);
byId("charts-earlier").onclick = () => look(view.span, range().to - view.span / 2);
byId("charts-later").onclick = () => look(view.span, range().to + view.span / 2);
byId("charts-live").onclick = () => look(300000, null);
byId("charts-save").onclick = () => save(asCSV(), "chart.csv", "text/csv");
propose(byId("charts-sensor"), byId("charts-list"), text => find(text));
