import { get, post, postText, remove } from "./api.js";
import { attempt, button, byId, element, fill, number, seconds } from "./dom.js";

export function show() {}

/// How far something is, for eyes and for ears.
function far(label, done, of) {
  const bar = element("progress", { max: Math.max(1, of), value: done });
  bar.setAttribute("aria-label", label);
  return bar;
}

const change = async (name, verb) => {
  await attempt(() => post(`/api/scenarios/${encodeURIComponent(name)}/${verb}`),
    `${name} ${verb === "run" ? "runs" : "is stopped"}`);
  await refresh();
};

export async function refresh() {
  const [{ scenarios }, { replays }] = await Promise.all([get("/api/scenarios"), get("/api/replays")]);
  fill(byId("scenarios-rows"), scenarios.map(item => {
    const verb = item.state === "running" ? "stop" : "run";
    const text = verb === "run" ? "Run" : "Stop";
    return {
      key: item.name,
      cells: [
        item.name, { text: item.summary, className: "wrap" },
        item.state === "running" ? `${item.events_done} of ${item.events}` : item.events, seconds(item.length_s),
        item.state === "running" ? far(`${item.name} is running`, item.elapsed_s, item.length_s) : item.state,
        button(text, `${text} ${item.name}`, () => change(item.name, verb), verb === "run" ? "btn-primary" : undefined),
      ],
    };
  }));
  const count = replays.length ? `${replays.length} running` : "none is running";
  if (byId("replays-count").textContent !== count) byId("replays-count").textContent = count;
  fill(byId("replays-rows"), replays.map(item => ({
    key: item.name,
    cells: [
      item.name, `${item.rows_done} of ${item.rows}`, seconds(item.length_s), `${number(item.speed)} ×`,
      button("Stop", `Stop ${item.name}`, async () => {
        await attempt(() => remove(`/api/replays/${encodeURIComponent(item.name)}`), `${item.name} is stopped`);
        await refresh();
      }),
    ],
  })));
}

byId("replay-form").addEventListener("submit", async event => {
  event.preventDefault();
  const [file] = byId("replay-file").files;
  const query = new URLSearchParams({ name: file.name, speed: byId("replay-speed").value || "1" });
  await attempt(async () => postText(`/api/replays?${query}`, await file.text(), "text/csv"), `${file.name} is replayed`);
  await refresh();
});
