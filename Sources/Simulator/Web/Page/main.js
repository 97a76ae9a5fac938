import { get } from "./api.js";
import { byId } from "./dom.js";
import * as overview from "./overview.js";
import * as sensors from "./sensors.js";
import * as charts from "./charts.js";
import * as analysis from "./analysis.js";
import * as faults from "./faults.js";
import * as scenarios from "./scenarios.js";
import * as tables from "./tables.js";

// Each section has `show()`, called when it comes into view, and may have `refresh(health)`, called every second
// while it is in view.
const sections = { overview, sensors, charts, analysis, faults, scenarios, tables };
let current = "";

function open() {
  const asked = location.hash.slice(1);
  const [name, rest] = asked.split("?");
  const wanted = sections[name] ? name : "overview";
  const isFirst = current === "";
  current = wanted;
  for (const view of document.querySelectorAll("section.view")) view.hidden = view.id !== wanted;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${wanted}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = byId(`${wanted}-title`);
  document.title = `${title.textContent} · OT simulator`;
  // Whoever cannot see the page hears where they are.
  if (!isFirst) title.focus();
  sections[wanted].show(new URLSearchParams(rest || ""));
  return refresh();
}

async function refresh() {
  try {
    const health = await get("/health");
    byId("clock").textContent = `tick ${health.tick} · ${new Date(health.timestamp / 1000).toISOString().slice(0, 19)}Z`;
    await sections[current].refresh?.(health);
  } catch (error) {
    byId("clock").textContent = error.message;
  }
}

async function loop() {
  if (!document.hidden) await refresh();
  setTimeout(loop, 1000);
}

if (!globalThis.Chart) {
  byId("no-assets").hidden = false;
  byId("no-assets").textContent =
    "Style and charts are missing: the simulator found no folder 'assets' beside its program. "
    + "Build with dev/build, which copies it, or start with --assets FOLDER (dev/assets FOLDER fills one). "
    + "Everything else works.";
}
addEventListener("hashchange", open);
await open();
document.body.dataset.ready = "yes";
setTimeout(loop, 1000);
