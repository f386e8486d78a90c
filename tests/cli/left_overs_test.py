#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`quadrant status` reports what exists, `quadrant clean` removes dead left-overs of ours, `quadrant submit` writes valid shell
scripts."""
import json
import os
import shutil
import signal
import subprocess
import time

import quadrant_testing as qt

VIDEO = {"codec": "libx264", "preset": "ultrafast", "segment": 1}


class LeftOvers(qt.Case):
    def setUp(self):
        super().setUp()
        for name, length in (("a.mp4", 4), ("b.mp4", 3)):
            self.clip(name, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-keyint_min", "10", size="64x36", rate=10, length=length)
        self.config = self.job("out/{stem}.mp4", video=VIDEO)
        self.slow = self.job("out/{stem}.mp4", "slow.yaml", [{"wait": {"ms": 60}}], VIDEO)

    def tell(self, command, *arguments, code=0):
        made = self.quadrant(command, *arguments)
        self.assertEqual(made.returncode, code, made.stderr)
        return made.stdout, made.stderr

    def status(self, directory):
        return json.loads(self.tell("status", directory, "--json")[0])

    def plan(self, *inputs, config=None):
        made = self.quadrant("plan", config or self.config, *inputs, "-o", "RUN")
        self.assertEqual(made.returncode, 0, made.stderr)

    def start(self, *arguments, until):
        """Lets a run work until `until()` holds."""
        process = subprocess.Popen([qt.QUADRANT, "run", *arguments, "-m", "sequential", "--progress", "none"], cwd=self.directory, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.wait()))
        for _ in range(1500):
            if until():
                return process
            time.sleep(0.01)
        self.fail("the run does not come so far")

    def named(self, directory, ending):
        found = self.path(directory)
        return [n for n in os.listdir(found) if n.endswith(ending)] if os.path.isdir(found) else []

    def foreign(self, *names):
        for name in names:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            with open(self.path(name), "w") as f:
                f.write("mine")
        return names

    def test_status_of_a_planned_run(self):
        self.plan("a.mp4", "b.mp4", config=self.slow)
        told = self.status("RUN/")
        self.assertEqual((told["schema"], told["units"], told["left"], told["done"], told["seconds_left"]), ("quadrant-status/2", 9, 9, 0, None))
        process = self.start("RUN", until=lambda: len(self.named("RUN/units", ".packets")) >= 2 and self.named("RUN/units", ".part"))
        told = self.status("RUN")
        self.assertGreaterEqual(told["done"], 2)
        self.assertEqual(told["under_way"], 1)
        low, high = told["seconds_left"]
        self.assertTrue(0 < low <= high < 600, told)
        process.kill()
        process.wait()
        told = self.status("RUN")
        self.assertEqual((told["under_way"], told["units"]), (0, told["done"] + told["left"]))  # the dead one's file does not grow
        os.remove(self.path("b.mp4"))
        self.run_job("RUN", code=1)
        told = self.status("RUN")
        self.assertEqual([(i["input"], i["done"], i["finished"]) for i in told["inputs"]][0], ("a.mp4", 5, False))
        self.assertEqual(len(told["failures"]), told["failed"])
        self.assertIn("b.mp4: it is missing, or cannot be read, since it was planned", told["failures"][0]["error"])
        text = self.tell("status", "RUN")[0]
        self.assertIn("a.mp4: 5 done, no output yet\n", text)
        self.assertIn("b.mp4: segment 2, 1.000 s to 2.000 s: b.mp4: it is missing", text)
        self.tell("merge", "RUN", code=1)
        self.assertTrue(self.status("RUN")["inputs"][0]["finished"])

    def test_status_of_outputs(self):
        self.run_job(self.config, "b.mp4")
        process = self.start(self.slow, "a.mp4", until=lambda: len(self.named("out/.a.mp4.segments", ".packets")) >= 2)
        self.foreign("out/.other.part", "out/other")
        told = {o["output"]: o for o in self.status("out")["outputs"]}
        self.assertEqual({name: o["state"] for name, o in told.items()}, {"a.mp4": "under way", "b.mp4": "finished"})
        process.send_signal(signal.SIGTERM)
        process.wait()
        told = {o["output"]: o for o in self.status("out")["outputs"]}
        self.assertEqual(told["a.mp4"]["state"], "stopped")
        self.assertGreaterEqual(told["a.mp4"]["segments_kept"], 2)
        self.assertIn("2 outputs: 1 finished, 0 under way, 1 stopped, 0 changed", self.tell("status", "out")[0])
        self.tell("status", "nothing", code=2)

    def test_a_run_tells_how_far_it_is(self):
        """A run's progress is in the marks of growing outputs while it works, and gone afterwards."""
        try:
            os.setxattr(self.path("a.mp4"), "user.quadrant.test", b"1")
            os.removexattr(self.path("a.mp4"), "user.quadrant.test")
        except OSError:
            self.skipTest("no extended attributes on this file system")
        self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-keyint_min", "10", size="64x36", rate=10, length=12)
        inputs = ("gone.mp4", "b.mp4", "long.mp4", "a.mp4")
        process = self.start(self.slow, *inputs, until=lambda: self.named("out", ".part"))
        for _ in range(200):
            runs = self.status("out")["runs"]
            if runs and runs[0]["seconds_left"] and runs[0]["done"]:
                break
            time.sleep(0.05)
        else:
            self.fail(f"no time left is told: {runs}")
        process.send_signal(signal.SIGSTOP)  # it neither ends nor reports more meanwhile
        self.assertEqual([{key: r[key] for key in ("done", "under_way", "failed", "left")} for r in runs], [{"done": 1, "under_way": 1, "failed": 1, "left": 1}])
        low, high = runs[0]["seconds_left"]
        self.assertTrue(0 < low <= high < 60, runs)
        text = self.tell("status", "out")[0]
        self.assertRegex(text, r"\nrun .*-\d+-[0-9a-f]{8}: inputs: 1 done, 1 under way, 1 failed, 1 left\ntime left: \d+ s to \d+ s\n")
        self.run_job(self.config, "long.mp4", code=5)  # a run that does not hold an output writes nothing into its mark
        self.assertEqual([r["run"] for r in self.status("out")["runs"]], [runs[0]["run"]])
        part = self.path("out/.long.mp4.part")
        for forged in (b"{}", b"[", b'{"run":"a\\nb-1-00000000","done":0,"under_way":0,"failed":0,"left":0}', b'{"run":"a-1-00000000","done":-1,"under_way":0,"failed":0,"left":0}',
                       b'{"run":"a-1-00000000","done":0,"under_way":0,"failed":0,"left":0,"seconds_left":[1e300,1e300]}'):
            os.setxattr(part, "user.quadrant.growing", forged)
            self.assertNotIn("a-1-00000000", self.tell("status", "out")[0])
        process.kill()
        process.wait()
        self.assertEqual(self.status("out")["runs"], [])
        self.run_job(self.slow, *inputs, code=1)
        for name in self.files("out"):
            self.assertNotIn("user.quadrant.growing", os.listxattr(self.path("out", name)))
        self.assertEqual(self.files("out"), ["a.mp4", "b.mp4", "long.mp4"])

    def test_clean_outputs(self):
        names = self.foreign("out/.mine.part", "out/.mine.segments/film.packets", "out/.b.mp4.segments/notes.txt", "out/mine.mp4")
        self.run_job(self.config, "b.mp4")
        process = self.start(self.slow, "a.mp4", until=lambda: len(self.named("out/.a.mp4.segments", ".packets")) >= 2)
        kept = self.tell("clean", "out", "--all")
        self.assertEqual(kept[0], "")  # it is alive
        self.assertIn("kept: out/.a.mp4.part: a run is writing it", kept[1])
        process.kill()
        process.wait()
        before = self.files("out")
        dry = self.tell("clean", "out", "--dry-run")[0]
        self.assertEqual(self.files("out"), before)
        self.assertEqual(dry, "would remove: out/.a.mp4.part\n")
        told = self.tell("clean", "out")
        self.assertEqual(told[0], "removed: out/.a.mp4.part\n")
        self.assertIn("kept: out/.a.mp4.segments: a run can resume from", told[1])
        self.assertGreaterEqual(len(self.named("out/.a.mp4.segments", ".packets")), 2)
        self.assertEqual(self.tell("clean", "out", "--all")[0], "removed: out/.a.mp4.segments\n")
        self.assertEqual(self.files("out"), sorted([n[len("out/"):] for n in names] + ["b.mp4"]))
        self.assertEqual(self.tell("clean", "out", "--all")[0], "")

    def test_clean_a_planned_run(self):
        self.plan("a.mp4", config=self.slow)
        names = self.foreign("RUN/units/notes.part", "RUN/units/.mine.part", "RUN/mine.new", "RUN/units/.0123456789abcdef.packets.part")
        process = self.start("RUN", until=lambda: len(self.named("RUN/units", ".packets")) >= 1 and self.named("RUN/units", ".packets.part"))
        self.assertEqual(self.tell("clean", "RUN")[0], "")
        process.kill()
        process.wait()
        growing = [n for n in self.named("RUN/units", ".packets.part") if n.count("-")]
        self.assertEqual(len(growing), 1)
        other = self.path("RUN/units", ".0123456789abcdef.other-host-77-0123abcd.packets.part")  # as another machine would
        shutil.copy(self.path("RUN/units", growing[0]), other)
        told = self.tell("clean", "RUN")
        self.assertEqual(told[0], f"removed: RUN/units/{growing[0]}\n")
        self.assertIn("it may still grow", told[1])
        os.utime(other, (1, 1))
        self.assertIn(os.path.basename(other), self.tell("clean", "RUN")[0])
        self.run_job("RUN")
        self.assertEqual(self.tell("clean", "RUN", "--all")[0], "")  # nothing is merged yet
        self.tell("merge", "RUN")
        self.assertEqual(self.tell("clean", "RUN", "--all")[0].count("removed: RUN/units/"), 5)
        self.assertIn("5 units: 5 done, 0 under way, 0 failed, 0 left", self.tell("status", "RUN")[0])
        for name in names:
            self.assertEqual(qt.content(self.path(name)), b"mine")

    def test_scripts(self):
        self.plan("a.mp4", "b.mp4", "--set", "run.sbatch=['--partition=long', '--account=film']", "--cores", "2")
        told = self.tell("submit", "RUN", "--dry-run", "--shards", "3")[0]
        self.assertFalse(os.path.exists(self.path("RUN/submit")))
        for line in ("#SBATCH --array=1-3\n", "#SBATCH --cpus-per-task=2\n", "#SBATCH --requeue\n", "#SBATCH --open-mode=append\n", "#SBATCH --signal=B:USR1@",
                     "#SBATCH --partition=long\n#SBATCH --account=film\n", '--shard "$SLURM_ARRAY_TASK_ID"/3 ', 'afterany:$array', "scontrol requeue"):
            self.assertIn(line, told)
        for script in told.split("# ---- ")[1:]:
            name, text = script.split("\n", 1)
            checked = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""), name)
        self.assertIn("#SBATCH --array=1-1\n", self.tell("submit", "RUN", "--dry-run")[0])  # a shard takes minutes: one is enough for these
        self.assertIn("Slurm knows", self.tell("submit", "RUN", "--sshlogin", "a,b", code=2)[1])
        self.plan("a.mp4", "b.mp4", "--set", "run.sbatch=partition")
        self.assertIn("run.sbatch: partition is not an sbatch option", self.tell("submit", "RUN", "--dry-run", code=2)[1])

    @qt.unittest.skipUnless(shutil.which("parallel"), "no GNU parallel: tools/setup test installs it")
    def test_gnu_parallel(self):
        self.run_job(self.config, "a.mp4", "b.mp4")
        expected = {name: qt.content(self.path("out", name)) for name in self.files("out")}
        shutil.rmtree(self.path("out"))
        self.plan("a.mp4", "b.mp4")
        self.assertIn(" --sshlogin node1,node2 --workdir ", self.tell("submit", "RUN", "--engine", "parallel", "--sshlogin", "node1,node2", "--dry-run")[0])
        self.tell("submit", "RUN", "--engine", "parallel", "--shards", "3")
        self.assertEqual({name: qt.content(self.path("out", name)) for name in self.files("out")}, expected)
        with open(self.path("RUN/submit/joblog")) as f:
            self.assertEqual(len(f.readlines()), 4)


if __name__ == "__main__":
    qt.main()
