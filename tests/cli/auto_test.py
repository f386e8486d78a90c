#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which mode `auto` chooses for each input, that plan and report agree on it, and that the bytes are those of `sequential`."""
import json
import os
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast", "segment": 1}


class Auto(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", length=5)
        self.clip("one.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "1000", length=25, size="32x32", rate=5)
        self.clip("short.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "1000")
        self.clip("still.png", "-frames:v", "1", size="1280x720")

    def picks(self, job, *inputs, cores=2):
        """The reported mode by input; it must be the plan's, and the files must be those of `sequential`."""
        arguments = [job, *inputs, "--cores", str(cores), "--overwrite"]
        plan = self.quadrant("explain", *arguments)
        self.run_job(*arguments, "--report", "report.json")
        with open(self.path("report.json")) as f:
            report = json.load(f)
        self.assertEqual([i["status"] for i in report["inputs"]], ["done"] * len(inputs))
        for entry in report["inputs"]:
            self.assertIn(f"run    {entry['mode']} on {cores} core{'s' * (cores > 1)} ({entry['mode_reason']})", plan.stdout)
            self.assertTrue(entry["mode_reason"].startswith("auto: "))
        modes = {i["mode"] for i in report["inputs"]}
        self.assertEqual(report["mode"], modes.pop() if len(modes) == 1 else "auto")
        made = {name: qt.content(self.path("out", name)) for name in self.files("out")}
        for name in self.files("out"):
            os.remove(self.path("out", name))
        os.remove(self.path("out", ".quadrant.jsonl"))
        self.run_job(*arguments, "-m", "sequential")
        self.assertEqual(made, {name: qt.content(self.path("out", name)) for name in self.files("out")})
        return {i["input"]: i["mode"] for i in report["inputs"]}

    def test_cut_inputs_run_as_segments(self):
        self.assertEqual(self.picks(self.job(video=X264), "long.mp4"), {"long.mp4": "segments"})

    def test_each_input_has_its_own_mode(self):
        picked = self.picks(self.job(video={**X264, "segment": "auto"}), "one.mp4", "short.mp4")
        self.assertEqual(picked, {"one.mp4": "frames", "short.mp4": "segments"})

    def test_one_short_input_runs_as_frames(self):
        self.assertEqual(self.picks(self.job(video=X264), "short.mp4"), {"short.mp4": "frames"})

    def test_too_few_segments_for_the_cores_run_as_frames(self):
        self.assertEqual(self.picks(self.job(video=X264), "long.mp4", cores=16), {"long.mp4": "frames"})

    def test_waiting_runs_as_frames(self):
        self.assertEqual(self.picks(self.job(video=X264, stages=[{"wait": {"ms": 1}}]), "long.mp4"), {"long.mp4": "frames"})

    def test_a_stage_that_remembers_all_runs_as_frames(self):
        job = self.job(video={**X264, "segment": "auto"}, stages=[{"ffmpeg": "hqdn3d"}])
        self.assertEqual(self.picks(job, "short.mp4", "long.mp4"), {"short.mp4": "frames", "long.mp4": "frames"})

    def test_a_picture_runs_as_tiles(self):
        self.assertEqual(self.picks(self.job("out/{stem}.png", stages=[{"blur": {"sigma": 2}}]), "still.png"), {"still.png": "tiles"})

    def test_one_core_runs_concurrent(self):
        self.assertEqual(self.picks(self.job(video=X264), "long.mp4", "short.mp4", cores=1), {"long.mp4": "concurrent", "short.mp4": "concurrent"})

    def test_a_run_measures_and_explain_does_not(self):
        self.clip("film.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", length=21, size="32x32")
        job, note = self.job(video=X264), "note   a run measures 12 frames first and may take another mode\n"
        explain = lambda *more: self.quadrant("explain", job, "film.mp4", "--cores", "2", *more).stdout
        plan = explain()
        self.assertIn("run    segments on 2 cores (auto: 21 segments run independently on 2 cores)", plan)
        self.assertIn(note, plan)
        self.assertEqual(explain(), plan)
        for more in (["--isolate", "process"], ["-m", "frames"], ["--cores", "1"]):  # nothing is measured
            with self.subTest(more=more):
                self.assertNotIn(note, explain(*more))
        self.run_job(job, "film.mp4", "--cores", "2", "--report", "report.json")
        with open(self.path("report.json")) as f:
            self.assertIn("auto: 12 measured frames predict for 2 cores, in fps: segments ", json.load(f)["inputs"][0]["mode_reason"])

    def test_explain_decodes_nothing(self):
        self.clip("film.mp4", length=21, size="32x32")
        job = self.job(video=X264, stages=[{"wait": {"ms": 20000}}])
        began = time.monotonic()
        self.assertIn("a run measures 12 frames first", self.quadrant("explain", job, "film.mp4", "--cores", "2").stdout)
        self.assertLess(time.monotonic() - began, 20)  # one frame alone would wait that long

    def test_a_pipe_is_read_once(self):
        job = self.job("out/{index}.mkv", video=X264)
        self.ffmpeg("-i", "one.mp4", "-c", "copy", "one.mkv")
        with subprocess.Popen(["cat", self.path("one.mkv")], stdout=subprocess.PIPE) as pipe:
            self.run_job(job, "-", "short.mp4", "--cores", "2", "--report", "report.json", stdin=pipe.stdout)
        with open(self.path("report.json")) as f:
            report = json.load(f)
        self.assertEqual([(i["mode"], i["status"]) for i in report["inputs"]], [("frames", "done"), ("segments", "done")])
        self.assertEqual(report["inputs"][0]["frames_out"], 125)


if __name__ == "__main__":
    qt.main()
