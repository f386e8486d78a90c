#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The small inputs in data/ are those that data/make makes, and they stay small."""
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli"))
import quadrant_testing as qt  # noqa: E402

DATA = os.path.join(qt.ROOT, "data")
sys.dont_write_bytecode = True


def recipe():
    loader = importlib.machinery.SourceFileLoader("make", os.path.join(DATA, "make"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make", loader))
    loader.exec_module(module)
    return module


def pixels(path, form, *options):
    return qt.ffmpeg("-i", path, *options, "-map", "0:v", "-f", "rawvideo", "-pix_fmt", form, "-")


class Data(unittest.TestCase):
    def setUp(self):
        self.make = recipe()

    def test_pictures(self):
        for i in range(4):
            self.assertEqual(pixels(os.path.join(DATA, "pictures", f"{i + 1:02d}.png"), "rgb24"), b"".join(self.make.picture(20 * i)))
        self.assertEqual(pixels(os.path.join(DATA, "overlay.png"), "rgba"), b"".join(self.make.overlay()))

    def test_table(self):
        self.assertEqual(qt.content(os.path.join(DATA, "warm.cube")).decode(), self.make.cube())
        self.assertEqual(qt.content(os.path.join(DATA, "lens.yaml")).decode(), self.make.LENS)

    def test_clip(self):
        path = os.path.join(DATA, "clip.mp4")
        told = qt.ffprobe(path)
        self.assertEqual([(s["codec_name"], s["tags"]["language"]) for s in told["streams"] if s["codec_type"] != "data"],
                         [("h264", "und"), ("aac", "und"), ("mov_text", "eng"), ("mov_text", "deu")])
        self.assertEqual([c["tags"]["title"] for c in told["chapters"]], ["Morning", "Noon"])
        self.assertEqual([f["pts_time"] for f in qt.frames(path)], [f"{n / 25:.6f}" for n in range(75)])
        for language, index in (("eng", 0), ("deu", 1)):
            text = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", f"0:s:{index}", "-f", "srt", "-"], capture_output=True, text=True).stdout
            self.assertEqual(text.strip(), self.make.subtitles(language).strip())
        size = self.make.WIDTH * self.make.HEIGHT * 3
        decoded = pixels(path, "rgb24", "-vf", "scale=in_color_matrix=bt709:in_range=tv")
        for n in (0, 37, 74):
            made, wanted = decoded[n * size:(n + 1) * size], b"".join(self.make.picture(n))
            error = sum((a - b) ** 2 for a, b in zip(made, wanted)) / size
            self.assertLess(error, 45, n)  # the encoder causes about 20; the next frame differs by 64

    def test_they_are_small(self):
        size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(DATA) for name in names)
        self.assertLess(size, 2 << 20)


if __name__ == "__main__":
    unittest.main()
