import { number } from "./dom.js";

// What the charts of all sections have in common, over Chart.js.

const style = name => getComputedStyle(document.body).getPropertyValue(name).trim();
export const ink = () => style("--ink");

const dark = globalThis.matchMedia("(prefers-color-scheme: dark)");

/// Gives a chart the colours of the page, which change with the light.
export function dress(chart) {
  const { scales, plugins } = chart.options;
  for (const scale of Object.values(scales)) {
    scale.ticks.color = style("--quiet");
    scale.title.color = style("--quiet");
    scale.grid.color = style("--grid");
    scale.grid.borderColor = style("--line");
  }
  plugins.legend.labels.color = style("--ink");
  chart.update("none");
}

export const axis = (title, ticks = {}, more = {}) => ({
  type: "linear", title: { display: Boolean(title), text: title },
  ticks: { maxRotation: 0, maxTicksLimit: 8, includeBounds: false, ...ticks }, grid: {}, ...more,
});

/// A chart with numbers on both axes; nothing where Chart.js is missing.
export function plot(canvas, { xTitle, xText, yTitle, hides = () => false }) {
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
        legend: { labels: { boxWidth: 24, boxHeight: 1, filter: item => !hides(item.text) } },
        tooltip: { callbacks: { title: items => items.slice(0, 1).map(item => (xText || number)(item.parsed.x)) } },
      },
    },
  });
  dark.addEventListener("change", () => dress(made));
  dress(made);
  return made;
}
