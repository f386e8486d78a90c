#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""quadrant verify: what it compares, accepts, names, refuses and leaves behind. verify_test.cc tests that it finds planted races and
false reaches, verify_clips_test.py tests real clips; here it also runs over the configurations."""
import json
import os
import signal
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
CONFIGS = os.path.join(qt.ROOT, "configs")
QUICK = ("--cores", "2", "--in-flight", "2,auto")


class Verify(qt.ScratchCase):
    def verify(self, *arguments, **options):
        return self.tell("verify", *arguments, **{"timeout": 600, **options})

    def told(self, *arguments, code=0):
        self.run_told = self.verify(*arguments, "--json", "told.json", code=code)
        with open(self.path("told.json")) as f:
            return json.load(f)

    def short_clip(self, name="in.mp4", **options):
        return self.clip(name, "-c:v", "libx264", "-preset", "ultrafast", **{"length": 0.4, **options})

    def test_every_run_is_told_and_agrees(self):
        self.short_clip(size="162x122", audio=True)
        self.short_clip("other.mp4")
        job = self.job(video=X264, stages=[{"blur": {"sigma": 1}}, {"sharpen": {}}])
        before = self.files()
        told = self.told(job, "in.mp4", "other.mp4", "--cores", "1,2", "--in-flight", "2,auto", "--rounds", "2")
        self.assertEqual(self.files(), sorted([*before, "told.json"]))  # the job's own outputs are not touched
        self.assertEqual((told["schema"], told["same"], told["complete"]), ("quadrant-verify/2", True, True))
        once = [("reach", "sequential", 1, None), ("mode", "sequential", 1, None), ("mode", "concurrent", 1, None), ("mode", "concurrent", 1, 2)]
        once += [("mode", "tiles", n, None) for n in (1, 2)] + [("mode", "frames", n, limit) for n in (1, 2) for limit in (None, 2)]
        once += [("mode", "segments", n, None) for n in (1, 2)]
        runs = [(r["run"], r["mode"], r["cores"], r["in_flight"]) for r in told["runs"]]
        self.assertEqual(runs, 2 * once)
        self.assertEqual([r["round"] for r in told["runs"]], [1] * len(once) + [2] * len(once))
        self.assertEqual([i["points"] for i in told["inputs"]], 2 * [["decode", "blur", "sharpen", "encode"]])
        for r in told["runs"]:
            with self.subTest(run=r):
                self.assertEqual((r["frames"], r["same"], r["differences"], r["files"], r["failures"], r["not_possible"]), (20, True, [], [], [], []))
        table = self.run_told.stdout.splitlines()
        self.assertEqual([line.split()[-1] for line in table[1:-1]], ["same"] * len(runs))
        self.assertEqual(table[-1], f"same: 20 frames of 2 inputs in {len(runs)} runs, after decode, blur, sharpen, encode, and the files")
        self.assertIn("reference of in.mp4: ", self.run_told.stderr)
        self.assertIn("frames on 2 cores, 2 in flight: ", self.run_told.stderr)

    def test_a_result_of_its_own_is_named(self):
        """libavfilter's `random` draws a new seed for each run, so every run has a different result: verify blames that stage, not the decoder before it."""
        self.short_clip(length=2)
        told = self.told(self.job(video=X264, stages=[{"levels": {"gamma": 1.1}}, {"ffmpeg": "random=frames=20"}]), "in.mp4", "--modes", "frames", *QUICK, code=1)
        self.assertEqual((told["same"], told["complete"], told["inputs"][0]["unsteady_reference"]), (False, True, True))
        for run in told["runs"]:
            self.assertEqual((run["differences"][0]["stage"], run["differences"][0]["stage_number"]), ("ffmpeg", 2))
        self.assertRegex(self.run_told.stdout, r"\nframes +2 .* DIFFERS: ffmpeg, frame \d+\n")
        self.assertIn("in.mp4: the reference itself made something else the second time", self.run_told.stdout)
        self.assertTrue(self.run_told.stdout.endswith(f"differs: {len(told['runs'])} of {len(told['runs'])} runs\n"))

    def test_what_cannot_run_is_no_difference(self):
        self.short_clip()
        told = self.told(self.job(video=X264, stages=[{"ffmpeg": "hqdn3d"}]), "in.mp4", "--modes", "segments", "--cores", "2")
        self.assertIn("mode segments is not possible: ffmpeg", told["runs"][-1]["not_possible"][0])
        self.assertIn("segments on 2 cores: not possible: ", self.run_told.stdout)
        told = self.told(self.job(video=X264), "gone.mp4", "in.mp4", "--modes", "tiles", "--cores", "2", code=3)
        self.assertIn("gone.mp4", told["inputs"][0]["failure"])
        self.assertEqual((told["same"], told["complete"], told["runs"][-1]["frames"]), (True, False, 10))
        self.assertIn("not verified: gone.mp4: ", self.run_told.stdout)
        run = self.verify(self.job(video=X264), "gone.mp4", code=3)
        self.assertTrue(run.stdout.endswith("incomplete: nothing was compared\n"), run.stdout)

    def test_refused_before_anything_runs(self):
        self.short_clip()
        os.mkfifo(self.path("pipe.mp4"))
        job = self.job(video=X264)
        for arguments, message in (
                (("in.mp4", "--modes", "framez"), "--modes: there is no mode 'framez'"),
                (("in.mp4", "--in-flight", "1"), "--in-flight: a list of numbers from 2 to 100000 is wanted, or auto for the plan's own, e.g. 2,5,auto, not '1'"),
                (("in.mp4", "--in-flight", "few"), "not 'few'"),
                (("pipe.mp4",), "verify: pipe.mp4: can be read only once, and every run reads it; take a file"),
                (("-",), "verify: -: can be read only once"),
                (("in.mp4", "--json", "in.mp4"), "--json in.mp4: is the input in.mp4, which is never overwritten"),
                (("in.mp4", "--json", "job.yaml"), "--json job.yaml: is the configuration too"),
                (("in.mp4", "--isolate", "process"), "--isolate"),
                (("in.mp4", "--set", "output.video.crff=3"), "libx264 has no option crff")):
            with self.subTest(arguments=arguments):
                run = self.verify(job, *arguments, code=2)
                self.assertIn(message, run.stderr)
                self.assertEqual(self.files(), ["in.mp4", "job.yaml", "pipe.mp4"])

    def test_stopped_it_leaves_nothing(self):
        self.short_clip(length=2)
        job = self.job(video=X264, stages=[{"wait": {"ms": 100}}])
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = subprocess.Popen([qt.QUADRANT, "verify", job, "in.mp4"], cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 60
            while not os.listdir(self.path("tmp")) and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.2)
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, code)
            self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_null_pictures_and_several_segments(self):
        self.short_clip(length=6, rate=10)
        self.ffmpeg("-i", "in.mp4", "-c:v", "libx264", "-g", "10", "-preset", "veryfast", "cut.mp4")
        told = self.told(self.job(video={**X264, "segment": 1}, stages=[{"temporal_denoise": {"past": 2, "future": 1}}, {"deflicker": {}}]), "cut.mp4", *QUICK)
        self.assertEqual([r["frames"] for r in told["runs"]], [60] * len(told["runs"]))
        self.verify(self.job(container="null"), "in.mp4", "--modes", "frames", *QUICK)
        self.verify(self.job("made/%03d.png", name="pictures.yaml", video={"codec": "png"}, audio="none"), "in.mp4", "--modes", "frames", *QUICK)

    def test_configurations(self):
        clips = {"data/clip.mp4": ("--size", "192x108", "--length", "0.6"), "build/bench/small.mp4": ("--size", "160x120", "--length", "0.4", "--audio", "none"),
                 "build/bench/picture.jpg": ("--size", "400x225", "--length", "0.04", "--audio", "none"),
                 "build/bench/film.mp4": ("--size", "160x90", "--length", "5", "--codec", "mpeg4", "--audio", "none")}
        for clip, options in clips.items():
            made = self.quadrant("sample", clip, *options)
            self.assertEqual(made.returncode, 0, made.stderr)
        os.mkdir(self.path("data/pictures"))
        self.ffmpeg("-i", "data/clip.mp4", "-frames:v", "3", "data/pictures/%02d.png")
        for config in sorted(name for name in os.listdir(CONFIGS) if name.endswith(".yaml")):
            with self.subTest(config=config):
                run = self.verify(os.path.join(CONFIGS, config), *QUICK)
                self.assertIn("\nsame: ", run.stdout)


if __name__ == "__main__":
    qt.main()
