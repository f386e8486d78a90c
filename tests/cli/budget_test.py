#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One budget: OS threads stay under 3 N + 16, whatever the mode, the inputs and the encoder's threads."""
import json
import os
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


if __name__ == "__main__":
    unittest.main()
