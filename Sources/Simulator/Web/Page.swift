import WebSupport

/// The page at `/`: protocols with a switch each, and the values of now. Script and style are files of
/// their own, as the content security policy wants it.
enum Page {
    static func add(to table: inout WebRoutes) {
        table.get("/") { _ in .html(document) }
        table.get("/page.js") { _ in .bytes(Array(script.utf8), contentType: "text/javascript; charset=utf-8") }
        table.get("/page.css") { _ in .bytes(Array(style.utf8), contentType: "text/css; charset=utf-8") }
    }

    private static let document = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>OT simulator</title>
        <link rel="stylesheet" href="/page.css">
        <script src="/page.js" defer></script>
        </head>
        <body>
        <header><h1>OT simulator</h1><p id="clock" aria-live="off">waiting for the first tick</p></header>
        <main>
        <section aria-labelledby="protocols-title">
        <h2 id="protocols-title">Protocols</h2>
        <p id="notice" role="status"></p>
        <table><thead><tr><th scope="col">Protocol</th><th scope="col">State</th><th scope="col">Endpoint</th>
        <th scope="col"><span class="hidden">Switch</span></th></tr></thead><tbody id="protocols"></tbody></table>
        </section>
        <section aria-labelledby="sensors-title">
        <h2 id="sensors-title">Sensors</h2>
        <p><label for="search">Search</label> <input id="search" type="search" autocomplete="off">
        <span id="count"></span> · <a href="/api/modbus/map?format=csv">Modbus register map</a></p>
        <table><thead><tr><th scope="col">Sensor</th><th scope="col">Value</th><th scope="col">Unit</th>
        <th scope="col">Range</th><th scope="col">Quality</th></tr></thead><tbody id="sensors"></tbody></table>
        </section>
        </main>
        </body>
        </html>
        """

    private static let script = """
        "use strict";
        const rowsMax = 500;
        const byId = id => document.getElementById(id);

        function cells(row, texts) {
          texts.forEach((text, i) => {
            const cell = row.cells[i] || row.insertCell();
            if (cell.textContent !== text) cell.textContent = text;
          });
        }

        function row(body, index) { return body.rows[index] || body.insertRow(); }

        function trim(body, count) { while (body.rows.length > count) body.deleteRow(-1); }

        async function change(name, verb) {
          byId("notice").textContent = "";
          const answer = await fetch(`/api/protocols/${name}/${verb}`, { method: "POST" });
          if (!answer.ok) {
            const problem = await answer.json();
            byId("notice").textContent = problem.detail || problem.title;
          }
          await refresh();
        }

        function showProtocols(protocols) {
          const body = byId("protocols");
          protocols.forEach((item, i) => {
            const line = row(body, i);
            cells(line, [item.title, item.state, item.url || item.error || ""]);
            const cell = line.cells[3] || line.insertCell();
            let button = cell.firstChild;
            if (!button) {
              button = cell.appendChild(document.createElement("button"));
              button.type = "button";
            }
            const verb = item.state === "running" ? "stop" : "start";
            button.textContent = verb === "stop" ? "Stop" : "Start";
            button.setAttribute("aria-label", `${button.textContent} ${item.title}`);
            button.onclick = () => change(item.name, verb);
          });
        }

        function showSensors(answer) {
          const wanted = byId("search").value.trim().toLowerCase();
          const found = answer.sensors.filter(s => s.path.includes(wanted));
          const body = byId("sensors");
          found.forEach((s, i) => {
            const line = row(body, i);
            cells(line, [s.path, String(s.value), s.unit, `${s.min} … ${s.max}`, s.quality]);
            line.className = s.quality;
          });
          trim(body, found.length);
          byId("count").textContent = `${found.length} of ${answer.count}`;
        }

        async function refresh() {
          try {
            const [health, sensors] = await Promise.all([
              fetch("/health").then(r => r.json()),
              fetch(`/api/sensors?limit=${rowsMax}`).then(r => r.json()),
            ]);
            byId("clock").textContent =
              `tick ${health.tick} · ${new Date(health.timestamp / 1000).toISOString()}`;
            showProtocols(health.protocols);
            showSensors(sensors);
          } catch (error) {
            byId("clock").textContent = "the simulator does not answer; is it still running?";
          }
        }

        async function loop() {
          await refresh();
          setTimeout(loop, 1000);
        }

        loop();
        """

    private static let style = """
        :root { color-scheme: light dark; --line: #8884; --accent: #c2410c; }
        body { margin: 0 auto; max-width: 70rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.4rem; margin: 0; color: var(--accent); }
        h2 { font-size: 1.1rem; }
        section { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
        button, input { font: inherit; padding: .2rem .8rem; }
        button:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--accent); }
        a { color: var(--accent); }
        #notice { color: var(--accent); min-height: 1.5em; margin: 0; }
        .uncertain td, .bad td { font-style: italic; }
        .hidden { position: absolute; clip-path: inset(50%); }
        """
}
