import { get, post } from "./api.js";
import { attempt, button, byId, element, fill } from "./dom.js";

export async function show() {
  const { industries } = await get("/api/industries");
  byId("industries").replaceChildren(...industries.map(industry =>
    element("li", {}, element("a", { href: `#sensors?industry=${encodeURIComponent(industry.name)}` },
      industry.name.replaceAll("_", " "), element("span", { textContent: `${industry.sensors} sensors` })))));
}

const change = (name, verb, title) =>
  attempt(() => post(`/api/protocols/${name}/${verb}`), `${title} is ${verb === "start" ? "running" : "stopped"}`);

export function refresh(health) {
  const facts = [
    ["State", health.status], ["Sensors", health.sensors], ["Ticks", health.tick],
    ["Ticks left out", health.ticks_left_out],
  ];
  byId("facts").replaceChildren(...facts.map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
  fill(byId("protocols"), health.protocols.map(item => {
    const verb = item.state === "running" ? "stop" : "start";
    const text = verb === "stop" ? "Stop" : "Start";
    return {
      key: item.name,
      cells: [
        item.title, { text: item.state, className: `state-${item.state}` },
        { text: [item.url || item.error, item.remark].filter(Boolean).join(" · "), className: "wrap" },
        button(text, `${text} ${item.title}`, () => change(item.name, verb, item.title),
          verb === "start" ? "btn-primary" : "btn-outline-secondary"),
      ],
    };
  }));
}
