#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures of any names as one film: their order, holes, kinds and sizes, what damages them, and what they take."""
import json
import os
import struct
import unittest

import quadrant_testing as qt

MODES = ("sequential", "concurrent", "tiles", "frames", "segments")
FAST = {"codec": "libx264", "preset": "ultrafast"}
LOSSLESS = {"codec": "ffv1"}


def flow(**entries):
    return json.dumps(entries)


def with_time(jpeg, text):
    """The JPEG with EXIF that tells when it was taken."""
    entry = struct.pack("<HHII", 0x9003, 2, 20, 44)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 26) + struct.pack("<I", 0)
    tiff += struct.pack("<H", 1) + entry + struct.pack("<I", 0) + text.encode() + b"\0"
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


class Sequences(qt.Case):
    def pictures(self, grays, size="32x32"):
        """Makes pictures of one gray each, in the order given: the directory lists them so, as a rule."""
        for name, gray in grays.items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            self.ffmpeg("-f", "lavfi", "-i", f"color=0x{gray:02x}{gray:02x}{gray:02x}:s={size}", "-frames:v", "1", name)

    def grays(self, job, *arguments, name="out.mkv", **options):
        """The mean gray of each picture of the film that is made, in tens."""
        self.run_job(job, *arguments, "-o", name, "--overwrite", **options)
        raw = qt.ffmpeg("-i", self.path(name), "-map", "0:v", "-pix_fmt", "gray", "-f", "rawvideo", "-")
        size = 32 * 32
        return [round(sum(raw[i:i + size]) / size / 10) for i in range(0, len(raw), size)]

    def test_numbers_are_numbers_whatever_the_locale(self):
        self.pictures({f"p/{name}": 10 * gray for name, gray in (("img10.png", 10), ("img2.png", 2), ("img1.png", 1), ("img3.png", 3), ("Img4.png", 0), ("img007b.png", 7), ("img7b.png", 8), ("b1.png", 20))})
        job = self.job(video=LOSSLESS)
        wanted = [0, 1, 2, 3, 7, 8, 10]
        for locale in ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"):
            got = self.grays(job, flow(sequence="p/[Ii]mg*.png", missing="skip"), env={**os.environ, "LC_ALL": locale})
            self.assertEqual(got, wanted, locale)
        self.assertEqual(self.grays(job, flow(sequence="p/*.png")), [0, 20] + wanted[1:])

    def test_by_the_time_at_which_they_were_taken(self):
        self.pictures({f"p/{name}.jpg": 10 * gray for name, gray in (("a", 2), ("b", 1), ("c", 4), ("d", 3))})
        for name, time in (("a", "2024:05:31 18:02:11"), ("b", "2024:05:31 18:02:10"), ("d", "2024:05:31 18:02:12")):
            content = with_time(qt.content(self.path(f"p/{name}.jpg")), time)
            with open(self.path(f"p/{name}.jpg"), "wb") as f:
                f.write(content)
            os.utime(self.path(f"p/{name}.jpg"), (ord("z") - ord(name),) * 2)  # says the opposite
        os.utime(self.path("p/c.jpg"), (1717178533,) * 2)  # 18:02:13
        job = self.job(video=LOSSLESS)
        for zone in ("UTC", "Pacific/Kiritimati"):
            self.assertEqual(self.grays(job, flow(sequence="p/*.jpg", order="time"), env={**os.environ, "TZ": zone}), [1, 2, 3, 4])
        self.assertEqual(self.grays(job, flow(sequence="p/*.jpg")), [2, 1, 4, 3])
        self.assertIn("became input: 1 of 4 pictures tells not when it was taken", self.quadrant("explain", job, flow(sequence="p/*.jpg", order="time")).stdout)

    def test_any_bytes_are_no_time(self):
        self.pictures({"p/a.jpg": 10, "p/b.jpg": 20})
        whole = with_time(qt.content(self.path("p/a.jpg")), "2024:05:31 18:02:11")
        for cut in (b"Exif\0\0II*\0\xff\xff\xff\xff", whole[20:60].replace(b"\x1a\0\0\0", b"\xf0\xff\xff\xff"), whole.replace(struct.pack("<H", 1), b"\xff\xff")):
            with open(self.path("p/b.jpg"), "wb") as f:
                f.write(whole[:2] + b"\xff\xe1" + struct.pack(">H", len(cut) + 2) + cut + whole[2:])
            self.quadrant("run", self.job("out.mkv", video=LOSSLESS), flow(sequence="p/*.jpg", order="time"), "--overwrite").check_returncode()

    def test_holes(self):
        self.pictures({f"p/DSC_{n:04d}.png": 10 * n for n in (8, 9, 10, 13)})
        for name in ("p/*.png", "p/DSC_%04d.png"):
            with self.subTest(name=name):
                job = self.job(video=LOSSLESS)
                refused = self.run_job(job, flow(sequence=name), "-o", "no.mkv", code=1).stderr
                self.assertIn(f"{name}: picture DSC_0011.png is missing, and the sequence continues to DSC_0013.png; missing: skip or repeat", refused)
                self.assertFalse(os.path.exists(self.path("no.mkv")))
                self.assertEqual(self.grays(job, flow(sequence=name, missing="skip")), [8, 9, 10, 13])
                self.assertEqual(self.grays(job, flow(sequence=name, missing="repeat")), [8, 9, 10, 10, 10, 13])
                for rule, told in (("skip", "skipped"), ("repeat", "the picture before is repeated in their place")):
                    plan = self.quadrant("explain", job, flow(sequence=name, missing=rule))
                    self.assertIn(f"became input: 2 pictures of the numbers 8 to 13 are missing: {told}", plan.stdout)
                    run = self.run_job(job, flow(sequence=name, missing=rule), "-o", "told.mkv", "--overwrite")
                    self.assertIn(f"converted: {name}: input: 2 pictures", run.stderr)
        self.pictures({f"t/{time}.png": 10 for time in ("IMG_180211", "IMG_180542", "IMG_181300")})
        self.assertIn("count no pictures", self.quadrant("explain", self.job(video=LOSSLESS), flow(sequence="t/*.png")).stdout)
        self.assertEqual(len(self.grays(self.job(video=LOSSLESS), flow(sequence="t/*.png"))), 3)

    def mixed(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25", "-frames:v", "20", "-start_number", "1", "-q:v", "3", "m%d.jpg")
        for number, form, size in ((4, "png", "96x64"), (5, "bmp", "64x96"), (6, "webp", "120x64"), (12, "tiff", "96x64"), (13, "png", "48x32")):
            if form == "webp" and not qt.has_encoder("libwebp"):
                continue
            os.remove(self.path(f"m{number}.jpg"))
            self.ffmpeg("-f", "lavfi", "-i", f"testsrc=s={size}", "-frames:v", "1", f"m{number}.{form}")

    def test_kinds_and_sizes_in_every_mode(self):
        self.mixed()
        sequence = flow(sequence="m*", rate=10)
        job = self.job("{stem}.mkv", video=FAST | {"segment": 0.5}, stages=[{"temporal_denoise": {}}])
        self.assertIn("segments", self.quadrant("explain", job, sequence).stdout)
        contents = set()
        for mode in MODES:
            run = self.run_job(job, sequence, "-m", mode, "-c", "2", "-o", f"{mode}.mkv")
            self.assertNotIn("damaged", run.stderr)
            contents.add(qt.content(self.path(f"{mode}.mkv")))
            self.assertIn("video changes to 64x96", run.stderr)
        self.run_job(job, sequence, "--isolate", "process", "-o", "isolated.mkv")
        contents.add(qt.content(self.path("isolated.mkv")))
        self.assertEqual(len(contents), 1)
        self.assertEqual(qt.times(self.path("frames.mkv")), [n / 10 for n in range(20)])
        self.assertEqual(self.quadrant("verify", job, sequence).returncode, 0)

    def test_a_part_of_it(self):
        self.pictures({f"p/{n}.png": 10 * n for n in range(1, 21)})
        self.assertEqual(self.grays(self.job(video=LOSSLESS), flow(sequence="p/*.png", rate="10", start=0.5, end=1.2)), list(range(6, 13)))

    def test_each_is_turned_upright(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "2", "p%d.jpg")
        jpeg = qt.content(self.path("p2.jpg"))
        tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, 6, 0)
        body = b"Exif\0\0" + tiff
        with open(self.path("p2.jpg"), "wb") as f:
            f.write(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:])
        run = self.run_job(self.job("out.mkv", video=LOSSLESS), flow(sequence="p*.jpg"))
        self.assertIn("turned", run.stderr)

    def test_damage_is_that_of_any_input(self):
        self.pictures({f"p/{n:02d}.png": 10 * n for n in range(1, 21)})
        with open(self.path("p/07.png"), "wb"):
            pass
        with open(self.path("p/11.png"), "wb") as f:
            f.write(b"this is no picture" * 9)
        job = self.job(video=LOSSLESS)
        for mode in MODES:
            run = self.run_job(job, flow(sequence="p/*.png"), "-m", mode, "-o", f"{mode}.mkv")
            self.assertIn("reading: p/07.png: the picture is empty", run.stderr)
            self.assertIn("1 packet could not be decoded", run.stderr)
        self.assertEqual(len({qt.content(self.path(f"{mode}.mkv")) for mode in MODES}), 1)
        self.assertEqual(len(qt.times(self.path("tiles.mkv"))), 18)
        self.assertIn("damage", self.run_job(job, flow(sequence="p/*.png"), "--set", "run.on_damage=fail", "-o", "no.mkv", code=1).stderr)
        self.assertIn("damage", self.run_job(job, flow(sequence="p/*.png"), "--strict", "-o", "no.mkv", code=1).stderr)

    def test_the_first_that_can_be_read_is_the_form(self):
        self.pictures({f"p/{n:02d}.png": 10 * n for n in range(1, 13)})
        with open(self.path("p/01.png"), "wb"):
            pass
        self.assertEqual(self.grays(self.job(video=LOSSLESS), flow(sequence="p/*.png")), list(range(2, 13)))
        for name in ("p/nothing*.png", "p", "gone/*.jpg"):
            self.assertIn(f"failed: {name}: ", self.run_job(self.job(video=LOSSLESS), flow(sequence=name), code=1).stderr)
        with open(self.path("p/text.txt"), "w") as f:
            f.write("no picture\n" * 100)
        self.assertIn("p/text.txt: ", self.run_job(self.job(video=LOSSLESS), flow(sequence="p/*.txt"), code=1).stderr)

    def test_all_pictures_belong_to_what_the_output_is_made_of(self):
        self.pictures({f"p/{n}.png": 10 * n for n in (1, 2, 3)})
        job, sequence = self.job("out.mkv", video=LOSSLESS), flow(sequence="p/*.png")
        self.run_job(job, sequence)
        self.assertIn("1 up to date", self.run_job(job, sequence).stderr)
        self.pictures({"p/4.png": 40})
        self.assertIn("reprocessed", self.run_job(job, sequence).stderr)
        self.pictures({"p/2.png": 50})
        self.assertIn("reprocessed", self.run_job(job, sequence).stderr)
        self.run_job(job, flow(sequence="p/*.png", order="time"))
        self.assertIn("1 done", self.run_job(job, flow(sequence="p/*.png", rate=5)).stderr)
        self.assertEqual(qt.times(self.path("out.mkv")), [0, 0.2, 0.4, 0.6])

    def test_no_picture_is_overwritten(self):
        self.pictures({f"p/{n}.png": 10 * n for n in (1, 2, 3)})
        before = [qt.content(self.path(f"p/{n}.png")) for n in (1, 2, 3)]
        for output in ("p/%d.png", "p/2.png"):
            refused = self.run_job(self.job(output, video={"codec": "png"}, audio="none"), flow(sequence="p/*.png"), "--overwrite", code=1).stderr
            self.assertIn("input", refused)
        self.assertEqual([qt.content(self.path(f"p/{n}.png")) for n in (1, 2, 3)], before)
        self.assertEqual(self.files("p"), ["1.png", "2.png", "3.png"])

    def test_names_of_outputs(self):
        for sequence, stem in (("p/take1/*.png", "take1"), ("p/take1/img_*.png", "img"), ("p/take1/img_%02d.png", "img"), ("p/**/*.png", "p")):
            self.pictures({f"p/take1/img_{n:02d}.png": 10 for n in (1, 2)})
            self.run_job(self.job("{stem}.mkv", video=LOSSLESS), flow(sequence=sequence), "--overwrite")
            self.assertTrue(os.path.exists(self.path(f"{stem}.mkv")), sequence)

    def test_in_a_job_a_batch_and_shards(self):
        self.pictures({f"{d}/{n}.png": 8 * n for d in ("day", "night") for n in range(1, 31)})
        with open(self.path("job.yaml"), "w") as f:
            f.write('version: 1\ninput:\n  - {sequence: "day/*.png", rate: 10}\n  - {sequence: "night/*.png", rate: 10}\noutput: {path: "out/{stem}.mkv", video: {codec: libx264, preset: ultrafast, segment: 1}}\n')
        self.run_job("job.yaml")
        wanted = [qt.content(self.path(f"out/{stem}.mkv")) for stem in ("day", "night")]
        for stem in ("day", "night"):
            os.remove(self.path(f"out/{stem}.mkv"))
        for command in (["plan", "job.yaml", "-o", "RUN"], ["run", "RUN", "--shard", "1/2"], ["run", "RUN", "--shard", "2/2"], ["merge", "RUN"]):
            self.assertEqual(self.quadrant(*command).returncode, 0)
        self.assertEqual([qt.content(self.path(f"out/{stem}.mkv")) for stem in ("day", "night")], wanted)

    def test_large_files_are_not_held(self):
        self.pictures({f"p/{n:02d}.jpg": 10 for n in range(60)})
        for n in range(60):
            os.truncate(self.path(f"p/{n:02d}.jpg"), 16 << 20)  # 960 MiB in all, mostly a hole
        for mode in ("sequential", "frames", "segments"):
            self.run_job(self.job(f"{mode}.mkv", video=FAST | {"segment": 0.5}), flow(sequence="p/*.jpg"), "-m", mode, "--report", "report.json")
            with open(self.path("report.json")) as f:
                self.assertLess(json.load(f)["peak_rss_bytes"], 400 << 20, mode)

    def test_a_percent_sign_elsewhere_is_no_pattern(self):
        self.assertIn("25 frames", self.run_job(self.job("out.mkv", video=LOSSLESS), "lavfi:color=red:s=32x32:d=1,metadata=mode=add:key=a:value=%d").stderr)
        refused = self.run_job(self.job("no.mkv", video=LOSSLESS), "https://example.org/my%20dog.mp4", code=1).stderr
        self.assertIn("is read from the network, which needs --allow network", refused)

    def test_on_the_command_line_of_probe(self):
        self.pictures({f"p/{n}.png": 10 * n for n in (1, 2, 3)})
        self.assertIn("#0 video png", self.quadrant("probe", flow(sequence="p/*.png", rate=10)).stdout)


if __name__ == "__main__":
    qt.main()
