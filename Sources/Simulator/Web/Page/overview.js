import { get, post } from "./api.js";
import { attempt, button, byId, element, fill, number, seconds } from "./dom.js";

export async function show() {
  const { industries } = await get("/api/industries");
  byId("industries").replaceChildren(...industries.map(industry =>
    element("li", {}, element("a", { href: `#sensors?industry=${encodeURIComponent(industry.name)}` },
      industry.name.replaceAll("_", " "), element("span", { textContent: `${industry.sensors} sensors` })))));
}

const change = (name, verb, title) =>
  attempt(() => post(`/api/protocols/${name}/${verb}`), `${title} is ${verb === "start" ? "running" : "stopped"}`);

/// What stands where the endpoint would be.
const where = item => [
  item.url || item.error || `nobody can connect over ${item.title} until it is started`, item.remark,
].filter(Boolean).join(" · ");

export function refresh(health) {
  const facts = [
    ["State", health.status], ["Sensors", health.sensors], ["Running for", seconds(health.tick * health.interval_s, "0 s")],
    ["Ticks", health.tick], ["Ticks left out", health.ticks_left_out], ["Active faults", health.faults],
    ["Running scenarios", health.scenarios], ["Speed", `${number(health.speed)} ×`],
  ];
  const list = byId("facts");
  if (list.children.length !== facts.length) {
    list.replaceChildren(...facts.map(([name]) => element("div", {}, element("dt", { textContent: name }), element("dd"))));
  }
  facts.forEach(([, value], place) => { list.children[place].lastChild.textContent = value; });
  fill(byId("protocols"), health.protocols.map(item => {
    const verb = item.state === "running" ? "stop" : "start";
    const text = verb === "stop" ? "Stop" : "Start";
    return {
      key: item.name,
      cells: [
        item.title, { text: item.state, className: `state-${item.state}` },
        { text: where(item), className: item.url ? "wrap" : "wrap quiet" },
        button(text, `${text} ${item.title}`, () => change(item.name, verb, item.title),
          verb === "start" ? "btn-primary" : "btn-outline-secondary"),
      ],
    };
  }));
}
