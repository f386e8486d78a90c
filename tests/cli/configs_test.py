#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The jobs in configs/ run unchanged on the inputs in data/; their outputs can be decoded and have everything requested.
(The bench-ready jobs make their own clips: bench_configs_test.)"""
import os
import re

import quadrant_testing as qt

ALL, NO_SUBTITLES = ["video", "audio", "subtitle", "subtitle"], ["video", "audio"]
KINDS = {"scale_720p": NO_SUBTITLES, "identity": NO_SUBTITLES}  # identity copies them, and Matroska cannot hold mov_text, which is reported


class Configs(qt.Case):
    def setUp(self):
        super().setUp()
        for name in ("configs", "data"):
            os.symlink(os.path.join(qt.ROOT, name), self.path(name))

    def outputs(self):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(self.path("out")) for name in names]
        return sorted(name for name in found if not os.path.basename(name).startswith("."))

    def run_first_command(self, name):
        """The first command in the job's own comment."""
        text = qt.content(self.path(f"configs/{name}.yaml")).decode()
        command = re.search(r"^#   quadrant (run .*)$", text, re.M)[1].split()
        self.assertEqual(command, ["run", f"configs/{name}.yaml"])
        done = self.quadrant(*command)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual("lost: " in done.stderr, name in ("identity", "restore"))

    def of_a_clip(self, name):
        self.run_first_command(name)
        output, = self.outputs()
        self.assertEqual(len(qt.frames(output)), 75)
        kinds = [s["codec_type"] for s in qt.ffprobe(output)["streams"] if s["codec_type"] != "data"]
        self.assertEqual(kinds, KINDS.get(name, ALL))

    def test_pictures(self):
        self.run_first_command("images")
        self.assertEqual([os.path.basename(name) for name in self.outputs()], ["01.png", "02.png", "03.png", "04.png"])
        for name in self.outputs():
            self.assertEqual(qt.content(name)[:8], b"\x89PNG\r\n\x1a\n")

    def test_every_job_has_its_test(self):
        jobs = {name for name in os.listdir(self.path("configs")) if name.endswith(".yaml") and not name.startswith("bench_")}
        self.assertEqual(jobs, {"images.yaml", *(f"{name}.yaml" for name in OF_A_CLIP)})


OF_A_CLIP = ("denoise", "ffmpeg_filters", "identity", "quickstart", "restore", "scale_720p")
for job in OF_A_CLIP:
    setattr(Configs, f"test_{job}", lambda self, name=job: self.of_a_clip(name))

if __name__ == "__main__":
    qt.main()
