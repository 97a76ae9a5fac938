import { get } from "./api.js";
import { byId, element, fill, later, number } from "./dom.js";

const pageSize = 100;
let offset = 0;

const industry = byId("sensors-industry");
const search = byId("sensors-search");

/// Paths that contain a text; of one type when it is given.
export async function find(text, type) {
  const { sensors } = await get("/api/sensors", { search: text || type || "", limit: 200 });
  return sensors.filter(sensor => !type || sensor.type === type).slice(0, 50).map(sensor => sensor.path);
}

export async function show(query) {
  if (!industry.options.length) {
    const { industries } = await get("/api/industries");
    industry.replaceChildren(
      element("option", { value: "", textContent: "all" }),
      ...industries.map(item => element("option", { value: item.name, textContent: item.name.replaceAll("_", " ") })));
  }
  if (query.has("industry")) {
    industry.value = query.get("industry");
    offset = 0;
    await refresh();
  }
}

export async function refresh() {
  const answer = await get("/api/sensors", {
    industry: industry.value, search: search.value.trim(), offset, limit: pageSize,
  });
  if (offset >= answer.count && offset > 0) {
    offset = 0;
    return refresh();
  }
  const last = Math.min(offset + pageSize, answer.count);
  const text = answer.count ? `${offset + 1} to ${last} of ${answer.count}` : "no sensor fits";
  if (byId("sensors-count").textContent !== text) byId("sensors-count").textContent = text;
  byId("sensors-back").disabled = offset === 0;
  byId("sensors-on").disabled = last >= answer.count;
  fill(byId("sensors-rows"), answer.sensors.map(sensor => ({
    key: sensor.path, className: sensor.quality,
    cells: [
      sensor.path, number(sensor.value), sensor.unit, `${number(sensor.min)} … ${number(sensor.max)}`,
      { text: sensor.quality, className: "quality" }, chartLink(sensor.path),
    ],
  })));
}

function chartLink(path) {
  const link = element("a", { href: `#charts?sensor=${encodeURIComponent(path)}`, textContent: "Chart" });
  link.setAttribute("aria-label", `Chart of ${path}`);
  return link;
}

function turn(by) {
  offset = Math.max(0, offset + by);
  refresh();
}

const restart = later(() => { offset = 0; refresh(); }, 200);
search.addEventListener("input", restart);
industry.addEventListener("change", restart);
search.form.addEventListener("submit", event => event.preventDefault());
byId("sensors-back").onclick = () => turn(-pageSize);
byId("sensors-on").onclick = () => turn(pageSize);
