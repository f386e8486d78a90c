#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One budget: OS threads stay under 3 N + 16, whatever the mode, the inputs and the encoder's threads."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import quadrant_testing as qt

class Threads(unittest.TestCase):
    def test_under_the_limit(self):
        with tempfile.TemporaryDirectory() as directory:
            # Large enough that libx264 is given several threads for each input.
            clip = os.path.join(directory, "clip.mp4")
            subprocess.run([qt.QUADRANT, "sample", clip, "--size", "1920x1080", "--length", "0.12"], check=True, capture_output=True)
            job = os.path.join(directory, "job.yaml")
            with open(job, "w") as f:
                f.write('version: 1\nstages: [blur: {sigma: 1}, ffmpeg: hqdn3d]\n'
                        f'output: {{path: "{directory}/{{index}}.mp4", video: {{codec: libx264, preset: ultrafast}}}}\n')
            for mode in ("sequential", "concurrent", "tiles", "frames"):
                for cores in (1, 2, 7):
                    report = os.path.join(directory, "report.json")
                    subprocess.run([qt.QUADRANT, "run", job, *[clip] * 9, "-m", mode, "-c", str(cores), "--overwrite",
                                    "--set", f"output.video.g={10 + cores}", "--report", report, "--progress", "none"], check=True)
                    with open(report) as f:
                        threads = json.load(f)["peak_threads"]
                    self.assertLessEqual(threads, 3 * cores + 16, f"{mode} on {cores} cores")

class ManyCores(qt.Case):
    JOB = {"video": {"codec": "ffv1", "segment": 0.4}, "stages": [{"blur": {"sigma": 1}}]}

    def test_more_than_there_can_be(self):
        self.clip()
        for arguments in (("-c", "1025"), ("-c", "0"), ("--set", "run.cores=3000")):
            run = self.run_job(self.job("out.mkv"), "in.mp4", *arguments, code=2)
            self.assertIn("cores must be all or between 1 and 1024", run.stderr)
        self.assertEqual(self.quadrant("bench", self.job("out.mkv"), "in.mp4", "-c", "1,3000").returncode, 2)

    def test_more_than_the_machine_has(self):
        """It is said, the bytes are the same, and threads begin only as there is work for them."""
        self.clip(length=2)
        here = len(os.sched_getaffinity(0))
        made = set()
        for mode in qt.MODES:
            run = self.run_job(self.job(f"{mode}.mkv", **self.JOB), "in.mp4", "-m", mode, "-c", "500", "--report", "report.json")
            self.assertIn("500 cores are asked for", run.stderr)
            made.add(qt.content(self.path(f"{mode}.mkv")))
            with open(self.path("report.json")) as f:
                self.assertLessEqual(json.load(f)["peak_threads"], 3 * max(16, 2 * here) + 16, mode)
        self.assertEqual(len(made), 1)
        self.assertIn("500 cores are asked for", self.quadrant("explain", self.job("out.mkv"), "in.mp4", "-c", "500").stderr)
        self.assertNotIn("are asked for", self.quadrant("explain", self.job("out.mkv"), "in.mp4", "-c", "1").stderr)

    def test_fewer_processes_than_threads(self):
        """The limit of a user's processes counts threads; root has none."""
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv, to become a user with a limit")
        self.clip(length=2)
        os.chmod(self.directory, 0o777)
        program = shutil.copy(qt.QUADRANT, self.path("quadrant"))
        codes = set()
        for mode in qt.MODES:
            job = self.job(f"out-{mode}.mkv", **self.JOB)
            os.chmod(job, 0o644)
            for most in (1, 4, 7, 11, 13, 16, 24):
                with self.subTest(mode=mode, most=most):
                    run = subprocess.run(["prlimit", f"--nproc={most}", "setpriv", "--reuid=54321", "--clear-groups", program, "run", job, "in.mp4", "-m", mode, "-c", "8", "--progress", "none"],
                                         cwd=self.directory, capture_output=True, text=True, timeout=60)
                    codes.add(run.returncode)
                    self.assertIn(run.returncode, (0, 75), run.stderr)
                    if run.returncode == 75:
                        self.assertIn("ulimit -u", run.stderr)
                    else:
                        os.remove(self.path(f"out-{mode}.mkv"))
        self.assertEqual(codes, {0, 75})


if __name__ == "__main__":
    qt.main()
