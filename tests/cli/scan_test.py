#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where an input is cut must not depend on how it was scanned: by the container's index or by reading all of it.

scan_compare (tests/scan_compare.cc) does both, for several segment lengths and windows; the clips are made here by FFmpeg, or
are the real ones. What the index does not say must be found otherwise: keyframes that it does not list, and damage.
"""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import quadrant_testing as qt

COMPARE = os.environ.get("SCAN_COMPARE", os.path.join(qt.ROOT, "build", "release", "tests", "scan_compare"))
SOURCE = ["-f", "lavfi", "-i", "testsrc=size=192x108:rate=25:duration=16,noise=alls=20:allf=t"]
SOUND = ["-f", "lavfi", "-i", "sine=duration=16"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "3"]
MPEG4 = ["-c:v", "mpeg4", "-q:v", "4", "-g", "25"]
VFR = ["-vf", "select='gt(mod(n\\,7)\\,2)+not(mod(n\\,5))',setpts='PTS+mod(N\\,3)*0.005/TB'", "-fps_mode", "vfr"]
# A name, how it is expected to be scanned, and what FFmpeg makes it with.
MADE = [
    ("closed.mp4", "index", X264),
    ("open.mp4", "index", [*X264, "-x264-params", "open-gop=1:b-pyramid=normal:keyint=25"]),
    ("no_b.mov", "index", [*X264, "-bf", "0"]),
    ("rare_keys.mp4", "index", [*X264, "-g", "500"]),
    ("refresh.mp4", "index", [*X264, "-x264-params", "intra-refresh=1"]),
    ("intra.mp4", "index", [*X264, "-g", "1"]),
    ("vfr.mp4", "index", [*VFR, *X264]),
    ("faststart.mp4", "index", [*X264, "-movflags", "+faststart"]),
    ("no_edit_list.mp4", "index", [*X264, "-use_editlist", "0"]),
    ("negative.mp4", "index", [*X264, "-output_ts_offset", "-2", "-avoid_negative_ts", "disabled"]),
    ("late.mp4", "index", [*X264, "-output_ts_offset", "3"]),
    ("mpeg4.mp4", "index", [*MPEG4, "-bf", "2"]),
    ("mpeg2.mov", "index", ["-c:v", "mpeg2video", "-q:v", "4", "-g", "15", "-bf", "2"]),
    ("mjpeg.mov", "index", ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]),
    ("mjpeg.avi", "index", ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]),
    ("raw.avi", "index", ["-c:v", "rawvideo", "-pix_fmt", "yuv420p"]),
    ("prores.mov", None, ["-c:v", "prores_ks"]),
    ("fragmented.mp4", None, [*X264, "-movflags", "frag_keyframe+empty_moov"]),
    ("mpeg4.avi", "all", [*MPEG4, "-bf", "2"]),
    ("mpeg4_no_b.avi", "all", MPEG4),
    ("closed.mkv", "all", X264),
    ("mjpeg.mkv", "all", ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]),
    ("closed.ts", "all", X264),
]
IF_BUILT = [
    ("hevc.mp4", "index", "libx265", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=25:bframes=3:log-level=none"]),
    ("hevc_open.mov", "index", "libx265", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=25:open-gop=1:bframes=3:log-level=none"]),
    ("vp9.mp4", "all", "libvpx-vp9", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"]),
]


def compared(paths):
    """scan_compare's values for each file: how, obstacle by index, obstacle by reading, segments, differences, bytes by index, bytes by reading."""
    made = subprocess.run([COMPARE, *paths], capture_output=True, text=True, errors="replace", check=True)
    rows = [line.split("\t") for line in made.stdout.splitlines()]
    return [(row[0], row[1], row[2], *map(int, row[3:7])) for row in rows]


def boxes(data, begin, end):
    while begin + 8 <= end:
        size, name = struct.unpack(">I4s", data[begin:begin + 8])
        yield name, begin + 8, begin + size
        begin += size


def place_of(data, *path):
    begin, end = 0, len(data)
    for wanted in path:
        begin, end = next((b, e) for name, b, e in boxes(data, begin, end) if name == wanted)
    return begin


