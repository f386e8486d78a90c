#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Variable rates in codecs and containers that count frames: timestamps kept where possible, otherwise reported as lost."""
import os

import quadrant_testing as qt

BURST = "if(lt(N,50),N*47+mod(N*37,20),if(lt(N,150),2350+(N-50)*11,3450+(N-150)*47+mod(N*37,20)))"


class Rates(qt.Case):
    def variable(self, name="vfr.mkv"):
        """200 frames at 25 fps according to the header; in fact irregular, with 100 of them at 90 fps in the middle."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "200", "-c:v", "libx264", "-bf", "0", "steady.mkv")
        self.ffmpeg("-i", "steady.mkv", "-c", "copy", "-bsf:v", f"setts=ts='{BURST}'", name)  # newer FFmpegs drop the rate where a filter moves frames
        return name

    def late(self, source, out):
        a, b = qt.times(source), qt.times(out)
        self.assertEqual(len(a), len(b))
        return max(abs((y - b[0]) - (x - a[0])) for x, y in zip(a, b))

    def plan(self, job, source):
        return self.quadrant("explain", job, source).stdout

    def test_a_container_that_keeps_times(self):
        source = self.variable()
        self.ffmpeg("-i", source, "-c", "copy", "vfr.mp4")
        for codec in ("mpeg4", "flv1", "wmv2"):
            for container in ("mkv", "mp4", "mov") if codec == "mpeg4" else ("mkv",):
                with self.subTest(codec=codec, container=container):
                    job = self.job("out/{stem}-" + codec + "." + container, video={"codec": codec})
                    for name in (source, "vfr.mp4"):
                        self.run_job(job, name, "--strict", "--overwrite")
                        self.assertLess(self.late(self.path(name), self.path(f"out/vfr-{codec}.{container}")), 0.0011)

    def test_a_fine_clock_keeps_the_bit_rate(self):
        """These encoders' rate control takes one tick for one frame."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-frames:v", "200", "-vf", f"settb=1/1000,setpts='{BURST}',noise=alls=20", "-fps_mode", "passthrough",
                    "-enc_time_base", "1/1000", "-c:v", "ffv1", "noisy.mkv")
        self.run_job(self.job(video={"codec": "mpeg4", "b": "1M"}), "noisy.mkv")
        rate = 8 * os.path.getsize(self.path("out/noisy.mkv")) / (qt.times(self.path("noisy.mkv"))[-1])
        self.assertAlmostEqual(rate / 1e6, 1, delta=0.35)

    def test_a_container_that_counts(self):
        source = self.variable()
        for codec, container in (("mpeg4", "avi"), ("mpeg2video", "mkv")):
            with self.subTest(codec=codec, container=container):
                job = self.job("out/{stem}." + container, video={"codec": codec})
                self.assertIn(f"lost   variable timestamps: {codec} in ", self.plan(job, source))
                self.run_job(job, source, "--strict", code=1)
                self.run_job(job, source)
                got, wanted = qt.times(self.path("out/vfr." + container)), [round(t * 25) for t in qt.times(self.path(source))]
                slots, last = [], -1
                for place in wanted:  # the nearest that is free, and never later than that
                    last = max(place, last + 1)
                    slots.append(last)
                self.assertEqual([round((t - got[0]) * 25) for t in got], slots)

    def test_a_constant_rate_stays_a_constant_rate(self):
        for rate in ("25", "30000/1001", "60"):
            for source in ("cfr.mp4", "cfr.mkv", "cfr.ts"):
                with self.subTest(rate=rate, source=source):
                    self.clip(source, "-c:v", "libx264", rate=rate)
                    job = self.job("out/{stem}{ext}.mp4", video={"codec": "mpeg4"})
                    den, num = (rate.split("/") + ["1"])[:2]
                    self.assertIn(f"time base {num}/{den}", self.plan(job, source))
                    self.assertNotIn("lost   variable", self.plan(self.job("out/{stem}.avi", video={"codec": "mpeg4"}), source))

    def test_a_filter_makes_it_constant(self):
        plan = self.plan(self.job("out.avi", video={"codec": "mpeg4"}, stages=[{"ffmpeg": "fps=30"}]), self.variable())
        self.assertNotIn("lost   variable", plan)
        self.assertIn("time base 1/30", plan)

    def test_a_rate_beyond_what_the_codec_writes(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=3628800/502589:d=3", "-c:v", "libx264", "-video_track_timescale", "3628800", "odd.mp4")
        self.run_job(self.job("out.mp4", video={"codec": "mpeg4"}), "odd.mp4")
        self.assertLess(self.late(self.path("odd.mp4"), self.path("out.mp4")), 1e-4)


if __name__ == "__main__":
    qt.main()
