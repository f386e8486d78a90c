#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the decoder gives is what the stream shows: cut off at the left too, and never silently stretched where size, sample aspect
ratio or channels change in the middle."""
import os

import quadrant_testing as qt

LOSSLESS = {"codec": "ffv1", "segment": 0.5}
FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "12")
CASES = os.path.join(os.path.dirname(qt.CLIPS), "cases")


class Changes(qt.Case):
    def picture(self, source, number, filters="null"):
        """The samples of a frame, as gray."""
        return self.ffmpeg("-i", source, "-vf", f"{filters},select='eq(n,{number})',format=gray", "-frames:v", "1", "-f", "rawvideo", "-")

    def run_modes(self, job, source, *arguments):
        """The job's output, which is the same in every mode, and what is told about it."""
        made, told = set(), set()
        for mode in qt.MODES:
            if os.path.exists(self.path("out.mkv")):
                os.remove(self.path("out.mkv"))
            run = self.run_job(job, source, "-m", mode, "-c", "2", "--overwrite", *arguments)
            made.add(qt.content(self.path("out.mkv")))
            told.add("\n".join(line for line in run.stderr.splitlines() if line.startswith("lost:")))
        self.assertEqual(len(made), 1)
        self.assertEqual(len(told), 1, told)
        return told.pop()

    def two_sizes(self, name="sizes.ts", second="96x160"):
        """A second of 160x96 in white, then one of another size in white."""
        self.ffmpeg("-f", "lavfi", "-i", "color=white:s=160x96:r=12:d=1", *FAST, "first.ts")
        self.ffmpeg("-f", "lavfi", "-i", f"color=white:s={second}:r=12:d=1", *FAST, "-output_ts_offset", "1", "second.ts")
        with open(self.path(name), "wb") as f:
            f.write(qt.content(self.path("first.ts")) + qt.content(self.path("second.ts")))
        return name

    def columns(self, samples, width=160):
        """For a row in the middle, which columns are white."""
        row = samples[48 * width:49 * width]
        return [x for x in range(width) if row[x] > 200]

    def test_cut_off_at_the_left(self):
        """HEVC is cut off by SPS too; libx265's conformance window is at the right and the bottom, so the filter sets the left."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=1", *FAST, "-pix_fmt", "yuv420p", "whole.mp4")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=1", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "whole-hevc.mp4")
        self.ffmpeg("-i", "whole.mp4", "-c", "copy", "-bsf:v", "h264_metadata=crop_left=4:crop_top=2", "left.mp4")
        self.ffmpeg("-i", "whole-hevc.mp4", "-c", "copy", "-bsf:v", "hevc_metadata=crop_left=6", "left-hevc.mp4")
        for source, offset in (("left.mp4", "316:238:4:2"), ("left-hevc.mp4", "314:240:6:0")):
            self.assertEqual(self.run_modes(self.job("out.mkv", video=LOSSLESS), source), "")
            whole = source.replace("left", "whole")
            for number in (0, 20):
                self.assertEqual(self.picture("out.mkv", number), self.picture(whole, number, f"crop={offset}:exact=1"))

    def test_a_stage_after_the_cut(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=1", *FAST, "-pix_fmt", "yuv420p", "whole.mp4")
        self.ffmpeg("-i", "whole.mp4", "-c", "copy", "-bsf:v", "h264_metadata=crop_left=4", "left.mp4")
        self.run_modes(self.job("out.mkv", video=LOSSLESS, stages=[{"blur": {"sigma": 2}}, {"ffmpeg": "hflip"}]), "left.mp4")

    def test_reported_cut(self):
        reported = os.path.join(CASES, "left-crop", "xl.mp4")
        if not os.path.exists(reported):
            self.skipTest(f"no {reported}")
        self.run_job(self.job("out.mkv", video=LOSSLESS), reported, "--strict")
        video = qt.stream(self.path("out.mkv"), "video")
        self.assertEqual((video["width"], video["height"]), (316, 240))
        wanted = self.ffmpeg("-flags", "unaligned", "-i", reported, "-f", "rawvideo", "-")
        self.assertEqual(self.ffmpeg("-i", "out.mkv", "-f", "rawvideo", "-"), wanted)

    def test_size(self):
        source = self.two_sizes()
        for on_change, columns in (("fit", (50, 108)), ("fill", (0, 160)), ("stretch", (0, 160))):
            with self.subTest(on_change=on_change):
                told = self.run_modes(self.job("out.mkv", video=LOSSLESS), source, "--set", f"on_change={on_change}")
                self.assertIn("video changes to 96x160", told)
                self.assertIn("(12 frames)", told)
                self.assertEqual(self.columns(self.picture("out.mkv", 5)), list(range(160)))
                self.assertEqual(self.columns(self.picture("out.mkv", 20)), list(range(*columns)))

    def test_what_is_cut_off_and_what_is_stretched(self):
        """A white square stays a square, unless it is stretched."""
        square = "drawbox=x=32:y=64:w=32:h=32:color=white:t=fill"
        self.two_sizes()
        self.ffmpeg("-f", "lavfi", "-i", f"color=black:s=96x160:r=12:d=1,{square}", *FAST, "-output_ts_offset", "1", "second.ts")
        with open(self.path("sizes.ts"), "wb") as f:
            f.write(qt.content(self.path("first.ts")) + qt.content(self.path("second.ts")))
        for on_change, width, height in (("fit", 19, 19), ("fill", 53, 53), ("stretch", 53, 19)):
            with self.subTest(on_change=on_change):
                self.run_job(self.job("out.mkv", video=LOSSLESS), "sizes.ts", "--overwrite", "--set", f"on_change={on_change}")
                samples = self.picture("out.mkv", 20)
                across = len(self.columns(samples))
                down = sum(samples[y * 160 + 80] > 200 for y in range(96))
                self.assertLess(abs(across - width), 4)
                self.assertLess(abs(down - height), 4)

    def test_fail_and_strict(self):
        source = self.two_sizes()
        run = self.run_job(self.job("out.mkv", video=LOSSLESS), source, "--set", "on_change=fail", code=1)
        self.assertIn("on_change: fail", run.stderr)
        run = self.run_job(self.job("out.mkv", video=LOSSLESS), source, "--strict", code=1)
        self.assertIn("video changes to 96x160: fitted with bars into 160x96", run.stderr)
        self.assertFalse(os.path.exists(self.path("out.mkv")))

    def test_in_a_process(self):
        source = self.two_sizes()
        job = self.job("out.mkv", video=LOSSLESS)
        self.assertEqual(self.run_modes(job, source, "--set", "run.isolate=process"), self.run_modes(job, source))

    def test_sample_aspect(self):
        for name, aspect, offset in (("first.ts", "1/1", "0"), ("second.ts", "2/1", "1")):
            self.ffmpeg("-f", "lavfi", "-i", f"color=white:s=160x96:r=12:d=1,setsar={aspect}", "-c:v", "mpeg2video", "-q:v", "2", "-output_ts_offset", offset, name)
        with open(self.path("sar.ts"), "wb") as f:
            f.write(qt.content(self.path("first.ts")) + qt.content(self.path("second.ts")))
        told = self.run_modes(self.job("out.mkv", video=LOSSLESS), "sar.ts")
        self.assertIn("of sample aspect", told)
        samples = self.picture("out.mkv", 20)
        self.assertLess(samples[10 * 160 + 80], 30)  # a bar
        self.assertGreater(samples[48 * 160 + 5], 200)

    def test_pictures(self):
        for number, size, pixels in ((1, "160x96", "rgb24"), (2, "128x128", "rgb24"), (3, "160x96", "rgba"), (4, "97x51", "gray"), (5, "160x96", "rgb48be")):
            self.ffmpeg("-f", "lavfi", "-i", f"color=white:s={size}:r=1:d=1,format={pixels}", "-frames:v", "1", f"m{number}.png")
        told = self.run_modes(self.job("out.mkv", video=LOSSLESS), "m%d.png")
        self.assertIn("video changes to 128x128: fitted with bars into 160x96 (1 frame)", told)
        self.assertIn("rgba", told)
        for number in range(5):
            bars = [x for x in range(160) if x not in self.columns(self.picture("out.mkv", number))]
            self.assertEqual(bool(bars), number == 1, f"picture {number + 1}: bars at {bars}")

    def test_channels(self):
        for name, layout, offset in (("first.ts", "mono", "0"), ("second.ts", "stereo", "1")):
            self.ffmpeg("-f", "lavfi", "-i", "color=s=64x48:r=12:d=1", "-f", "lavfi", "-i", f"anullsrc=cl={layout}:d=1", *FAST, "-c:a", "mp2", "-output_ts_offset", offset, name)
        with open(self.path("channels.ts"), "wb") as f:
            f.write(qt.content(self.path("first.ts")) + qt.content(self.path("second.ts")))
        told = self.run_modes(self.job("out.mkv", video=LOSSLESS, audio={"codec": "flac"}), "channels.ts")
        self.assertIn("audio changes to stereo", told)
        self.assertIn("converted to mono", told)
        self.assertEqual(self.run_modes(self.job("out.mkv", video=LOSSLESS, audio="none"), "channels.ts"), "")


if __name__ == "__main__":
    qt.main()
