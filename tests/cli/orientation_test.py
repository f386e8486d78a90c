#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures that are stored turned or mirrored: kept where the output tells it, turned where it cannot; what a photograph tells about
itself is told as lost."""
import os
import struct

import quadrant_testing as qt

# EXIF's orientation: the filters that show the stored picture upright, and the display matrix for the same.
SHOWN = {1: "null", 2: "hflip", 3: "hflip,vflip", 4: "vflip", 5: "transpose=cclock_flip", 6: "transpose=clock", 7: "transpose=clock_flip", 8: "transpose=cclock"}
STORED = {**SHOWN, 6: "transpose=cclock", 8: "transpose=clock"}
MATRIX = {1: (1, 0, 0, 1), 2: (-1, 0, 0, 1), 3: (-1, 0, 0, -1), 4: (1, 0, 0, -1), 5: (0, 1, 1, 0), 6: (0, 1, -1, 0), 7: (0, -1, -1, 0), 8: (0, -1, 1, 0)}
LOSSLESS = {"codec": "ffv1"}
FAST = {"codec": "libx264", "preset": "ultrafast"}


def with_exif(jpeg, entries):
    """The JPEG with an EXIF segment of (tag, type, count, value) entries, all of which fit into four bytes."""
    ifd = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHI", *entry[:3]) + entry[3].ljust(4, b"\0") for entry in entries) + b"\0" * 4
    segment = b"Exif\0\0II*\0" + struct.pack("<I", 8) + ifd
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def with_matrix(mp4, matrix):
    """The MP4 file with this display matrix in its first track header."""
    at = mp4.index(b"tkhd") + 4 + 40
    numbers = [matrix[0] << 16, matrix[1] << 16, 0, matrix[2] << 16, matrix[3] << 16, 0, 0, 0, 1 << 30]
    return mp4[:at] + struct.pack(">9i", *numbers) + mp4[at + 36:]


class Orientation(qt.Case):
    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return name

    def photographs(self, pattern="p%d.jpg"):
        """The same picture in EXIF's eight orientations."""
        for number, stored in STORED.items():
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=1:d=1", "-vf", f"format=yuvj444p,{stored}", "-q:v", "2", "-frames:v", "1", "plain.jpg")
            self.write(pattern % number, with_exif(qt.content(self.path("plain.jpg")), [(0x0112, 3, 1, struct.pack("<H", number))]))

    def clip_shown_as(self, number, name="in.mp4"):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=10:d=1", "-vf", f"format=yuv444p,{STORED[number]}", "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "plain.mp4")
        self.write(name, with_matrix(qt.content(self.path("plain.mp4")), MATRIX[number]))

    def samples(self, source, filters="null"):
        """Unconverted; nut holds no range, so there its samples count as limited."""
        pixels = "yuv444p" if qt.stream(self.path(source), "video")["pix_fmt"] == "yuv444p" else "yuvj444p"
        return self.ffmpeg("-noautorotate", "-i", source, "-vf", filters, "-pix_fmt", pixels, "-f", "rawvideo", "-")

    def lines(self, run, word):
        return [line for line in run.stderr.splitlines() if line.startswith(word)]

    def matrix(self, path):
        for side in qt.stream(self.path(path), "video").get("side_data_list", []):
            if side["side_data_type"] == "Display Matrix":
                numbers = [int(n) for line in side["displaymatrix"].strip().splitlines() for n in line.split(":")[1].split()]
                return tuple(n // 65536 for n in (numbers[0], numbers[1], numbers[3], numbers[4]))
        return None

    def test_photographs(self):
        self.photographs()
        for number, shown in SHOWN.items():
            with self.subTest(number=number):
                run = self.run_job(self.job("out.nut", video=LOSSLESS), f"p{number}.jpg", "--overwrite")
                self.assertNotIn("orientation", run.stderr)
                self.assertEqual(self.samples("out.nut"), self.samples(f"p{number}.jpg", shown))
                self.run_job(self.job("out.png"), f"p{number}.jpg", "--overwrite", "--strict")
                self.assertEqual((qt.stream(self.path("out.png"), "video")["width"], qt.stream(self.path("out.png"), "video")["height"]), (96, 64))

    def test_photographs_kept(self):
        self.photographs()
        for number in (1, 6, 7):
            self.run_job(self.job("out.mp4", video=FAST), f"p{number}.jpg", "--overwrite", "--strict")
            self.assertEqual(self.matrix("out.mp4"), None if number == 1 else MATRIX[number])

    def test_photographs_of_a_sequence(self):
        """Each tells its own orientation."""
        self.photographs()
        for name in ("out.nut", "out.mp4"):
            made = set()
            for mode in qt.MODES:
                video = LOSSLESS if name == "out.nut" else {"codec": "libx264", "qp": 0, "preset": "ultrafast", "pixel_format": "yuvj444p"}
                self.run_job(self.job(name, video=video), "p%d.jpg", "-m", mode, "-c", "2", "--overwrite")
                made.add(qt.content(self.path(name)))
                os.remove(self.path(name))
            self.assertEqual(len(made), 1)
            self.write(name, made.pop())
            for number, shown in SHOWN.items():
                wanted = self.samples(f"p{number}.jpg", shown)
                got = self.samples(name)[(number - 1) * len(wanted):number * len(wanted)]
                self.assertEqual(got, wanted, number)

    def test_clips(self):
        for number, shown in SHOWN.items():
            self.clip_shown_as(number)
            upright = self.samples("in.mp4", shown)
            with self.subTest(number=number):
                made = set()
                for mode in qt.MODES:
                    self.run_job(self.job("out.nut", video=LOSSLESS), "in.mp4", "-m", mode, "--overwrite", "--strict")
                    made.add(qt.content(self.path("out.nut")))
                    os.remove(self.path("out.nut"))
                self.assertEqual(len(made), 1)
                self.write("out.nut", made.pop())
                self.assertEqual(self.samples("out.nut"), upright)
                self.run_job(self.job("kept.mp4", video={**FAST, "qp": 0}), "in.mp4", "--overwrite", "--strict")
                self.assertEqual(self.matrix("kept.mp4"), None if number == 1 else MATRIX[number])
                self.assertEqual(self.samples("kept.mp4", shown), upright)
                self.run_job(self.job("applied.mp4", video={**FAST, "qp": 0}), "in.mp4", "--overwrite", "--strict", "--set", "orientation=apply")
                self.assertIsNone(self.matrix("applied.mp4"))
                self.assertEqual(self.samples("applied.mp4"), upright)

    def test_keep_where_it_cannot_be(self):
        self.clip_shown_as(6)
        job = self.job("out.nut", video=LOSSLESS)
        run = self.run_job(job, "in.mp4", "--set", "orientation=keep")
        self.assertIn("orientation (rotated by 90 degrees): nut cannot hold it", run.stderr)
        self.run_job(job, "in.mp4", "--set", "orientation=keep", "--overwrite", "--strict", code=1)
        run = self.run_job(self.job("%d.png"), "in.mp4", "--set", "orientation=keep")
        self.assertIn("orientation (rotated by 90 degrees)", run.stderr)

    def test_a_rotate_stage(self):
        """It replaces the orientation; what is mirrored besides is told."""
        self.clip_shown_as(6)
        run = self.run_job(self.job("out.nut", video=LOSSLESS, stages=[{"rotate": 90}]), "in.mp4", "--strict")
        self.assertEqual(self.samples("out.nut"), self.samples("in.mp4", "transpose=clock"))
        self.clip_shown_as(7)
        run = self.run_job(self.job("out.nut", video=LOSSLESS, stages=[{"rotate": 90}]), "in.mp4", "--overwrite")
        self.assertIn("mirrored", run.stderr)
        self.assertEqual(len(self.lines(run, "lost")), 1)

    def test_no_right_angle(self):
        self.clip_shown_as(1)
        data = qt.content(self.path("in.mp4"))
        at = data.index(b"tkhd") + 44
        half = 46341  # a 45th part of a circle's eighth: 2**16 / sqrt(2)
        self.write("in.mp4", data[:at] + struct.pack(">9i", half, half, 0, -half, half, 0, 0, 0, 1 << 30) + data[at + 36:])
        run = self.run_job(self.job("out.nut", video=LOSSLESS), "in.mp4")
        self.assertIn("rotation by 45.0 degrees: nut cannot hold it", run.stderr)
        self.run_job(self.job("out.mp4", video=FAST), "in.mp4", "--strict")

    def test_explain(self):
        self.clip_shown_as(6)
        told = self.quadrant("explain", self.job("out.nut", video=LOSSLESS), "in.mp4").stdout
        self.assertIn("rotate", told)
        self.assertIn("turned before the first stage", told)

    def test_tags_of_a_photograph(self):
        self.photographs()
        entries = [(0x0100 + 15, 2, 4, b"Cam\0"), (0x0112, 3, 1, struct.pack("<H", 6))]
        plain = qt.content(self.path("plain.jpg"))
        self.write("tags.jpg", with_exif(plain, entries))
        job = self.job("out.jpg", video={"qscale": 2})
        run = self.run_job(job, "tags.jpg")
        self.assertEqual(self.lines(run, "lost"), ["lost: tags.jpg: the picture's own tags (Make): mjpeg in image2 cannot hold it"])
        self.run_job(job, "tags.jpg", "--overwrite", "--strict", code=1)
        self.run_job(self.job("out.jpg", video={"qscale": 2}, metadata="none"), "tags.jpg", "--overwrite", "--strict")


if __name__ == "__main__":
    qt.main()
