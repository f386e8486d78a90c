#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stopped or killed at any moment: quickly, resumable, and never half a file under a final name."""
import json
import os
import shutil
import signal
import subprocess
import time

import quadrant_testing as qt


class Signals(qt.Case):
    def start(self, source, mode, video, path="out/{stem}.mkv", *arguments, stages=()):
        job = self.job(path, video=video, stages=stages)
        return subprocess.Popen([qt.QUADRANT, "run", job, source, "-m", mode, "--report", "report.json", *arguments],
                                cwd=self.directory, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    @staticmethod
    def wait_until_listening(process):
        """Waits until the program catches SIGTERM (SigCgt of proc(5)); before that there is nothing to stop."""
        for _ in range(400):
            with open(f"/proc/{process.pid}/status") as f:
                caught = next(int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
            if caught >> (signal.SIGTERM - 1) & 1:
                return
            time.sleep(0.01)

    def wait_until_writing(self, process, folder="out"):
        """Waits until something is half-written: the moment that matters."""
        for _ in range(400):
            if self.files(folder) or process.poll() is not None:
                return
            time.sleep(0.01)

    def made(self):
        """The files in out/, except complete units that wait for the others."""
        return [name for name in self.files("out") if not name.endswith(".packets")]

    def stop(self, process, number):
        began = time.monotonic()
        process.send_signal(number)
        errors = process.communicate(timeout=20)[1].decode(errors="replace")
        took = time.monotonic() - began
        with self.on_a_quiet_machine():
            self.assertLess(took, 2)
        self.assertEqual(process.returncode, 130 if number == signal.SIGINT else 143, errors)
        with open(self.path("report.json")) as f:
            for entry in json.load(f)["inputs"]:
                self.assertEqual(entry["status"], "stopped", entry["error"])
                self.assertGreaterEqual(entry["wall_seconds"], 0)

    def long_clip(self):
        return self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="640x480", length=40)

    def test_while_working(self):
        source = self.long_clip()
        slow = {"codec": "libx264", "preset": "slower"}
        cases = [(mode, number, slow, "out/{stem}.mkv") for mode in qt.MODES for number in (signal.SIGINT, signal.SIGTERM)]
        cases.append(("frames", signal.SIGHUP, slow, "out/{stem}.mkv"))
        cases += [("frames", signal.SIGINT, {"codec": codec}, path)
                  for codec, path in (("png", "out/%05d.png"), ("libx265", "out/a.mp4"), ("libsvtav1", "out/a.mkv"), ("libvpx-vp9", "out/a.webm"))]
        for mode, number, video, path in cases:
            with self.subTest(mode=mode, number=number, video=video):
                process = self.start(source, mode, video, path)
                self.wait_until_writing(process)
                self.stop(process, number)
                self.assertEqual(self.made(), [])
                shutil.rmtree(self.path("out"))

    def test_while_waiting_for_a_pipe(self):
        os.mkfifo(self.path("pipe"))
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                process = self.start("pipe", mode, {"codec": "libx264"})
                self.wait_until_listening(process)
                time.sleep(0.3)
                self.stop(process, signal.SIGTERM)
                self.assertFalse(os.path.exists(self.path("out")))

    def test_while_a_stage_waits(self):
        source = self.clip("in.mp4", "-c:v", "libx264")
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                # More inputs than run at once: those that never began are stopped too.
                process = self.start(source, mode, {"codec": "ffv1"}, "out/{index}.mkv", *[source] * 9,
                                     stages=[{"wait": {"ms": 60000}}])
                self.wait_until_writing(process)
                self.stop(process, signal.SIGINT)
                self.assertEqual(self.files("out"), [])

    def test_killed_leaves_no_final_name_and_the_next_run_repairs(self):
        source = self.long_clip()
        for mode, path in (("sequential", "out/{stem}.mkv"), ("frames", "out/{stem}.mp4"), ("frames", "out/%05d.png")):
            with self.subTest(mode=mode, path=path):
                process = self.start(source, mode, {"codec": "auto"}, path)
                self.wait_until_writing(process)
                process.kill()
                process.communicate()
                self.assertEqual([f for f in self.made() if ".part" not in f], [])
                self.clip("long.mp4", "-c:v", "libx264", length=0.4)
                self.run_job(self.job(path), "long.mp4")  # the left-over of the same name went away
                self.assertEqual([f for f in self.files("out") if ".part" in f], [])
                shutil.rmtree(self.path("out"))
                source = self.long_clip()

    def test_a_run_that_was_suspended_goes_on(self):
        """SIGSTOP for longer than run.timeout does not count as a stall."""
        source = self.clip("short.mp4", "-c:v", "libx264", "-preset", "ultrafast", rate=10)
        self.run_job(self.job("out/expected.mkv", video={"codec": "ffv1"}, stages=[{"wait": {"ms": 150}}]), source)
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                process = self.start(source, mode, {"codec": "ffv1"}, f"out/{mode}.mkv", "--timeout", "2", stages=[{"wait": {"ms": 150}}])
                self.wait_until_listening(process)
                process.send_signal(signal.SIGSTOP)
                time.sleep(2.5)
                process.send_signal(signal.SIGCONT)
                errors = process.communicate(timeout=60)[1].decode(errors="replace")
                self.assertEqual(process.returncode, 0, errors)
                self.assertEqual(qt.content(self.path("out", mode + ".mkv")), qt.content(self.path("out/expected.mkv")))

    def test_nobody_reads_what_it_says(self):
        """A closed reader would kill the program by SIGPIPE unless it is ignored."""
        source = self.clip("short.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        job = self.job("out/{index}.mkv", video={"codec": "ffv1"})
        for style in ("plain", "json", "bar"):
            for isolate in ("none", "process"):
                with self.subTest(style=style, isolate=isolate):
                    read, write = os.pipe()
                    os.close(read)
                    made = subprocess.run([qt.QUADRANT, "run", job, source, "gone.mp4", "--progress", style, "--isolate", isolate, "--overwrite"],
                                          cwd=self.directory, stdout=write, stderr=write, stdin=subprocess.DEVNULL, timeout=60)
                    os.close(write)
                    self.assertEqual(made.returncode, 1)
                    self.assertEqual(self.files("out"), ["1.mkv"])
                    self.assert_decodable(self.path("out/1.mkv"))
                    shutil.rmtree(self.path("out"))

    def test_stopped_batch_goes_on_where_it_was(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        self.long_clip()
        job = self.job(video={"codec": "libx264", "preset": "slower"})
        process = subprocess.Popen([qt.QUADRANT, "run", job, "a.mp4", "long.mp4", "-m", "sequential"], cwd=self.directory, stderr=subprocess.PIPE)
        while "a.mkv" not in self.files("out") and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.made(), ["a.mkv"])
        self.assertIn("1 up to date", self.run_job(job, "a.mp4").stderr)


if __name__ == "__main__":
    qt.main()
