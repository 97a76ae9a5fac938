import { get } from "./api.js";
import { byId, element, fill, later, link, number, offerIndustries } from "./dom.js";

const pageSize = 50;
let offset = 0;

const industry = byId("sensors-industry");
const search = byId("sensors-search");

/// Paths that contain a text; of one type when it is given.
export async function find(text, type) {
  const { sensors } = await get("/api/sensors", { search: text, type, limit: 30 });
  return sensors.map(sensor => sensor.path);
}

/// The first sensor of a type, for a field that is still empty. None where somebody has written meanwhile, or is about to.
export async function proposal(input, type) {
  const [first] = await find("", type);
  return input.value || input === document.activeElement ? "" : first || "";
}

export async function show(query) {
  if (!industry.options.length) offerIndustries(industry, (await get("/api/industries")).industries);
  if (query.has("industry")) {
    industry.value = query.get("industry").split(".")[0];
    search.value = query.get("search") || "";
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
      sensor.path, { text: number(sensor.value), className: "num" }, sensor.unit,
      `${number(sensor.min)} … ${number(sensor.max)}`, { text: sensor.quality, className: "quality" }, closer(sensor),
    ],
  })));
}

/// Links to what shows more of a sensor.
function closer({ path, type }) {
  const links = [link("Chart", "charts", path, `Chart of ${path}`)];
  if (type !== "count" && type !== "status") links.push(link("Control chart", "spc", path, `Control chart of ${path}`));
  if (type === "vibration") links.push(link("Spectrum", "spectrum", path, `Spectrum of ${path}`));
  links.push(link("Fault", "faults", path, `Inject a fault into ${path}`));
  return element("span", { className: "links" }, ...links.flatMap(made => [made, " "]));
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
