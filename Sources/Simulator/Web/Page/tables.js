import { get } from "./api.js";
import { attempt, byId, element, fill, later, number, offerIndustries } from "./dom.js";

const pageSize = 50;
const figure = text => ({ text: String(text), className: "num" });
const wide = text => ({ text, className: "wrap" });

// Where each sensor stands in a protocol: the route, the member of its answer that has the rows, and the columns.
const tables = {
  modbus: {
    title: "Modbus register map", route: "/api/modbus/map", rows: "registers", protocol: "modbus",
    text: "Addresses count from 0. An input register holds the value, a holding register the value divided by the scale, a coil a state.",
    head: ["Sensor", "Unit id", "Input", "as", "Holding", "as", "Bytes", "Scale", "Coil", "Quality bit", "Unit"],
    cells: entry => [
      entry.path, figure(entry.unit_id), figure(entry.input_address ?? ""), entry.input_type ?? "",
      figure(entry.holding_address ?? ""), entry.holding_type ?? "", entry.byte_order, figure(number(entry.scale)),
      figure(entry.bit_address ?? ""), figure(entry.quality_address ?? ""), entry.unit,
    ],
  },
  opcua: {
    title: "OPC UA address space", route: "/api/opcua/nodes", rows: "nodes", protocol: "opcua",
    text: "Folders by industry and machine below Objects; every sensor is a variable with its range and unit.",
    head: ["Browse path", "NodeId", "Type", "Unit", "Range"],
    cells: node => [
      node.browse_path, wide(node.node_id), node.data_type, node.unit, `${number(node.min)} … ${number(node.max)}`,
    ],
  },
  mqtt: {
    title: "MQTT topics", route: "/api/mqtt/topics", rows: "topics", protocol: "mqtt",
    text: "What is published where, in the payload that the simulator was started with.",
    head: ["Sensor", "Topic", "Member", "Retained", "Unit"],
    cells: entry => [entry.path, wide(entry.topic), wide(entry.member), wide(entry.retained ?? ""), entry.unit],
  },
};

const kind = byId("tables-kind");
const industry = byId("tables-industry");
const search = byId("tables-search");
let offset = 0;

async function load() {
  const table = tables[kind.value];
  const wanted = { industry: industry.value, search: search.value.trim() };
  const answer = await get(table.route, { ...wanted, offset, limit: pageSize });
  if (offset >= answer.count && offset > 0) {
    offset = 0;
    return load();
  }
  const rows = answer[table.rows];
  byId("tables-text").textContent = table.text;
  byId("tables-caption").textContent = table.title;
  byId("tables-count").textContent = answer.count ? `${offset + 1} to ${offset + rows.length} of ${answer.count}` : "no sensor fits";
  byId("tables-back").disabled = offset === 0;
  byId("tables-on").disabled = offset + rows.length >= answer.count;
  const asked = Object.entries(wanted).filter(([, value]) => value);
  for (const format of ["csv", "json"]) {
    const link = byId(`tables-${format}`);
    link.href = `${table.route}?${new URLSearchParams([...asked, ["format", format]])}`;
    link.download = `${table.rows}.${format}`;
    link.setAttribute("aria-label", `${table.title} as ${format.toUpperCase()}`);
  }
  const cells = rows.map(entry => table.cells(entry));
  byId("tables-head").replaceChildren(...table.head.map((text, column) =>
    element("th", { scope: "col", textContent: text, className: cells[0]?.[column]?.className === "num" ? "num" : "" })));
  byId("tables-rows").replaceChildren();
  fill(byId("tables-rows"), rows.map((entry, place) => ({ key: entry.path, cells: cells[place] })));
  return undefined;
}

export async function show(query) {
  if (!kind.options.length) {
    kind.replaceChildren(...Object.entries(tables).map(([name, table]) =>
      element("option", { value: name, textContent: table.title })));
    offerIndustries(industry, (await get("/api/industries")).industries);
  }
  if (tables[query.get("table")]) kind.value = query.get("table");
  await attempt(load);
}

/// Says whether what the table tells is to be had now.
export function refresh(health) {
  const item = health.protocols.find(protocol => protocol.name === tables[kind.value].protocol);
  const text = !item ? "" : item.state === "running"
    ? `${item.title} is running at ${item.url}` : `${item.title} is stopped: nobody can connect until it is started (Overview)`;
  if (byId("tables-state").textContent === text) return;
  byId("tables-state").textContent = text;
  byId("tables-state").className = `sentence ${item?.state === "running" ? "fine" : ""}`;
}

const restart = () => { offset = 0; return attempt(load); };
function turn(by) {
  offset = Math.max(0, offset + by);
  attempt(load);
}

search.addEventListener("input", later(restart, 200));
industry.addEventListener("change", restart);
kind.addEventListener("change", restart);
search.form.addEventListener("submit", event => event.preventDefault());
byId("tables-back").onclick = () => turn(-pageSize);
byId("tables-on").onclick = () => turn(pageSize);
