#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Too few threads, too little memory: fewer workers or exit 75 with the cause, never an abort, a hang or another file."""
import os
import shutil
import subprocess
import unittest

import quadrant_testing as qt

UNUSED_USER = "61234"  # RLIMIT_NPROC counts all threads of a user, and does not bind root
LACK = ("no further thread can begin", "no process can be started", "out of memory", "memory or threads are lacking", "Cannot allocate memory",
        "too little memory or too few threads", "standard output cannot be written")


# Between the sizes that are far too small and those that are enough, it depends on the moment what lacks memory.
SIZES = (*range(260, 420, 20), 500, 700, 1500) if os.environ.get("QUADRANT_SOAK") else (260, 300, 1500)


class Starved(qt.Case):
    """Runs that lack something. `reference` is the file of a run that lacks nothing."""

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o777)  # the unused user writes here
        self.clip("in.mp4", "-c:v", "libx264", "-g", "5", size="160x120", length=0.8, audio=True)
        self.clip("second.mp4", "-c:v", "libx264", size="160x120", length=0.4)
        self.config = self.job("{index}.mp4", stages=[{"blur": {"sigma": 1}}], video={"codec": "libx264", "preset": "ultrafast", "segment": 0.2})
        self.run_job(self.config, "in.mp4", "second.mp4", "-m", "sequential")
        self.reference = self.take()

    def take(self):
        made = [qt.content(self.path(name)) if os.path.exists(self.path(name)) else None for name in ("1.mp4", "2.mp4")]
        for name in self.files("."):
            if name not in ("in.mp4", "second.mp4", "job.yaml", "failing_malloc.so"):
                os.remove(self.path(name))
        for name in os.listdir(self.directory):
            if name.endswith(".segments"):
                shutil.rmtree(self.path(name))
        if os.path.exists(self.path(".quadrant.jsonl")):
            os.remove(self.path(".quadrant.jsonl"))
        return made

    def check(self, what, *arguments, prefix=(), **options):
        """Exit 0 with the reference's files, or 75 with a cause; returns the exit code."""
        command = [*prefix, qt.QUADRANT, "run", self.config, "in.mp4", "second.mp4", "--progress", "none", *arguments]
        run = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, errors="replace", timeout=60, stdin=subprocess.DEVNULL, **options)
        where = f"{what} {arguments}: exit {run.returncode}\n{run.stderr}"
        if run.returncode == 127 and "error while loading shared libraries" in run.stderr:
            return None  # the loader, before the program
        self.assertIn(run.returncode, (0, 75), where)
        self.assertNotIn("TBB", run.stderr, where)
        made = self.take()
        if run.returncode == 0:
            self.assertEqual(made, self.reference, where)
        else:
            self.assertTrue(any(cause in run.stderr for cause in LACK), where)
            for file, whole in zip(made, self.reference):
                self.assertIn(file, (None, whole), where)
        return run.returncode

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv") and shutil.which("prlimit"), "needs root, to become another user")
    def test_few_threads(self):
        for isolate in ("none", "process"):
            for mode in qt.MODES:
                codes = [self.check(f"{threads} threads", "-m", mode, "-c", "4", "--isolate", isolate, prefix=(
                    "setpriv", "--reuid=" + UNUSED_USER, "--regid=" + UNUSED_USER, "--clear-groups", "prlimit", f"--nproc={threads}"))
                    for threads in (1, 2, 3, 4, 6, 9, 14, 40)]
                self.assertEqual((codes[0], codes[-1]), (75, 0), f"{mode}, {isolate}")

    @unittest.skipUnless(shutil.which("prlimit"), "needs prlimit")
    def test_little_memory(self):
        for isolate in ("none", "process"):
            for mode in qt.MODES:
                codes = [self.check(f"{size} MiB", "-m", mode, "-c", "4", "--isolate", isolate, prefix=("prlimit", f"--as={size << 20}"))
                         for size in SIZES]
                self.assertEqual(codes[-1], 0, f"{mode}, {isolate}")

    def test_failing_allocations(self):
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("needs a C compiler")
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", self.path("failing_malloc.so"), os.path.join(qt.ROOT, "tests", "failing_malloc.c")], check=True)
        for mode in qt.MODES:
            for least, places in ((65536, (2, 3, 10, 25, 40, 60, 90, 130, 200)), (4096, (30, 100, 200, 320, 500))):
                for place in places:
                    for more in ({}, {"FAIL_ALL": "1"}):
                        self.check(f"allocation {place} of {least} bytes, {more}", "-m", mode, "-c", "2", env={
                            **os.environ, "LD_PRELOAD": self.path("failing_malloc.so"), "FAIL_AT": str(place), "FAIL_MIN": str(least), **more})


if __name__ == "__main__":
    qt.main()
