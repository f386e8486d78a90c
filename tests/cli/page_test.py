#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page of `quadrant bench --html`, in headless Chromium: it loads without an error and without a network, its charts
show the figures of --json, and it is readable in light and dark mode, on a phone, by keyboard and by screen reader.

Needs Debian's chromium and chromium-driver (tools/setup test); skipped with a message without them.
QUADRANT_SCREENSHOTS=DIR keeps screenshots.
"""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import quadrant_testing as qt

PHONE = {"width": 375, "height": 812, "deviceScaleFactor": 2, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
INK = """n => { const c = n.getContext('2d').getImageData(0, 0, n.width, n.height).data; const seen = new Set();
  for (let i = 0; i < c.length; i += 4) if (c[i + 3] > 200) seen.add((c[i] >> 4 << 8) | (c[i + 1] >> 4 << 4) | c[i + 2] >> 4); return seen.size; }"""


FIRST = "return document.querySelector('main').firstElementChild.textContent"  # what a page opens with


class Browser:
    """Chromium, controlled by the WebDriver protocol without a library."""

    def __init__(self, directory):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.driver.stdout:
            if found := re.search(r"successfully on port (\d+)", line):
                break
        self.base = f"http://127.0.0.1:{found[1]}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={directory}"]
        made = self.ask("/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": arguments},
                                                                      "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += "/session/" + made["sessionId"]

    def ask(self, path, body=None, method="POST"):
        data = None if method == "DELETE" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error}: {error.read().decode(errors='replace')}") from None

    def open(self, path):
        self.ask("/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        return self.ask("/execute/sync", {"script": script, "args": list(arguments)})

    def cdp(self, command, **parameters):
        return self.ask("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, scheme, size):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.cdp("Emulation.setDeviceMetricsOverride", **size)

    def press(self, key):
        self.ask("/actions", {"actions": [{"type": "key", "id": "keys", "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def picture(self, path, size):
        """A screenshot of the whole page: Chromium leaves canvases outside a phone's screen empty in larger screenshots."""
        self.cdp("Emulation.setDeviceMetricsOverride", **{**size, "height": self.run("return document.documentElement.scrollHeight")})
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.cdp("Page.captureScreenshot")["data"]))

    def complaints(self):
        return [entry["message"] for entry in self.ask("/se/log", {"type": "browser"})]

    def close(self):
        try:
            self.ask("", method="DELETE")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()


def contrast(one, other):
    """WCAG 2's ratio of two colours as rgb(…) texts."""
    def light(text):
        parts = [int(n) / 255 for n in re.findall(r"\d+", text)[:3]]
        return sum(w * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4) for w, p in zip((0.2126, 0.7152, 0.0722), parts))
    a, b = sorted((light(one), light(other)))
    return (b + 0.05) / (a + 0.05)


