import { get } from "./api.js";
import { byId, element, notice } from "./dom.js";
import { hurry } from "./live.js";
import * as overview from "./overview.js";
import * as sensors from "./sensors.js";
import * as charts from "./charts.js";
import * as spectrum from "./spectrum.js";
import * as spc from "./spc.js";
import * as faults from "./faults.js";
import * as scenarios from "./scenarios.js";
import * as tables from "./tables.js";

// Each section has `show(query)`, called when it comes into view, and may have `refresh(health)`, called every second
// while it is in view.
const sections = { overview, sensors, charts, spectrum, spc, faults, scenarios, tables };
let current = "";
// When the simulator was last there, and at which tick.
let seen = { at: Date.now(), tick: 0, isLost: false };

async function open() {
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
  try {
    await sections[wanted].show(new URLSearchParams(rest || ""));
  } catch (error) {
    notice(error.message);
  }
  return refresh();
}

function lost() {
  const since = Math.round((Date.now() - seen.at) / 1000);
  byId("connection").textContent = "no connection";
  byId("connection").className = "pill lost";
  if (!seen.isLost) {
    byId("lost").replaceChildren(element("p", {
      textContent: "The connection to the simulator is lost: what you see is not of now. "
        + "The page tries again every second and goes on by itself when the simulator is back.",
    }));
  }
  byId("clock").textContent = `no answer for ${since} s`;
  seen.isLost = true;
}

function found(health) {
  byId("connection").textContent = "connected";
  byId("connection").className = "pill ok";
  byId("clock").textContent = `tick ${health.tick} · ${new Date(health.timestamp / 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const badge = byId("nav-faults");
  badge.hidden = !health.faults;
  if (badge.textContent !== String(health.faults)) badge.textContent = health.faults;
  if (seen.isLost) {
    byId("lost").replaceChildren();
    notice(health.tick < seen.tick
      ? "Connected again: the simulator was started anew." : "Connected again.", "done");
    hurry();
  }
  seen = { at: Date.now(), tick: health.tick, isLost: false };
}

async function refresh() {
  let health;
  try {
    health = await get("/health");
  } catch {
    return lost();
  }
  found(health);
  try {
    await sections[current].refresh?.(health);
  } catch (error) {
    notice(error.message);
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
