#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Configurations, names and media made to hurt: each is done or refused with a reason, soon, and in little memory."""
import os
import re
import socket
import struct
import subprocess
import zlib

import quadrant_testing as qt

MPEG4 = {"codec": "mpeg4"}
MOST_MEGABYTES = 400 if "ASAN_OPTIONS" not in os.environ else 1500  # a run of a small clip takes 60; sanitizers keep freed memory


class Hostile(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("in.mp4", "-c:v", "mpeg4", length=0.4)
        self.made = self.job("out/{stem}.mkv", video=MPEG4)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return name

    def outcome(self, *arguments, codes=(0, 1, 2), **options):
        """The exit code and all that was said. Whatever it was given, a run ends by itself, in little memory, and knows why."""
        run = subprocess.run(["/usr/bin/env", "python3", "-c", MEASURED, qt.QUADRANT, "run", *arguments], cwd=self.directory, capture_output=True,
                             **{"timeout": 60, "stdin": subprocess.DEVNULL, **options})
        told, _, memory = run.stderr.decode(errors="replace").rpartition("\npeak ")
        self.assertIn(run.returncode, codes, told)
        self.assertLess(int(memory), MOST_MEGABYTES << 10, told)
        self.assertNotRegex(told, "internal|Success|core dumped|terminate called")
        if run.returncode == 1:
            self.assertRegex(told, r"failed: ")
        return run.returncode, told

    def refused(self, message, *arguments, code=1, **options):
        found, told = self.outcome(*arguments, codes=(code,), **options)
        self.assertRegex(told, message)
        return found

    def test_inputs_that_are_no_media(self):
        with socket.socket(socket.AF_UNIX) as bound:
            here = os.getcwd()
            os.chdir(self.directory)  # its path may be longer than a socket's name
            self.addCleanup(os.chdir, here)
            bound.bind("socket")
        os.symlink("loop2", self.path("loop1"))
        os.symlink("loop1", self.path("loop2"))
        self.write("empty.mp4", b"")
        for name, why in (("/dev/zero", "Invalid data"), ("/dev/null", "Invalid data"), ("/dev/full", "Invalid data"), ("/dev/stdin", "Invalid data"),
                          ("/dev/fd/0", "Invalid data"), ("socket", "No such device or address"), ("loop1", "Too many levels of symbolic links"),
                          ("empty.mp4", "Invalid data"), (".", "is a directory"), ("x" * 5000, "File name too long"), ("", "a value is wanted, not an empty one")):
            with self.subTest(name=name[:20]):
                self.refused(why, self.made, name, code=1 if name else 2)

    def test_outputs_that_cannot_be(self):
        os.symlink("loop2", self.path("loop1"))
        os.symlink("loop1", self.path("loop2"))
        os.mkdir(self.path("folder.mkv"))
        for name, code, why in (("folder.mkv", 1, "not a regular file"), ("loop1/x.mkv", 1, "Too many levels"), ("in.mp4/x.mkv", 1, "Not a directory"),
                                ("/dev/null", 2, "no extension"), (".", 2, "no extension"), ("", 2, "output: a value is wanted, not an empty one"), ("x" * 300 + ".mkv", 1, "a file system takes 255"),
                                ("/proc/x.mkv", 1, "cannot be written"), ("a/" * 2500 + "x.mkv", 1, "too long")):
            with self.subTest(name=name[:20]):
                self.refused(why, self.made, "in.mp4", "-o", name, "--overwrite", code=code)
        for link in ("link.mkv", "far.mkv"):
            os.symlink({"link.mkv": "in.mp4", "far.mkv": "/dev/null"}[link], self.path(link))
            self.refused("never overwritten|not a regular file", self.made, "in.mp4", "-o", link, "--overwrite")

    def test_names_hold_anything(self):
        """What is printed holds no control character, and every name comes back from the journal."""
        for odd in ("new\nline", "quote\"'`$(x)", "esc\x1b[31m", "tab\t", "bad\udcff\udcc3", "\u202eright", "a" * 240, "-", "{stem}", "%d %s"):
            with self.subTest(odd=odd):
                source = os.fsencode(odd + ".mp4")
                os.link(self.path("in.mp4"), os.path.join(os.fsencode(self.directory), source))
                for again in ("done: ", "1 up to date"):
                    code, told = self.outcome(self.made, os.fsencode("./" + odd + ".mp4"))
                    self.assertEqual(code, 0, told)
                    self.assertIn(again, told)
                    self.assertNotRegex(told, "[\x00-\x08\x0b-\x1f\x7f]")

    def test_sizes_in_headers(self):
        self.ffmpeg("-f", "lavfi", "-i", "color=s=16x16", "-frames:v", "1", "small.png")
        png = qt.content(self.path("small.png"))
        for size in ((65535, 65535), (32767, 32767), (2**31 - 1, 1), (0, 16), (2**32 - 1, 2**32 - 1)):
            head = png[12:16] + struct.pack(">II", *size) + png[24:29]
            self.write("huge.png", png[:12] + head + struct.pack(">I", zlib.crc32(head)) + png[33:])
            self.refused("cannot be determined|cannot be read", self.made, "huge.png")
        for head in ("W65535 H65535 F25:1", "W0 H0 F25:1", "W-5 H5 F25:1", "W99999999999 H1 F1:1"):
            self.write("huge.y4m", f"YUV4MPEG2 {head} C420\nFRAME\n".encode() + bytes(4608))
            self.refused("Picture size", self.made, "huge.y4m")
        self.write("huge.pgm", b"P5\n65535 65535\n255\n" + bytes(100))
        self.refused("cannot be determined|cannot be read", self.made, "huge.pgm")
        for size in ("0x0", "65535x65535", "-5x10", "2147483647x1"):
            self.refused("cannot be read: Invalid argument", self.made, f"lavfi:color=s={size}:r=25:d=0.2")
        for chain in ("scale=65535:65535", "pad=100000:100000", "crop=0:0"):
            self.refused(re.escape(chain), self.job("f.mkv", video=MPEG4, stages=[{"ffmpeg": chain}]), "in.mp4")

    def test_rates_and_time_bases(self):
        for rate in ("0:0", "-25:1", "1000000000:1", "1:1000000000", "1:1"):
            self.write("rate.y4m", f"YUV4MPEG2 W64 H48 F{rate} C420\n".encode() + (b"FRAME\n" + bytes(4608)) * 3)
            self.outcome(self.made, "rate.y4m", "--overwrite", codes=(0, 1))
        for base in ("1/1", "1/1000000000", "1000/1", "0/1", "-1/25"):
            self.outcome(self.made, f"lavfi:testsrc2=s=64x48:r=25:d=0.4,settb={base}", "-o", "base.mkv", "--overwrite", codes=(0, 1))
        for chain in ("fps=1000000000", "fps=0", "fps=-5", "settb=1/1", "setpts=PTS*1e15", "setpts=-PTS", "setpts=NAN", "setpts=0", "framerate=fps=1e9"):
            with self.subTest(chain=chain):
                self.outcome(self.job("f.mkv", video=MPEG4, stages=[{"ffmpeg": chain}]), "in.mp4", "--overwrite")
        film = qt.content(self.path("in.mp4"))
        for box, at, values in ((b"mdhd", 16, (0, 1, 2**31, 2**32 - 1)), (b"stts", 16, (0, 1, 2**31 - 1, 2**32 - 1)), (b"stts", 12, (2**31 - 1,)),
                                (b"stsz", 8, (2**31 - 1,)), (b"stco", 12, (2**32 - 1,))):
            for value in values:
                with self.subTest(box=box, value=value):
                    place = film.index(box) + at
                    self.write("changed.mp4", film[:place] + struct.pack(">I", value) + film[place + 4:])
                    self.outcome(self.made, "changed.mp4", "--overwrite", codes=(0, 1))

    def test_a_thousand_streams(self):
        self.ffmpeg("-f", "lavfi", "-i", "sine=d=0.1", "-c:a", "pcm_s16le", "s.wav")
        self.ffmpeg("-i", "in.mp4", "-i", "s.wav", "-map", "0:v", *["-map", "1:a"] * 998, "-c", "copy", "many.mkv")
        for name in ("many.mkv", "many.mp4"):
            self.assertEqual(self.outcome(self.made, "many.mkv", "-o", "out/" + name)[0], 0)

    def test_codecs_that_change_midway(self):
        for first, second in (("mpeg2video", "libx264"), ("libx264", "mpeg2video")):
            parts = []
            for codec in (first, second):
                self.clip("part.ts", "-pix_fmt", "yuv420p", "-c:v", codec, length=0.4)
                parts.append(qt.content(self.path("part.ts")))
            self.write("both.ts", b"".join(parts))
            outcomes = {self.outcome(self.made, "both.ts", "-o", "both.mkv", "--overwrite", "-m", mode, codes=(0, 1))[0] for mode in ("sequential", "frames")}
            self.assertEqual(len(outcomes), 1)


# The peak memory of a program, after its own words.
MEASURED = """import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(f"\\npeak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}", file=sys.stderr)
sys.exit(code if code >= 0 else 128 - code)"""


if __name__ == "__main__":
    qt.main()
