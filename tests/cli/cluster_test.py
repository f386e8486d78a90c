#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One job done by many runs over a shared directory: whichever run does which unit, when, how and how often, the outputs
equal those of a local `quadrant run` byte for byte; missing and damaged units are named, never guessed."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

import quadrant_testing as qt

VIDEO = {"codec": "libx264", "preset": "ultrafast", "segment": 1}
CUT = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-keyint_min", "10", "-bf", "2"]


class Cluster(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("a.mp4", *CUT, "-c:a", "aac", size="64x36", rate=10, length=4, audio=True)
        self.clip("b.mp4", *CUT, size="96x64", rate=10, length=3)
        self.clip("short.mp4", *CUT, "-c:a", "aac", size="64x36", rate=10, length=0.5, audio=True)
        self.inputs = ["a.mp4", "b.mp4", "short.mp4"]
        self.config = self.job("out/{stem}.mp4", video=VIDEO, audio={"codec": "aac"})

    def plan(self, *inputs, run="RUN", config=None, code=0):
        made = self.quadrant("plan", config or self.config, *(inputs or self.inputs), "-o", run)
        self.assertEqual(made.returncode, code, made.stderr)
        return made

    def units(self, run="RUN", *arguments):
        told = self.run_job(run, "--dry-run", *arguments).stdout
        return [json.loads(line) for line in told.splitlines()]

    def merge(self, run="RUN", code=0):
        made = self.quadrant("merge", run)
        self.assertEqual(made.returncode, code, made.stderr)
        return made.stderr

    def local(self, config=None, inputs=None):
        """The outputs of a local run: contents by name."""
        self.run_job(config or self.config, *(inputs or self.inputs))
        made = {name: qt.content(self.path("out", name)) for name in self.files("out")}
        shutil.rmtree(self.path("out"))
        return made

    def assert_same(self, expected):
        self.assertEqual({name: qt.content(self.path("out", name)) for name in self.files("out")}, expected)

    def test_plan_is_a_pure_function(self):
        self.plan()
        lines = qt.content(self.path("RUN/plan.ndjson"))
        units = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual([u["kind"] for u in units], ["segment"] * 4 + ["rest"] + ["segment"] * 3 + ["rest"] + ["whole"])
        self.assertEqual(len({u["id"] for u in units}), len(units))
        self.assertTrue(all(u["cost"] > 0 and u["memory"] > 0 for u in units))
        self.assertNotIn(self.directory.encode(), lines + qt.content(self.path("RUN/job.yaml")))
        self.plan()  # again: nothing changes
        for name in self.inputs:
            os.utime(self.path(name), (1, 1))
        self.plan(run="RUN2/")  # as on another machine: different modification times
        os.mkdir(self.path("elsewhere"))
        for name in self.inputs:
            shutil.copy(self.path(name), self.path("elsewhere"))
        made = self.quadrant("plan", self.config, *self.inputs, "-o", "RUN", cwd=self.path("elsewhere"))
        self.assertEqual(made.returncode, 0, made.stderr)
        for other in ("RUN/plan.ndjson", "RUN2/plan.ndjson", "elsewhere/RUN/plan.ndjson"):
            self.assertEqual(qt.content(self.path(other)), lines)
        self.assertEqual(qt.content(self.path("RUN2/job.yaml")), qt.content(self.path("RUN/job.yaml")))

    def test_plan_refuses(self):
        os.mkfifo(self.path("pipe"))
        told = self.plan("a.mp4", "nothing.mp4", "pipe", "job.yaml", code=1).stderr
        self.assertIn("failed: nothing.mp4: cannot be read: No such file", told)
        self.assertIn("failed: pipe: cannot be planned: another machine could not tell", told)
        self.assertIn("failed: job.yaml: cannot be read", told)
        self.assertEqual({u["input"] for u in self.units()}, {"a.mp4"})
        self.assertIn("holds the plan of another job", self.plan("b.mp4", code=2).stderr)
        os.mkdir(self.path("mine"))
        open(self.path("mine/file"), "w").close()
        self.assertIn("is there and holds no plan", self.plan(run="mine", code=2).stderr)
        self.assertIn("so there is nothing to plan", self.plan(config=self.job(name="n.yaml", container="null"), code=2).stderr)
        self.assertIn("holds no plan", self.run_job("mine", code=2).stderr)
        for wrong in ("0/3", "4/3", "1", "a/b", "1/2x", ""):
            if wrong:
                self.assertIn("--shard must be I/N", self.run_job("RUN", "--shard", wrong, code=2).stderr)
        self.assertIn("no such unit", self.run_job("RUN", "--unit", "0123456789abcdef", code=2).stderr)
        self.assertIn("are planned", self.run_job("RUN", "b.mp4", code=2).stderr)
        self.assertIn("a.mp4 is not one", self.run_job("a.mp4", "--shard", "1/2", code=2).stderr)
        with open(self.path("RUN/plan.ndjson"), "r+") as f:
            text = f.read().replace('"first":10240', '"first":10241', 1)
            f.seek(0)
            f.write(text)
        self.assertIn("RUN/plan.ndjson:2: is damaged", self.run_job("RUN", code=2).stderr)

    def test_shards_are_disjoint_complete_and_balanced(self):
        self.plan()
        everything = self.units()
        ids = sorted(u["id"] for u in everything)
        for count in (1, 2, 3, 5, 17):
            shards = [self.units("RUN", "--shard", f"{i}/{count}") for i in range(1, count + 1)]
            self.assertEqual(sorted(u["id"] for shard in shards for u in shard), ids)
            costs = [sum(u["cost"] for u in shard) for shard in shards]
            self.assertLessEqual(max(costs) - min(costs), max(u["cost"] for u in everything) + 1e-9)

    def test_any_order_twice_and_other_cores(self):
        expected = self.local()
        self.plan()
        shards = [(i, mode) for i, mode in zip((1, 2, 3, 4), ("segments", "frames", "tiles", "sequential"))]
        shards += [(2, "concurrent"), (4, "auto")]
        seed = random.randrange(1 << 30)
        print("seed", seed)
        random.Random(seed).shuffle(shards)
        running = []
        for i, mode in shards:  # two at once, as two machines would
            running.append(subprocess.Popen([qt.QUADRANT, "run", "RUN", "--shard", f"{i}/4", "-m", mode, "-c", str(1 + i % 2), "--progress", "none"],
                                            cwd=self.directory, stderr=subprocess.PIPE))
            if len(running) == 2:
                for process in running:
                    self.assertEqual((process.communicate()[1], process.returncode), (b"", 0))
                running = []
        self.merge()
        self.assert_same(expected)
        self.assertNotIn(".part", " ".join(self.files()))
        self.assertEqual(self.merge().count("up-to-date: out/"), 3)
        self.assertIn("3 up to date", self.run_job(self.config, *self.inputs).stderr)  # for a local run too
        os.remove(self.path("out/b.mp4"))
        self.assertEqual(self.merge().count("up-to-date"), 2)
        self.assert_same(expected)

    def test_pictures_and_what_cannot_be_cut(self):
        cases = [("out/{stem}-%03d.png", {"codec": "png"}, [], ["b.mp4"]), ("out/{stem}.mkv", {"codec": "libx264", "b": "100k"}, [], ["a.mp4"]),
                 ("out/{stem}.mkv", {"codec": "libx264", "threads": 2}, [{"ffmpeg": "hqdn3d"}], ["a.mp4"]), ("out/{stem}.webm", {"codec": "libvpx-vp9", "cpu-used": "8", "segment": 1}, [], ["b.mp4"])]
        for path, video, stages, inputs in cases:
            with self.subTest(path=path, video=video, stages=stages):
                config = self.job(path, "other.yaml", stages, video)
                expected = self.local(config, inputs)
                self.plan(*inputs, config=config)
                self.run_job("RUN")
                self.merge()
                self.assert_same(expected)
                shutil.rmtree(self.path("RUN"))
                shutil.rmtree(self.path("out"))

    def test_missing_and_damaged_units(self):
        expected = self.local()
        self.plan()
        self.run_job("RUN", "--shard", "1/1")
        planned = [json.loads(line) for line in qt.content(self.path("RUN/plan.ndjson")).splitlines()]
        segment, rest = planned[1], planned[8]
        file = self.path("RUN/units", segment["id"] + ".packets")
        damaged = bytearray(qt.content(file))
        damaged[len(damaged) // 2] ^= 1
        with open(file, "wb") as f:
            f.write(damaged)
        os.remove(self.path("RUN/units", rest["id"] + ".packets"))
        told = self.merge(code=3)
        self.assertIn(f"damaged: {segment['id']}: a.mp4: segment 2, 1.000 s to 2.000 s: its file is damaged; quadrant run RUN --unit {segment['id']}", told)
        self.assertIn(f"missing: {rest['id']}: b.mp4: sound and other streams; quadrant run RUN --unit {rest['id']}", told)
        self.assertEqual(self.files("out"), ["short.mp4"])  # complete inputs are finished
        again = self.run_job("RUN", "--unit", segment["id"])
        self.assertIn("reprocessed: a.mp4: segment 2: its file is damaged", again.stderr)
        self.assertIn("failed: b.mp4: 1 of 4 units", self.merge(code=3))
        kept = self.run_job("RUN").stderr
        self.assertIn("2 up to date", kept)
        self.assertIn("1 done", kept)
        self.merge()
        self.assert_same(expected)

    def test_changed_input(self):
        self.plan()
        self.run_job("RUN", "--shard", "1/2")
        self.clip("b.mp4", *CUT, size="96x64", rate=10, length=2)
        told = self.run_job("RUN", code=1).stderr
        self.assertIn("failed: b.mp4: the input changed since it was planned; plan it again into another directory", told)
        failures = [json.loads(qt.content(self.path("RUN/failed", name))) for name in self.files("RUN/failed")]
        self.assertTrue(failures and all("b.mp4: the input changed" in f["error"] for f in failures))
        self.merge(code=1)
        self.assertEqual(self.files("out"), ["a.mp4", "short.mp4"])

    def test_stopped_shard_goes_on(self):
        slow = self.job("out/{stem}.mp4", "slow.yaml", [{"wait": {"ms": 60}}], VIDEO)
        expected = self.local(slow, ["a.mp4"])
        for number, code in ((signal.SIGUSR1, 75), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
            with self.subTest(number=number):
                self.plan("a.mp4", config=slow)
                process = subprocess.Popen([qt.QUADRANT, "run", "RUN", "-m", "sequential"], cwd=self.directory, stderr=subprocess.DEVNULL)
                for _ in range(1000):
                    if sum(name.endswith(".packets") for name in self.files("RUN/units")) > 1:  # the other streams, and a segment
                        break
                    time.sleep(0.01)
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=10), code)
                self.assertIn("kept: a.mp4: ", self.run_job("RUN").stderr)
                self.merge()
                self.assert_same(expected)
                shutil.rmtree(self.path("RUN"))
                shutil.rmtree(self.path("out"))


if __name__ == "__main__":
    qt.main()
