// Small helpers over the document. Text is only ever set as text, never as markup.

export const byId = id => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function button(text, label, action, style = "btn-outline-secondary") {
  const made = element("button", { type: "button", className: `btn btn-sm ${style}`, textContent: text, onclick: action });
  made.setAttribute("aria-label", label);
  return made;
}

/// Makes a table's rows those of `rows`: arrays of texts and nodes, each with a key. Rows and cells that stay are
/// kept, so that focus and selection stay too.
export function fill(body, rows) {
  const old = new Map([...body.rows].map(row => [row.dataset.key, row]));
  rows.forEach(({ key, cells, className = "" }, place) => {
    let row = old.get(key);
    old.delete(key);
    if (!row) {
      row = document.createElement("tr");
      row.dataset.key = key;
    }
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] || null);
    row.className = className;
    cells.forEach((content, column) => {
      const cell = row.cells[column] || row.insertCell();
      if (content instanceof Node) {
        // A button that looks the same stays: only what it does is renewed.
        const now = cell.firstChild;
        if (!now || now.nodeName !== content.nodeName || now.textContent !== content.textContent) cell.replaceChildren(content);
        else if (now.nodeName === "PROGRESS") now.value = content.value;
        else now.onclick = content.onclick;
      } else if (content && content.text !== undefined) {
        cell.className = content.className;
        if (cell.textContent !== content.text) cell.textContent = content.text;
      } else if (cell.textContent !== String(content)) cell.textContent = content;
    });
  });
  for (const row of old.values()) row.remove();
}

let noticeEnd;

/// Tells what happened; `done` for what went well.
export function notice(text, kind = "") {
  byId("notice").replaceChildren(...(text ? [element("p", { textContent: text, className: kind })] : []));
  clearTimeout(noticeEnd);
  if (kind === "done") noticeEnd = setTimeout(() => notice(""), 6000);
}

/// Does something and tells when it cannot be done.
export async function attempt(action, done) {
  try {
    const result = await action();
    notice(done || "", "done");
    return result;
  } catch (error) {
    notice(error.message);
    return undefined;
  }
}

export function number(value, digits = 5) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return String(value);
  return Number(value).toPrecision(digits).replace(/(\.\d*?)0+(e|$)/, "$1$2").replace(/\.(e|$)/, "$1");
}

export const time = microseconds => new Date(microseconds / 1000).toISOString().slice(11, 19);

export function seconds(value, without = "until cleared") {
  if (value === null || value === undefined || Number.isNaN(value)) return without;
  if (value < 120) return `${Math.ceil(value)} s`;
  if (value < 7200) return `${Math.round(value / 60)} min`;
  return value < 172800 ? `${Math.round(value / 3600)} h` : `${Math.round(value / 86400)} days`;
}

/// Hands the browser a file to keep.
export function save(text, name, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/// A list of industries to choose from, filled once.
export function offerIndustries(select, industries) {
  if (select.options.length) return;
  select.replaceChildren(
    element("option", { value: "", textContent: "all" }),
    ...industries.map(item => element("option", { value: item.name, textContent: item.name.replaceAll("_", " ") })));
}

/// A link to another section, about one thing.
export function link(text, section, path, label) {
  const made = element("a", { href: `#${section}?sensor=${encodeURIComponent(path)}`, textContent: text });
  made.setAttribute("aria-label", label);
  return made;
}

export function later(action, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}

/// Lets an input propose paths while it is written in. `find` gives the paths for a text.
export function propose(input, list, find) {
  const show = later(async () => {
    try {
      const paths = await find(input.value.trim());
      list.replaceChildren(...paths.map(path => element("option", { value: path })));
    } catch { /* proposals are a help only: the form itself tells of errors */ }
  }, 150);
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
}
