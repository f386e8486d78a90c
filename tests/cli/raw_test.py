#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bytes that do not tell what they are: raw video and named formats, from a pipe and from a file."""
import json
import os
import subprocess

import quadrant_testing as qt

MODES = ("sequential", "concurrent", "tiles", "frames", "segments")
FAST = {"codec": "libx264", "preset": "ultrafast"}
RAW = {"format": "rawvideo", "size": "64x48"}


def flow(path="-", **entries):
    return json.dumps({"path": path, **entries})


class Raw(qt.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-pix_fmt", "yuv420p", "-f", "rawvideo", "in.yuv")

    def pipe(self, job, entry, data, *arguments):
        return subprocess.run([qt.QUADRANT, "run", job, entry, "--overwrite", *arguments], input=data, cwd=self.directory, capture_output=True, timeout=120)

    def pixels(self, name, pixel_format="yuv420p"):
        return qt.ffmpeg("-i", self.path(name), "-map", "0:v", "-pix_fmt", pixel_format, "-f", "rawvideo", "-")

    def test_from_a_pipe_a_redirection_and_a_file_in_every_mode(self):
        data = qt.content(self.path("in.yuv"))
        job = self.job("{index}.mkv", video={"codec": "ffv1"})
        for mode in MODES:
            self.assertEqual(self.pipe(job, flow(**RAW), data, "-m", mode, "-o", "piped.mkv").returncode, 0)
            with open(self.path("in.yuv"), "rb") as f:
                self.run_job(job, flow(**RAW), "-m", mode, "-o", "redirected.mkv", "--overwrite", stdin=f)
            self.run_job(job, flow("in.yuv", **RAW), "-m", mode, "-o", "named.mkv", "--overwrite")
            for name in ("piped", "redirected", "named"):
                self.assertEqual(self.pixels(f"{name}.mkv"), data, (mode, name))
        self.assertEqual(qt.times(self.path("piped.mkv")), [n / 25 for n in range(100)])

    def test_a_file_is_cut_and_resumed(self):
        job = self.job("out.mkv", video=FAST | {"segment": 0.5})
        self.assertIn("cut    into 8 segments", self.quadrant("explain", job, flow("in.yuv", **RAW)).stdout)
        contents = set()
        for mode in MODES:
            self.run_job(job, flow("in.yuv", **RAW), "-m", mode, "-o", f"{mode}.mkv")
            contents.add(qt.content(self.path(f"{mode}.mkv")))
        self.assertEqual(len(contents), 1)
        self.run_job(job, flow("in.yuv", **RAW))
        self.assertIn("1 up to date", self.run_job(job, flow("in.yuv", **RAW)).stderr)
        self.assertIn("1 done", self.run_job(job, flow("in.yuv", **RAW, rate=50)).stderr)
        self.assertEqual(qt.times(self.path("out.mkv"))[-1], 1.98)
        self.assertEqual(self.quadrant("verify", job, flow("in.yuv", **RAW)).returncode, 0)

    def test_rate_pixels_and_a_part(self):
        data = qt.content(self.path("in.yuv"))
        self.run_job(self.job("part.mkv", video={"codec": "ffv1"}), flow("in.yuv", **RAW, rate="50", start=0.5, end=1))
        size = 64 * 48 * 3 // 2
        self.assertEqual(self.pixels("part.mkv"), data[25 * size:50 * size])
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-pix_fmt", "rgb24", "-f", "rawvideo", "in.rgb")
        self.run_job(self.job("rgb.mkv", video={"codec": "ffv1"}), flow("in.rgb", **RAW, pixel_format="rgb24", rate="30000/1001"))
        self.assertEqual(self.pixels("rgb.mkv", "rgb24"), qt.content(self.path("in.rgb")))
        self.assertEqual(qt.stream(self.path("rgb.mkv"), "video")["r_frame_rate"], "30000/1001")

    def test_a_last_picture_that_is_cut_off_is_damage(self):
        with open(self.path("in.yuv"), "ab") as f:
            f.write(b"\x80" * 1000)
        data = qt.content(self.path("in.yuv"))
        job = self.job("out.mkv", video=FAST)
        for run in (self.run_job(job, flow("in.yuv", **RAW)).stderr, self.pipe(job, flow(**RAW), data, "-o", "piped.mkv").stderr.decode()):
            self.assertIn("packet size 1000 < expected frame_size 4608", run)
            self.assertIn("100 frames", run)
        self.run_job(job, flow("in.yuv", **RAW), "--set", "run.on_damage=fail", "-o", "no.mkv", code=1)

    def test_other_formats_of_pipes(self):
        for form, options in (("yuv4mpegpipe", ("-pix_fmt", "yuv420p")), ("mpegts", ("-c:v", "libx264")), ("h264", ("-c:v", "libx264")), ("matroska", ("-c:v", "ffv1"))):
            data = self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *options, "-f", form, "-")
            done = self.pipe(self.job("out.mkv", video=FAST), flow(format=form), data)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(qt.times(self.path("out.mkv"))), 25, form)

    def test_refusals(self):
        job = self.job("out.mkv", video=FAST)
        for entries, told, code in (({"format": "nope"}, "in.yuv: the installed libavformat has no format nope", 1), ({"format": "rawvideo", "size": "0x48"}, "size must be width and height, as 640x360, not 0x48", 2),
                                    ({"format": "rawvideo", "size": "64"}, "size must be width and height", 2), (RAW | {"rate": 0}, "rate must be pictures a second", 2),
                                    (RAW | {"pixel_format": "yuv"}, "in.yuv: there is no pixel_format yuv", 1), ({"format": "rawvideo"}, "rawvideo does not tell its size", 2),
                                    ({"size": "64x48"}, "size belongs to format", 2), ({"format": "concat"}, "format concat is no format of a file's bytes", 1),
                                    ({"format": "hls"}, "format hls is no format of a file's bytes", 1), ({"format": "mpegts"}, "in.yuv: cannot be read", 1)):
            with self.subTest(**entries):
                run = self.quadrant("run", job, flow("in.yuv", **entries))
                self.assertEqual(run.returncode, code, run.stderr)
                self.assertIn(told, run.stderr)
                self.assertFalse(os.path.exists(self.path("out.mkv")))


if __name__ == "__main__":
    qt.main()
