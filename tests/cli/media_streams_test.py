#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tracks, subtitles, chapters, fonts, covers, tags and every frame's time: kept, or reported as lost beforehand."""
import json
import os
import subprocess

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}


def last_duration(path):
    """The container's values for the packet that is shown last."""
    return max((float(p["pts_time"]), float(p.get("duration_time", 0))) for p in qt.packets(path))[1]


class Streams(qt.Case):
    """Several tracks, subtitles, chapters, fonts, covers and tags: all kept in Matroska, and reported where they cannot be."""

    def source(self):
        with open(self.path("s.srt"), "w") as f:
            f.write("1\n00:00:00,200 --> 00:00:00,700\nhello\n\n")
        with open(self.path("meta"), "w") as f:
            f.write(";FFMETADATA1\ntitle=The Title\nartist=Me\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=two\n")
        with open(self.path("font.ttf"), "wb") as f:
            f.write(b"\0\1\0\0font" * 30)
        self.clip("cover.png", "-frames:v", "1", "-update", "1")
        sine = lambda f: ["-f", "lavfi", "-i", f"sine=f={f}:d=1"]
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", *sine(440), *sine(880), "-i", "s.srt", "-i", "meta", "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "3",
                    "-map_metadata", "4", "-map_chapters", "4", "-c:v", "libx264", "-c:a", "aac", "-c:s:0", "srt", "-c:s:1", "ass",
                    "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Kommentar", "-disposition:a:0", "0", "-disposition:a:1", "default+comment",
                    "-disposition:s:1", "forced", "-metadata:s:s:0", "language=fre", "-attach", "font.ttf", "-metadata:s:t:0", "mimetype=application/x-truetype-font",
                    "-attach", "cover.png", "-metadata:s:t:1", "mimetype=image/png", "-metadata:s:t:1", "filename=cover.png", "rich.mkv")
        return "rich.mkv"

    @staticmethod
    def described(path):
        told = qt.ffprobe(path)
        tags = lambda d, *names: [d.get("tags", {}).get(n) for n in names]
        streams = [(s["codec_type"], *tags(s, "language", "title", "filename"), [k for k, v in s["disposition"].items() if v]) for s in told["streams"]]
        first = float(qt.packets(path)[0]["pts_time"])  # the clock is moved so that it begins at 0: FFmpeg 7's own files may begin before
        chapters = [(round(float(c["start_time"]) - first, 3), round(float(c["end_time"]) - first, 3), *tags(c, "title")) for c in told["chapters"]]
        return streams, chapters, tags(told["format"], "title", "ARTIST")

    def test_matroska_keeps_all(self):
        source = self.source()
        self.run_job(self.job(video=X264), source, "--strict")
        self.assertEqual(self.described(self.path("out/rich.mkv")), self.described(self.path(source)))
        fonts = [self.ffmpeg("-dump_attachment:t:0", f"{i}.ttf", "-i", f, "-map", "0:v:0", "-f", "null", "-") and None or qt.content(self.path(f"{i}.ttf")) for i, f in enumerate((source, "out/rich.mkv"))]
        self.assertEqual(fonts[0], fonts[1])

    def test_what_a_container_cannot_hold_is_named(self):
        source = self.source()
        expected = {
            "mp4": ["attachment ttf: "],
            "ts": ["subtitle subrip (fre): mpegts cannot hold", "attachment ttf: ", "2 chapters: mpegts cannot hold them", "cover png", "title Kommentar: ", "role comment: ", "metadata ARTIST"],
            "webm": ["audio aac 44100 Hz 1 channel (eng): webm cannot hold aac audio; `audio: auto` encodes it", "attachment ttf"],
            "avi": ["language ger: avi cannot hold it", "2 chapters", "cover png"],
        }
        for container, losses in expected.items():
            with self.subTest(container=container):
                job = self.job("out/{stem}." + container, video={"codec": "auto"})
                plan = self.quadrant("explain", job, source).stdout
                lost = "\n".join(line for line in plan.splitlines() if line.startswith("lost "))
                for loss in losses:
                    self.assertIn(loss, lost)
                self.run_job(job, source, "--strict", code=1)
                self.assertFalse(os.path.exists(self.path("out", "rich." + container)))
                self.run_job(job, source, "--report", "r.json")
                with open(self.path("r.json")) as f:
                    self.assertEqual(["lost   " + l for l in json.load(f)["inputs"][0]["losses"]], lost.splitlines())
                self.assert_decodable(self.path("out", "rich." + container))

    def test_left_out_by_wish_is_no_loss(self):
        source = self.source()
        self.run_job(self.job(video=X264, audio="none", subtitles="none", metadata="none"), source, "--strict")
        streams, chapters, tags = self.described(self.path("out/rich.mkv"))
        self.assertEqual([s[0] for s in streams if s[0] in ("audio", "subtitle")], [])
        self.assertEqual((chapters, tags), ([], [None, None]))

    def test_chapters_move_with_the_start(self):
        self.source()
        self.ffmpeg("-i", "rich.mkv", "-map", "0:v", "-c", "copy", "-output_ts_offset", "0", "-bsf:v", "setts=ts=TS+2/TB", "late.mkv")
        before, after = qt.ffprobe(self.path("late.mkv")), None
        self.run_job(self.job(video=X264), "late.mkv")
        after = qt.ffprobe(self.path("out/late.mkv"))
        start = float(before["format"]["start_time"])
        self.assertGreater(start, 1.5)
        shifted = [max(0, float(c["start_time"]) - start) for c in before["chapters"]]
        for got, expected in zip([float(c["start_time"]) for c in after["chapters"]], shifted):
            self.assertAlmostEqual(got, expected, delta=0.002)

    def test_variable_frame_rate_is_kept_exactly(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=30:d=2", "-vf", "select='not(mod(n,7))+lt(mod(n,11),4)',settb=1/90000,setpts='PTS+mod(N*37,200)'",
                    "-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-c:v", "libx264", "-bf", "0", "-video_track_timescale", "90000", "-bsf:v", "setts=duration=0.05/TB", "vfr.mp4")
        expected = qt.times(self.path("vfr.mp4"))
        last = last_duration(self.path("vfr.mp4"))
        self.assertAlmostEqual(last, 0.05, delta=1e-3)
        for container, precision in (("mp4", 1e-6), ("mov", 1e-6), ("mkv", 0.0011), ("ts", 2e-5), ("webm", 0.0011)):
            with self.subTest(container=container):
                self.run_job(self.job("out/{stem}." + container, video={"codec": "auto"} if container == "webm" else X264), "vfr.mp4")
                out = self.path("out/vfr." + container)
                got = qt.times(out)
                self.assertEqual(len(got), len(expected))
                for a, b in zip(got, expected):
                    self.assertAlmostEqual(a - got[0], b - expected[0], delta=precision)
                if container in ("mp4", "mov"):
                    self.assertAlmostEqual(last_duration(out), last, delta=1e-4)
    def test_a_stream_that_comes_late_is_told(self):
        """The first megabytes of a transport stream show which streams it has; more may come later."""
        noise = "testsrc2=s=640x360:r=25:d=4,noise=alls=60:allf=t"
        self.ffmpeg("-f", "lavfi", "-i", noise, "-c:v", "mpeg2video", "-q:v", "2", "a.ts")
        self.ffmpeg("-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", "sine=d=4", "-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2", "b.ts")
        both = qt.content(self.path("a.ts")) + qt.content(self.path("b.ts"))
        self.assertGreater(os.path.getsize(self.path("a.ts")), 5_000_000)
        job = self.job("out/{stem}.mkv", video={"codec": "mpeg4"})
        for mode in ("sequential", "frames"):
            made = subprocess.run([qt.QUADRANT, "run", job, "-", "-m", mode, "--overwrite", "--set", "run.mode=" + mode], input=both, cwd=self.directory, capture_output=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertIn(b"#1: it appeared after planning", made.stderr)
        self.assertEqual(subprocess.run([qt.QUADRANT, "run", job, "-", "--overwrite", "--strict"], input=both, cwd=self.directory, capture_output=True).returncode, 1)


if __name__ == "__main__":
    qt.main()
