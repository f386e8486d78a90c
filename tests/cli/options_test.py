#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever libav would refuse is refused before anything is touched: exit 2, the location, a caret, the thing, the remedy."""
import os

import quadrant_testing as qt

HEAD = "version: 1\noutput:\n"
BAD = [  # output section, place, message
    ("  path: a.mp4\n  video: {codec: libx264, crff: 23}\n", "4:27", "libx264 has no option crff; `ffmpeg -h encoder=libx264` lists them"),
    ("  path: a.mp4\n  video: {codec: libx264, crf: many}\n", "4:27", "libx264: crf cannot be many: "),
    ("  path: a.mp4\n  video: {codec: libx264, preset: warp}\n", "4:27", "libx264: preset cannot be warp: "),
    ("  path: a.mp4\n  video: {codec: libx264, tune: filmm}\n", "4:27", "libx264: tune cannot be filmm: "),
    ("  path: a.mp4\n  video: {codec: libx264, profile: foo}\n", "4:27", "libx264: profile cannot be foo: "),
    ("  path: a.mp4\n  video: {codec: libx264, level: 99}\n", "4:27", "libx264: level cannot be 99: "),
    ("  path: a.mp4\n  video: {codec: libx265, profile: foo}\n", "4:27", "libx265: profile cannot be foo: "),
    ("  path: a.mp4\n  video: {codec: libx264, skip_frame: all}\n", "4:27", "libx264: skip_frame is an option for reading and has no effect on an output"),
    ("  path: a.mp4\n  options: {probesize: 5000}\n", "4:13", "mp4: probesize is an option for reading and has no effect on an output"),
    ("  path: a.mp4\n  video: {codec: libx264, x264-params: 'keyin=3'}\n", "4:27", "libx264: x264-params cannot be keyin=3: "),
    ("  path: a.mp4\n  video: {codec: libx265, x265-params: 'nonsense=3'}\n", "4:27", "libx265: x265-params cannot be nonsense=3: "),
    ("  path: a.mp4\n  video: {codec: libx265, preset: warp}\n", "4:27", "libx265: preset cannot be warp: "),
    ("  path: a.mp4\n  video: {codec: libx266}\n", "4:18", "codec: the installed libavcodec has no video encoder libx266; `ffmpeg -encoders` lists them"),
    ("  path: a.mp4\n  video: {codec: aac}\n", "4:18", "codec: the installed libavcodec has no video encoder aac; `ffmpeg -encoders` lists them"),
    ("  path: a.mp4\n  video: {codec: prores_ks}\n", "4:18", "codec: mp4 cannot hold prores, which prores_ks makes"),
    ("  path: a.webm\n  video: {codec: libx264}\n", "4:18", "codec: webm cannot hold h264, which libx264 makes"),
    ("  path: a.mp4\n  video: {codec: libx264, pixel_format: rgb24}\n", "4:41", "pixel_format: libx264 does not take rgb24; it takes yuv420p"),
    ("  path: a.mp4\n  video: {codec: libx264, pixel_format: yuv42}\n", "4:41", "pixel_format: libavutil knows no yuv42"),
    ("  path: a.mp4\n  audio: {codec: mp33}\n", "4:3", "codec: the installed libavcodec has no audio encoder mp33; `ffmpeg -encoders` lists them"),
    ("  path: a.mp4\n  audio: {codec: wmav2}\n", "4:3", "codec: mp4 cannot hold wmav2, which wmav2 makes"),
    ("  path: a.mp4\n  audio: {codec: aac, bitrate: 1}\n", "4:23", "aac has no option bitrate; did you mean bit_rate; `ffmpeg -h encoder=aac` lists them"),
    ("  path: a.mp4\n  options: {movflagz: faststart}\n", "4:13", "mp4 has no option movflagz; `ffmpeg -h muxer=mp4` lists them"),
    ("  path: a.mp4\n  options: {movflags: fasterstart}\n", "4:13", "mp4: movflags cannot be fasterstart: "),
    ("  path: a.mp4\n  container: mp44\n", "4:14", "container: the installed libavformat has no muxer mp44"),
    ("  path: a.m3u8\n", "3:9", "container: hls writes several files or none, and an output is one file; write mp4 or ts, and package it afterwards"),
    ("  path: a.xyz\n", "3:9", "path: a.xyz has no extension that names a container; end it in .mp4, .mkv ... (a directory's outputs are DIR/{stem}.mp4) or set output.container"),
    ("  path: '{stm}.mp4'\n", "3:9", "path: there is no {stm}; there are {dir} {stem} {ext} {name} {index}"),
    ("  path: '{stem.mp4'\n", "3:9", "path: {stem.mp4 has an open brace"),
    ("  path: 'http://127.0.0.1:9/x.mp4'\n", "3:9", "path: http://127.0.0.1:9/x.mp4 is a URL; outputs are files"),
]


