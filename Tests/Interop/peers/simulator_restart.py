"""Keeps the simulator's page open while the simulator goes and comes back: simulator_restart.py ADDRESS FOLDER

Prints `ready` once a chart is live and `lost` once the page says that the connection is gone; then waits for the page
to go on by itself, without being loaded anew.
"""

import os
import sys

from browser import Browser
from peer import result

POWER = "mining/crusher_1_motor_power"
LAST = "globalThis.Chart.getChart('charts-canvas').data.datasets[0].data.at(-1)?.x"

address, folder = sys.argv[1].rstrip("/"), sys.argv[2]
os.makedirs(folder, exist_ok=True)
with Browser() as browser:
    browser.size(1440, 900)
    browser.open(f"{address}/#charts?sensor={POWER}")
    browser.wait("the page", "document.body?.dataset.ready === 'yes'")
    browser.wait("live values", "Number(document.querySelector('#charts-rows tr')?.cells[6].innerText) >= 3")
    browser.run("globalThis.isTheSamePage = true")
    before = list(browser.complaints)
    print("ready", flush=True)

    lost = browser.wait("the loss is told", "document.getElementById('lost').innerText", seconds=60)
    state = browser.run("document.getElementById('connection').innerText")
    browser.photograph(os.path.join(folder, "connection-lost.png"))
    last = browser.run(LAST)
    print("lost", flush=True)

    browser.wait("the connection is back", "document.getElementById('connection').innerText === 'connected'", seconds=60)
    told = browser.run("document.getElementById('notice').innerText")
    gone = browser.run("document.getElementById('lost').innerText")
    browser.wait("the chart goes on", f"{LAST} > {last}", seconds=60)
    browser.photograph(os.path.join(folder, "connection-back.png"))
    same = browser.run("globalThis.isTheSamePage === true")
    # While nobody answers, a browser notes each question in its console; anything else is a complaint of the page.
    after = [text for text in browser.complaints[len(before):] if "ERR_" not in text and "WebSocket connection" not in text]
result(lost=lost, state=state, told=told, gone=gone, same_page=same, complaints=before + after)
