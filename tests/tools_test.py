#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The scripts for developers and CI, and the tests' own measure of a busy machine: they refuse what they cannot do, in one line."""
import contextlib
import io
import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli"))
import quadrant_testing as qt  # noqa: E402

TOOLS = os.path.join(qt.ROOT, "tools")
CMAKE_LISTS = """cmake_minimum_required(VERSION 3.25)
project(small NONE)
add_custom_target(made ALL COMMAND ${CMAKE_COMMAND} -E touch made)
"""
PRESETS = """{"version": 4,
 "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}],
 "buildPresets": [{"name": "release", "configurePreset": "release"}]}
"""


class Build(qt.Case):
    """tools/build, in a project of its own."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tools"))
        shutil.copy(os.path.join(TOOLS, "build"), self.path("tools"))
        for name, text in (("CMakeLists.txt", CMAKE_LISTS), ("CMakePresets.json", PRESETS)):
            with open(self.path(name), "w") as f:
                f.write(text)

    def build(self):
        return subprocess.run([self.path("tools", "build"), "release"], capture_output=True, text=True, timeout=60)

    def test_builds(self):
        run = self.build()
        self.assertEqual((run.returncode, run.stderr), (0, "build: release for the first time, about 5 minutes on 2 cores\n"))
        self.assertEqual(self.build().stderr, "")
        self.assertTrue(os.path.exists(self.path("build/release/made")))

    def test_a_source_from_the_future_is_named(self):
        self.assertEqual(self.build().returncode, 0)
        tomorrow = time.time() + 86400
        os.utime(self.path("CMakeLists.txt"), (tomorrow, tomorrow))
        run = self.build()
        self.assertEqual((run.returncode, run.stderr), (1, "build: the clock is behind 1 file, e.g. ./CMakeLists.txt; touch it or set the clock\n"))
        os.utime(self.path("CMakePresets.json"), (tomorrow, tomorrow))
        self.assertRegex(self.build().stderr, "^build: the clock is behind 2 files, e.g. ./CMake[A-Za-z.]+; touch them or set the clock\n$")
        os.utime(self.path("CMakeLists.txt"))
        os.utime(self.path("CMakePresets.json"))
        self.assertEqual(self.build().returncode, 0)


class Check(unittest.TestCase):
    def check(self, *arguments):
        return subprocess.run([os.path.join(TOOLS, "check"), *arguments], capture_output=True, text=True, timeout=60)

    def test_help(self):
        run = self.check("--help")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        for stage in ("release", "lint", "asan", "tsan"):
            self.assertIn(f"\n  {stage} ", run.stdout)

    def test_a_stage_that_is_not_there(self):
        for arguments in (["relase"], ["release", "lnt"], [""]):
            run = self.check(*arguments)
            self.assertEqual((run.returncode, run.stderr), (2, f"check: no stage '{arguments[-1]}'; there are: release asan tsan lint\n"))


class Modes(qt.Case):
    """tools/modes.py, with a program of its own."""

    def modes(self, program):
        with open(self.path("quadrant"), "w") as f:
            f.write("#!/bin/sh\n" + program)
        os.chmod(self.path("quadrant"), 0o755)
        for name in ("job.yaml", "in.mp4"):
            with open(self.path(name), "w"):
                pass
        os.mkdir(self.path("tools"))
        shutil.copy(os.path.join(TOOLS, "modes.py"), self.path("tools"))
        return subprocess.run([sys.executable, self.path("tools", "modes.py"), self.path("job.yaml"), self.path("in.mp4")], cwd=self.directory,
                              env={**os.environ, "QUADRANT": self.path("quadrant")}, capture_output=True, text=True, timeout=60)

    def test_a_failure_is_told_in_a_line(self):
        run = self.modes("echo 'quadrant: no' >&2; exit 3\n")
        self.assertEqual((run.returncode, run.stderr), (1, "quadrant: no\nmodes: quadrant ended with exit code 3, see above\n"))

    def test_a_report_that_is_not_there(self):
        run = self.modes("exit 0\n")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"^modes: .*sequential\.json'; remove out/quickstart and run it again\n$")


class Busy(qt.Case):
    def judge(self):
        """What is printed about a failed assertion."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            with self.on_a_quiet_machine():
                self.assertLess(3, 2)
        return printed.getvalue()

    def test_on_a_quiet_machine_it_fails(self):
        self.load.other_cores = lambda: 0.01
        with self.assertRaises(AssertionError):
            self.judge()

    def test_on_a_busy_machine_it_is_told(self):
        # No longer this test's child when measured, so not counted as the test's work.
        subprocess.run(["sh", "-c", "timeout 2 sh -c 'while :; do :; done' >/dev/null 2>&1 &"], check=True)
        time.sleep(1)
        self.assertRegex(self.judge(), r"^busy machine: not judged, \d\.\d\d cores busy with other work: .*told: 3 not less than 2\n$")

    def test_own_work_is_not_others(self):
        before = self.load.now()
        subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
        _, all_cores, ours = (now - then for now, then in zip(self.load.now(), before))
        self.assertGreater(ours, 0.29)
        self.assertGreaterEqual(all_cores, ours - 0.05)  # counted in ticks of 10 ms


if __name__ == "__main__":
    qt.main()
