#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The stage `exec`: programs that read raw frames and write as many."""
import os
import re
import subprocess
import sys
import time

import quadrant_testing as qt

# Reads frames of argv[1] bytes, holds argv[2] of them back, and inverts them.
HOLDER = """
import sys
size, held, frames = int(sys.argv[1]), int(sys.argv[2]), []
while frame := sys.stdin.buffer.read(size):
    frames.append(bytes(255 - b for b in frame))
    if len(frames) > held:
        sys.stdout.buffer.write(frames.pop(0))
        sys.stdout.buffer.flush()
sys.stdout.buffer.write(b"".join(frames))
"""


class Exec(qt.Case):
    def exec_job(self, *command, segment="none", **parameters):
        return self.job(stages=[{"exec": {"command": list(command), **parameters}}], video={"codec": "ffv1", "segment": segment})

    def program(self, text, *arguments):
        with open(self.path("program.py"), "w") as f:
            f.write(text)
        return [sys.executable, "program.py", *map(str, arguments)]

    def pixels(self, path, pixel_format="yuv420p"):
        return self.ffmpeg("-i", self.path(path), "-map", "0:v", "-f", "rawvideo", "-pix_fmt", pixel_format, "-")

    def test_cat_changes_nothing(self):
        clip = self.clip("in.mp4", "-g", "10", length=2)
        self.in_all_modes(self.exec_job("cat"), clip, but=["segments"])
        self.assertEqual(self.pixels("out/frames.mkv"), self.pixels("in.mp4"))
        self.in_all_modes(self.exec_job("cat", warm_up=0, segment=1), clip)
        self.in_all_modes(self.exec_job("cat", order="any_order", segment=1), clip)
        self.assertEqual(self.pixels("out/segments.mkv"), self.pixels("in.mp4"))

    def test_frames_are_tight(self):
        clip = self.clip("odd.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv422p10le", "-vf", "scale=61:37", length=0.4)
        program = self.program("import sys\ndata = sys.stdin.buffer.read()\nprint(len(data), file=sys.stderr)\nsys.stdout.buffer.write(data)\n")
        told = self.run_job(self.exec_job(*program), clip).stderr
        self.assertIn(str(10 * 2 * (61 * 37 + 2 * 31 * 37)), told)
        self.assertEqual(self.pixels("out/odd.mkv", "yuv422p10le"), self.pixels("odd.mkv", "yuv422p10le"))
        told = self.run_job(self.exec_job(*program, format="rgb"), clip, "-o", "out/rgb.mkv").stderr
        self.assertIn(str(10 * 2 * 3 * 61 * 37), told)

    def test_programs_that_hold_frames(self):
        clip = self.clip(length=2)
        for held in (0, 1, 7, 60):
            self.in_all_modes(self.exec_job(*self.program(HOLDER, 4608, held)), clip, but=["segments"])
            self.assertEqual(self.pixels("out/frames.mkv"), bytes(255 - b for b in self.pixels("in.mp4")), held)

    def test_ffmpeg_as_a_program(self):
        clip = self.clip()
        self.in_all_modes(self.exec_job("ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "{pixels}", "-s", "{width}x{height}", "-r", "{rate}", "-i", "-",
                                        "-vf", "negate", "-f", "rawvideo", "-"), clip, but=["segments"])
        self.assertEqual(self.pixels("out/frames.mkv")[:3072], bytes(255 - b for b in self.pixels("in.mp4")[:3072]))

    def test_mistakes(self):
        clip = self.clip()
        for command, parameters, said in (
                (["head", "-c", "10000"], {}, r"head: ended with code 0 after 2 of \d+ frames and 784 bytes of the 4608 of another"),
                (["false"], {}, r"false: ended with code 1 after 0 of \d+ frames"),
                (["sh", "-c", "cat; exit 3"], {}, r"sh: ended with code 3"),
                (["sh", "-c", "cat; head -c 5000 /dev/zero"], {}, r"sh: gave more frames than the 25 that it got"),
                (["sh", "-c", "cat; echo"], {}, r"sh: ended with code 0 after 25 of 25 frames and 1 bytes"),
                (["sh", "-c", "kill -SEGV $$"], {}, r"sh: was killed by SIGSEGV"),
                (["sleep", "1000"], {"timeout": 0.5}, r"sleep: gave no frame for 0\.5 s \(timeout\)"),
                (["sleep", "1000"], {"timeout": 0.5, "order": "any_order"}, r"sleep: gave no frame for 0\.5 s \(timeout\)"),
                (["false"], {"order": "any_order"}, r"false: ended with code 1"),
                (["/usr/bin"], {}, r"job\.yaml:\d+:\d+: exec: /usr/bin: there is no such program"),
                (["no-such-program"], {}, r"job\.yaml:\d+:\d+: exec: no-such-program: there is no such program")):
            with self.subTest(command):
                told = self.run_job(self.exec_job(*command, **parameters), clip, code=1).stderr
                self.assertRegex(told, said)
                self.assertEqual(self.files("out") if os.path.isdir(self.path("out")) else [], [])
        for given, said in (("cat", "exec: command must be a list of texts, not 'cat'"), ([], "exec: command must not be empty")):
            self.assertIn(said, self.run_job(self.job(stages=[{"exec": {"command": given}}]), clip, code=2).stderr)

    def test_short_form_and_overrides(self):
        clip = self.clip()
        job = self.job(stages=[{"exec": ["false"]}], video={"codec": "ffv1"})
        self.run_job(job, clip, "--set", "stages.0.exec.command=[cat]", "--set", "stages.0.exec.order=any_order")
        self.assertEqual(self.pixels("out/in.mkv"), self.pixels("in.mp4"))

    def test_another_program_is_another_job(self):
        clip = self.clip()
        with open(self.path("filter"), "w") as f:
            f.write("#!/bin/sh\ncat\n")
        os.chmod(self.path("filter"), 0o755)
        job = self.exec_job("./filter", files=["level.txt"])
        for text, said in (("1", "1 done"), ("1", "up to date"), ("22", "file level.txt changed")):
            with open(self.path("level.txt"), "w") as f:
                f.write(text)
            os.utime(self.path("level.txt"), (len(text), len(text)))
            self.assertIn(said, self.run_job(job, clip).stderr)
        with open(self.path("filter"), "a") as f:
            f.write("exit 0\n")
        self.assertIn("file ./filter changed", self.run_job(job, clip).stderr)

    def test_nothing_is_left(self):
        clip = self.clip(length=20)
        for order in ("in_order", "any_order"):
            job = self.exec_job("sh", "-c", "echo shell $$ >&2; cat", order=order)
            run = subprocess.Popen([qt.QUADRANT, "run", job, clip, "--overwrite"], cwd=self.directory, stderr=subprocess.PIPE, text=True)
            shell = int(re.search(r"shell (\d+)", next(line for line in run.stderr if "shell" in line))[1])
            run.kill()
            run.communicate()
            until = time.monotonic() + 10
            while os.path.exists(f"/proc/{shell}") and b" Z " not in qt.content(f"/proc/{shell}/stat") and time.monotonic() < until:
                time.sleep(0.02)
            self.assertFalse(os.path.exists(f"/proc/{shell}") and b" Z " not in qt.content(f"/proc/{shell}/stat"))


if __name__ == "__main__":
    qt.main()
