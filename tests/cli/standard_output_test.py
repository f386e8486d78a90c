#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`-o -`: the bytes of the file, for another program to read while they are made."""
import json
import os
import pty
import signal
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
WAY_OUT = "container: {} must go back in what was written, and standard output cannot; write matroska or mpegts, or a file"


class StandardOutput(qt.Case):
    def setUp(self):
        super().setUp()
        self.source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "mp2", length=2, audio=True)

    def streamed(self, job, *arguments, path="-", **options):
        """Standard output of a run that must succeed; nothing else may be left by it."""
        before = os.listdir(self.directory)
        run = self.quadrant("run", job, "in.mp4", "-o", path, *arguments, text=False, errors=None, **options)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(os.listdir(self.directory)), sorted(before))
        return run.stdout

    def test_bytes_are_those_of_the_file(self):
        """Of containers whose muxers never go back, in every mode."""
        for container, video in (("mpegts", X264), ("nut", X264), ("h264", X264), ("yuv4mpegpipe", {"codec": "wrapped_avframe"})):
            job = self.job("out/in." + container, container=container, video=video, audio="copy" if container in ("mpegts", "nut") else "none",
                           stages=[{"sharpen": {"amount": 0.6}}])
            self.run_job(job, "in.mp4")
            expected = qt.content(self.path("out/in." + container))
            for mode in qt.MODES:
                with self.subTest(container=container, mode=mode):
                    self.assertTrue(self.streamed(job, "-m", mode) == expected, "other bytes")
            for path in ("pipe:", "pipe:1"):
                self.assertTrue(self.streamed(job, path=path) == expected, "other bytes")

    def test_every_mode_streams_the_same(self):
        """Also where a file would get its length and index afterwards; every frame and its time is there."""
        for container, options in (("matroska", {}), ("flv", {}), ("mp4", {"movflags": "frag_keyframe+empty_moov"})):
            job = self.job("out/in.bin", container=container, video=X264, options=options, audio="none")
            made = [self.streamed(job, "-m", mode) for mode in qt.MODES]
            with self.subTest(container=container):
                self.assertEqual(len(set(made)), 1)
                self.run_job(job, "in.mp4")
                hashes = [self.ffmpeg("-i", name, "-f", "framemd5", "-") if name != "-" else
                          subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-f", "framemd5", "-"], input=made[0], capture_output=True).stdout
                          for name in ("out/in.bin", "-")]
                self.assertEqual(hashes[0], hashes[1])

    def test_what_cannot_be_streamed_is_refused(self):
        job = self.job(video=X264)
        for arguments, reason in (
                (("-o", "-"), "path: standard output has no name that tells the container; set output.container"),
                (("-o", "-", "--set", "output.container=mp4"), WAY_OUT.format("mp4") +
                 ", or fragments: set output.options.movflags to frag_keyframe+empty_moov"),
                (("-o", "-", "--set", "output.container=avi"), WAY_OUT.format("avi")),
                (("in.mp4", "-o", "-", "--set", "output.container=mpegts"), "path: standard output takes one input, not 2; name one"),
                (("-o", "-", "--set", "output.container=mpegts", "--isolate", "process"), "path: standard output cannot be written by processes"),
                (("-o", "pipe:2", "--set", "output.container=mpegts"), "path: pipe:2 is no file; write - for standard output")):
            with self.subTest(arguments=arguments):
                run = self.run_job(job, "in.mp4", *arguments, code=2)
                self.assertIn(reason, run.stderr)
                self.assertEqual(run.stdout, "")
        run = self.quadrant("plan", job, "in.mp4", "--set", 'output.path="-"', "--set", "output.container=mpegts", "-o", "RUN")
        self.assertEqual(run.returncode, 2)
        self.assertIn("a planned run makes files; set output.path", run.stderr)
        self.assertEqual(sorted(os.listdir(self.directory)), ["in.mp4", "job.yaml"])

    def test_not_to_a_terminal(self):
        leader, terminal = pty.openpty()
        run = self.quadrant("run", self.job(container="mpegts"), "in.mp4", "-o", "-", capture_output=False, stdout=terminal,
                            stderr=subprocess.PIPE)
        os.close(terminal)
        os.close(leader)
        self.assertEqual(run.returncode, 2)
        self.assertIn("standard output is a terminal; send it to a program or a file", run.stderr)

    def test_a_file_that_is_called_so(self):
        self.run_job(self.job("./-", container="mpegts", video=X264), "in.mp4")
        self.assert_decodable(self.path("-"))

    def test_into_a_file_and_with_a_report(self):
        job = self.job(container="mpegts", video=X264)
        with open(self.path("made.ts"), "wb") as made:
            run = self.quadrant("run", job, "in.mp4", "-o", "-", "--report", "r.json", capture_output=False, stdout=made, stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("1 done, 0 up to date, 0 failed, 50 frames", run.stderr)
        self.assert_decodable(self.path("made.ts"))
        with open(self.path("r.json")) as f:
            self.assertEqual(json.load(f)["inputs"][0]["output"], "-")

    def test_segments_are_left_out_and_explain_says_so(self):
        long = self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", length=30)
        job = self.job(container="mpegts", video={**X264, "segment": "auto"})
        run = self.quadrant("explain", job, long, "-o", "-", "-m", "segments")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("output -: mpegts", run.stdout)
        self.assertIn("note   not cut into segments: standard output takes it as it is made", run.stdout)
        run = self.run_job(self.job(container="mpegts", video={**X264, "segment": 5}), long, "-o", "-", code=2)
        self.assertIn("segment cannot be 5: standard output takes it as it is made; take auto or none", run.stderr)

    def slow(self, **options):
        job = self.job(container="yuv4mpegpipe", video={"codec": "wrapped_avframe"}, audio="none", stages=[{"scale": {"width": 640}}])
        return subprocess.Popen([qt.QUADRANT, "run", job, "in.mp4", "-o", "-", "--retries", "2", *options.pop("arguments", ())],
                                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def test_a_reader_that_closes_early(self):
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                process = self.slow(arguments=("-m", mode))
                process.stdout.read(1000)
                process.stdout.close()
                said = process.stderr.read().decode()
                process.stderr.close()
                self.assertEqual(process.wait(timeout=20), 1)  # not killed by SIGPIPE
                self.assertIn("failed: in.mp4: standard output: its reader closed it before the end", said)
                self.assertNotIn("retried", said)

    def test_stopped_while_nobody_reads(self):
        process = self.slow()
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()  # what is in the pipe may stay there
        self.assertEqual(process.wait(timeout=20), 130, said)
        with self.on_a_quiet_machine():
            self.assertLess(time.monotonic() - began, 2)
        self.assertIn("0 done, 0 up to date, 0 failed, 1 stopped", said)
        process.stdout.close()
        process.stderr.close()

    def test_a_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            run = self.quadrant("run", self.job(container="mpegts", video=X264), "in.mp4", "-o", "-", "--retries", "2", capture_output=False,
                                stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 75)
        self.assertIn("failed: in.mp4: standard output: cannot be written: No space left on device", run.stderr)

    def test_from_pipe_to_pipe(self):
        job = self.job(container="nut", video=X264)
        with open(self.path("in.mp4"), "rb") as source:
            first = self.quadrant("run", job, "-", "-o", "-", stdin=source, text=False, errors=None)
        self.assertEqual(first.returncode, 0, first.stderr)
        second = self.quadrant("run", job, "-", "-o", "-", input=first.stdout, stdin=None, text=False, errors=None)
        self.assertEqual(second.returncode, 0, second.stderr)
        found = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-select_streams", "v",
                                "-of", "csv=p=0", "-"], input=second.stdout, capture_output=True)
        self.assertEqual(found.stdout.split()[:1], [b"50"])


if __name__ == "__main__":
    qt.main()
