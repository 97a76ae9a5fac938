import { get } from "./api.js";
import { attempt, byId, fill, later, number } from "./dom.js";

const rowsMax = 500;
const search = byId("tables-search");

async function load() {
  const query = { search: search.value.trim(), limit: rowsMax };
  const [map, space] = await Promise.all([get("/api/modbus/map", query), get("/api/opcua/nodes", query)]);
  byId("tables-count").textContent = `${map.registers.length} of ${map.count} sensors`;
  fill(byId("registers"), map.registers.map(entry => ({
    key: entry.path,
    cells: [
      entry.path, entry.unit_id, entry.input_address ?? "", entry.input_type ?? "", entry.holding_address ?? "",
      number(entry.scale),
      entry.bit_address ?? "", entry.unit,
    ],
  })));
  fill(byId("nodes"), space.nodes.map(node => ({
    key: node.path,
    cells: [
      node.browse_path, { text: node.node_id, className: "wrap" }, node.data_type, node.unit,
      `${number(node.min)} … ${number(node.max)}`,
    ],
  })));
}

export const show = () => attempt(load);

search.addEventListener("input", later(() => attempt(load), 200));
search.form.addEventListener("submit", event => event.preventDefault());