class Scan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="quadrant-scan-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.expected = {}
        for name, how, options in [*MADE, *((n, h, o) for n, h, encoder, o in IF_BUILT if qt.has_encoder(encoder))]:
            qt.ffmpeg(*SOURCE, *SOUND, "-map", "0:v", "-map", "1:a", "-c:a", "mp2" if name.endswith((".avi", ".ts")) else "aac", *options, cls.path(name))
            cls.expected[name] = how

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    def derive(self, name, source, change):
        with open(self.path(source), "rb") as f:
            data = bytearray(f.read())
        changed = change(data)
        with open(self.path(name), "wb") as f:
            f.write(data if changed is None else changed)
        return self.path(name)

    # Fragmented: libavformat may have seen all of so short a file's fragments when it is opened. HEVC, ProRes: newer ones have a parser.
    def test_made_clips_are_cut_alike(self):
        for name, row in zip(self.expected, compared([self.path(n) for n in self.expected])):
            with self.subTest(name):
                how, index_obstacle, all_obstacle, most, differ, index_bytes, all_bytes = row
                self.assertEqual((index_obstacle, differ), (all_obstacle, 0))
                self.assertIn(how, [self.expected[name]] if self.expected[name] else ["index", "all"])
                if name != "rare_keys.mp4" and not index_obstacle:
                    self.assertGreater(most, 4)
                print(f"{name}: {how}, up to {most} segments, {index_bytes} of {all_bytes} bytes read {all_obstacle}")

    def test_edit_lists(self):
        """A copy that starts midway: packets before the start that are decoded and not shown; and a gap before everything."""
        qt.ffmpeg("-ss", "3.3", "-i", self.path("closed.mp4"), "-c", "copy", self.path("cut.mp4"))
        qt.ffmpeg("-itsoffset", "2", "-i", self.path("open.mp4"), "-i", self.path("closed.mp4"), "-map", "0:v", "-map", "1:a", "-c", "copy", self.path("gap.mp4"))
        for row in compared([self.path("cut.mp4"), self.path("gap.mp4")]):
            self.assertEqual((row[1], row[4]), (row[2], 0), row)
            self.assertGreater(row[3], 4)

    def test_keyframes_that_the_container_does_not_list(self):
        """H.264's parser finds these keyframes in the packets, and a full read uses them."""
        def every_third(data):
            place = place_of(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stss") + 4
            count = struct.unpack(">I", data[place:place + 4])[0]
            numbers = [data[place + 4 + 4 * i:place + 8 + 4 * i] for i in range(0, count, 3)]
            data[place:place + 4 + 4 * len(numbers)] = struct.pack(">I", len(numbers)) + b"".join(numbers)

        for source in ("open.mp4", "closed.mp4"):
            [row], [listed] = compared([self.derive("unlisted.mp4", source, every_third)]), compared([self.path(source)])
            self.assertEqual((row[0], row[1], row[4]), ("index", "", 0))
            self.assertEqual(row[3], listed[3])

    def test_damage(self):
        """Damage visible in the index, the file size or the sampled packets is detected; the result is that of a full read."""
        qt.ffmpeg("-i", self.path("closed.mp4"), "-map", "0:v", "-c", "copy", "-movflags", "+faststart", self.path("silent.mp4"))
        size = os.path.getsize(self.path("silent.mp4"))

        def zeros(data):
            data[size // 2:size // 2 + size // 20] = bytes(size // 20)

        def sizes(data):  # of one sample, so that all that follow in its chunk lie elsewhere
            place = place_of(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz") + 12 + 4 * 100
            data[place:place + 4] = struct.pack(">I", struct.unpack(">I", data[place:place + 4])[0] + 7)

        def hole(data):
            with open(self.path("sparse.mp4"), "wb") as f:
                f.write(data[:size // 2])
                f.seek(size // 2 + 8192)
                f.write(data[size // 2 + 8192:])
            with open(self.path("sparse.mp4"), "rb") as f:
                return bytearray(f.read())

        for name, change in (("short.mp4", lambda data: data[:size - 1000]), ("half.mp4", lambda data: data[:size // 2]), ("zeros.mp4", zeros),
                             ("sizes.mp4", sizes), ("hole.mp4", hole)):
            with self.subTest(name):
                [row] = compared([self.derive(name, "silent.mp4", change)])
                self.assertEqual((row[1], row[4]), (row[2], 0), row)
                self.assertIn("damaged", row[1])

    def test_less_is_read(self):
        """If pictures are as large as in a film, only the start of some of them is read."""
        qt.ffmpeg("-f", "lavfi", "-i", "testsrc=size=1280x720:rate=25:duration=80,noise=alls=60:allf=t", "-c:v", "libx264", "-preset", "ultrafast",
                  "-crf", "20", "-bf", "2", "-g", "50", self.path("large.mp4"))
        qt.ffmpeg("-i", self.path("large.mp4"), "-c", "copy", self.path("large.mkv"))
        [(how, _, _, _, differ, index_bytes, all_bytes), (mkv_how, *_)] = compared([self.path("large.mp4"), self.path("large.mkv")])
        print(f"large: {index_bytes} of {all_bytes} bytes")
        self.assertEqual((how, differ, mkv_how), ("index", 0, "all"))
        self.assertLess(index_bytes, all_bytes / 5)


class RealClips(unittest.TestCase):
    def test_real_clips_are_cut_alike(self):
        if not os.path.isdir(qt.CLIPS):
            self.skipTest(f"no real clips at {qt.CLIPS}; set QUADRANT_CLIPS")
        clips = [c for c in qt.clips() if os.path.getsize(c) > 0]
        hows = {}
        for clip, (how, index_obstacle, all_obstacle, most, differ, _, _) in zip(clips, compared(clips), strict=True):
            hows.setdefault(how, []).append(most)
            if how == "error":
                continue
            with self.subTest(os.path.basename(clip)):
                self.assertEqual((index_obstacle, differ), (all_obstacle, 0))
        print({how: f"{len(most)} clips, {sum(most)} segments" for how, most in hows.items()})
        self.assertGreater(len(hows["index"]), 40)


if __name__ == "__main__":
    qt.main()
