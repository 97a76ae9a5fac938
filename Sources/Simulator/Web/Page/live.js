import { notice } from "./dom.js";

// The WebSocket: values of the subscribed sensors every 500 ms. Connects again when the connection is lost.

const wanted = new Map();
let socket;
let delay = 500;
let again;

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket.onopen = () => {
    delay = 500;
    if (wanted.size) send({ type: "subscribe", sensors: [...wanted.keys()] });
  };
  socket.onmessage = event => {
    const message = JSON.parse(event.data);
    if (message.type === "missed") notice(`${message.count} updates were left out: this browser or its network is too slow for all of them`);
    if (message.type === "error") notice(message.detail || message.title);
    if (message.type !== "sensor_data") return;
    for (const [path, sample] of Object.entries(message.sensors)) {
      for (const listener of wanted.get(path) || []) listener(message.timestamp, sample.value, sample.quality);
    }
  };
  socket.onclose = () => {
    again = setTimeout(connect, delay);
    delay = Math.min(delay * 2, 10000);
  };
}

/// The simulator answers again: no need to wait any longer.
export function hurry() {
  if (!socket || socket.readyState !== WebSocket.CLOSED) return;
  clearTimeout(again);
  delay = 500;
  connect();
}

/// Calls `listener(timestamp, value, quality)` with the values of a sensor; returns what ends that.
export function subscribe(path, listener) {
  if (!socket) connect();
  const listeners = wanted.get(path) || new Set();
  listeners.add(listener);
  wanted.set(path, listeners);
  if (listeners.size === 1) send({ type: "subscribe", sensors: [path] });
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    wanted.delete(path);
    send({ type: "unsubscribe", sensors: [path] });
  };
}
