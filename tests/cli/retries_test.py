#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Retries, time limits and --max-failures, in one process."""
import json
import os
import threading

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}


class Retries(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("good.mp4", "-c:v", "libx264", "-preset", "ultrafast")

    def report(self):
        with open(self.path("report.json")) as f:
            return json.load(f)["inputs"]

    def test_an_input_that_stands_still_is_ended(self):
        """A pipe without a writer's data, and one whose writer stops midway."""
        self.clip("long.ts", "-c:v", "libx264", "-preset", "ultrafast", length=4)
        half = qt.content(self.path("long.ts"))[:30000]
        for mode in qt.MODES:
            for begun in (False, True):
                with self.subTest(mode=mode, begun=begun):
                    os.mkfifo(self.path("pipe"))
                    writer = os.open(self.path("pipe"), os.O_RDWR)  # so that opening does not end it
                    if begun:
                        threading.Thread(target=os.write, args=(writer, half), daemon=True).start()
                    run = self.run_job(self.job(mode + str(begun) + "/{index}.mkv", video=X264), "pipe", "good.mp4", "-m", mode, "--timeout", "0.6",
                                       "--retries", "3", "--report", "report.json", code=75)
                    os.close(writer)
                    os.unlink(self.path("pipe"))
                    self.assertIn("no progress for 0.6 s", run.stderr)
                    self.assertIn("run.isolate: process", run.stderr)
                    self.assertEqual(self.files(mode + str(begun)), ["2.mkv"])
                    self.assertEqual(self.report()[0]["retried"], [])  # a pipe's data cannot be read again

    def test_a_slow_input_is_not_ended(self):
        """It takes twice the limit, but never stalls for that long."""
        job = self.job(video=X264, stages=[{"wait": {"ms": 200}}])
        self.clip("few.mp4", "-c:v", "libx264", rate=10, length=1)
        for mode in ("sequential", "tiles"):
            self.run_job(job, "few.mp4", "-m", mode, "-o", mode + ".mkv", "--timeout", "1")

    def test_an_error_that_stays_is_not_tried_again(self):
        with open(self.path("text.mp4"), "wb") as f:
            f.write(b"no video\n" * 100)
        self.run_job(self.job(video=X264), "text.mp4", "good.mp4", "--retries", "3", "--report", "report.json", code=1)
        self.assertEqual([i["retried"] for i in self.report()], [[], []])

    def test_max_failures(self):
        job = self.job("{index}.mkv", video=X264)
        inputs = ["gone1", "good.mp4", "gone2", "good.mp4", "gone3", "good.mp4"]
        for most, done in ((1, 0), (2, 1), (3, 2), (4, 3)):
            with self.subTest(most=most):
                self.run_job(job, *inputs, "-m", "sequential", "--overwrite", "--max-failures", str(most), "--report", "report.json", code=1)
                statuses = [i["status"] for i in self.report()]
                self.assertEqual(statuses.count("failed"), min(most, 3))
                self.assertEqual(sum(s in ("done", "up-to-date") for s in statuses), done)
        self.assertIn("run: max_failures must be unlimited or at least 1", self.run_job(job, "good.mp4", "--max-failures", "0", code=2).stderr)


if __name__ == "__main__":
    qt.main()
