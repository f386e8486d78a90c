#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`quadrant submit` on a real Slurm of two nodes: an array over three inputs that are cut, a node that dies midway,
and files that equal those of a local run byte for byte."""
import os
import shutil
import sys
import time

import quadrant_testing as qt
import slurm_cluster

CUT = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-keyint_min", "10"]
SHARDS = 5


class Slurm(qt.Case):
    def setUp(self):
        super().setUp()
        self.cluster = slurm_cluster.SlurmCluster(self.path("slurm"))
        os.chmod(self.directory, 0o755)  # munged is strict about the way to its socket
        os.mkdir(self.path("slurm"))
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        self.inputs = ["a.mp4", "b.mp4", "c.mp4"]
        for name, length in zip(self.inputs, (5, 4, 3)):
            self.clip(name, *CUT, "-c:a", "aac", size="64x36", rate=10, length=length, audio=True)
        self.prepare(wait=150)

    def prepare(self, wait):
        self.config = self.job("out/{stem}.mp4", stages=[{"wait": {"ms": wait}}], video={"codec": "libx264", "preset": "ultrafast", "segment": 1})

    def submit(self, *arguments):
        options = ["--set", "run.sbatch=[--comment=mine]"]
        planned = self.quadrant("plan", self.config, *self.inputs, *options, "-o", "RUN")
        self.assertEqual(planned.returncode, 0, planned.stderr)
        made = self.quadrant("submit", "RUN", "--shards", str(SHARDS), "--cores", "1", *arguments, env=self.cluster.environment)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout

    def states(self):
        return self.cluster.tell("squeue", "-h", "-r", "-o", "%j %t %N %i").splitlines()

    def logs(self):
        text = ""
        for name in self.files("RUN/submit"):
            if name.endswith(".log"):
                text += f"--- {name}\n" + qt.content(self.path("RUN/submit", name)).decode(errors="replace")
        return text

    def growing(self):
        return [name for name in self.files("RUN/units") if name.endswith(".part")]

    def interrupt(self):
        """Signals the running job until a shard reports that it was interrupted. scancel may retry for ten seconds and fail although
        the signal arrived, and a shard may have had nothing left to interrupt."""
        for job in (state.split()[-1] for state in self.states() if " R " in state):
            self.cluster.run("timeout", "1", "scancel", "--signal=USR1", "--batch", job)
        end = time.monotonic() + 3
        while "exit 143 on" not in self.logs() and time.monotonic() < end:
            time.sleep(0.1)
        return "exit 143 on" in self.logs()

    def wait_until_done(self):
        self.cluster.wait_for(lambda: not self.states(), 90, "the queue does not empty")

    def expected(self):
        self.run_job(self.config, *self.inputs, "-m", "frames")
        made = {name: qt.content(self.path("out", name)) for name in self.files("out")}
        shutil.rmtree(self.path("out"))
        return made

    def test_node_dies_in_the_middle(self):
        self.prepare(wait=600)  # a shard takes long compared with querying and killing on a busy machine
        expected = self.expected()
        self.assertIn(f"of {SHARDS} shards, then merge", self.submit())
        self.assertIn("#SBATCH --comment=mine\n", qt.content(self.path("RUN/submit/array.sh")).decode())
        self.cluster.wait_for(lambda: self.growing() and len(self.files("RUN/units")) > 2 and any(" R node2 " in s for s in self.states()), 30,
                              "nothing runs on node2")
        self.cluster.kill_node("node2")
        self.cluster.wait_for(lambda: "down" in self.cluster.tell("sinfo", "-h", "-N", "-n", "node2", "-o", "%t"), 60, "the dead node is not noticed")
        self.cluster.start_node("node2")
        self.wait_until_done()
        log = self.logs()
        self.assertEqual(self.files("out"), self.inputs, log)
        self.assertEqual({name: qt.content(self.path("out", name)) for name in self.files("out")}, expected)
        self.assertIn("try 1", log)  # a shard of the dead node began anew
        self.assertEqual(log.count("exit 0 on"), SHARDS + 1, log)
        self.assertEqual(self.quadrant("clean", "RUN").returncode, 0)
        self.assertEqual(self.growing(), [])  # what the killed try left

    def test_shard_that_fails_for_a_while_is_requeued(self):
        """After a signal before the time limit, or a full disk, the wrapper script requests another attempt."""
        self.inputs = self.inputs[:1]
        self.prepare(wait=3000)  # a shard takes long compared with querying and signalling on a busy machine
        self.submit("--dry-run")
        self.assertFalse(os.path.exists(self.path("RUN/submit")))
        self.submit()
        self.cluster.wait_for(self.growing, 30, "no unit was begun")
        self.cluster.wait_for(self.interrupt, 30, "no shard was interrupted")
        self.wait_until_done()
        log = self.logs()
        self.assertIn("try 1", log)
        self.assertEqual(self.files("out"), self.inputs, log)


if __name__ == "__main__":
    if why := slurm_cluster.missing():
        print("SKIPPED: " + why)
        sys.exit(qt.SKIPPED)
    qt.main()
