"""Goes through the simulator's pages as a person does: simulator_pages.py ADDRESS FOLDER

Opens each page, switches a protocol, charts two sensors and looks closer, injects a fault and sees it in the chart and
on the control chart, lets a bearing wear and sees its line, runs a scenario; in light and dark, wide and 360 pixels
wide. Photographs go to FOLDER. Prints what was seen as
one line of JSON.
"""

import json
import os
import sys

from browser import Browser

PAGES = ["overview", "sensors", "charts", "spectrum", "spc", "faults", "scenarios", "tables"]
POWER = "mining/crusher_1_motor_power"
CURRENT = "mining/crusher_1_motor_current"
VIBRATION = "mining/crusher_1_vibration_x"
CHART = "globalThis.Chart.getChart('charts-canvas')"


def row(body, text):
    """An expression: the row of a table body whose text contains `text`."""
    return f"[...document.querySelectorAll('#{body} tr')].find(r => r.innerText.includes({json.dumps(text)}))"


def main():
    address, folder = sys.argv[1].rstrip("/"), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    seen = {}
    with Browser() as browser:
        def page(name, query=""):
            browser.open(f"{address}/#{name}{query}")
            browser.wait(f"page {name}", f"document.body?.dataset.ready === 'yes' && !document.getElementById('{name}').hidden")

        def photograph(name):
            browser.photograph(os.path.join(folder, name + ".png"))

        browser.size(1440, 900)
        browser.scheme("light")
        page("overview")
        browser.wait("the protocols", "document.querySelectorAll('#protocols tr').length === 3")
        seen["style"] = browser.run("getComputedStyle(document.documentElement).getPropertyValue('--bs-blue') !== '' && !!globalThis.Chart")
        seen["connection"] = browser.run("document.getElementById('connection').innerText")
        seen["in_words"] = browser.run(f"{row('protocols', 'Modbus')}.cells[2].innerText")
        seen["protocol_before"] = browser.run(f"{row('protocols', 'Modbus')}.cells[1].innerText")
        photograph("overview-stopped")

        # A chart with two series, before any protocol runs.
        page("charts", f"?sensor={POWER}")
        browser.wait("the first series", row("charts-rows", POWER))
        browser.write("#charts-sensor", CURRENT)
        browser.press("#charts-form button[type=submit]")
        browser.wait("the second series", row("charts-rows", CURRENT))
        browser.wait("live samples", f"Number({row('charts-rows', POWER)}.cells[6].innerText) >= 5")
        seen["sigma"] = browser.run(f"{row('charts-rows', POWER)}.cells[5].innerText")
        seen["series"] = browser.run("globalThis.Chart.getChart('charts-canvas').data.datasets.map(d => d.label)")
        seen["axes"] = browser.run("Object.keys(globalThis.Chart.getChart('charts-canvas').scales).sort()")
        # Looking closer by drawing over the chart, and back to now.
        width = f"{CHART}.scales.x.max - {CHART}.scales.x.min"
        before = browser.run(width)
        browser.drag("#charts-canvas", 0.3, 0.6)
        browser.wait("the time stands still", "document.getElementById('charts-range').innerText.includes('standing still')")
        seen["closer"] = browser.run(width) < before or before <= 5000
        browser.press("#charts-live")
        browser.wait("the time goes on", "document.getElementById('charts-range').innerText.includes('live')")
        photograph("charts")

        page("overview")
        browser.press("#protocols button[aria-label='Start Modbus TCP']")
        browser.wait("Modbus runs", f"{row('protocols', 'Modbus')}.cells[1].innerText === 'running'")
        seen["endpoint"] = browser.run(f"{row('protocols', 'Modbus')}.cells[2].innerText")
        photograph("overview-running")

        page("sensors")
        browser.write("#sensors-search", "crusher_1_motor")
        browser.wait("the search", "document.querySelectorAll('#sensors-rows tr').length < 10 && document.querySelectorAll('#sensors-rows tr').length > 0")
        seen["found"] = browser.run("[...document.querySelectorAll('#sensors-rows tr')].map(r => r.cells[0].innerText)")
        photograph("sensors")

        # The control chart knows at once what is healthy; here it is watched while a fault comes.
        page("spc", f"?sensor={POWER}")
        browser.wait("the limits", "document.querySelectorAll('#spc-facts dd').length === 6")
        browser.wait("it is in control", "document.getElementById('spc-text').innerText.includes('values')")
        seen["bands"] = browser.run("globalThis.Chart.getChart('spc-canvas').data.datasets.map(d => d.label)")

        # A fault: first a wrong one, whose sentence is shown, then one that is seen in the values.
        page("faults")
        browser.wait("the kinds", "document.querySelectorAll('#fault-kind option').length > 5")
        browser.choose("#fault-kind", "noise")
        browser.write("#fault-sensor", "moon/dust")
        browser.press("#fault-form button[type=submit]")
        seen["refusal"] = browser.wait(
            "the refusal", "document.getElementById('notice').innerText.includes('moon') && document.getElementById('notice').innerText")
        browser.write("#fault-sensor", POWER)
        browser.choose("#fault-kind", "fixed")
        browser.write("#fault-value", "777")
        browser.write("#fault-duration", "300")
        browser.press("#fault-form button[type=submit]")
        browser.wait("the fault is listed", row("faults-rows", POWER))
        photograph("faults")
        page("charts")
        browser.wait("the fault is seen", f"{row('charts-rows', POWER)}.cells[1].innerText === '777'")
        photograph("charts-fault")
        seen["in_chart"] = browser.run(f"{CHART}.data.datasets[0].data.some(point => point.y === 777)")
        page("spc")
        seen["flagged"] = browser.wait(
            "the fault is flagged", f"{row('spc-rows', 'no healthy day shows')}?.innerText")
        photograph("spc")
        page("faults")
        browser.press("#faults-rows button")
        browser.wait("the fault is gone", "document.querySelectorAll('#faults-rows tr').length === 0")

        # A worn bearing and its line in the spectrum.
        browser.write("#failure-machine", "mining/crusher_1")
        browser.choose("#failure-kind", "bearing_wear")
        browser.write("#failure-value", "0.9")
        browser.write("#failure-ramp", "0")
        browser.press("#failure-form button[type=submit]")
        browser.wait("the failure is listed", row("faults-rows", "bearing wear"))
        # The page proposes a sensor, which comes late here: a field that somebody stands in stays theirs.
        browser.run(
            "globalThis.held = []; globalThis.plainFetch = fetch; globalThis.fetch = async (...call) => {"
            " if (String(call[0]).includes('/api/sensors?')) await new Promise(go => held.push(go)); return plainFetch(...call); };")
        page("spectrum")
        browser.run("(e => { e.focus(); e.dispatchEvent(new Event('input')); })(document.getElementById('spectrum-sensor'))")
        browser.wait("two questions for sensors", "held.length >= 2")
        browser.run("globalThis.fetch = plainFetch; held.forEach(go => go())")
        browser.wait("the proposals of the field", "document.querySelectorAll('#spectrum-list option').length > 0")
        seen["untouched"] = browser.run("document.getElementById('spectrum-sensor').value")
        browser.write("#spectrum-sensor", VIBRATION)
        browser.press("#spectrum-form button[type=submit]")
        browser.wait("the wear", "document.getElementById('spectrum-text').innerText.includes('wear 0.9')")
        seen["spectrum"] = browser.run("document.getElementById('spectrum-text').innerText")
        seen["lines"] = browser.run("[...document.querySelectorAll('#spectrum-rows tr')].map(r => r.cells[0].innerText)")
        photograph("spectrum")
        page("faults")
        browser.press("#faults-clear")
        browser.wait("no faults", "document.getElementById('faults-count').innerText === 'none'")

        page("scenarios")
        browser.wait("the scenarios", "document.querySelectorAll('#scenarios-rows tr').length > 0")
        browser.press("#scenarios-rows button")
        browser.wait("a scenario runs", "document.querySelector('#scenarios-rows progress')")
        photograph("scenarios")
        browser.press("#scenarios-rows button")
        browser.wait("no scenario runs", "!document.querySelector('#scenarios-rows progress')")

        page("tables")
        browser.wait("the register map", row("tables-rows", "mining/conveyor_belt_1_speed"))
        photograph("tables")
        seen["tables"] = []
        for table, text in (("opcua", "nsu=urn:penstock:ot-simulator"), ("mqtt", f"sensors/{POWER}/value")):
            browser.choose("#tables-kind", table)
            browser.write("#tables-search", "crusher_1_motor_power")
            browser.wait(f"the table {table}", f"document.querySelectorAll('#tables-rows tr').length === 1 && {row('tables-rows', text)}")
            seen["tables"].append(browser.run("fetch(document.getElementById('tables-csv').href).then(a => a.text()).then(t => t.trim().split('\\n').length)"))

        # Every page in the dark and on a small screen: nothing may be wider than the screen.
        browser.size(360, 740)
        seen["too_wide"] = []
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            for name in PAGES:
                page(name)
                browser.run("new Promise(done => setTimeout(done, 250))")
                if browser.run("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    seen["too_wide"].append(name)
                photograph(f"{name}-small-{scheme}")
        browser.size(1200, 900)
        page("charts")
        photograph("charts-dark")
        # Whoever uses no mouse gets to the content and through the sections.
        seen["unlabelled"] = browser.run(
            "[...document.querySelectorAll('input, select, button, canvas')]"
            ".filter(e => !e.labels?.length && !e.getAttribute('aria-label') && !e.textContent.trim()).map(e => e.id)")
        # A browser notes every refusal in its console: the one that was provoked above is none of the page's.
        refusals = [text for text in browser.complaints if "404" in text and text.endswith("/api/faults")]
        seen["provoked"] = len(refusals)
        seen["complaints"] = [text for text in browser.complaints if text not in refusals]
    print(json.dumps(seen))


main()
