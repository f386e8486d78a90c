#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every time of every frame, and the length of the last: of filters that change rate, number or times of frames as FFmpeg has them,
and of clocks that restart in the middle."""
import os
import subprocess
from fractions import Fraction

import quadrant_testing as qt

FILTERS = ["fps=5", "fps=15", "fps=50", "fps=30000/1001", "fps=5,fps=25", "framestep=3", "framestep=7", "telecine", "minterpolate=fps=50", "setpts=2*PTS", "setpts=PTS/2",
           "setpts=N/(10*TB)", "select='not(mod(n,2))'", "select='gt(n,20)'", "trim=start=0.5:end=1.5", "trim=start_frame=10:end_frame=30", "trim=end=1,setpts=2*PTS", "tile=2x2",
           "yadif", "yadif=1", "bwdif=1", "decimate", "decimate=cycle=3", "tpad=stop=10", "loop=2:5:3", "reverse", "tinterlace", "separatefields", "framerate=fps=30", "mpdecimate",
           "settb=1/1000", "hflip", "dejudder", "fieldmatch,decimate", "shuffleframes=0 2 1"]
FAST = {"codec": "libx264", "preset": "ultrafast"}


class Times(qt.Case):
    def told(self, path):
        """Times of the frames, and the end of the last."""
        packets = sorted((float(p["pts_time"]), float(p.get("duration_time", 0))) for p in qt.packets(self.path(path)))
        return [time for time, _ in packets], sum(packets[-1])

    def check_same(self, ours, theirs):
        (got, got_end), (wanted, wanted_end) = self.told(ours), self.told(theirs)
        self.assertEqual(len(got), len(wanted))
        self.assertLess(max(abs(a - b) for a, b in zip(got, wanted)), 0.0011)
        self.assertLess(abs(got_end - wanted_end), 0.0011)

    def test_filters(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "in.mp4")
        for chain in FILTERS:
            for container in ("mp4", "mkv"):
                with self.subTest(chain=chain, container=container):
                    self.ffmpeg("-i", "in.mp4", "-vf", chain, "-fps_mode", "passthrough", "-enc_time_base", qt.demuxer_time_base(), "-c:v", "libx264", "-preset", "ultrafast",
                                f"theirs.{container}")
                    self.run_job(self.job(f"ours.{container}", video=FAST, stages=[{"ffmpeg": chain}]), "in.mp4", "--overwrite")
                    self.check_same(f"ours.{container}", f"theirs.{container}")

    def test_a_moved_picture_is_told(self):
        """Sound, subtitles and chapters keep their times."""
        with open(self.path("chapters.txt"), "w") as f:
            f.write(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\n")
        with open(self.path("text.srt"), "w") as f:
            f.write("1\n00:00:00,000 --> 00:00:03,000\nHello\n")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4", "-i", "text.srt", "-i", "chapters.txt", "-map_chapters", "3", "-map", "0", "-map", "1",
                    "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "srt", "in.mkv")
        cases = {"trim=1:2": "picture is 1.0 s from 1.0 s on, sound stays 4.0 s, subtitles stay", "trim=end=2": "picture is 2.0 s, sound stays 4.0 s", "setpts=2*PTS": "picture is 8.0 s, sound",
                 "select='gt(n,49)'": "picture is 2.0 s from 2.0 s on", "setpts=PTS+0.3/TB": "from 0.3 s on", "loop=1:50:0": "picture is",
                 "fps=5": "", "fps=50": "", "framestep=7": "", "decimate": "", "select='not(mod(n,3))'": "", "null": "", "minterpolate=fps=50": "", "tile=2x2": ""}
        for chain, told in cases.items():
            with self.subTest(chain=chain):
                job = self.job("out.mkv", video=FAST, stages=[{"ffmpeg": chain}])
                run = self.run_job(job, "in.mkv", "--overwrite")
                lost = [line for line in run.stderr.splitlines() if "picture is" in line]
                self.assertEqual(len(lost), 1 if told else 0, run.stderr)
                self.assertIn(told, "".join(lost))
                if told:
                    self.assertIn("chapters stay", lost[0])
                self.run_job(job, "in.mkv", "--overwrite", "--strict", code=1 if told else 0)
                alone = self.job("alone.mkv", name="alone.yaml", video=FAST, audio="none", subtitles="none", metadata="none", stages=[{"ffmpeg": chain}])
                self.run_job(alone, "in.mkv", "--overwrite", "--strict")

    def test_a_moved_picture_in_every_mode(self):
        self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", length=2, audio=True)
        told = set()
        for mode in qt.MODES:
            for isolate in ("none", "process"):
                job = self.job(f"{mode}-{isolate}.mkv", video=FAST, stages=[{"ffmpeg": "trim=end=1"}])
                run = self.run_job(job, "in.mp4", "-m", "frames" if mode == "segments" else mode, "--set", f"run.isolate={isolate}")
                told.add("".join(line for line in run.stderr.splitlines() if "lost" in line))
        self.assertEqual(len(told), 1, told)
        self.assertIn("picture is 1.0 s, sound stays 2.0 s", told.pop())

    def test_a_clock_that_restarts(self):
        for container in ("mkv", "ts"):
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "half." + container)
            with open(self.path("twice." + container), "wb") as f:
                f.write(qt.content(self.path("half." + container)) * 2)
            self.check_restart("twice." + container, 100, 4)

    def test_the_reported_clock(self):
        reported = os.path.join(os.path.dirname(qt.CLIPS), "cases", "clock-restart", "cat.flv")
        if not os.path.exists(reported):
            self.skipTest(f"no {reported}")
        self.check_restart(reported, 120, 4)

    def check_restart(self, source, frames, seconds):
        made = set()
        for mode in qt.MODES:
            job = self.job(f"{mode}.mp4", name=f"{mode}.yaml", video={**FAST, "segment": 0.5})
            self.run_job(job, source, "-m", mode, "--frame-hashes", "hashes", "--overwrite")
            made.add(qt.content(self.path(f"{mode}.mp4")))
        self.assertEqual(len(made), 1)
        times, end = self.told("frames.mp4")
        self.assertEqual(len(times), frames)
        self.assertAlmostEqual(end - times[0], seconds, delta=0.1)
        self.assertLess(max(b - a for a, b in zip(times, times[1:])), 0.1)
        self.assertGreater(min(b - a for a, b in zip(times, times[1:])), 0.01)
        with open(self.path("hashes")) as f:
            head, *lines = f.read().split("#stream#, dts")
        base = Fraction(next(line for line in head.splitlines() if line.startswith("#tb 0:")).split(":")[1].strip())
        hashed = [int(line.split(",")[2]) * base for line in lines[0].splitlines()[1:]]
        self.assertLess(max(abs((a - hashed[0]) - (b - times[0])) for a, b in zip(hashed, times)), 0.0011)
        sound = [float(p["pts_time"]) for p in qt.packets(self.path("frames.mp4"), "a:0")]
        self.assertLess(max(b - a for a, b in zip(sound, sound[1:])), 0.1)
        self.assertAlmostEqual(sound[-1], times[-1], delta=0.1)

    def test_times_near_the_ends_of_64_bits(self):
        """Far away, or far away from the middle on: done or failed, and the same in every mode. FFmpeg may fail to write all of such a file."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=3", "-f", "lavfi", "-i", "sine=d=3", "-c:v", "libx264", "-g", "10", "-c:a", "aac", "in.mp4")
        half, nearly = 1 << 62, (1 << 63) - 5808
        for container in ("nut", "mkv", "mov"):
            for moved in (f"+{half}", f"+{nearly}", f"-{nearly}", f"+gte(N,15)*{half}", f"-gte(N,15)*{half}"):
                subprocess.run(["ffmpeg", "-v", "quiet", "-nostdin", "-y", "-i", "in.mp4", "-c", "copy", "-bsf", f"setts=pts='PTS{moved}':dts='DTS{moved}'", f"far.{container}"],
                               cwd=self.directory, timeout=60)
                for output in ("mkv", "mp4"):
                    self.check_modes_agree(f"far.{container}", moved, output)

    def check_modes_agree(self, clip, moved, output):
        told = {}
        for mode in qt.MODES:
            job = self.job(f"{mode}.{output}", video={**FAST, "segment": 1})
            run = self.quadrant("run", job, clip, "-m", mode, "--overwrite", "--progress", "plain", timeout=60)
            with self.subTest(clip=clip, moved=moved, output=output, mode=mode):
                self.assertIn(run.returncode, (0, 1, 75), run.stderr)  # 75: MP4 and Matroska cannot hold all such times, as reading them back shows
                made = qt.content(self.path(f"{mode}.{output}")) if run.returncode == 0 else None
                told[mode] = run.returncode, made
                self.assertTrue(told[mode] == told["sequential"], run.stderr)


if __name__ == "__main__":
    qt.main()