class BadOptions(qt.Case):
    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return name

    def test_table(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        for output, place, message in BAD:
            with self.subTest(output=output):
                self.write("bad.yaml", HEAD + output)
                for command in (["run"], ["run", "--dry-run"], ["explain"]):
                    run = self.quadrant(*command, "bad.yaml", "in.mp4")
                    self.assertEqual(run.returncode, 2, run.stderr)
                    lines = [line for line in run.stderr.splitlines() if not line.startswith("x26")]
                    self.assertTrue(lines[0].startswith(f"quadrant: bad.yaml:{place}: {message}"), run.stderr)
                    column = int(place.split(":")[1])
                    self.assertEqual(lines[2], " " * (column - 1) + "^")
                    self.assertEqual(lines[1][column - 1:], (HEAD + output).splitlines()[int(place.split(":")[0]) - 1][column - 1:])
                self.assertEqual(self.files(), ["bad.yaml", "in.mp4"])

    def test_what_an_opened_input_shows(self):
        """Exit 2 with the location, if nothing was done."""
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        self.clip("odd.mkv", "-c:v", "ffv1", size="65x49")
        for stage, message in (({"scale": {}}, "width or height must be given"), ({"ffmpeg": "nosuchfilter"}, "nosuchfilter"),
                               ({"denoise": {"patch": 4}}, "patch must be 3, 5, 7 or 9, not 4"), ({"rotate": 400}, "degrees must be between -360 and 360, not 400")):
            for command in ("run", "explain"):
                with self.subTest(stage=stage, command=command):
                    run = self.quadrant(command, self.job(stages=[stage]), "in.mp4")
                    self.assertEqual(run.returncode, 2, run.stderr)
                    self.assertRegex(run.stderr, "job.yaml:1:[0-9]+: .*" + message)
                    self.assertEqual(self.files(), ["in.mp4", "job.yaml", "odd.mkv"])
        stopped = self.run_job(self.job(stages=[{"scale": {}}]), "gone.mp4", "in.mp4", "odd.mkv", "--fail-fast", "-m", "sequential", code=1)
        self.assertIn("stopped: in.mp4", stopped.stderr)
        self.run_job(self.job(stages=[{"scale": {}}]), "gone.mp4", "in.mp4", code=2)

    def test_nothing_is_made(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        self.write("bad.yaml", HEAD + "  path: new/deep/a.mp4\n  video: {codec: libx264, crff: 23}\n")
        self.run_job("bad.yaml", "in.mp4", "--report", "report.json", code=2)
        self.assertEqual(sorted(os.listdir(self.directory)), ["bad.yaml", "in.mp4"])

    def test_odd_size_is_kept_or_names_the_way_out(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc=s=97x81:d=0.2", "-c:v", "ffv1", "-pix_fmt", "yuv420p", "odd.mkv")
        for codec, container in (("libx264", "mp4"), ("libx265", "mp4"), ("mpeg4", "mp4"), ("libvpx-vp9", "webm"), ("libsvtav1", "mkv"), ("prores_ks", "mov"), ("mpeg2video", "ts")):
            with self.subTest(codec=codec):
                run = self.quadrant("run", self.job("new/" + codec + "." + container, video={"codec": codec}), "odd.mkv")
                if run.returncode == 0:
                    got = qt.stream(self.path("new", codec + "." + container), "video")
                    self.assertEqual((got["width"], got["height"]), (97, 81))
                else:
                    self.assertEqual(run.returncode, 1)
                    self.assertIn("97x81 is odd: crop or pad it to even sizes, or set output.video.pixel_format", run.stderr)

    def test_options_reach_the_encoder(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", audio=True, length=2)
        job = self.job("a.mkv", video={"codec": "libx264", "preset": "ultrafast", "g": 5, "bf": 0}, audio={"codec": "libopus", "bit_rate": "32k"})
        self.run_job(job, "in.mp4")
        keys = [i for i, p in enumerate(qt.packets(self.path("a.mkv"), entries="flags")) if "K" in p["flags"]]
        self.assertEqual(keys, list(range(0, 50, 5)))
        sound = sum(int(p["size"]) for p in qt.packets(self.path("a.mkv"), "a:0", "size"))
        self.assertLess(sound * 8 / 2, 48000)


if __name__ == "__main__":
    qt.main()
