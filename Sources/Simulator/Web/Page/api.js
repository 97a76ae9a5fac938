// The REST interface. A refusal is thrown as an Error whose message is the problem's own sentence (RFC 9457).

async function call(method, path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { method, ...options });
  } catch {
    throw new Error("the simulator does not answer; is it still running?");
  }
  const isJSON = (answer.headers.get("Content-Type") || "").includes("json");
  const body = isJSON ? await answer.json() : null;
  if (!answer.ok) throw new Error((body && (body.detail || body.title)) || `the answer was ${answer.status}`);
  return body;
}

export const get = (path, query = {}) => {
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined);
  return call("GET", pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path);
};

export const post = (path, body) =>
  call("POST", path, body === undefined
    ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const postText = (path, text, type) => call("POST", path, { headers: { "Content-Type": type }, body: text });

export const remove = path => call("DELETE", path);

/// The path of a sensor's own resources.
export const sensorPath = (path, what) =>
  `/api/sensors/${path.split("/").map(encodeURIComponent).join("/")}/${what}`;
