#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The bench-ready configurations, on small clips of the same make: each runs in every mode with the same result, and falls
into the quadrants that it demonstrates. Cores executing are checked only on an otherwise idle machine.
Which mode is fastest is left to `tools/bench quadrants`."""
import json
import os

import quadrant_testing as qt

CONFIGS = os.path.join(qt.ROOT, "configs")
CLIPS = {"small.mp4": ("--size", "320x240", "--length", "0.8"), "picture.jpg": ("--size", "1600x900", "--length", "0.04"),
         "film.mp4": ("--size", "160x90", "--length", "6", "--codec", "mpeg4")}


class Configs(qt.Case):
    def bench(self, config, clip):
        made = self.quadrant("sample", f"build/bench/{clip}", *CLIPS[clip], "--audio", "none")
        self.assertEqual(made.returncode, 0, made.stderr)
        before = self.files()
        run = self.quadrant("bench", os.path.join(CONFIGS, config), "--cores", "1,2", "--runs", "1", "--json", "f.json")
        self.assertEqual(run.returncode, 0, run.stderr + run.stdout)
        self.assertEqual(self.files(), sorted([*before, "f.json"]))
        with open(self.path("f.json")) as f:
            told = json.load(f)
        cells = {(c["mode"], c["cores"]): c["summary"] for c in told["cells"]}
        self.assertTrue(all(c["same_as_reference"] for c in told["cells"]))
        for one in (("sequential", 1), ("tiles", 1), ("tiles", 2)):
            self.assertLessEqual(cells[one]["in_progress"], 1.0, one)
        self.cores = told["machine"]["available_cores"]
        return cells

    def on_two_quiet_cores(self):
        if self.cores < 2:
            self.skipTest(f"what executes is not judged: {self.cores} cores for us")
        return self.on_a_quiet_machine()

    def test_waits(self):
        cells = self.bench("bench_waits.yaml", "small.mp4")
        self.assertGreater(cells["concurrent", 1]["in_progress"], 4)
        self.assertEqual(cells["concurrent", 1]["quadrant"], "concurrent, not parallel")
        self.assertGreater(cells["concurrent", 1]["speed_up"]["median"], 2)  # however busy the machine is, waits overlap

    def test_computes(self):
        cells = self.bench("bench_computes.yaml", "small.mp4")
        self.assertGreater(cells["concurrent", 1]["in_progress"], 1.05)
        with self.on_two_quiet_cores():
            self.assertEqual(cells["frames", 2]["quadrant"], "concurrent and parallel")

    def test_picture(self):
        cells = self.bench("bench_picture.yaml", "picture.jpg")
        with self.on_two_quiet_cores():
            self.assertEqual(cells["tiles", 2]["quadrant"], "parallel, not concurrent")

    def test_film(self):
        self.bench("bench_film.yaml", "film.mp4")
        self.run_job(os.path.join(CONFIGS, "bench_film.yaml"), "--report", "r.json", "-m", "segments")
        with open(self.path("r.json")) as f:
            self.assertGreaterEqual(json.load(f)["inputs"][0]["segments"], 3)


if __name__ == "__main__":
    qt.main()
