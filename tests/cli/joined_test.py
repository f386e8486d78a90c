#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inputs that are joined: against FFmpeg's concat filter, with parts that differ, with sound, subtitles and chapters, in every mode."""
import json
import os
import re
import subprocess

import quadrant_testing as qt

MODES = ("sequential", "concurrent", "tiles", "frames", "segments")
FAST = {"codec": "libx264", "preset": "ultrafast"}
LOSSLESS = {"codec": "ffv1"}


def join(*parts, **entries):
    return json.dumps({"concat": list(parts), **entries})


class Joined(qt.Case):
    def film(self, name, *options, picture="testsrc2=s=64x48:r=25", seconds=2, sound="anoisesrc=r=48000:seed=1:a=0.3", sound_seconds=None):
        inputs = ["-f", "lavfi", "-i", f"{picture}:d={seconds}"]
        if sound:
            inputs += ["-f", "lavfi", "-i", f"{sound}:d={sound_seconds or seconds}"]
        self.ffmpeg(*inputs, *(options or ("-c:v", "libx264", "-g", "20", "-bf", "2", "-c:a", "pcm_s16le")), name)
        return name

    def theirs(self, *parts):
        """The same of FFmpeg's concat filter, and its sound. A part is a name with the options before -i."""
        inputs = [word for name, *options in parts for word in (*options, "-i", name)]
        labels = "".join(f"[{i}:v][{i}:a]" for i in range(len(parts)))
        graph = f"{labels}concat=n={len(parts)}:v=1:a=1[v][a]"
        out = self.ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", "-fps_mode" if qt_has_fps_mode() else "-vsync", "passthrough", "-enc_time_base", "1/1000000", "-f", "framemd5", "-", "-map", "[a]", "-c:a", "pcm_s16le", "-f", "s16le", "sound.raw").decode()
        rows = [line.split(",") for line in out.splitlines() if line and not line.startswith("#")]
        base = next(line.split()[2] for line in out.splitlines() if line.startswith("#tb"))
        tick = int(base.split("/")[0]) / int(base.split("/")[1])
        return [(int(row[2]) * tick, row[5].strip()) for row in rows], qt.content(self.path("sound.raw"))

    def samples(self, name, *options):
        return subprocess.run(["ffmpeg", "-v", "error", "-i", self.path(name), *options, "-map", "0:a:0", "-f", "s16le", "-"], capture_output=True, check=True).stdout

    def test_pictures_and_sound_are_those_of_the_concat_filter(self):
        coded = ("-c:v", "libx264", "-g", "20", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le")
        for a, b in (("a.mov", "b.mov"), ("a.mkv", "b.mkv"), ("a.mov", "b.mkv")):
            for lengths in ((2, 2), (2.1, 1.5), (1.3, 2)):
                with self.subTest(a=a, b=b, sound=lengths):
                    self.film(a, *coded, sound_seconds=lengths[0])
                    self.film(b, *coded, picture="testsrc=s=64x48:r=25", sound="anoisesrc=r=48000:seed=2:a=0.3", sound_seconds=lengths[1])
                    wanted, sound = self.theirs((a,), (b,))
                    got = self.hashed_pictures(self.job("out.mkv", video=LOSSLESS, audio={"codec": "pcm_s16le"}), join(a, b))
                    self.assertEqual([md5 for _, md5 in got], [md5 for _, md5 in wanted])
                    self.assertLess(max(abs(x - y) for (x, _), (y, _) in zip(got, wanted)), 0.0016)
                    mine = self.samples("out.mkv")
                    self.assertLess(abs(len(mine) - len(sound)), 2 * 49)  # a tick of Matroska
                    loud = sound[-2 * 24000:-2 * 12000]
                    at = mine.find(loud)
                    self.assertGreater(at, 0)
                    self.assertLess(abs(at - (len(sound) - 2 * 24000)), 2 * 49)

    def differing(self):
        self.film("a.mp4", "-c:v", "libx264", "-g", "15", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac", seconds=3, sound="sine=440:r=44100", sound_seconds=3.1)
        self.film("b.mkv", "-c:v", "libx264", "-g", "12", "-bf", "2", "-pix_fmt", "yuv422p10le", "-c:a", "flac", picture="testsrc=s=64x36:r=30", sound="sine=880:r=48000")
        self.film("c.mp4", "-c:v", "mpeg4", "-g", "12", "-vf", "setsar=2", picture="testsrc=s=32x48:r=25", sound=None)
        self.film("d.ts", "-c:v", "mpeg2video", "-g", "9", "-c:a", "mp2", "-ac", "2", "-output_ts_offset", "50", seconds=1)
        return join("a.mp4", {"path": "b.mkv", "start": 0.5, "end": 1.5}, "c.mp4", "d.ts")

    def test_parts_that_differ_in_every_mode(self):
        joined = self.differing()
        contents = set()
        job = self.job("{stem}.mkv", video=FAST | {"segment": 0.7}, audio={"codec": "flac"}, stages=[{"temporal_denoise": {}}])
        plan = self.quadrant("explain", job, joined)
        for told in ("segments", "b.mkv: yuv422p10le 64x36", "b.mkv: 30 fps, the first part 25: its pictures keep their times", "c.mp4: has no sound #1: silence", "becomes yuv420p 64x48"):
            self.assertIn(told, plan.stdout)
        for mode in MODES:
            run = self.run_job(job, joined, "-m", mode, "-c", "2", "-o", f"{mode}.mkv")
            self.assertNotIn("damaged", run.stderr)
            self.assertNotIn("times:", run.stderr)
            contents.add(qt.content(self.path(f"{mode}.mkv")))
        self.run_job(job, joined, "--isolate", "process", "-o", "isolated.mkv")
        contents.add(qt.content(self.path("isolated.mkv")))
        self.assertEqual(len(contents), 1)
        self.assertEqual(len(qt.times(self.path("tiles.mkv"))), 75 + 30 + 50 + 25)
        self.assertEqual(self.quadrant("verify", job, joined).returncode, 0)

    def test_cut_or_not_the_pictures_are_the_same(self):
        joined = self.differing()
        found = []
        for segment in ("none", 0.7):
            got = self.hashed_pictures(self.job("out.mkv", video=FAST | {"segment": segment}, audio="none"), joined, "-m", "segments")
            found.append(got)
        self.assertEqual(len(found[0]), len(found[1]))
        self.assertEqual([md5 for _, md5 in found[0]], [md5 for _, md5 in found[1]])

    def test_sound_stays_in_sync_at_every_join(self):
        """A click at the first picture of each part, whatever the coding of its sound."""
        click = "aevalsrc='if(lt(t,0.01),0.9,0)':s={}"
        self.film("a.mp4", "-c:v", "libx264", "-c:a", "aac", sound=click.format(44100), seconds=2)
        self.film("b.mkv", "-c:v", "libx264", "-c:a", "libmp3lame", sound=click.format(48000), seconds=1.48)
        self.film("c.mov", "-c:v", "mjpeg", "-c:a", "pcm_s16le", sound=click.format(32000), seconds=1)
        self.run_job(self.job("out.mkv", video=LOSSLESS, audio={"codec": "pcm_s16le"}), join("a.mp4", "b.mkv", "c.mov"))
        raw = self.samples("out.mkv", "-ac", "1", "-ar", "48000")
        loud = [i for i in range(0, len(raw) // 2, 24) if abs(int.from_bytes(raw[2 * i:2 * i + 2], "little", signed=True)) > 9000]
        clicks = [i / 48000 for n, i in enumerate(loud) if n == 0 or i - loud[n - 1] > 9600]
        times = qt.times(self.path("out.mkv"))
        begins = [times[0], times[50], times[50 + 37]]
        self.assertEqual(len(clicks), 3, clicks)
        for heard, seen in zip(clicks, begins):
            self.assertLess(abs(heard - seen), 0.03)

    def test_copied_sound_wants_parts_that_are_alike(self):
        coded = ("-c:v", "libx264", "-c:a", "aac")
        self.film("a.mp4", *coded, sound="sine=440:r=48000")
        self.film("b.mp4", *coded, sound="sine=880:r=48000")
        self.film("c.mp4", *coded, sound="sine=880:r=44100")
        self.film("d.mp4", "-c:v", "libx264", sound=None)
        job = self.job("{index}.mkv", video=FAST)
        self.run_job(job, join("a.mp4", "b.mp4", "a.mp4"), "--strict", "-o", "alike.mkv")
        times = [float(p["pts_time"]) for p in qt.packets(self.path("alike.mkv"), "a:0")]
        steps = [b - a for a, b in zip(times, times[1:])]
        self.assertGreater(min(steps), 0)
        self.assertLess(max(steps), 0.045)
        self.assertIsNotNone(qt.stream(self.path("alike.mkv"), "audio"))
        for other, told in (("c.mp4", "c.mp4 has other sound: aac 44100 Hz 1 channel"), ("d.mp4", "d.mp4 has no such sound")):
            run = self.run_job(job, join("a.mp4", other), "-o", f"lost-{other}.mkv")
            self.assertRegex(run.stderr, rf"lost: a\.mp4: #1 audio .*{re.escape(told)}; `audio: auto` encodes it")
            self.run_job(job, join("a.mp4", other), "--strict", "-o", "no.mkv", code=1)
            run = self.run_job(self.job("made.mkv", video=FAST, audio="auto", name="auto.yaml"), join("a.mp4", other), "--overwrite")
            self.assertIn(f"as {told}", run.stderr)

    def test_a_part_without_sound_is_silent_wherever_it_is(self):
        self.film("loud.mkv")
        self.film("mute.mkv", "-c:v", "libx264", sound=None)
        for parts, quiet in ((("loud.mkv", "mute.mkv", "loud.mkv"), [1]), (("mute.mkv", "loud.mkv"), [0]), (("loud.mkv", "mute.mkv"), [1])):
            with self.subTest(parts=parts):
                self.run_job(self.job("out.mkv", video=FAST, audio={"codec": "pcm_s16le"}), join(*parts), "--overwrite")
                raw = self.samples("out.mkv")
                self.assertLess(abs(len(raw) // 2 - 96000 * len(parts)), 49)
                for i in range(len(parts)):
                    inside = raw[2 * (96000 * i + 200):2 * (96000 * (i + 1) - 200)]
                    self.assertEqual(not any(inside), i in quiet, i)

    def test_subtitles_and_chapters_move_along(self):
        for name, title, text in (("a.mkv", "one", "first"), ("b.mkv", "two", "second")):
            with open(self.path("chapters.txt"), "w") as f:
                f.write(f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=5\nEND=20\ntitle={title}\n")
            with open(self.path("text.srt"), "w") as f:
                f.write(f"1\n00:00:00,500 --> 00:00:09,000\n{text}\n")
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-i", "text.srt", "-i", "chapters.txt", "-map", "0", "-map", "1", "-map_chapters", "2", "-c:v", "libx264", "-c:s", "srt", name)
        self.run_job(self.job("out.mkv", video=FAST), join("a.mkv", {"path": "b.mkv", "start": 0.2}), "--strict")
        text = subprocess.run(["ffmpeg", "-v", "error", "-i", self.path("out.mkv"), "-map", "0:s:0", "-f", "srt", "-"], capture_output=True, text=True).stdout
        self.assertIn("00:00:00,500 --> 00:00:02,000\nfirst", text)
        self.assertIn("00:00:02,300 --> 00:00:03,800\nsecond", text)
        chapters = qt.ffprobe(self.path("out.mkv"), "-show_chapters")["chapters"]
        self.assertEqual([(float(c["start_time"]), float(c["end_time"]), c["tags"]["title"]) for c in chapters], [(0.5, 2, "one"), (2.3, 3.8, "two")])

    def test_parts_of_a_joined_input(self):
        self.film("a.mp4", "-c:v", "libx264", "-g", "10", "-bf", "2", "-c:a", "aac")
        self.film("b.mp4", "-c:v", "libx264", "-g", "10", "-bf", "2", "-c:a", "aac", picture="testsrc=s=64x48:r=25")
        job = self.job("out.mkv", video=LOSSLESS, audio="none")
        whole = self.hashed_pictures(job, join("a.mp4", {"path": "b.mp4", "start": 0.52}))
        border = whole[50][0]
        for start, end in ((0.5, 1), (1.5, 3), (border, border + 0.5), (border + 0.3, 3), (0, border)):
            got = self.hashed_pictures(job, join("a.mp4", {"path": "b.mp4", "start": 0.52}, start=round(start, 6), end=round(end, 6)))
            wanted = [md5 for time, md5 in whole if start - 0.0001 <= time < end - 0.0001]
            self.assertEqual([md5 for _, md5 in got], wanted, (start, end))
            self.assertLess(got[0][0], 0.0401)

    def test_open_groups_and_parts_are_exact(self):
        self.film("a.mp4", "-c:v", "libx264", "-bf", "3", "-g", "20", "-x264-params", "open-gop=1:b-adapt=0", sound=None)
        self.film("b.avi", "-c:v", "mpeg4", "-bf", "2", "-g", "12", picture="testsrc=s=64x48:r=25", sound=None)
        job = self.job("out.mkv", video=LOSSLESS, audio="none")
        alone = [[md5 for _, md5 in self.hashed_pictures(job, json.dumps(part))] for part in ({"path": "a.mp4", "start": 0.6, "end": 1.48}, {"path": "b.avi", "start": 1, "end": 1.8})]
        got = self.hashed_pictures(job, join({"path": "a.mp4", "start": 0.6, "end": 1.48}, {"path": "b.avi", "start": 1, "end": 1.8}, {"path": "a.mp4", "start": 0.6, "end": 1.48}))
        self.assertEqual([md5 for _, md5 in got], alone[0] + alone[1] + alone[0])
        times = [time for time, _ in got]
        self.assertTrue(all(abs(b - a - 0.04) < 0.002 for a, b in zip(times, times[1:])), times)

    def test_other_orientations_become_the_first_ones(self):
        self.clip("flat.mp4", "-c:v", "libx264", size="64x48")
        self.turn("flat.mp4", "turned.mp4", 90)
        for first, second in (("flat.mp4", "turned.mp4"), ("turned.mp4", "flat.mp4")):
            run = self.run_job(self.job("out.mkv", video=LOSSLESS), join(first, second), "--overwrite")
            self.assertIn("25 frames", run.stderr)
            self.assertIn("turned", re.search(r"lost: .*video changes.*", run.stderr)[0])

    def test_a_missing_or_broken_part_is_named(self):
        self.film("a.mp4", "-c:v", "libx264", "-c:a", "aac")
        with open(self.path("broken.mp4"), "wb") as f:
            f.write(b"no film" * 100)
        self.ffmpeg("-f", "lavfi", "-i", "sine=d=1", "sound.wav")
        for part, told in (("gone.mp4", "failed: a.mp4: gone.mp4: cannot be read: No such file"), ("broken.mp4", "failed: a.mp4: broken.mp4: cannot be read"), ("sound.wav", "failed: a.mp4: sound.wav: has no video stream"),
                           ("-", "failed: a.mp4: -: is a pipe"), ({"path": "a.mp4", "start": 7}, "failed: a.mp4: start is 7 s")):
            self.assertIn(told, self.run_job(self.job("out.mkv", video=FAST), join("a.mp4", part), code=1).stderr)
            self.assertEqual(self.files("."), sorted(["a.mp4", "broken.mp4", "job.yaml", "sound.wav"]))

    def test_damage_in_a_part(self):
        self.film("a.mkv", "-c:v", "libx264", "-g", "10", sound=None)
        self.film("b.mkv", "-c:v", "libx264", "-g", "10", sound=None, seconds=4)
        content = bytearray(qt.content(self.path("b.mkv")))
        content[len(content) // 2:len(content) // 2 + 400] = bytes(400)
        with open(self.path("b.mkv"), "wb") as f:
            f.write(content)
        contents = set()
        for mode in MODES:
            run = self.run_job(self.job(f"{mode}.mkv", video=FAST | {"segment": 1}), join("a.mkv", "b.mkv"), "-m", mode)
            self.assertIn("damaged: a.mkv: ", run.stderr)
            contents.add(qt.content(self.path(f"{mode}.mkv")))
        self.assertEqual(len(contents), 1)
        self.run_job(self.job("no.mkv", video=FAST), join("a.mkv", "b.mkv"), "--set", "run.on_damage=fail", code=1)

    def test_every_part_belongs_to_what_the_output_is_made_of(self):
        for name in ("a.mkv", "b.mkv"):
            self.film(name, sound=None)
        job = self.job("out.mkv", video=FAST)
        self.run_job(job, join("a.mkv", "b.mkv"))
        self.assertIn("1 up to date", self.run_job(job, join("a.mkv", "b.mkv")).stderr)
        self.assertIn("1 done", self.run_job(job, join("b.mkv", "a.mkv"), "--overwrite").stderr)
        self.film("b.mkv", sound=None, seconds=1)
        self.assertIn("reprocessed", self.run_job(job, join("b.mkv", "a.mkv")).stderr)
        before = qt.content(self.path("b.mkv"))
        refused = self.run_job(self.job("b.mkv", video=FAST), join("a.mkv", "b.mkv"), "--overwrite", code=1)
        self.assertIn("b.mkv", refused.stderr)
        self.assertEqual(qt.content(self.path("b.mkv")), before)

    def test_in_jobs_globs_sets_and_shards(self):
        for n in (1, 2, 10):
            self.film(f"GOPR{n}.mp4", "-c:v", "libx264", "-g", "20", "-c:a", "aac", picture=f"testsrc2=s=64x48:r=25:rate=25", seconds=1 + n / 10)
        with open(self.path("job.yaml"), "w") as f:
            f.write("version: 1\ninput:\n  - {concat: ['GOPR*.mp4']}\n  - {concat: [GOPR10.mp4, GOPR1.mp4]}\noutput: {path: 'out/{stem}-{index}.mkv', video: {codec: libx264, preset: ultrafast, segment: 1}}\n")
        self.run_job("job.yaml")
        self.assertEqual(self.files("out"), ["GOPR1-1.mkv", "GOPR10-2.mkv"])
        self.assertEqual(len(qt.times(self.path("out/GOPR1-1.mkv"))), round(25 * 1.1 + 0.4) + 30 + 50)
        self.run_job("job.yaml", "--set", "input.1.concat.0.end=0.4", "-o", "set-{index}.mkv")
        self.assertEqual(len(qt.times(self.path("set-2.mkv"))), 10 + 28)
        wanted = [qt.content(self.path("out", name)) for name in self.files("out")]
        for name in self.files("out"):
            os.remove(self.path("out", name))
        for command in (["plan", "job.yaml", "-o", "RUN"], ["run", "RUN", "--shard", "1/2"], ["run", "RUN", "--shard", "2/2"], ["merge", "RUN"]):
            self.assertEqual(self.quadrant(*command).returncode, 0)
        self.assertEqual([qt.content(self.path("out", name)) for name in self.files("out")], wanted)

    def test_pictures_and_films(self):
        self.film("a.mp4", "-c:v", "libx264", sound=None)
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "50", "p%d.jpg")
        run = self.run_job(self.job("out.mkv", video=FAST), join({"sequence": "p*.jpg", "rate": 25}, "a.mp4", "p1.jpg"))
        self.assertIn("101 frames", run.stderr)
        self.assertEqual([round(t, 2) for t in qt.times(self.path("out.mkv"))], [round(n / 25, 2) for n in range(101)])

    def test_what_is_not_joined_is_told(self):
        self.film("a.mkv", sound=None)
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "testsrc=s=32x32:r=25:d=1", "-map", "0", "-map", "1", "two.mkv")
        self.assertIn("lost   two.mkv: #1 video", self.quadrant("explain", self.job("out.mkv", video=FAST), join("a.mkv", "two.mkv")).stdout)


def qt_has_fps_mode():
    return "fps_mode" in subprocess.run(["ffmpeg", "-v", "error", "-h", "full"], capture_output=True, text=True).stdout


if __name__ == "__main__":
    qt.main()