class Page(qt.Case):
    @classmethod
    def setUpClass(cls):
        missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
        if missing:
            print(f"SKIPPED: no {' and no '.join(missing)}; tools/setup test installs them")
            sys.exit(qt.SKIPPED)

    def setUp(self):
        super().setUp()
        self.browser = Browser(self.path("profile"))
        self.addCleanup(self.browser.close)

    def bench(self):
        """The page of one bench, made once for all tests."""
        if not hasattr(Page, "made"):
            Page.made = tempfile.mkdtemp(prefix="quadrant-page-")
            self.addClassCleanup(shutil.rmtree, Page.made)
            self.bench_of("in.mp4")
            for name in ("f.json", "page.html"):
                shutil.copy(self.path(name), Page.made)
        for name in ("f.json", "page.html"):
            shutil.copy(os.path.join(Page.made, name), self.path(name))
        self.look_at_the_bench()

    def look_at_the_bench(self):
        with open(self.path("f.json")) as f:
            self.told = json.load(f)
        self.browser.open(self.path("page.html"))

    def bench_of(self, *names):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.4)
        for name in set(names) - {"in.mp4"}:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            shutil.copy(self.path("in.mp4"), self.path(name))
        job = self.job(path="out/{index}.mkv", video={"codec": "libx264", "preset": "ultrafast"}, stages=[{"blur": {"sigma": 1}}, {"wait": {"ms": 5}}])
        run = self.quadrant("bench", job, *names, "--cores", "1,2", "--runs", "2", "--json", "f.json", "--html", "page.html")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_loads_by_itself_and_without_an_error(self):
        self.bench()
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').length"), 0)
        self.assertNotRegex(re.sub(r"https://(www\.chartjs\.org|github\.com)[\w./-]*|http://www\.w3\.org[\w./-]*", "", qt.content(self.path("page.html")).decode()),
                            r"(?i)<(script|img|link)[^>]+(src|href)=.?https?:")

    def test_charts_show_the_figures(self):
        self.bench()
        cells = [c for c in self.told["cells"] if c["summary"]]
        drawn = self.browser.run("return quadrantCharts.map(c => c.data.datasets.map(d => ({label: d.label, data: d.data})))")
        throughput, efficiency, quadrants, stages, places, *over_time = drawn
        by_mode = {d["label"]: d["data"] for d in throughput}
        for mode in ("sequential", "concurrent", "tiles", "frames", "segments"):
            mine = [c for c in cells if c["mode"] == mode]
            self.assertEqual([(p["x"], p["y"], p["low"], p["high"]) for p in by_mode[mode]],
                             [(c["cores"], *(c["summary"]["fps"][k] for k in ("median", "low", "high"))) for c in mine])
        ideal = cells[0]["summary"]["fps"]["median"]
        self.assertEqual([(p["x"], p["y"]) for p in by_mode["ideal"]], [(1, ideal), (2, 2 * ideal)])
        self.assertEqual(len(throughput), 6)  # and no curve: two core counts identify no law
        self.assertEqual({d["label"] for d in efficiency}, {d["label"] for d in throughput})
        self.assertEqual([[(p["x"], p["y"]) for p in d["data"]] for d in quadrants], [[(r["in_progress"], r["executing"]) for r in c["runs"]] for c in cells])
        bars = {d["label"]: d["data"] for d in stages}
        blur = [1000 * next(s for s in c["summary"]["stages"] if s["name"] == "blur")["cpu_seconds"] / c["runs"][0]["frames"] for c in cells]
        for ours, theirs in zip(bars["blur, executing"], blur):
            self.assertAlmostEqual(ours, theirs)
        self.assertGreater(min(bars["wait, waiting"]), 4)  # of 5 ms a frame
        waiting = next(d["data"] for d in places if d["label"] == "waiting in a stage")
        self.assertEqual(waiting, [c["summary"]["in_progress_by_kind"]["wait"] for c in cells])
        self.assertGreater(min(waiting), 0)
        for chart, (key, unit) in zip(over_time, (("in_progress", 1), ("executing", 1), ("rss_bytes", 2**20)), strict=True):
            self.assertEqual([[(p["x"], p["y"]) for p in d["data"][1:]] for d in chart],
                             [list(zip(c["over_time"]["seconds"], (v / unit for v in c["over_time"][key]))) for c in cells])
        for colours in self.browser.run(f"return [...document.querySelectorAll('canvas')].map({INK})"):
            self.assertGreater(colours, 10)

    def test_opens_with_the_answer(self):
        self.bench()
        best = max((c for c in self.told["cells"] if c["summary"]), key=lambda c: c["summary"]["fps"]["median"])
        self.assertEqual(self.told["best"], {"mode": best["mode"], "cores": best["cores"]})
        answer = self.browser.run(FIRST)
        for said in (f"Fastest: {best['mode']}, {best['cores']} core", f"{best['summary']['fps']['median']:.2f} fps", f"{best['summary']['speed_up']['median']:.2f} times sequential on 1 core",
                     "10 frames in", *self.told["summary"]):
            self.assertIn(said, answer)

    def test_tables_stand_behind_the_charts(self):
        self.bench()
        figures = self.browser.run("""return [...document.querySelectorAll('figure')].map(f => ({label: f.querySelector('canvas').getAttribute('aria-label'),
          rows: f.querySelectorAll('details tbody tr').length, heads: [...f.querySelectorAll('th')].every(h => h.scope), caption: f.querySelector('caption').textContent}))""")
        samples = sum(len(cell["over_time"]["seconds"]) for cell in self.told["cells"])
        self.assertEqual([figure["rows"] for figure in figures], 5 * [8] + 3 * [samples])
        for figure in figures:
            self.assertTrue(figure["heads"] and figure["label"] and figure["caption"])
        plan = self.told["plans"][0]["plan"]["nodes"]
        self.assertEqual([n["name"] for n in plan], ["decode", "blur", "wait", "encode"])
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('ol.plan > li > strong')].map(s => s.textContent)"), [n["name"] for n in plan])
        text = self.browser.run("return document.querySelector('#figures').textContent")
        for cell in self.told["cells"]:
            self.assertIn(f"{cell['summary']['fps']['median']:.2f}", text)
        for fact in (self.told["machine"]["kernel"], self.told["libraries"]):
            self.assertIn(fact, self.browser.run("return document.querySelector('main').textContent"))
        self.assertIn("cannot identify", self.browser.run("return document.querySelector('main').textContent"))
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('.warnings li')].map(l => l.textContent)"), self.told["warnings"])

    def test_keyboard(self):
        self.bench()
        focus = "return (e => e.tagName + ' ' + e.textContent)(document.activeElement)"
        self.browser.press("\ue004")
        self.assertEqual(self.browser.run(focus), "A Skip the charts, go to the figures")
        self.browser.press("\ue004")
        self.assertEqual(self.browser.run(focus), "SUMMARY Figures of “Throughput against cores”")
        self.assertNotEqual(self.browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "none")
        self.browser.press("\ue007")
        self.assertTrue(self.browser.run("return document.activeElement.parentElement.open"))
        self.browser.press("\ue004")
        self.assertEqual(self.browser.run("return document.activeElement.getAttribute('role')"), "region")

    def test_light_dark_and_phone(self):
        self.bench()
        grounds = set()
        for scheme in ("light", "dark"):
            for size in (DESK, PHONE):
                with self.subTest(scheme=scheme, width=size["width"]):
                    self.browser.look(scheme, size)
                    self.browser.open(self.path("page.html"))
                    self.browser.run("document.querySelectorAll('figure details').forEach(d => { d.open = true; })")
                    self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), size["width"])
                    for what in ("body", "figure p", "summary", "caption", ".warnings", "td"):
                        ink, ground = self.browser.run("""let e = document.querySelector(arguments[0]); const ink = getComputedStyle(e).color;
                          while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement; return [ink, getComputedStyle(e).backgroundColor]""", what)
                        self.assertGreaterEqual(contrast(ink, ground), 4.5, what)
                    grounds.add(self.browser.run("return getComputedStyle(document.body).backgroundColor"))
                    self.assertEqual(self.browser.complaints(), [])
                    if directory := os.environ.get("QUADRANT_SCREENSHOTS"):
                        self.browser.run("document.querySelectorAll('figure details').forEach(d => { d.open = false; })")
                        self.browser.picture(os.path.join(directory, f"{scheme}-{size['width']}.png"), size)
        self.assertEqual(len(grounds), 2)
        light = self.browser.run("return quadrantCharts[0].options.scales.x.title.color")
        self.browser.look("light", DESK)  # while it is open
        self.assertNotEqual(self.browser.run("return quadrantCharts[0].options.scales.x.title.color"), light)

    def test_a_run_has_a_page_too(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.4)
        run = self.run_job(self.job(video={"codec": "libx264", "preset": "ultrafast"}, stages=[{"blur": {"sigma": 1}}]), "in.mp4", "gone.mp4",
                           "-m", "frames", "--report", "r.json", "--html", "page.html", code=1)
        self.assertIn("failed: gone.mp4", run.stderr)
        with open(self.path("r.json")) as f:
            told = json.load(f)
        self.browser.open(self.path("page.html"))
        self.assertEqual(self.browser.complaints(), [])
        quadrants, over, memory, places, stages, in_progress, executing = self.browser.run(
            "return quadrantCharts.map(c => c.data.datasets.map(d => ({label: d.label, data: d.data})))")
        self.assertEqual([d["data"] for d in quadrants], [[{"x": told["in_progress"]["mean"], "y": told["executing"]["mean"]}]])
        blur = next(s for s in told["inputs"][0]["stages"] if s["name"] == "blur")
        self.assertAlmostEqual(next(d["data"][0] for d in stages if d["label"] == "blur, executing"), 1000 * blur["cpu_seconds"] / 10)
        t = told["over_time"]
        self.assertEqual([[(p["x"], p["y"]) for p in d["data"][1:]] for d in over], [list(zip(t["seconds"], t[key])) for key in ("in_progress", "executing")])
        self.assertEqual([p["y"] for p in memory[0]["data"][1:]], [b / 2**20 for b in t["rss_bytes"]])
        drawn = [sum(value or 0 for value in column) for column in zip(*(d["data"] for d in places))]
        self.assertEqual(drawn, [p["mean"] for p in told["in_progress"]["states"]])
        for chart, key in ((in_progress, "in_progress"), (executing, "executing")):
            self.assertAlmostEqual(sum(chart[0]["data"]), 100)
            self.assertEqual(len(chart[0]["data"]), len(told[key]["histogram"]))
        plan = told["inputs"][0]["plan"]["nodes"]
        self.assertEqual([n["name"] for n in plan], ["decode", "blur", "encode"])
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('ol.plan > li > strong')].map(s => s.textContent)"), [n["name"] for n in plan])
        for text in [n["output"] for n in plan] + [n["how"] for n in plan] + [told["machine"]["kernel"]] + [t["name"] for t in told["executing"]["threads"]]:
            self.assertIn(text, self.browser.run("return document.querySelector('main').textContent"))
        self.assertTrue(self.browser.run("return [...document.querySelectorAll('figure')].every(f => f.querySelector('canvas').getAttribute('aria-label') && f.querySelector('details table tbody tr'))"))
        answer = self.browser.run(FIRST)
        error = next(i["error"] for i in told["inputs"] if i["input"] == "gone.mp4")
        for said in ("What happened", "1 done, 0 up to date, 1 failed", "10 frames in", f"{told['fps']:.1f} frames per second", f"Failed{error}"):
            self.assertIn(said, answer)
        self.look_at_the_run()
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('#inputs tr.bad th')].map(h => h.textContent)"), ["gone.mp4"])
        self.assertIn(told["mode_reason"], self.browser.run("return document.querySelector('main').textContent"))

    def look_at_the_run(self):
        for scheme in ("light", "dark"):
            for size in (DESK, PHONE):
                self.browser.look(scheme, size)
                self.browser.open(self.path("page.html"))
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), size["width"])
                for what in (".plan strong", ".plan span", ".plan .here"):
                    ink, ground = self.browser.run("""let e = document.querySelector(arguments[0]); const ink = getComputedStyle(e).color;
                      while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement; return [ink, getComputedStyle(e).backgroundColor]""", what)
                    self.assertGreaterEqual(contrast(ink, ground), 4.5, what)
                self.assertEqual(self.browser.complaints(), [])
                if directory := os.environ.get("QUADRANT_SCREENSHOTS"):
                    self.browser.picture(os.path.join(directory, f"run-{scheme}-{size['width']}.png"), size)

    def test_advice_has_a_page_too(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=1)
        job = self.job(video={"codec": "mpeg4"}, stages=[{"blur": {"sigma": 1}}, {"wait": {"ms": 10}}, {"ffmpeg": "hqdn3d"}])
        run = self.quadrant("advise", job, "in.mp4", "--cores", "1,1024", "--seconds", "0.5", "--check", "--runs", "1", "--json", "a.json", "--html", "page.html")
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(self.path("a.json")) as f:
            told = json.load(f)
        self.browser.open(self.path("page.html"))
        self.assertEqual(self.browser.complaints(), [])
        lines, quadrants, stages = self.browser.run("return quadrantCharts.map(c => c.data.datasets.map(d => ({label: d.label, data: d.data})))")
        cells = [c for c in told["cells"] if "predicted" in c]
        self.assertEqual(sorted(p["y"] for d in lines if d["label"] != "measured" for p in d["data"]), sorted(c["predicted"]["fps"] for c in cells))
        self.assertEqual([p["y"] for p in lines[-1]["data"]], [c["measured"]["fps"] for c in cells if "measured" in c])
        self.assertEqual([d["data"][0] for d in quadrants], [{"x": c["predicted"]["in_progress"], "y": c["predicted"]["executing"]} for c in cells])
        wait = next(p for p in told["calibration"]["stages"] if p["name"] == "wait")
        self.assertAlmostEqual(next(d["data"][0] for d in stages if d["label"] == "wait, waiting"), 1000 * wait["wait_seconds"])
        plan = told["plans"][0]["plan"]["nodes"]
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('ol.plan > li > strong')].map(s => s.textContent)"), [n["name"] for n in plan])
        text = self.browser.run("return document.body.textContent")
        self.assertIn(f"Recommended: {told['recommended']['mode']}, ", self.browser.run(FIRST))
        impossible = next(c["impossible"] for c in told["cells"] if "impossible" in c)
        for said in [*told["summary"], *(c["change"] for c in told["changes"]), impossible, f"{told['recommended']['mode']}, "]:
            self.assertIn(said, text)
        for scheme in ("light", "dark"):
            for size in (DESK, PHONE):
                self.browser.look(scheme, size)
                self.browser.open(self.path("page.html"))
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), size["width"])
                self.assertEqual(self.browser.complaints(), [])
                if directory := os.environ.get("QUADRANT_SCREENSHOTS"):
                    self.browser.picture(os.path.join(directory, f"advice-{scheme}-{size['width']}.png"), size)

    def test_names_are_text(self):
        self.bench_of("a<" + "/script><img src=x onerror=window.bad=1>.mp4", "<b onmouseover=x>.mp4")
        self.look_at_the_bench()
        self.assertEqual(self.browser.complaints(), [])
        self.assertIsNone(self.browser.run("return window.bad || null"))
        self.assertIn("a</script><img src=x onerror=window.bad=1>.mp4", self.browser.run("return document.querySelector('main').textContent"))
        self.assertEqual(self.browser.run("return document.querySelectorAll('img, b').length"), 0)


if __name__ == "__main__":
    qt.main()
