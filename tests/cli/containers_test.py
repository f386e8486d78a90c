#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every container and encoder: the output opens, can be decoded, has every frame and the full length, and is equal in two modes.

Inputs are files of each kind, through pipes and descriptors, as sequences of pictures and as libavfilter graphs.
"""
import os
import pathlib
import shutil
import subprocess
import threading

import quadrant_testing as qt

OUTPUTS = [  # extension, video encoder, its options; with sound where the container holds AAC
    ("mp4", "libx264", {"preset": "ultrafast"}), ("mov", "prores_ks", {}), ("mkv", "libx265", {"preset": "ultrafast"}),
    ("mkv", "ffv1", {}), ("mkv", "png", {}), ("mkv", "libsvtav1", {"preset": 12}), ("webm", "libvpx-vp9", {"deadline": "realtime"}),
    ("webm", "libvpx", {"deadline": "realtime"}), ("avi", "mpeg4", {}), ("avi", "mjpeg", {}), ("avi", "rawvideo", {}),
    ("ts", "libx264", {"preset": "ultrafast"}), ("ts", "mpeg2video", {}), ("y4m", "auto", {}), ("h264", "libx264", {"preset": "ultrafast"}),
    ("gif", "gif", {}), ("nut", "rawvideo", {}), ("mxf", "mpeg2video", {}),
]
FRAMES = 12
TIMELESS = {"h264"}      # no timestamps in it
# The last frame has no duration (ts), or the muxer pads the start if the audio starts first (avi).
ONE_FRAME_OFF = {"avi", "ts"}


def length(path):
    moments = [(float(p["pts_time"]), float(p.get("duration_time", 0))) for p in qt.packets(path)]
    return max(t + d for t, d in moments) - min(t for t, _ in moments)


class Outputs(qt.Case):
    def test_every_output(self):
        source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac",
                           size="96x80", length=FRAMES / 25, audio=True)
        for extension, encoder, options in OUTPUTS:
            with self.subTest(extension=extension, encoder=encoder):
                job = self.job("{stem}-" + encoder + "." + extension, video={"codec": encoder, **options})
                out = self.path(f"in-{encoder}.{extension}")
                self.run_job(job, source, "-m", "sequential")
                first = qt.content(out)
                os.remove(out)
                self.run_job(job, source, "-m", "frames", "-c", "2")
                self.assertEqual(first, qt.content(out), "frames writes other bytes than sequential")
                self.assert_decodable(out)
                self.assertEqual(len(qt.frames(out)), FRAMES)
                if extension not in TIMELESS:
                    self.assertAlmostEqual(length(out), FRAMES / 25, delta=0.045 if extension in ONE_FRAME_OFF else 0.011)

    def test_full_range_of_jpeg(self):
        """JPEG is always full range; the picture must look the same in it."""
        self.ffmpeg("-f", "lavfi", "-i", "color=white:s=32x32,format=yuv420p", "-frames:v", "1", "-color_range", "tv", "-c:v", "ffv1", "white.mkv")
        self.run_job(self.job("{stem}.jpg"), "white.mkv")
        white = self.ffmpeg("-i", "white.jpg", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
        self.assertGreater(min(white), 250)
        for size in ("32x32", "1280x720"):  # it has one matrix, whatever the size
            self.ffmpeg("-f", "lavfi", "-i", f"color=0x00ff00:s={size},format=rgb24", "-frames:v", "1", "green.png")
            self.run_job(self.job("{stem}.jpg", name="green.yaml"), "green.png", "--overwrite")
            green = self.ffmpeg("-i", "green.jpg", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
            for sample, expected in zip(green[:3], (0, 255, 0)):
                self.assertAlmostEqual(sample, expected, delta=6)

    def test_colours_of_rgb_in_yuv(self):
        self.ffmpeg("-f", "lavfi", "-i", "color=0x2060c0:s=64x64,format=rgb24", "-frames:v", "1", "blue.png")
        for codec in ("libx264", "ffv1"):
            with self.subTest(codec=codec):
                self.run_job(self.job("{stem}-" + codec + ".mkv", video={"codec": codec, "pixel_format": "yuv420p"}), "blue.png")
                out = self.path(f"blue-{codec}.mkv")
                self.assertNotIn(qt.stream(out, "video").get("color_space"), ("gbr", "rgb"))
                rgb = self.ffmpeg("-i", out, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
                for sample, expected in zip(rgb[:3], (0x20, 0x60, 0xC0)):
                    self.assertAlmostEqual(sample, expected, delta=5)


class Inputs(qt.Case):
    def lossless(self, source, *arguments, **options):
        """Makes a lossless copy of `source`; returns its number of frames."""
        self.run_job(self.job("got.mkv", video={"codec": "ffv1"}), source, "--overwrite", *arguments, **options)
        return len(qt.frames(self.path("got.mkv")))

    def test_every_container(self):
        for name, codec in (("a.mp4", "libx264"), ("a.mov", "prores"), ("a.mkv", "libx264"), ("a.webm", "libvpx"), ("a.avi", "mpeg4"), ("a.ts", "libx264"),
                            ("a.y4m", "rawvideo"), ("a.h264", "libx264"), ("a.gif", "gif"), ("a.flv", "flv"), ("a.mpg", "mpeg2video")):
            with self.subTest(name=name):
                pixels = [] if codec in ("gif", "prores") else ["-pix_fmt", "yuv420p"]
                codec = "wrapped_avframe" if name == "a.y4m" else codec
                self.assertEqual(self.lossless(self.clip(name, "-c:v", codec, *pixels)), 25)

    def test_standard_input(self):
        self.clip("a.ts", "-c:v", "mpeg2video")
        with open(self.path("a.ts"), "rb") as stdin:
            self.assertEqual(self.lossless("-", stdin=stdin), 25)
        with subprocess.Popen(["cat", self.path("a.ts")], stdout=subprocess.PIPE) as cat:
            self.assertEqual(self.lossless("-", "-m", "frames", stdin=cat.stdout), 25)

    def test_standard_input_that_can_seek(self):
        """MP4's index comes last, here after more data than libavformat's buffers hold."""
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", size="640x480")
        with open(self.path("with_head.mp4"), "wb") as file:
            file.write(bytes(37) + qt.content(self.path("a.mp4")))
        for name, begin in (("a.mp4", 0), ("with_head.mp4", 37)):
            with open(self.path(name), "rb", buffering=0) as stdin:
                stdin.seek(begin)
                self.assertEqual(self.lossless("-", stdin=stdin), 25)

    def test_fifo(self):
        self.clip("a.mkv", "-c:v", "libx264", "-preset", "ultrafast")
        os.mkfifo(self.path("pipe"))
        writer = threading.Thread(target=lambda: pathlib.Path(self.path("pipe")).write_bytes(qt.content(self.path("a.mkv"))))
        writer.start()
        self.assertEqual(self.lossless("pipe"), 25)
        writer.join()

    def test_descriptor(self):
        self.clip("a.y4m", "-pix_fmt", "yuv420p")
        with open(self.path("a.y4m"), "rb") as file:
            self.assertEqual(self.lossless(f"/dev/fd/{file.fileno()}", pass_fds=[file.fileno()]), 25)

    def test_pictures(self):
        os.mkdir(self.path("frames"))
        self.clip("frames/%05d.png")
        self.assertEqual(self.lossless("frames/%05d.png"), 25)
        self.assertEqual(self.lossless("frames/00003.png"), 1)

    def test_pictures_that_begin_anywhere(self):
        os.mkdir(self.path("frames"))
        for pattern, begin in (("%05d.png", 1001), ("a%d.png", 98)):
            self.clip("frames/" + pattern, "-start_number", str(begin), length=0.2)
            self.assertEqual(self.lossless("frames/" + pattern), 5)
        shutil.copy(self.path("frames/a98.png"), self.path("frames/a0001.png"))  # another pattern's
        self.assertEqual(self.lossless("frames/a%d.png"), 5)

    def test_a_picture_is_missing(self):
        os.mkdir(self.path("frames"))
        self.clip("frames/%03d.png", length=0.4)
        os.remove(self.path("frames/004.png"))
        refused = self.run_job(self.job("got.mkv"), "frames/%03d.png", code=1)
        self.assertIn("frames/%03d.png: picture 004.png is missing, and the sequence continues to 010.png", refused.stderr)

    def test_libavfilter_graph(self):
        self.assertEqual(self.lossless("lavfi:testsrc2=s=64x48:r=10:d=2"), 20)


class Pictures(qt.Case):
    def test_sequence_out(self):
        source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        for extension in ("png", "jpg", "bmp", "tif"):
            for mode in ("sequential", "frames"):
                with self.subTest(extension=extension, mode=mode):
                    self.run_job(self.job("out %d-" + mode + "/{stem}-%03d." + extension), source, "-m", mode)
                    folder = "out %d-" + mode
                    self.assertEqual([f for f in self.files(folder) if f.endswith(extension)], [f"in-{i:03}.{extension}" for i in range(1, 26)])
            for i in (1, 25):
                name = f"in-{i:03}.{extension}"
                self.assertEqual(qt.content(self.path("out %d-sequential", name)), qt.content(self.path("out %d-frames", name)))

    def test_sequence_is_up_to_date_and_kept(self):
        source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        job = self.job("out/%03d.png")
        self.run_job(job, source)
        before = os.stat(self.path("out/001.png")).st_mtime_ns
        self.run_job(job, source)
        self.assertEqual(os.stat(self.path("out/001.png")).st_mtime_ns, before)
        os.remove(self.path("out/025.png"))
        refused = self.run_job(job, source, code=1)
        self.assertIn("--overwrite replaces it", refused.stderr)
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-frames:v", "5")
        self.run_job(job, source, "--overwrite")
        self.assertEqual(self.files("out"), [f"{i:03}.png" for i in range(1, 6)])

    def test_sequence_never_overwrites_its_input(self):
        os.mkdir(self.path("frames"))
        self.clip("frames/%05d.png", length=0.2)
        before = qt.content(self.path("frames/00001.png"))
        refused = self.run_job(self.job("frames/%05d.png", stages=[{"levels": {"brightness": 0.2}}]), "frames/%05d.png", "--overwrite", code=1)
        self.assertIn("never overwritten", refused.stderr)
        self.assertEqual(qt.content(self.path("frames/00001.png")), before)

    def test_one_picture(self):
        self.clip("one.png", "-frames:v", "1", "-update", "1")
        for name in ("a.png", "a.jpg", "b%.png", "c:d.png"):
            with self.subTest(name=name):
                self.run_job(self.job(name), "one.png")
                self.assertEqual(len(qt.frames(self.path(name))), 1)

    def test_many_frames_do_not_fit_one_picture(self):
        source = self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        for mode in qt.MODES:
            refused = self.run_job(self.job("out.png"), source, "-m", mode, code=1)
            self.assertIn("the output holds one picture, and the input has more; a pattern such as frame-%05d makes a sequence", refused.stderr)
        self.assertEqual(self.files(), ["in.mp4", "job.yaml"])

    def test_hevc_in_mp4_is_hvc1(self):
        if not qt.has_encoder("libx265"):
            self.skipTest("this FFmpeg has no libx265")
        source = self.clip()
        for container, tag in (("mp4", "hvc1"), ("mov", "hvc1"), ("mkv", "[0][0][0][0]")):
            for mode in ("frames", "segments"):
                out = f"{mode}.{container}"
                self.run_job(self.job(out, video={"codec": "libx265", "preset": "ultrafast", "segment": 0.2}), source, "-m", mode)
                self.assertEqual(qt.stream(self.path(out), "video")["codec_tag_string"], tag)
                self.assertEqual(len(qt.frames(self.path(out))), len(qt.frames(self.path(source))))

    def test_a_tag_of_choice(self):
        if not qt.has_encoder("libx265"):
            self.skipTest("this FFmpeg has no libx265")
        source = self.clip()
        for mode in ("sequential", "segments"):
            self.run_job(self.job(f"{mode}.mp4", video={"codec": "libx265", "preset": "ultrafast", "segment": 0.2, "tag": "hev1"}), source, "-m", mode)
            self.assertEqual(qt.stream(self.path(f"{mode}.mp4"), "video")["codec_tag_string"], "hev1")
        self.run_job(self.job("a.avi", video={"codec": "mpeg4", "tag": "XVID"}), source)
        self.assertEqual(qt.stream(self.path("a.avi"), "video")["codec_tag_string"], "XVID")
        for path, codec, tag, words in (("b.mp4", "libx264", "hvc1", "tag: mp4 knows no 'hvc1' for h264; its usual one is 'avc1'"), ("b.mp4", "libx264", "toolong", "tag: mp4 knows no 'toolong'"),
                                        ("b.mkv", "libx264", "avc1", "tag: matroska does not mark codecs by tags")):
            self.assertRegex(self.run_job(self.job(path, video={"codec": codec, "tag": tag}), source, code=2).stderr, rf"job.yaml:\d+:\d+: {words}")

    def test_a_picture_holds_what_its_name_says(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", "1", "in.png")
        for name, codec in (("out/{stem}.png", "png"), ("out/%02d.jpg", "mjpeg"), ("out/{stem}.webp", "webp"), ("out/{stem}.gif", "gif"), ("out/{stem}.tiff", "tiff")):
            refused = self.run_job(self.job(name, video={"codec": "libx264"}), "in.png", code=2).stderr
            self.assertRegex(refused, rf"job.yaml:\d+:\d+: codec: out/\S+ would hold h264, which libx264 makes, and its name says {codec}")
            self.assertIn(f"write codec: {codec}", refused)
            self.assertFalse(os.path.exists(self.path("out")))
            self.run_job(self.job(name, audio="none", name="auto.yaml"), "in.png")
            made, = (n for n in os.listdir(self.path("out")) if not n.startswith("."))
            self.assertEqual(qt.stream(self.path("out", made), "video")["codec_name"], codec)
            shutil.rmtree(self.path("out"))


if __name__ == "__main__":
    qt.main()
