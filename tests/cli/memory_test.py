#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--memory bounds the memory of a run, codecs included: what fits keeps within it, what does not is refused with what it needs, and the
output is the same. Memory does not grow with the number of frames."""
import json
import os
import re

import quadrant_testing as qt

MIB = 1 << 20
X264 = {"codec": "libx264", "preset": "medium", "segment": "none", "threads": 1}
SOAK = os.environ.get("QUADRANT_SOAK") == "1"
TOO_LITTLE = re.compile(r"(\d+) MiB of memory are too little, about (\d+) are needed: .*; take --memory (\d+)M")


class Memory(qt.Case):
    def peak(self, *arguments):
        """MiB that a run took at its peak, and its report."""
        self.run_job(*arguments, "--overwrite", "--report", "report.json", "--progress", "none")
        with open(self.path("report.json"), encoding="utf-8") as f:
            report = json.load(f)
        return report["peak_rss_bytes"] / MIB, report

    def needed(self, job, *arguments):
        """What the refusal of too small a memory says is enough."""
        refused = self.run_job(job, *arguments, "--memory", "80M", code=1)
        told = TOO_LITTLE.search(refused.stderr)
        self.assertTrue(told, refused.stderr)
        self.assertEqual(told.group(1), "80")
        self.assertEqual(told.group(2), told.group(3))
        self.assertEqual([name for name in self.files() if name.startswith("out")], [])
        return int(told.group(3))

    def test_what_is_said_to_be_needed_is_enough(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", size="1280x720", length=2.4)
        for video in (X264, {**X264, "pixel_format": "yuv420p10le"}, {**X264, "preset": "veryfast"}, {"codec": "mpeg4", "segment": "none"}):
            job = self.job("out.mkv", video=video)
            made = set()
            for mode in ("sequential", "frames"):
                needed = self.needed(job, "in.mp4", "-m", mode, "-c", "2") if video["codec"] != "mpeg4" else 120
                took, _ = self.peak(job, "in.mp4", "-m", mode, "-c", "2", "--memory", f"{needed}M")
                self.assertLess(took, 1.1 * needed, f"{video} {mode}")
                self.assertGreater(took, 0.5 * needed, f"{video} {mode}: refused without need")
                made.add(qt.content(self.path("out.mkv")))
                os.remove(self.path("out.mkv"))
            self.assertEqual(len(made), 1, video)

    def test_4k_of_10_bits(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", size="3840x2160", length=2)
        job = self.job("out.mkv", video={"codec": "libx264", "preset": "medium"})
        for mode in (*qt.MODES, "auto"):
            refused = self.run_job(job, "in.mp4", "-m", mode, "--memory", "256M", code=1)
            self.assertGreater(int(TOO_LITTLE.search(refused.stderr).group(2)), 1500, mode)

    def test_fewer_segments_at_once(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", size="960x540", length=12)
        job = self.job("out.mkv", video={"codec": "libx264", "preset": "veryfast", "segment": 2})
        free, _ = self.peak(job, "in.mp4", "-m", "segments", "-c", "4")
        reference = qt.content(self.path("out.mkv"))
        os.remove(self.path("out.mkv"))
        needed = self.needed(job, "in.mp4", "-m", "segments", "-c", "4")
        for memory in (needed, int(1.3 * needed)):
            took, _ = self.peak(job, "in.mp4", "-m", "segments", "-c", "4", "--memory", f"{memory}M")
            self.assertLess(took, 1.1 * memory)
            self.assertEqual(qt.content(self.path("out.mkv")), reference)
            os.remove(self.path("out.mkv"))
        self.assertGreater(free, 1.3 * needed, "without a limit more are open at once, or this shows nothing")

    def test_auto_takes_what_fits(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", size="960x540", length=12)
        job = self.job("out.mkv", video={"codec": "libx264", "preset": "veryfast", "segment": 2})
        needed = self.needed(job, "in.mp4", "-m", "sequential")
        modes = [re.search(r"^run +(\w+) on", self.quadrant("explain", job, "in.mp4", "-c", "4", "--memory", f"{memory}M").stdout, re.M).group(1)
                 for memory in (needed, needed + 40, 3 * needed)]
        self.assertEqual(modes, ["sequential", "frames", "segments"])

    def test_memory_is_flat(self):
        """Over many frames, in every mode. The short film already has more segments than any mode has open at once."""
        short, long = (2000, 40_000) if SOAK else (1200, 9600)
        job = self.job("out.nut", video={"codec": "mpeg4", "segment": 4}, stages=[{"blur": {"sigma": 1}}])
        for name, frames in (("short.mkv", short), ("long.mkv", long)):
            self.clip(name, "-c:v", "mpeg4", "-g", "25", size="320x240", length=frames / 25)
        for mode in qt.MODES:
            before, _ = self.peak(job, "short.mkv", "-m", mode, "-c", "2")
            after, _ = self.peak(job, "long.mkv", "-m", mode, "-c", "2")
            # By chance more or fewer segments need much at the same moment; a leak of 3 KiB a frame fails.
            self.assertLess(after, before + 24, mode)
            print(f"{mode}: {short} frames {before:.0f} MiB, {long} frames {after:.0f} MiB")


if __name__ == "__main__":
    qt.main()
