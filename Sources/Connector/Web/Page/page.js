"use strict";
// Shows what /ws sends once a second; falls back to asking again when the connection is lost.
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
let previous = null;

function text(id, value) { byId(id).textContent = value; }

function cell(row, content, className) {
  const td = document.createElement("td");
  td.textContent = content;
  if (className) td.className = className;
  row.append(td);
  return td;
}

function age(seconds) {
  if (seconds === null || seconds === undefined) return "never";
  if (seconds < 60) return seconds.toFixed(1) + " s ago";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min ago";
  return Math.floor(seconds / 3600) + " h ago";
}

function rate(now, before, seconds) {
  return seconds > 0 ? number.format(Math.round(Math.max(0, now - before) / seconds)) : "–";
}

function statusClass(status) {
  return status === "running" ? "good" : status === "failed" ? "bad" : "waiting";
}

function showSources(sources) {
  const body = byId("sources");
  if (sources.length === 0) return;
  body.replaceChildren(...sources.map((source) => {
    const row = document.createElement("tr");
    cell(row, source.name);
    cell(row, source.protocol);
    cell(row, source.endpoint);
    const status = cell(row, source.status, statusClass(source.status));
    if (source.reason) {
      const reason = document.createElement("span");
      reason.className = "reason";
      reason.textContent = source.reason;
      status.append(reason);
    }
    cell(row, number.format(source.tags), "number");
    cell(row, number.format(source.records_read), "number");
    cell(row, age(source.last_value_age_seconds), "number");
    return row;
  }));
}

function showValues(values, total) {
  const wanted = byId("filter").value.toLowerCase();
  const shown = values.filter((value) => (value.source + " " + value.tag).toLowerCase().includes(wanted));
  text("values-note", values.length < total ? "the first " + values.length + " of " + total + " tags" : "");
  if (shown.length === 0) return;
  byId("values").replaceChildren(...shown.map((value) => {
    const row = document.createElement("tr");
    cell(row, value.source);
    cell(row, value.tag);
    cell(row, value.value ?? "–", "number");
    cell(row, value.unit ?? "");
    cell(row, value.quality === "good" ? "good" : value.quality + " (" + value.status + ")", value.quality);
    cell(row, value.time ? new Date(value.time / 1000).toLocaleTimeString() : "");
    return row;
  }));
}

// Dead letters are asked for when their number changes.
let letters = 0;

async function lettersDo(what, choice) {
  const answer = await fetch("/api/deadletters/" + what, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(choice),
  });
  const outcome = await answer.json();
  text("letters-note", answer.ok
    ? (outcome.purged !== undefined ? outcome.purged + " deleted" : outcome.retried + " on their way again") +
      (outcome.kept ? ", " + outcome.kept + " stay: nobody can try them" : "")
    : outcome.title + ": " + outcome.detail);
  await loadLetters();
}

function button(cell, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", action);
  cell.append(made);
}

async function loadLetters() {
  const answer = await fetch("/api/deadletters");
  if (!answer.ok) return;
  const list = await answer.json();
  byId("letters-section").hidden = list.count === 0 && byId("letters-note").textContent === "";
  byId("letters-title").textContent = "Dead letters (" + number.format(list.count) + ")";
  byId("letters").replaceChildren(...list.deadletters.map((letter) => {
    const row = document.createElement("tr");
    cell(row, new Date(letter.time).toLocaleString());
    cell(row, letter.source);
    cell(row, letter.topic ?? letter.record?.topic_or_path ?? letter.record?.source_address ?? letter.record_id);
    cell(row, String(letter.record?.value ?? letter.bytes + " bytes").slice(0, 100));
    cell(row, letter.reason);
    const actions = cell(row, "");
    if (letter.stage !== "journal") button(actions, "Retry", () => lettersDo("retry", { ids: [letter.id] }));
    button(actions, "Delete", () => lettersDo("purge", { ids: [letter.id] }));
    return row;
  }));
}

byId("letters-retry").addEventListener("click", () => lettersDo("retry", { all: true }));
byId("letters-purge").addEventListener("click", () => {
  if (confirm("Delete all dead letters for good?")) lettersDo("purge", { all: true });
});

function show(message) {
  const status = message.status;
  const seconds = previous ? status.uptime_seconds - previous.uptime_seconds : 0;
  const running = status.sources.filter((source) => source.status === "running").length;
  text("sources-running", running + " of " + status.sources.length);
  text("rate-in", previous ? rate(status.records_received, previous.records_received, seconds) : "–");
  text("rate-out", previous ? rate(status.records_acknowledged, previous.records_acknowledged, seconds) : "–");
  text("acknowledged", number.format(status.records_acknowledged));
  text("queue", number.format(status.queue_depth));
  text("journal", (status.journal_bytes / 1048576).toFixed(1) + " MiB");
  text("target", "Target: " + status.target.destination + " – " + status.target.state +
    (status.target.reason ? ": " + status.target.reason : ""));
  text("link", "version " + status.version + ", up " + Math.floor(status.uptime_seconds) + " s");
  const kept = status.targets.reduce((sum, target) => sum + target.dead_letters, 0);
  if (kept !== letters) loadLetters();
  letters = kept;
  showSources(status.sources);
  showValues(message.values, status.tags);
  previous = status;
}

function open() {
  const socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/ws");
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "status") show(message);
  };
  socket.onclose = () => {
    previous = null;
    text("link", "connection lost, trying again …");
    setTimeout(open, 2000);
  };
}
open();
