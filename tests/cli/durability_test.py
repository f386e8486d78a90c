#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nothing lost, nothing half-written: runs are killed, starved and disturbed, and then the same command gives the same bytes.

The oracle is an undisturbed run. Steps are system calls that change the disk; strace kills the program at the K-th of
them. QUADRANT_SOAK=1 counts every opened file as a step too, and kills at 200 random moments instead of 10.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

SOAK = os.environ.get("QUADRANT_SOAK") == "1"
STEPS = ["write", "fsync", "rename", "renameat2", "unlink", "unlinkat", "mkdir"] + (["openat"] if SOAK else [])
JOB = {"version": 1, "output": {"path": "out/{stem}.mp4", "video": {"codec": "libx264", "preset": "ultrafast", "segment": 1}, "audio": {"codec": "aac"}}}


class Durability(qt.Case):
    def setUp(self):
        super().setUp()
        self.make_input(5)
        self.write_job()

    def make_input(self, seconds):
        """An input with one segment per second."""
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x36:r=10:d={seconds}", "-f", "lavfi", "-i", f"sine=d={seconds}", "-c:v", "libx264", "-g", "10",
                    "-keyint_min", "10", "-c:a", "aac", "in.mp4")

    def write_job(self, comment="", **video):
        job = json.loads(json.dumps(JOB))
        job["output"]["video"].update(video)
        with open(self.path("job.yaml"), "w") as f:
            f.write(json.dumps(job) + "\n" + comment)

    def command(self, *arguments, mode="segments"):
        return [qt.QUADRANT, "run", "job.yaml", "in.mp4", "-m", mode, "--progress", "none", "--report", "report.json", *arguments]

    def oracle(self):
        self.run_job("job.yaml", "in.mp4", "-m", "segments")
        expected = qt.content(self.path("out/in.mp4"))
        shutil.rmtree(self.path("out"))
        return expected

    def place(self):
        """A directory with the same job and input, for a disturbed run."""
        directory = tempfile.mkdtemp(dir=self.directory)
        for name in ("job.yaml", "in.mp4"):
            os.link(self.path(name), os.path.join(directory, name))
        return directory

    def finish(self, directory, expected, what):
        """Checks after a kill: no half file under the final name, and the same command gives the same bytes."""
        out = os.path.join(directory, "out", "in.mp4")
        if os.path.exists(out):
            self.assertEqual(qt.content(out), expected, f"{what}: another file under the final name")
        made = subprocess.run(self.command(), cwd=directory, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, f"{what}: {made.stderr}")
        self.assertEqual(qt.content(out), expected, f"{what}: other bytes in the end")
        self.assertEqual(sorted(os.listdir(os.path.dirname(out))), [".quadrant.jsonl", "in.mp4"], what)
        shutil.rmtree(directory)

    def killed_at(self, step, number, expected):
        """False if the program ended before that step."""
        directory = self.place()
        inject = f"inject={step}:signal=KILL:when={number}"
        made = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + step, "-e", inject, *self.command()],
                              cwd=directory, capture_output=True, timeout=60)
        killed = made.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        self.assertTrue(killed or made.returncode == 0, made.stderr)
        self.finish(directory, expected, f"killed at {step} {number}")
        return killed

    def test_killed_at_every_step(self):
        self.make_input(7)  # strace counts by thread, so how many steps there are to kill at varies a little
        expected, points = self.oracle(), 0
        for step in STEPS:
            with ThreadPoolExecutor(2) as pool:
                number = 1
                while True:
                    results = list(pool.map(lambda n: self.killed_at(step, n, expected), range(number, number + 6)))
                    points += sum(results)
                    number += 6
                    if not all(results):
                        break
        print(f"{points} kill points, nothing lost")
        self.assertGreater(points, 40)

    def test_killed_at_random(self):
        expected = self.oracle()
        seed = random.randrange(1 << 30)
        print("seed", seed)
        numbers = random.Random(seed)
        for i in range(200 if SOAK else 10):
            directory = self.place()
            process = subprocess.Popen(self.command(mode=qt.MODES[i % len(qt.MODES)]), cwd=directory, stderr=subprocess.DEVNULL)
            time.sleep(numbers.uniform(0.05, 0.5))
            process.kill()
            process.wait()
            self.finish(directory, expected, f"kill {i} of seed {seed}")

    def stop_half_way(self):
        """Leaves some finished segments behind."""
        self.write_job(preset="placebo", crf=10)
        process = subprocess.Popen([*self.command("-c", "1", mode="sequential"), "--set", "stages=[{wait: {ms: 40}}]"], cwd=self.directory, stderr=subprocess.DEVNULL)
        folder = self.path("out/.in.mp4.segments")
        for _ in range(1000):
            if os.path.isdir(folder) and sum(n.endswith(".packets") for n in os.listdir(folder)) >= 2:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=10), 143)
        return folder

    def go_on(self, *arguments):
        made = subprocess.run([*self.command(*arguments), "--set", "stages=[{wait: {ms: 40}}]"], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        with open(self.path("report.json")) as f:
            return json.load(f)["inputs"][0]

    def test_finished_segments_are_kept(self):
        self.stop_half_way()
        self.write_job("# a comment redoes nothing\n", preset="placebo", crf=10)
        told = self.go_on()
        self.assertGreaterEqual(told["segments_kept"], 1)
        self.assertEqual((told["reprocessed"], told["frames_out"]), ([], 50))
        made = qt.content(self.path("out/in.mp4"))
        shutil.rmtree(self.path("out"))
        self.assertEqual(self.go_on()["segments_kept"], 0)
        self.assertEqual(qt.content(self.path("out/in.mp4")), made)

    def test_another_quality_redoes_all_and_says_why(self):
        self.stop_half_way()
        self.write_job(preset="placebo", crf=11)
        told = self.go_on()
        self.assertEqual(told["segments_kept"], 0)
        self.assertTrue(told["reprocessed"] and all("the configuration changed" in r for r in told["reprocessed"]), told["reprocessed"])

    def test_a_damaged_segment_is_done_again(self):
        folder = self.stop_half_way()
        name = next(n for n in sorted(os.listdir(folder)) if n.endswith(".packets") and n != "rest.packets")
        with open(os.path.join(folder, name), "r+b") as f:
            f.seek(os.path.getsize(f.name) // 2)
            byte = f.read(1)
            f.seek(-1, 1)
            f.write(bytes([byte[0] ^ 1]))
        told = self.go_on()
        self.assertEqual([r.split(": ")[1] for r in told["reprocessed"]], ["its file is damaged"])
        with open(self.path("out/in.mp4"), "rb") as f:
            made = f.read()
        shutil.rmtree(self.path("out"))
        self.go_on()
        self.assertEqual(qt.content(self.path("out/in.mp4")), made)

    def test_a_changed_input_redoes_all(self):
        self.stop_half_way()
        os.utime(self.path("in.mp4"), (1, 1))
        told = self.go_on()
        self.assertTrue(told["reprocessed"] and all("the input changed" in r for r in told["reprocessed"]), told["reprocessed"])

    def test_an_input_that_changes_while_it_is_read(self):
        slow = [*self.command(mode="frames"), "--set", "stages=[{wait: {ms: 3000}}]"]
        process = subprocess.Popen(slow, cwd=self.directory, stderr=subprocess.PIPE, text=True)
        while not os.path.exists(self.path("out/.in.mp4.part")) and process.poll() is None:
            time.sleep(0.01)
        os.utime(self.path("in.mp4"), (1, 1))
        errors = process.communicate(timeout=30)[1]
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("in.mp4: changed while it was read", errors)
        self.assertNotIn("in.mp4", os.listdir(self.path("out")))

    def test_two_runs_at_once(self):
        expected = self.oracle()
        for mode in ("frames", "segments"):
            with self.subTest(mode=mode):
                shutil.rmtree(self.path("out"), ignore_errors=True)
                first, second = (subprocess.Popen(self.command(mode=mode), cwd=self.directory, stderr=subprocess.PIPE, text=True) for _ in range(2))
                told = sorted((p.communicate(timeout=30)[1], p.returncode) for p in (first, second))
                codes = sorted(code for _, code in told)
                self.assertIn(codes, ([0, 0], [0, 5]), told)
                if codes == [0, 5]:
                    self.assertIn("another run is writing it", "".join(t for t, _ in told))
                self.assertEqual(qt.content(self.path("out/in.mp4")), expected)

    def test_a_dead_run_blocks_nothing(self):
        expected = self.oracle()
        os.makedirs(self.path("out/.in.mp4.segments"))
        for left in ("out/.in.mp4.part", "out/.in.mp4.segments/00001.packets.part", "out/.in.mp4.segments/00002.packets"):
            with open(self.path(left), "wb") as f:
                f.write(b"half of something")
        self.finish(self.directory, expected, "left-overs")

    def test_segments_of_another_cutting_go_away(self):
        """Also if the input is no longer cut; unfinished ones are removed as soon as a run holds the lock."""
        folder = self.path("out/.in.mp4.segments")

        def leave():
            os.makedirs(folder, exist_ok=True)
            for left in ("00001.packets.part", "00099.packets.part", "00098.packets"):
                with open(os.path.join(folder, left), "wb") as f:
                    f.write(b"half of something")

        leave()
        self.write_job(segment="none")
        self.run_job("job.yaml", "in.mp4", "-m", "frames")
        self.assertEqual(self.files("out"), ["in.mp4"])
        shutil.rmtree(self.path("out"))
        leave()
        self.stop_half_way()
        self.assertNotIn("00099.packets.part", os.listdir(folder))

    def test_foreign_files_are_left_alone(self):
        os.makedirs(self.path("out/.in.mp4.segments"))
        with open(self.path("out/.in.mp4.segments/notes.txt"), "w") as f:
            f.write("mine")
        self.run_job("job.yaml", "in.mp4", "-m", "segments")
        self.assertEqual(os.listdir(self.path("out/.in.mp4.segments")), ["notes.txt"])

    def test_journal(self):
        self.run_job("job.yaml", "in.mp4")
        journal = self.path("out/.quadrant.jsonl")
        whole = qt.content(journal)
        self.assertIn("1 up to date", self.run_job("job.yaml", "in.mp4").stderr)
        with open(journal, "wb") as f:
            f.write(whole[:-20])
        torn = self.run_job("job.yaml", "in.mp4", code=1).stderr
        self.assertIn("torn, as a crash leaves it", torn)
        self.assertIn("--overwrite replaces it", torn)
        for at in range(whole.index(b'"depends_on"'), len(whole) - 1, 17):
            damaged = bytearray(whole)
            damaged[at] ^= 1
            with open(journal, "wb") as f:
                f.write(damaged)
            self.assertRegex(self.run_job("job.yaml", "in.mp4", code=1).stderr, "damaged|torn")

    def test_disk_full_then_repaired(self):
        disk = self.path("disk")
        os.mkdir(disk)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True).returncode != 0:
            self.skipTest("only root can mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        self.write_job(crf=1)
        expected = None
        failed = self.run_job("job.yaml", "in.mp4", "-m", "segments", "-o", "disk/{stem}.mp4", code=75)
        self.assertIn("No space left on device", failed.stderr)
        self.assertFalse(os.path.exists(os.path.join(disk, "in.mp4")))
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        self.run_job("job.yaml", "in.mp4", "-m", "segments", "-o", "disk/{stem}.mp4")
        self.run_job("job.yaml", "in.mp4", "-m", "sequential", "-o", "here/{stem}.mp4")
        self.assertEqual(qt.content(os.path.join(disk, "in.mp4")), qt.content(self.path("here/in.mp4")))


if __name__ == "__main__":
    qt.main()
