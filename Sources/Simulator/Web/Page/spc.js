import { get, sensorPath } from "./api.js";
import { attempt, byId, element, fill, number, propose, time } from "./dom.js";
import { dress, plot } from "./plot.js";
import { find, proposal } from "./sensors.js";

// By the number of the rule.
const meanings = {
  0: "Something lasts that is not healthy: compare with the lowest and highest of healthy days",
  1: "A jump or a spike: look for what happened at this moment",
  2: "A small lasting shift, or a slow drift",
  5: "A shift of middle size has begun",
};
const blue = "#1b8fbf";
const lava = "#ff3621";
let chart;
let path = "";

const figure = text => ({ text, className: "num" });

function tell(answer) {
  const text = byId("spc-text");
  const found = answer.violations.length;
  text.className = `sentence ${answer.state !== "charted" ? "" : found ? "alarm" : "fine"}`;
  text.textContent = answer.state !== "charted"
    ? `Not judged: ${answer.reason}.`
    : found
      ? `${found} ${found === 1 ? "violation" : "violations"} in ${answer.values.length} values; while all is well about one in 190 alarms.`
      : `In control: none of the ${answer.values.length} values breaks a rule.`;
  const { healthy } = answer;
  const last = answer.sigmas.length ? answer.sigmas[answer.sigmas.length - 1] : null;
  const facts = healthy ? [
    ["Healthy mean", number(healthy.mean)], ["Healthy σ", number(healthy.sigma, 3)],
    ["Healthy lowest", number(healthy.min)], ["Healthy highest", number(healthy.max)],
    ["Limits, ± around the expected", number(last === null ? null : 3 * last, 3)], ["Seconds per value", number(answer.interval_s)],
  ] : [];
  byId("spc-facts").replaceChildren(...facts.map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
  fill(byId("spc-rows"), [...answer.violations].reverse().slice(0, 200).map(item => ({
    key: `${item.timestamp} ${item.rule}`,
    cells: [
      time(item.timestamp), figure(number(item.value)), figure(number(item.expected)),
      { text: `${item.rule}: ${item.title}`, className: "wrap" }, { text: meanings[item.rule] || "", className: "wrap" },
    ],
  })));
}

function paint(answer) {
  const at = place => answer.timestamps[place] / 1000;
  const steady = answer.sigmas.length ? 2 * answer.sigmas[answer.sigmas.length - 1] : 0;
  const marked = new Set(answer.violations.map(item => item.timestamp));
  const isMarked = place => marked.has(answer.timestamps[place]);
  const level = sigmas => answer.expected.map((value, place) => ({ x: at(place), y: value + sigmas * answer.sigmas[place] }));
  // While little is known yet the band is very wide, and does not decide how high the chart is.
  const inView = [...answer.values, ...answer.expected.flatMap((value, place) =>
    answer.sigmas[place] > steady ? [] : [value - 3.3 * answer.sigmas[place], value + 3.3 * answer.sigmas[place]])];
  chart.options.scales.x.min = answer.timestamps.length ? at(0) : undefined;
  chart.options.scales.x.max = answer.timestamps.length ? at(answer.timestamps.length - 1) + 1000 * answer.interval_s : undefined;
  const [low, high] = [Math.min(...inView), Math.max(...inView)];
  const margin = 0.05 * (high - low);
  chart.options.scales.y.min = inView.length ? low - margin : undefined;
  chart.options.scales.y.max = inView.length ? high + margin : undefined;
  chart.options.scales.y.title = { display: true, text: answer.unit };
  chart.options.scales.y.ticks.callback = value => number(value, 4);
  chart.data.datasets = [
    {
      label: `${path} (${answer.unit})`, borderColor: blue, backgroundColor: blue, order: 0,
      data: answer.values.map((y, place) => ({ x: at(place), y })),
      pointRadius: answer.values.map((_, place) => (isMarked(place) ? 6 : 1.5)),
      pointStyle: answer.values.map((_, place) => (isMarked(place) ? "rectRot" : "circle")),
      pointBackgroundColor: answer.values.map((_, place) => (isMarked(place) ? lava : blue)),
    },
    { label: "expected", borderColor: "#7a8288", borderDash: [4, 4], borderWidth: 1, data: level(0), order: 1 },
    { label: "limits, 3 σ", borderColor: "#c98a00", backgroundColor: "#c98a0022", borderWidth: 1, fill: "+1", data: level(3), order: 2 },
    { label: "lower limit", borderColor: "#c98a00", backgroundColor: "#c98a00", borderWidth: 1, data: level(-3), order: 3 },
  ];
  dress(chart);
}

async function draw() {
  const wanted = path;
  const answer = await get(sensorPath(wanted, "spc"), { limit: byId("spc-limit").value });
  if (wanted !== path) return;
  tell(answer);
  if (chart) paint(answer);
}

/// Shows a sensor; where that is not possible, the sentence says why.
async function choose(wanted) {
  const before = path;
  path = wanted;
  if (before !== wanted) {
    byId("spc-text").className = "sentence";
    byId("spc-text").textContent = "Working out what is healthy …";
  }
  await attempt(async () => {
    try {
      await draw();
    } catch (error) {
      if (path === wanted) path = before === wanted ? "" : before;
      byId("spc-text").textContent = error.message;
      throw error;
    }
  });
}

export async function show(query) {
  chart ??= plot(byId("spc-canvas"), { xText: milliseconds => time(milliseconds * 1000), hides: text => text === "lower limit" });
  let asked = query.get("sensor") || path;
  if (!asked) {
    asked = await proposal(byId("spc-sensor"), "power");
    if (path || !asked) return;
  }
  byId("spc-sensor").value = asked;
  await choose(asked);
}

export async function refresh() {
  if (path) await draw();
}

byId("spc-form").addEventListener("submit", event => {
  event.preventDefault();
  choose(byId("spc-sensor").value.trim());
});
byId("spc-limit").addEventListener("change", () => attempt(refresh));
propose(byId("spc-sensor"), byId("spc-list"), text => find(text));
