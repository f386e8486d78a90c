#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Disks that fail: every call that changes the disk is made to fail once, at each occurrence, for each reason.

strace injects the error into the K-th call. For any call: the run ends with the documented exit code, the
other input is done, report and disk agree, and the same command then gives the bytes of an undisturbed run. Short
writes are real, caused by a limit on file sizes. QUADRANT_SOAK=1 tests every occurrence; otherwise a few of each.
"""
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

SOAK = os.environ.get("QUADRANT_SOAK") == "1"
ERRORS = {"write": ["EIO", "ENOSPC", "EDQUOT", "EROFS"], "fsync": ["EIO", "ENOSPC", "EDQUOT"], "rename": ["EIO", "ENOSPC", "EROFS"],
          "renameat2": ["EIO", "ENOSPC", "EDQUOT", "EROFS"], "mkdir": ["ENOSPC", "EROFS", "EIO"]}
FEW = 2  # occurrences of each call, evenly spread
NAMES = ["cut.mp4", "short.mp4"]


class DiskFaults(qt.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=3", "-f", "lavfi", "-i", "sine=d=3", "-c:v", "libx264", "-g", "10", "-keyint_min", "10",
                    "-c:a", "aac", "cut.mp4")
        self.clip("short.mp4", "-c:v", "libx264", size="64x36", rate=10, length=0.5)
        self.job("out/{stem}.mp4", "job.yaml", video={"codec": "libx264", "preset": "ultrafast", "segment": 1}, audio={"codec": "aac"})
        self.run_job("job.yaml", *NAMES)
        self.expected = {name: qt.content(self.path("out", name)) for name in NAMES}
        shutil.rmtree(self.path("out"))

    def command(self, *arguments):
        # In sequential mode one thread makes all calls that matter, always in the same order.
        return [qt.QUADRANT, "run", "job.yaml", *NAMES, "-m", "sequential", "--progress", "none", "--report", "report.json", *arguments]

    def place(self):
        directory = tempfile.mkdtemp(dir=self.directory)
        for name in ["job.yaml", *NAMES]:
            os.link(self.path(name), os.path.join(directory, name))
        return directory

    def strace(self, directory, calls, *options, arguments=()):
        log = os.path.join(directory, "strace.log")
        command = ["strace", "-f", "-qq", "-y", "-o", log, "-e", "trace=" + calls, *options, *self.command(*arguments)]
        made = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120)
        with open(log, errors="replace") as f:
            return made, f.read().splitlines()

    def turns(self, call):
        """How often an undisturbed run makes the call, in the thread with the most calls."""
        directory = self.place()
        _, log = self.strace(directory, call)
        shutil.rmtree(directory)
        counts = {}
        for line in log:
            if "resumed>" not in line and re.search(rf"\b{call}\(", line):
                thread = line.split()[0]
                counts[thread] = counts.get(thread, 0) + 1
        return max(counts.values(), default=0)

    def check_disturbed(self, directory, made, what, silenced=False):
        """Checks: nothing partial under a final name; exit code, report and disk agree; at most one input is missing.
        `silenced`: the fault hit the error output too."""
        out = os.path.join(directory, "out")
        there = [name for name in NAMES if os.path.exists(os.path.join(out, name))]
        for name in there:
            self.assertEqual(qt.content(os.path.join(out, name)), self.expected[name], what)
        self.assertIn(made.returncode, (0, 1, 75), what)
        if len(there) == len(NAMES):
            self.assertIn(made.returncode, (0, 75), what)  # 75: the report, or the sync after the name
        else:
            self.assertNotEqual(made.returncode, 0, what)
            self.assertEqual(len(there), 1, what + ": the other input is not done")
            if not silenced:
                self.assertIn("failed: ", made.stderr, what)
        report = os.path.join(directory, "report.json")
        if os.path.exists(report):
            with open(report) as f:
                told = {i["input"]: i for i in json.load(f)["inputs"]}
            for name in NAMES:
                if told[name]["status"] == "done":
                    self.assertIn(name, there, what)
                else:
                    self.assertTrue(told[name]["error"], what)

    def finish(self, directory, what):
        """The repair: the same command, undisturbed."""
        shutil.rmtree(os.path.join(directory, "out", ".short.mp4.segments"), ignore_errors=True)
        made = subprocess.run(self.command(), cwd=directory, capture_output=True, text=True, timeout=60)
        if made.returncode == 1 and "exists, and no run of Quadrant remembers it" in made.stderr:
            # It has its name, and the line that says so was lost: it is refused, never guessed.
            made = subprocess.run(self.command("--overwrite"), cwd=directory, capture_output=True, text=True, timeout=60)
        self.assertEqual(made.returncode, 0, f"{what}: {made.stderr}")
        for name in NAMES:
            self.assertEqual(qt.content(os.path.join(directory, "out", name)), self.expected[name], what)
        self.assertEqual(sorted(os.listdir(os.path.join(directory, "out"))), [".quadrant.jsonl", *NAMES], what)
        shutil.rmtree(directory)

    def fault(self, case):
        call, error, number = case
        what = f"{call} {number} fails with {error}"
        directory = self.place()
        made, log = self.strace(directory, call + (",rename" if call == "fsync" else ""), "-e", f"inject={call}:error={error}:when={number}")
        what += "\n" + made.stderr
        self.assertTrue(any("(INJECTED)" in line for line in log), what)
        self.check_disturbed(directory, made, what, any("write(2<" in line and "(INJECTED)" in line for line in log))
        self.assertNotEqual(made.returncode, 1, what)  # a full, failing or read-only disk is temporary: 75
        if call == "fsync":
            self.assert_never_tried_again(log, what)
        self.finish(directory, what)

    def assert_never_tried_again(self, log, what):
        """After a failed fsync the same file is not synced again: its pages may be gone. It may be written anew, under its name."""
        failed = set()
        for line in log:
            if found := re.search(r"fsync\(\d+<(.*?)>", line):
                self.assertNotIn(found.group(1), failed, what)
                if "(INJECTED)" in line and not os.path.isdir(found.group(1)):
                    failed.add(found.group(1))
            elif found := re.search(r'rename\(".*?", "(.*?)"\)', line):
                failed -= {path for path in failed if path.endswith("/" + found.group(1))}

    def test_every_call_fails_once(self):
        cases = []
        for call, errors in ERRORS.items():
            count = self.turns(call)
            numbers = range(1, count + 1)
            for place, error in enumerate(errors):
                chosen = numbers if SOAK else {1 + (count * (2 * i + 1) + place) // (2 * FEW) for i in range(FEW)} & set(numbers)
                cases += [(call, error, n) for n in sorted(chosen)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.fault, cases))
        print(f"{len(cases)} disk faults, nothing lost")
        self.assertGreater(len(cases), 20)

    def test_short_writes(self):
        """The write that reaches the limit is short, and the next one fails."""
        sizes = sorted({len(self.expected["cut.mp4"]), len(self.expected["short.mp4"])})
        limits = range(1, sizes[-1], 97) if SOAK else [100, 1000, sizes[0] // 2, sizes[0] - 1, sizes[-1] - 1]
        for limit in limits:
            directory = self.place()
            made = subprocess.run(self.command(), cwd=directory, capture_output=True, text=True, timeout=60,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            what = f"files of at most {limit} bytes: {made.stderr}"
            self.assertIn(made.returncode, (1, 75), what)
            self.assertIn("File too large", made.stderr)
            for name in NAMES:
                path = os.path.join(directory, "out", name)
                self.assertTrue(not os.path.exists(path) or qt.content(path) == self.expected[name], what)
            self.finish(directory, what)
        print(f"{len(limits)} limits with short writes, nothing lost")

    def test_a_write_that_lies_about_a_segment(self):
        """Its file does not match its checksum: it is done again, never used."""
        directory = self.place()
        part = os.path.join(directory, "out/.cut.mp4.segments/00001.packets.part")
        made, log = self.strace(directory, "write", "-P", part, "-e", "inject=write:retval=1:when=1")
        self.assertTrue(any("(INJECTED)" in line for line in log), log)
        self.assertEqual(made.returncode, 1, made.stderr)
        self.assertIn("is damaged", made.stderr)
        self.check_disturbed(directory, made, made.stderr)
        self.finish(directory, "a lying write")

    def test_a_retry_writes_the_file_anew(self):
        """With retries the run recovers from a temporary fault of a unit."""
        directory = self.place()
        made, log = self.strace(directory, "fsync", "-e", "inject=fsync:error=EIO:when=1", arguments=("--retries", "1"))
        self.assertEqual(made.returncode, 0, made.stderr)
        with open(os.path.join(directory, "report.json")) as f:
            self.assertEqual(len(json.load(f)["inputs"][0]["retried"]), 1)
        self.finish(directory, "a retry")


if __name__ == "__main__":
    qt.main()
