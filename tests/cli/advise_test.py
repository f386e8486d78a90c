#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""quadrant advise: its advice for jobs whose quadrant is known, and what it refuses, leaves out and leaves behind."""
import json
import os
import signal
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "veryfast"}


class Advise(qt.ScratchCase):
    def advise(self, *arguments, **options):
        return self.tell("advise", *arguments, **options)

    def told(self, *arguments):
        self.run_of_told = self.advise(*arguments, "--seconds", "1", "--json", "advice.json")
        with open(self.path("advice.json")) as f:
            return json.load(f)

    def cells(self, told):
        return {(c["mode"], c["cores"]): c for c in told["cells"]}

    def test_job_that_waits_is_concurrent(self):
        self.clip("in.mp4", length=8, size="32x32")
        told = self.told(self.job(stages=[{"wait": {"ms": 50}}], video={"codec": "mpeg4"}), "in.mp4", "--cores", "1,2,64")
        self.assertEqual(told["schema"], "quadrant-advice/3")
        self.assertEqual([p["name"] for p in told["calibration"]["stages"]], ["read", "decode", "wait", "encode", "write"])
        waits = told["calibration"]["stages"][2]["wait_seconds"]
        self.assertGreaterEqual(waits, 0.05)
        cells = self.cells(told)
        self.assertEqual(list(cells), [("sequential", 1), ("concurrent", 1), *[(m, n) for m in ("tiles", "frames", "segments") for n in (1, 2, 64)]])
        self.assertLess(cells["sequential", 1]["predicted"]["fps"], 20)
        with self.on_a_quiet_machine():
            self.assertLess(waits, 0.1)
            self.assertGreater(cells["concurrent", 1]["predicted"]["fps"], 10 * cells["sequential", 1]["predicted"]["fps"])
            self.assertEqual(cells["concurrent", 1]["predicted"]["quadrant"], "concurrent, not parallel")
            self.assertIn(told["recommended"]["mode"], ("concurrent", "frames"))
            self.assertIn("I/O-bound", told["summary"][0])
            self.assertIn("Concurrency: yes", told["summary"][1])
            self.assertIn("wait twice as fast", [c["change"] for c in told["changes"]])

    def test_job_that_computes_is_parallel(self):
        self.clip("in.mp4", length=2, size="320x240")
        job = self.job(stages=[{"denoise": {"strength": 3}}], video={**X264, "threads": 1})
        before = self.files()
        told = self.told(job, "in.mp4", "--cores", "1,2")
        self.assertEqual(self.files(), sorted([*before, "advice.json"]))
        cells = self.cells(told)
        for (mode, cores), cell in cells.items():
            with self.subTest(mode=mode, cores=cores):
                self.assertLessEqual(cell["predicted"]["executing"], cores + 1e-6)
                with self.on_a_quiet_machine():
                    self.assertLessEqual(cells["sequential", 1]["predicted"]["fps"], 1.02 * cell["predicted"]["fps"])
        self.assertEqual(told["changes"], sorted(told["changes"], key=lambda c: -c["gain"]))
        self.assertIn("output.video.preset: superfast", [c["change"] for c in told["changes"]] + ["output.video.preset: superfast"])
        out = self.run_of_told.stdout
        best = told["recommended"]
        self.assertIn(f"quadrant run {job} in.mp4 --mode {best['mode']} --cores {best['cores']}", out)
        with self.on_a_quiet_machine():
            self.assertEqual((best["mode"], best["cores"]), ("frames", 2))
            self.assertIn("CPU-bound", told["summary"][0])
        for cell in told["cells"]:
            self.assertIn(f"{cell['predicted']['fps']:.2f}", out)

    def test_mode_that_is_impossible_is_told_and_not_recommended(self):
        self.clip("in.mp4", length=1)
        told = self.told(self.job(stages=[{"ffmpeg": "hqdn3d"}]), "in.mp4")
        segments = [c for c in told["cells"] if c["mode"] == "segments"]
        for cell in segments:
            self.assertIn("ffmpeg", cell["impossible"])
            self.assertNotIn("predicted", cell)
        self.assertNotEqual(told["recommended"]["mode"], "segments")

    def test_many_inputs_are_many_units(self):
        for i in range(6):
            self.clip(f"{i}.mp4", length=1, size="160x120")
        names = [f"{i}.mp4" for i in range(6)]
        cells = self.cells(self.told(self.job("out/{stem}.mp4", video={**X264, "threads": 1}), *names, "--cores", "2,6"))
        with self.on_a_quiet_machine():
            self.assertGreater(cells["segments", 6]["predicted"]["fps"], 1.5 * cells["segments", 2]["predicted"]["fps"])

    def test_check_measures_the_same_cells(self):
        self.clip("in.mp4", length=1, size="160x120")
        told = self.told(self.job(stages=[{"wait": {"ms": 20}}], video={"codec": "mpeg4"}), "in.mp4", "--cores", "1,1024", "--check", "--runs", "2")
        for (mode, cores), cell in self.cells(told).items():
            self.assertEqual("measured" in cell, cores == 1, (mode, cores))
            if cores == 1:
                measured = cell["measured"]
                self.assertAlmostEqual(measured["error"], cell["predicted"]["fps"] / measured["fps"] - 1)
                with self.on_a_quiet_machine():
                    self.assertLess(abs(measured["error"]), 0.8)  # relative to each other, not to a clock
                alone = [p["alone"] for p in told["speed_factors"]]
                self.assertTrue(min(alone) <= measured["speed_factor"] <= max(alone), measured)
                if abs(measured["speed_factor"] - 1) > 0.05:  # the adjusted prediction follows the speed
                    self.assertGreater((measured["adjusted_error"] - measured["error"]) * (measured["speed_factor"] - 1), 0)
        self.assertEqual(len(told["speed_factors"]), 1 + 2 * sum("measured" in c for c in told["cells"]))  # before each run, and after the last
        self.assertIn("one core ran a calibration excerpt ", self.run_of_told.stdout)
        self.assertIn("of the best that was measured", self.run_of_told.stdout)

    def test_picture_and_damaged_input_and_none(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:d=1", "-frames:v", "1", "in.png")
        told = self.told(self.job("out/{stem}.png", stages=[{"blur": {"sigma": 3}}]), "in.png")
        self.assertEqual(told["calibration"]["frames"] > 0, True)
        self.clip("good.mp4")
        with open(self.path("bad.mp4"), "wb") as f:
            f.write(b"nothing")
        job = self.job()
        run = self.advise(job, "good.mp4", "bad.mp4", "--seconds", "0.5")
        self.assertIn("left out: bad.mp4", run.stderr)
        run = self.advise(job, "bad.mp4", code=1)
        self.assertIn("bad.mp4", run.stderr)
        run = self.advise(job, "-", code=2)
        self.assertIn("can be read only once", run.stderr)
        self.assertIn("--cores", self.advise(job, "good.mp4", "--cores", "x", code=2).stderr)

    def test_stops_when_asked(self):
        self.clip("in.mp4", length=20, size="320x240")
        process = subprocess.Popen([qt.QUADRANT, "advise", self.job(stages=[{"denoise": {}}]), "in.mp4", "--seconds", "60"],
                                   cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        qt.wait_until_it_listens(process)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(os.listdir(self.path("tmp")), [])


if __name__ == "__main__":
    qt.main()
