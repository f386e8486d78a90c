#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The jobs in configs/jobs/, one a use, run unchanged on the inputs in data/, in two modes with equal bytes; what each is for is looked for in
its output. (configs_test: the jobs in configs/.)"""
import os
import re
import subprocess
import unittest

import quadrant_testing as qt

SIZE = (640, 360)


def gray(path, second, width, height):
    """The luma of the picture at a time, as rows."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-ss", str(second), "-i", path, "-frames:v", "1", "-vf", "extractplanes=y", "-f", "rawvideo", "-"],
                          check=True, capture_output=True)
    return [done.stdout[y * width:(y + 1) * width] for y in range(height)]


def difference(a, b, box):
    """The mean difference of two pictures in a part of them."""
    x, y, width, height = box
    sums = sum(abs(a[j][i] - b[j][i]) for j in range(y, y + height) for i in range(x, x + width))
    return sums / (width * height)


class Jobs(qt.Case):
    def setUp(self):
        super().setUp()
        for name in ("configs", "data"):
            os.symlink(os.path.join(qt.ROOT, name), self.path(name))

    def made(self, name, frames=75):
        """The path of the output, which two modes have made."""
        text = qt.content(self.path(f"configs/jobs/{name}.yaml")).decode()
        command = re.search(r"^#   quadrant (run .*)$", text, re.M)[1].split()
        self.assertEqual(command, ["run", f"configs/jobs/{name}.yaml"])
        path, contents = self.path(f"out/{name}/clip.mp4"), set()
        for more in ((), ("--mode", "sequential", "--overwrite", "-o", f"out/{name}/again.mp4")):
            self.run_job(f"configs/jobs/{name}.yaml", *more)
        for each in ("clip.mp4", "again.mp4"):
            contents.add(qt.content(self.path(f"out/{name}/{each}")))
        self.assertEqual(len(contents), 1)
        self.assertEqual(len(qt.frames(path)), frames)
        return path

    def pictures(self, name, second):
        return gray(self.path("data/clip.mp4"), second, *SIZE), gray(self.made(name), second, *SIZE)

    def test_watermark(self):
        before, after = self.pictures("watermark", 2)
        self.assertGreater(difference(before, after, (640 - 13 - 60, 360 - 13 - 60, 40, 40)), 10)
        self.assertLess(difference(before, after, (0, 0, 300, 200)), 4)
        early = gray(self.path("out/watermark/clip.mp4"), 0.5, *SIZE), gray(self.path("data/clip.mp4"), 0.5, *SIZE)
        self.assertLess(difference(*early, (640 - 13 - 60, 360 - 13 - 60, 40, 40)), 4)

    def test_a_logo_of_another_content_is_another_job(self):
        logo = qt.content(self.path("data/overlay.png"))
        job = self.job(stages=[{"overlay": {"file": "logo.png"}}], video={"codec": "libx264", "preset": "ultrafast"})
        with open(self.path("logo.png"), "wb") as f:
            f.write(logo)
        self.run_job(job, "data/clip.mp4")
        self.assertIn("up to date", self.run_job(job, "data/clip.mp4").stderr)
        with open(self.path("logo.png"), "wb") as f:
            f.write(qt.content(self.path("data/pictures/01.png")))
        self.assertIn("file logo.png changed", self.run_job(job, "data/clip.mp4").stderr)

    def test_a_missing_logo_is_refused_with_its_place(self):
        job = self.job(stages=[{"overlay": {"file": "nowhere.png"}}])
        refused = self.run_job(job, "data/clip.mp4", code=1)
        self.assertRegex(refused.stderr, r"job\.yaml:\d+:\d+: overlay: nowhere\.png: there is no such file")
        self.assertFalse(os.path.exists(self.path("out/clip.mkv")))

    def test_anonymise(self):
        before, after = self.pictures("anonymise", 1.2)
        self.assertGreater(difference(before, after, (480, 300, 120, 40)), 20)
        flat = {value for row in after[304:336] for value in row[484:596]}
        self.assertLess(max(flat) - min(flat), 8)
        self.assertLess(difference(before, after, (420, 20, 200, 200)), 4)

    def test_vertical(self):
        stream = qt.ffprobe(self.made("vertical"))["streams"][0]
        self.assertEqual((stream["width"], stream["height"]), (360, 640))
        picture = gray(self.path("out/vertical/clip.mp4"), 1, 360, 640)
        self.assertGreater(min(max(row) for row in picture), 24)  # nowhere a black bar

    def test_film_look(self):
        before, after = self.pictures("film_look", 1)
        self.assertGreater(difference(before, after, (0, 0, 60, 60)), 5)

    def test_zebra(self):
        path = qt.path_with_numpy()
        if path is None:
            self.skipTest("there is no Python with numpy")
        before = {"PATH": os.environ["PATH"]}
        os.environ["PATH"] = path
        self.addCleanup(os.environ.update, before)
        before, after = self.pictures("zebra", 1)
        bright = [(x, y) for y in range(SIZE[1]) for x in range(SIZE[0]) if before[y][x] >= 203 and (x + y) % 16 in (3, 4, 11, 12)]
        self.assertGreater(len(bright), 30)
        for stripe in (True, False):
            level = [after[y][x] for x, y in bright if ((x + y) // 8 % 2 == 0) == stripe]
            (self.assertLess if stripe else self.assertGreater)(sum(level) / len(level), 90 if stripe else 140)

    def test_deinterlace(self):
        self.assertEqual(qt.stream(self.made("deinterlace"), "video")["field_order"], "progressive")

    def lengths(self, path):
        return [float(qt.stream(path, kind)["duration"]) for kind in ("video", "audio")]

    def test_fps(self):
        path = self.made("fps", 90)
        self.assertEqual(qt.stream(path, "video")["avg_frame_rate"], "30/1")
        for length in self.lengths(path):
            self.assertAlmostEqual(length, 3, delta=0.03)

    def test_faster(self):
        path = self.made("faster")
        self.assertEqual(qt.stream(path, "video")["avg_frame_rate"], "50/1")
        for length in self.lengths(path):
            self.assertAlmostEqual(length, 1.5, delta=0.03)

    def test_trim(self):
        path = self.made("trim", 25)
        for length in self.lengths(path):
            self.assertAlmostEqual(length, 1, delta=0.03)
        self.assertLess(max(map(max, gray(path, 0, *SIZE))), 24)
        self.assertGreater(difference(gray(path, 0, *SIZE), gray(path, 0.5, *SIZE), (0, 0, *SIZE)), 20)

    def test_hyperlapse(self):
        path = self.made("hyperlapse", 4)
        self.assertEqual([round(time, 3) for time in qt.times(path)], [0, 0.04, 0.08, 0.12])

    def test_stills(self):
        for mode in ("frames", "sequential"):
            self.run_job("configs/jobs/stills.yaml", "--mode", mode, "-o", f"{mode}-%03d.png")
        for number in (1, 2, 3):
            self.assertEqual(qt.content(self.path(f"frames-{number:03}.png")), qt.content(self.path(f"sequential-{number:03}.png")))
        self.assertFalse(os.path.exists(self.path("frames-004.png")))

    def test_fields_become_whole_pictures(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=50:d=1", "-vf", "interlace=lowpass=0", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "2", "in.mpg")
        job = self.job(stages=["deinterlace"], video={"codec": "libx264", "preset": "ultrafast"})
        for mode in ("sequential", "segments", "tiles"):
            self.run_job(job, "in.mpg", "--mode", mode, "-o", f"{mode}.mkv")
        self.assertEqual(len({qt.content(self.path(f"{mode}.mkv")) for mode in ("sequential", "segments", "tiles")}), 1)
        self.assertEqual(qt.stream(self.path("tiles.mkv"), "video")["field_order"], "progressive")

    @unittest.skipUnless(qt.has_encoder("libx265"), "needs libx265")
    def test_hdr_becomes_sdr(self):
        light = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400:log-level=none"
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=0.4", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", light,
                    "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "hdr.mp4")
        self.assertIn("Mastering display metadata", str(qt.ffprobe(self.path("hdr.mp4"), "-show_frames")))
        job = self.job(path="sdr.mp4", stages=["tonemap"], video={"codec": "libx265", "x265-params": "log-level=none", "pixel_format": "yuv420p10le"})
        done = self.run_job(job, "hdr.mp4", "--strict")
        self.assertNotIn("lost", done.stderr)
        sdr = qt.ffprobe(self.path("sdr.mp4"), "-show_frames", "-show_streams")
        self.assertNotIn("Mastering display metadata", str(sdr))
        self.assertEqual([sdr["streams"][0][key] for key in ("color_primaries", "color_transfer", "color_space")], ["bt709"] * 3)

    def test_grain_and_time_are_those_of_the_input_in_segments(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=6", "-c:v", "libx264", "-g", "25", "long.mp4")
        stages = [{"grain": {"strength": 6}}, {"overlay": {"file": "data/overlay.png", "start": 2.5, "end": 3.5}}, {"redact": {"regions": "0: 0 0 32 32, 6: 200 150 32 32"}}]
        video = {"codec": "libx264", "preset": "ultrafast", "segment": 1}
        hashes = set()
        for segment in (1, "none"):
            job = self.job(stages=stages, video=video | {"segment": segment}, name=f"{segment}.yaml")
            for mode in ("segments", "sequential", "tiles", "frames"):
                self.run_job(job, "long.mp4", "--mode", mode, "--overwrite", "-o", f"{segment}-{mode}.mkv", "--frame-hashes", "hashes")
                hashes.add(b"".join(line for line in qt.content(self.path("hashes")).splitlines(True) if not line.startswith(b"#")))
        self.assertEqual(len(hashes), 1)

    def in_modes(self, name, *arguments, output, **options):
        """The path of the output, the same in three modes."""
        contents = set()
        for mode in ("segments", "sequential", "frames"):
            self.run_job(f"configs/jobs/{name}.yaml", *arguments, "--mode", mode, "--overwrite", **options)
            contents.add(qt.content(self.path(output)))
        self.assertEqual(len(contents), 1)
        return self.path(output)

    def test_timelapse(self):
        path = self.in_modes("timelapse", output="out/timelapse/pictures.mp4")
        self.assertEqual([round(t, 3) for t in qt.times(path)], [0, 0.1, 0.2, 0.3])
        for n in range(4):
            self.ffmpeg("-i", f"data/pictures/{n + 1:02d}.png", "-vf", "scale=640:360,format=yuv420p", "-c:v", "ffv1", "wanted.mkv")
            self.assertLess(difference(gray(path, n / 10, *SIZE), gray(self.path("wanted.mkv"), 0, *SIZE), (40, 40, 560, 280)), 12)

    def test_join(self):
        path = self.in_modes("join", output="out/join/clip.mp4")
        self.assertEqual(len(qt.times(path)), 25 + 4 + 25)
        sound, picture = (float(qt.stream(path, kind)["duration"]) for kind in ("audio", "video"))
        self.assertLess(abs(sound - picture), 0.05)
        self.assertLess(difference(gray(path, 1.4 + 0.5, *SIZE), gray(self.path("data/clip.mp4"), 2.5, *SIZE), (0, 0, *SIZE)), 3)

    def test_raw_pipe(self):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", self.path("data/clip.mp4"), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"], check=True, capture_output=True).stdout
        path = self.in_modes("raw_pipe", output="out/raw_pipe/stdin.mp4", input=raw, text=None, errors=None, stdin=None)
        self.assertEqual(len(qt.times(path)), 75)
        self.assertLess(difference(gray(path, 1, *SIZE), gray(self.path("data/clip.mp4"), 1, *SIZE), (0, 0, *SIZE)), 3)

    def test_every_job_has_its_test(self):
        jobs = {name.removesuffix(".yaml") for name in os.listdir(self.path("configs/jobs")) if name.endswith(".yaml")}
        self.assertLessEqual({"watermark", "anonymise", "vertical", "film_look", "deinterlace"}, jobs)
        for name in jobs:
            self.assertTrue(hasattr(self, f"test_{name}"), name)


if __name__ == "__main__":
    qt.main()
