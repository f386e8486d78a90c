#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Jobs that change when frames are shown: fps, every, fade, reverse and speed, in every mode and in segments."""
import json

import quadrant_testing as qt
from media_sync_test import AUDIO_FRAME, PICTURE, SOUND, clicks, flashes

MODES = ("sequential", "concurrent", "tiles", "frames", "segments")
WINDOW = 1 / 24  # seconds: what atempo moves at once
VIDEO = {"codec": "libx264", "preset": "ultrafast"}
BURST = "if(lt(N,50),N*47+mod(N*37,20),if(lt(N,150),2350+(N-50)*11,3450+(N-150)*47+mod(N*37,20)))"


class Timing(qt.Case):
    """What both parts use."""

    def long(self, name="long.mkv", rate=25):
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}:d=6", "-f", "lavfi", "-i", "sine=d=6", "-c:a", "flac", "-c:v", "libx264", "-g", str(rate), name)
        return name

    def variable(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "200", "-c:v", "libx264", "-bf", "0", "-g", "25", "steady.mkv")
        self.ffmpeg("-i", "steady.mkv", "-c", "copy", "-bsf:v", f"setts=ts='{BURST}'", "vfr.mkv")
        return "vfr.mkv"

    def spec(self, name, stages, segment=1, video=None, output=None, **more):
        video = (video or VIDEO) | {"segment": segment}
        with open(self.path(name), "w", encoding="utf-8") as f:
            json.dump({"version": 1, "output": {"path": "out.mkv", "video": video, **(output or {})}, "stages": stages, **more}, f)
        return name

    def hashes(self):
        return [line.split(b",") for line in qt.content(self.path("hashes")).splitlines() if not line.startswith(b"#")]

    def in_all_modes(self, source, stages, segment=1, **more):
        """The frames before the encoder: the same in every mode and uncut; the files are equal in every mode."""
        job, files, hashes = self.spec("job.yaml", stages, segment, **more), set(), []
        for mode in MODES[:-1] if segment == "none" else MODES:
            self.run_job(job, source, "--mode", mode, "-o", f"{mode}.mkv", "--overwrite", "--frame-hashes", "hashes")
            files.add(qt.content(self.path(f"{mode}.mkv")))
            hashes.append(self.hashes())
        self.assertEqual(len(files), 1, stages)
        self.run_job(self.spec("uncut.yaml", stages, "none", **more), source, "-m", "sequential", "-o", "uncut.mkv", "--overwrite", "--frame-hashes", "hashes")
        for each in hashes:
            self.assertEqual(each, self.hashes(), stages)
        return hashes[0]


