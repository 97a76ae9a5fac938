"""Looks at the simulator's page where Bootstrap and Chart.js are missing: simulator_plain_page.py ADDRESS"""

import json
import sys

from browser import Browser

with Browser() as browser:
    browser.size(800, 600)
    browser.open(sys.argv[1] + "/#overview")
    browser.wait("the page", "document.body?.dataset.ready === 'yes'")
    browser.wait("the protocols", "document.querySelectorAll('#protocols tr').length")
    sentence = browser.run("document.getElementById('no-assets').innerText")
    browser.open(sys.argv[1] + "/#charts?sensor=mining/crusher_1_motor_power")
    browser.wait("the statistics", "document.querySelectorAll('#charts-rows tr').length === 1")
    protocols = browser.run("document.querySelectorAll('#protocols tr').length")
print(json.dumps({"sentence": sentence, "protocols": protocols}))
