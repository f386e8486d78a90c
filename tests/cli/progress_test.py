#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a run shows while it runs: lines that fit the terminal, a time left that is one, colours only where they are wanted, and a
summary of every input."""
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import time
import unicodedata

import quadrant_testing as qt

PLUGINS = os.environ.get("FREI0R_PATH", os.path.join(os.path.dirname(qt.QUADRANT), "tests"))
# Takes all frames of a short clip before it gives the first packet: the work is in the draining.
LOOKS_AHEAD = {"codec": "libx264", "preset": "veryslow", "x264-params": "rc-lookahead=250"}
RED = "\x1b[31mfailed:\x1b[0m"


def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Terminal:
    """A program on a terminal of a given size. `draws`: how many lines each drawing went up, and its lines."""

    def __init__(self, case, rows, width, *arguments, resize=None, **environment):
        leader, terminal = pty.openpty()
        self.size(leader, rows, width)
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment}
        program = subprocess.Popen([qt.QUADRANT, *arguments], cwd=case.directory, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
                                   env=environment)
        os.close(terminal)
        said, self.resized_at = b"", None
        while True:
            try:
                more = os.read(leader, 65536)
            except OSError:  # how Linux tells the end
                break
            said += more
            if resize and self.resized_at is None and b"\x1b[J" in said:
                self.size(leader, *resize)
                self.resized_at = len(said)
        os.close(leader)
        self.code = program.wait()
        self.text = said.decode().replace("\r\n", "\n")
        if self.resized_at is not None:
            self.resized_at = len(said[:self.resized_at].decode().replace("\r\n", "\n"))

    @staticmethod
    def size(descriptor, rows, width):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, width, 0, 0))

    def draws(self, from_index=0):
        found = re.finditer(r"\x1b\[(\d+)A\x1b\[J((?:.|\n)*?)(?=\x1b\[\d+A\x1b\[J|$)", self.text)
        return [(int(m[1]), [line for line in m[2].split("\n") if re.search(r"\d%|more under way", line)]) for m in found
                if m.start() >= from_index]


class ProgressTest(qt.Case):
    def clips(self, *names):
        first = self.clip("first.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="320x240", length=2)
        for name in names:
            os.link(first, self.path(name))
        os.remove(first)
        return names

    def test_lines_fit_the_terminal(self):
        long_name = "日本語の長い名前-e\u0301te\u0301-" + "x" * 60 + "-take2.mp4"
        names = self.clips("a.mp4", long_name, "c.mp4", "d.mp4", "e.mp4")
        for rows, width in ((24, 80), (24, 40), (24, 12), (4, 60), (2, 80)):
            with self.subTest(rows=rows, width=width):
                run = Terminal(self, rows, width, "run", self.job("out/{index}.mkv", video=LOOKS_AHEAD), *names, "-m", "frames", "-c", "2")
                shutil.rmtree(self.path("out"))
                self.assertEqual(run.code, 0, run.text)
                draws, before = run.draws(), None
                self.assertGreater(len(draws), 3, run.text)
                for up, lines in draws:
                    self.assertLessEqual(len(lines), rows - 1, lines)
                    for line in lines:
                        self.assertLess(columns(line), width, line)
                    if before is not None:
                        self.assertEqual(up, min(before, rows - 1))
                    before = len(lines)
                lines = [line for _, drawn in draws for line in drawn]
                if rows > 2:
                    self.assertTrue(any(line.startswith(names[0][:4]) for line in lines), lines)  # the name comes first
                if (rows, width) == (24, 80):
                    cut = next(line for line in lines if line.startswith("日本語"))
                    self.assertRegex(cut, r"^日本語\S*\.\.\.\S*take2\.mp4 +\[[#.]+\] ")
                self.assertTrue(any(re.match(r"\d of 5 in|\d.*%", line) for line in lines), lines)

    def test_lines_fit_after_a_resize(self):
        names = self.clips("a-rather-long-name-of-an-input.mp4", "b.mp4")
        run = Terminal(self, 24, 100, "run", self.job("out/{stem}.mkv", video=LOOKS_AHEAD), *names, "-m", "frames", resize=(10, 40))
        self.assertEqual(run.code, 0, run.text)
        after = run.draws(run.resized_at)
        self.assertGreater(len(after), 2, run.text)
        for _, lines in after[1:]:  # the first may have been on its way
            for line in lines:
                self.assertLess(columns(line), 40, line)

    def json_lines(self, run):
        return [json.loads(line) for line in run.stderr.splitlines()]

    def test_time_left_counts_what_waits_in_the_encoder(self):
        source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="640x360", length=4)
        job = self.job(video=LOOKS_AHEAD)
        for mode, isolate in (("sequential", "none"), ("frames", "none"), ("frames", "process")):
            with self.subTest(mode=mode, isolate=isolate):
                run = self.run_job(job, source, "-m", mode, "--isolate", isolate, "--overwrite", "--progress", "json")
                os.remove(self.path("out/in.mkv"))
                lines = self.json_lines(run)
                going = [line for line in lines if line["event"] == "progress"]
                self.assertGreater(len(going), 1, run.stderr)
                for line in lines:
                    self.assertLessEqual({"total", "fps", "eta"}, set(line))
                for line in going[:-1]:
                    self.assertEqual((line["total"], [i["total"] for i in line["running"]]), (100, [100]), line)
                    self.assertLessEqual(line["frames"], 100, line)
                    if line["eta"] is not None:
                        self.assertGreaterEqual(line["eta"], 1, line)
                self.assertEqual([going[-1][key] for key in ("finished", "frames", "total", "eta")], [1, 100, 100, 0])
                self.assertEqual([line["status"] for line in lines if line["event"] == "input"], ["done"])
                with self.on_a_quiet_machine():  # most of the work comes after the encoder took the last frame
                    halves = [line for line in going[:-1] if line["seconds"] < going[-1]["seconds"] / 2]
                    self.assertTrue(all(line["frames"] < 80 for line in halves), going)

    def test_never_0_00_left(self):
        names = self.clips("a.mp4", "b.mp4")
        run = Terminal(self, 24, 80, "run", self.job(video=LOOKS_AHEAD), *names, "-m", "frames")
        self.assertNotIn(" 0:00 left", run.text)
        self.assertIn(" left", run.text)

    def test_failed_is_red_on_a_terminal(self):
        self.clip("a.mp4")
        job = self.job("out/{stem}.mkv", video={"codec": "ffv1"})
        for style in ("bar", "plain", "none", "auto"):
            with self.subTest(style=style):
                self.assertIn(RED + " gone.mp4: ", Terminal(self, 24, 80, "run", job, "gone.mp4", "--progress", style).text)
        for command in (("explain", job, "gone.mp4"), ("probe", "gone.mp4"), ("plan", job, "gone.mp4", "-o", "RUN")):
            with self.subTest(command=command[0]):
                self.assertIn(RED + " gone.mp4: ", Terminal(self, 24, 80, *command).text)
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(**environment):
                run = Terminal(self, 24, 80, "run", job, "gone.mp4", "a.mp4", "--overwrite", **environment)
                self.assertIn("failed: gone.mp4: ", run.text)
                self.assertNotIn("\x1b[31m", run.text)
        self.assertNotIn("\x1b", self.run_job(job, "gone.mp4", "a.mp4", "--overwrite", code=1).stderr)
        self.assertNotIn("\x1b", Terminal(self, 24, 80, "run", job, "gone.mp4", "a.mp4", "--overwrite", TERM="dumb").text)

    def counts(self, said):
        found = re.search(r"^(\d+) done, (\d+) up to date, (\d+) failed, (?:(\d+) stopped, )?", said, re.M)
        self.assertTrue(found, said)
        return tuple(int(n or 0) for n in found.groups())

    def test_the_summary_counts_every_input(self):
        self.clips("a.mp4", "b.mp4", "c.mp4", "d.mp4")
        job = self.job(video={"codec": "ffv1"})
        self.run_job(job, "a.mp4")
        run = self.run_job(job, "a.mp4", "b.mp4", "gone.mp4", code=1)
        self.assertEqual(self.counts(run.stderr), (1, 1, 1, 0))
        run = self.run_job(job, "a.mp4", "gone.mp4", "c.mp4", "d.mp4", "-c", "1", "-m", "sequential", "--fail-fast", code=1)
        self.assertEqual(self.counts(run.stderr), (0, 1, 1, 2))
        slow = self.job("slow/{stem}.mkv", video={"codec": "ffv1"}, stages=[{"wait": {"ms": 60000}}])
        process = subprocess.Popen([qt.QUADRANT, "run", slow, "gone.mp4", "a.mp4", "b.mp4", "c.mp4", "-c", "1", "--report", "r.json"],
                                   cwd=self.directory, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        while not os.path.exists(self.path("slow")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.counts(process.communicate(timeout=20)[1].decode()), (0, 0, 1, 3))

    def test_the_summary_counts_those_that_do_not_stop(self):
        """A filter that does not return: the program leaves it behind, but not without a word."""
        if b"frei0r" not in subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True).stdout:
            self.skipTest("this FFmpeg has no frei0r")
        self.clips("a.mp4", "b.mp4")
        job = self.job(video={"codec": "ffv1"}, stages=[{"ffmpeg": "frei0r=faulty"}])
        process = subprocess.Popen([qt.QUADRANT, "run", job, "a.mp4", "b.mp4", "-c", "1", "-m", "sequential"], cwd=self.directory,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   env={**os.environ, "FREI0R_PATH": PLUGINS, "QUADRANT_FAULT": "hang"})
        while not self.files("out"):
            time.sleep(0.01)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1].decode()
        self.assertEqual(process.returncode, 130, said)
        self.assertEqual(self.counts(said), (0, 0, 0, 2))
        self.assertEqual(sorted(line for line in said.splitlines() if line.startswith("stopped: ")), ["stopped: a.mp4", "stopped: b.mp4"])


if __name__ == "__main__":
    qt.main()