class Times(Timing):
    def test_fps_is_that_of_ffmpeg(self):
        for source in (self.long(), self.long("fast.mkv", 60), self.variable()):
            for rate in ("25", "30", "24000/1001", "7.5", "1", "0.4"):
                with self.subTest(source=source, rate=rate):
                    told = qt.ffmpeg("-i", self.path(source), "-map", "0:v", "-vf", f"fps={rate}", "-fps_mode", "passthrough", "-f", "framemd5", "-").decode()
                    wanted = [line.split(",") for line in told.splitlines() if not line.startswith("#")]
                    found = self.in_all_modes(source, [{"fps": rate}], segment=1 if rate[0] in "23" else 2 if rate == "7.5" else "none")
                    self.assertEqual([(int(f[2]), int(f[3]), f[5].strip().decode()) for f in found], [(int(w[2]), int(w[3]), w[5].strip()) for w in wanted])

    def test_it_is_cut_into_segments(self):
        plan = self.quadrant("explain", self.spec("job.yaml", [{"fps": 30}]), self.long()).stdout
        self.assertIn("into 6 segments of video", plan)

    def test_stages_that_look_around_see_the_same_frames_in_segments(self):
        source = self.variable()
        for stages in ([{"fps": 25}, {"temporal_denoise": {"past": 3, "future": 3}}], [{"fps": 15}, {"deflicker": 3}],
                       [{"temporal_denoise": {}}, {"fps": 60}, {"fps": "24000/1001"}, {"deflicker": 4}], [{"every": {"seconds": 0.08}}, {"fade": {"in": 2, "out": 2}}]):
            with self.subTest(stages=stages):
                self.in_all_modes(source, stages, segment=2, video={"codec": "libx264", "preset": "medium"})

    def test_a_slow_rate_that_begins_at_its_nearest_place_has_lost_nothing(self):
        self.ffmpeg("-itsoffset", "0.3", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=5.7", "-f", "lavfi", "-i", "sine=d=6", "-c:v", "libx264", "-c:a", "flac", "late.mkv")
        done = self.run_job(self.spec("job.yaml", [{"fps": 1}], "none"), "late.mkv", "--strict")
        self.assertNotIn("picture is", done.stderr)
        self.assertEqual(qt.times(self.path("out.mkv")), [0, 1, 2, 3, 4, 5])

    def test_every_keeps_times_and_length(self):
        source = self.long()
        by_number = self.in_all_modes(source, [{"every": {"frames": 10}}], segment="none")
        self.assertEqual([int(f[2]) for f in by_number], [i * 400 for i in range(15)])
        self.assertAlmostEqual(float(qt.ffprobe(self.path("uncut.mkv"))["format"]["duration"]), 6, delta=0.1)
        by_time = self.in_all_modes(source, [{"every": {"seconds": 0.1}}], segment=2.4)
        self.assertEqual([int(f[2]) for f in by_time], [i * 100 + i % 2 * 20 for i in range(60)])
        self.assertEqual([int(f[3]) for f in by_time], [120, 80] * 30)

    def test_every_by_number_says_why_it_is_not_cut(self):
        refused = self.run_job(self.spec("job.yaml", [{"every": {"frames": 10}}]), self.long(), code=2)
        self.assertIn("every remembers all frames before", refused.stderr)

    def test_a_stage_that_looks_around_after_every_is_not_cut(self):
        refused = self.run_job(self.spec("job.yaml", [{"every": {"seconds": 0.04}}, {"deflicker": 3}]), self.long(), code=2)
        self.assertIn("every gives frames at times that vary", refused.stderr)

    def test_segments_have_more_frames_than_encoders_reorder(self):
        refused = self.run_job(self.spec("job.yaml", [{"fps": 2}], 3), self.long(), code=2)
        self.assertIn("take auto, none, or at least 6", refused.stderr)
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=60", "-c:v", "libx264", "-g", "25", "minute.mp4")
        for stages, segments in (([{"fps": 1}], True), ([{"every": {"seconds": 0.5}}], True), ([{"fps": 0.1}], False), ([{"fps": 25}], True)):
            for codec in ("libx264", "libx265") if qt.has_encoder("libx265") else ("libx264",):
                found = self.in_all_modes("minute.mp4", stages, segment="auto" if segments else "none", video={"codec": codec, "preset": "medium" if codec == "libx264" else "ultrafast"})
                self.assertGreater(len(found), 5)
                plan = self.quadrant("explain", "job.yaml", "minute.mp4").stdout
                self.assertEqual("segments of video" in plan, segments, plan)

    def test_fade_wants_to_know_the_end(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "libx264", "-f", "h264", "raw.264")
        refused = self.run_job(self.job(stages=[{"fade": {"out": 1}}]), "raw.264", code=1)
        self.assertRegex(refused.stderr, r"job\.yaml:\d+:\d+: fade: the input does not say how long it is")
        self.run_job(self.job(stages=[{"fade": {"out": 0.5, "out_start": 0.5}}]), "raw.264")

    def test_reverse(self):
        source = self.long()
        found = self.in_all_modes(source, ["reverse"], segment="none")
        told = qt.ffmpeg("-i", self.path(source), "-map", "0:v", "-f", "framemd5", "-").decode()
        self.assertEqual([f[5].strip().decode() for f in reversed(found)], [line.split(",")[5].strip() for line in told.splitlines() if not line.startswith("#")])

    def test_reverse_of_what_does_not_fit_is_refused_with_the_figure(self):
        self.ffmpeg("-f", "lavfi", "-i", "color=s=1920x1080:r=25:d=20", "-c:v", "libx264", "-preset", "ultrafast", "large.mp4")
        refused = self.run_job(self.job(stages=["reverse"]), "large.mp4", "--memory", "600M", code=1)
        self.assertRegex(refused.stderr, r"reverse keeps all 500 frames of the input, \d+ MiB")


class Speed(Timing):
    def flashing(self, name="flash.mkv", *options):
        self.ffmpeg("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND, "-c:v", "libx264", "-g", "25", "-c:a", "flac", *options, name)
        return name

    def moments(self, path):
        told = qt.ffprobe(self.path(path), "-show_streams", "-show_frames", "-show_entries", "frame=media_type,pts_time,nb_samples:stream=codec_type,sample_rate")
        frames = {kind: [f for f in told["frames"] if f["media_type"] == kind] for kind in ("video", "audio")}
        rate = next(int(s["sample_rate"]) for s in told["streams"] if s["codec_type"] == "audio")
        return flashes(self.path(path), frames["video"]), clicks(self.path(path), rate, frames["audio"])

    def test_picture_and_sound_stay_together(self):
        source = self.flashing()
        for speed in (0.5, 1.25, 2, 3):
            with self.subTest(speed=speed):
                self.in_all_modes(source, [], output={"audio": {"codec": "flac"}}, speed=speed)
                seen, heard = self.moments("uncut.mkv")
                self.assertEqual(len(seen), 4)
                for i, moment in enumerate(seen):
                    self.assertAlmostEqual(moment, (i + 0.48) / speed, delta=0.0011)
                    self.assertLess(min(abs(click - moment) for click in heard), AUDIO_FRAME + WINDOW)

    def test_a_joined_input_at_another_speed(self):
        self.clip("a.mkv", "-c:v", "libx264", "-preset", "ultrafast", length=1)
        self.clip("b.mkv", "-c:v", "libx264", "-preset", "ultrafast", length=2)
        self.run_job(self.spec("job.yaml", [], "none", output={"path": "joined.mkv", "audio": "none"}, speed=2), "{concat: [a.mkv, b.mkv]}", "-o", "joined.mkv")
        times = qt.times(self.path("joined.mkv"))
        self.assertEqual(len(times), 75)
        self.assertAlmostEqual(times[-1], 74 / 50, delta=0.0011)

    def test_all_frames_are_kept_and_fps_drops_them(self):
        source = self.long()
        self.assertEqual(len(self.in_all_modes(source, [], output={"audio": "none"}, speed=4)), 150)
        self.assertEqual(qt.stream(self.path("uncut.mkv"), "video")["avg_frame_rate"], "100/1")
        self.assertEqual(len(self.in_all_modes(source, [{"fps": 25}], output={"audio": "none"}, speed=4)), 38)

    def test_a_coarse_clock_rounds_nothing(self):
        """Times of a file whose clock counts frames cannot be divided."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mjpeg", "in.avi")
        self.run_job(self.spec("job.yaml", [], "none", video={"codec": "ffv1"}, speed=3), "in.avi", "--frame-hashes", "hashes")
        self.assertEqual([int(f[2]) for f in self.hashes()], list(range(25)))
        self.assertIn(b"#tb 0: 1/75", qt.content(self.path("hashes")))

    def test_parts_are_taken_on_the_inputs_clock(self):
        source = self.flashing()
        spec = self.spec("job.yaml", [], 1, output={"audio": {"codec": "flac"}}, speed=2)
        for mode in ("sequential", "segments"):
            self.run_job(spec, "{path: flash.mkv, start: 1, end: 3}", "--mode", mode, "-o", f"{mode}.mkv")
        self.assertEqual(qt.content(self.path("sequential.mkv")), qt.content(self.path("segments.mkv")))
        seen, heard = self.moments("segments.mkv")
        self.assertEqual([round(moment, 2) for moment in seen], [0.24, 0.74])
        self.assertEqual(len(heard), 2)
        self.assertAlmostEqual(float(qt.ffprobe(self.path("segments.mkv"))["format"]["duration"]), 1, delta=0.05)

    def test_sound_with_a_gap_stays_in_sync(self):
        self.flashing()
        self.ffmpeg("-i", "flash.mkv", "-c:v", "copy", "-af", "aselect='not(between(t,1.6,2.3))'", "-c:a", "flac", "gap.mkv")
        self.run_job(self.spec("job.yaml", [], "none", output={"audio": {"codec": "flac"}}, speed=2), "gap.mkv")
        seen, heard = self.moments("out.mkv")
        for moment in (seen[0], seen[-1]):
            self.assertLess(min(abs(click - moment) for click in heard), AUDIO_FRAME + WINDOW)

    def test_subtitles_and_chapters_move(self):
        with open(self.path("words.srt"), "w", encoding="utf-8") as f:
            f.write("1\n00:00:01,000 --> 00:00:02,000\nhello\n\n2\n00:00:03,000 --> 00:00:03,500\nbye\n")
        with open(self.path("chapters"), "w", encoding="utf-8") as f:
            f.write(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=a\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=b\n")
        self.flashing("plain.mkv")
        self.ffmpeg("-i", "plain.mkv", "-i", "words.srt", "-i", "chapters", "-map", "0", "-map", "1", "-map_chapters", "2", "-c", "copy", "-c:s", "srt", "words.mkv")
        for container in ("mkv", "mp4"):
            out = f"out.{container}"
            self.run_job(self.spec("job.yaml", [], "none", output={"path": out, "audio": {"codec": "aac"}}, speed=2), "words.mkv", "-o", out)
            shown = [(round(float(p["pts_time"]), 2), round(float(p["duration_time"]), 2)) for p in qt.packets(self.path(out), "s:0") if float(p["duration_time"]) < 0.51]
            for begin, length in ((0.5, 0.5), (1.5, 0.25)):  # within a frame of sound, by which Matroska's files begin later
                self.assertTrue(any(abs(b - begin) < AUDIO_FRAME and abs(n - length) < 0.011 for b, n in shown), shown)
            chapters = qt.ffprobe(self.path(out), "-show_chapters")["chapters"]
            self.assertEqual([round(float(c["end_time"]), 2) for c in chapters], [1, 2])

    def test_copied_sound_is_refused_and_sound_nobody_spoke_of_is_encoded(self):
        source = self.flashing()
        refused = self.run_job(self.spec("job.yaml", [], output={"audio": "copy"}, speed=2), source, code=2)
        self.assertIn("output.audio: copied sound cannot play at another speed", refused.stderr)
        plan = self.quadrant("explain", self.spec("job.yaml", [], speed=2), source).stdout
        self.assertIn("it plays at 2 times its speed", plan)
        self.assertIn("50 frames per second", plan)

    def test_another_speed_makes_the_output_anew(self):
        source = self.long()
        self.run_job(self.spec("job.yaml", [], output={"audio": "none"}, speed=2), source)
        self.assertIn("up to date", self.run_job("job.yaml", source).stderr)
        self.assertIn("speed", self.run_job(self.spec("job.yaml", [], output={"audio": "none"}, speed=3), source).stderr)
        self.assertAlmostEqual(float(qt.ffprobe(self.path("out.mkv"))["format"]["duration"]), 2, delta=0.05)

    def test_processes_play_it_as_fast(self):
        source = self.long()
        self.run_job(self.spec("job.yaml", [], output={"audio": "auto"}, speed=2), source, "-o", "threads.mkv")
        self.run_job("job.yaml", source, "-o", "processes.mkv", "--isolate", "process", "--mode", "segments")
        self.assertEqual(qt.content(self.path("threads.mkv")), qt.content(self.path("processes.mkv")))


if __name__ == "__main__":
    qt.main()
