#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inputs as maps: a part of an input, exact to the frame and the sample, and some of its streams."""
import json
import os
import subprocess

import quadrant_testing as qt

MODES = ("sequential", "concurrent", "tiles", "frames", "segments")
FAST = {"codec": "libx264", "preset": "ultrafast"}
# How a container finds a position differs: by an index of all packets, of keyframes, by bisection, not at all.
CODINGS = {"open.mp4": ("libx264", "-bf", "3", "-g", "20", "-x264-params", "open-gop=1:b-adapt=0"), "closed.mkv": ("libx264", "-bf", "2", "-g", "33"),
           "late.ts": ("libx264", "-bf", "2", "-g", "25", "-output_ts_offset", "100"), "parts.avi": ("mpeg4", "-bf", "2", "-g", "12"), "hevc.mp4": ("libx265", "-g", "30", "-x265-params", "log-level=none"),
           "one.webm": ("libvpx", "-g", "999", "-deadline", "realtime"), "fragments.mp4": ("libx264", "-g", "10", "-movflags", "frag_keyframe"), "intra.mov": ("mjpeg",)}


def flow(**entries):
    """A map as JSON, which is YAML."""
    return json.dumps(entries)


class Parts(qt.Case):
    def film(self, name, *options, seconds=6, sound=("-f", "lavfi", "-i", "sine=440:r=48000")):
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}", *sound, "-t", str(seconds), "-c:v", *options, name)
        return name

    def test_pictures_are_exact(self):
        for name, options in CODINGS.items():
            sound = () if name.endswith("webm") else ("-f", "lavfi", "-i", "sine=440:r=48000")
            self.film(name, *options, sound=sound)
            whole = self.hashed_pictures(self.job("out.mkv", video={"codec": "ffv1"}, audio="none"), name)
            for start, end in ((0, 2.5), (0.5, 1), (2, 4), (3.3, None), (4.999, 5.5)):
                with self.subTest(name=name, start=start, end=end):
                    wanted = [(time - start, md5) for time, md5 in whole if time >= start - 0.0006 and (end is None or time < end - 0.0006)]
                    entries = {"path": name, "start": start} | ({"end": end} if end else {})
                    got = self.hashed_pictures(self.job("out.mkv", video={"codec": "ffv1"}, audio="none"), flow(**entries))
                    self.assertEqual([md5 for _, md5 in got], [md5 for _, md5 in wanted])
                    tick = 0.0201 if name.endswith("avi") else 0.0011  # half of AVI's
                    self.assertLess(max(abs(a - b) for (a, _), (b, _) in zip(got, wanted)), tick)

    def test_every_mode_and_segments_give_the_same_bytes(self):
        for name in ("open.mp4", "closed.mkv", "late.ts"):
            self.film(name, *CODINGS[name], seconds=9)
            video = FAST | {"segment": 1}
            part = {"path": name, "start": 1.7, "end": 8.1}
            contents = set()
            for mode in MODES:
                with self.subTest(name=name, mode=mode):
                    job = self.job(f"{mode}.mkv", video=video, audio={"codec": "aac"}, stages=[{"temporal_denoise": {}}])
                    run = self.run_job(job, flow(**part), "-m", mode, "-c", "2", "--overwrite")
                    self.assertNotIn("damaged", run.stderr)
                    contents.add(qt.content(self.path(f"{mode}.mkv")))
            self.assertEqual(len(contents), 1, name)
            plan = self.quadrant("explain", self.job("out.mkv", video=video), flow(**part))
            self.assertIn("segments", plan.stdout)
            self.assertEqual(len(qt.times(self.path("frames.mkv"))), 160)
            self.run_job(self.job("isolated.mkv", video=video, audio={"codec": "aac"}, stages=[{"temporal_denoise": {}}]), flow(**part), "--isolate", "process", "--overwrite")
            self.assertEqual(qt.content(self.path("isolated.mkv")), contents.pop())

    def samples(self, name, *options):
        return subprocess.run(["ffmpeg", "-v", "error", "-i", self.path(name), *options, "-map", "0:a:0", "-f", "s16le", "-"], capture_output=True, check=True).stdout

    def test_encoded_sound_is_exact_to_the_sample(self):
        noise = ("-f", "lavfi", "-i", "anoisesrc=r=48000:seed=1")
        for name, codec in (("pcm.mkv", "pcm_s16le"), ("flac.mkv", "flac"), ("pcm.mov", "pcm_s16le")):
            self.film(name, "libx264", "-preset", "ultrafast", "-c:a", codec, sound=noise)
            whole = self.samples(name)
            for start, end in ((0.5, 2), (1.2345, 3.2101), (0, 1)):
                with self.subTest(name=name, start=start):
                    self.run_job(self.job("out.mkv", video=FAST, audio={"codec": "pcm_s16le"}), flow(path=name, start=start, end=end), "--overwrite")
                    first, last = round(start * 48000), round(end * 48000)
                    got = self.samples("out.mkv")
                    self.assertEqual(len(got), 2 * (last - first))
                    apart = 24 if name.endswith("mkv") else 0  # Matroska's clock ticks every 48 samples
                    at = whole.find(got) // 2
                    self.assertLessEqual(abs(at - first), apart)
                    begins = float(qt.packets(self.path("out.mkv"), "a:0")[0]["pts_time"])
                    self.assertLess(abs(begins), 0.001)

    def test_copied_sound_is_cut_to_its_packet_and_stays_in_sync(self):
        self.film("in.mp4", "libx264", "-preset", "ultrafast", "-c:a", "aac")
        def told(name):
            out = subprocess.run(["ffprobe", "-v", "error", "-show_packets", "-show_data_hash", "md5", "-select_streams", "a:0", "-of", "json", self.path(name)], capture_output=True, text=True, check=True)
            return [(float(p["pts_time"]), p["data_hash"]) for p in json.loads(out.stdout)["packets"]]
        whole = told("in.mp4")
        self.run_job(self.job("out.mkv", video=FAST), flow(path="in.mp4", start=2.02, end=4), "--strict")
        wanted = [(time - 2.02, data) for time, data in whole if 2.02 <= time < 4]
        got = told("out.mkv")
        self.assertEqual([data for _, data in got], [data for _, data in wanted])
        self.assertLess(max(abs(a - b) for (a, _), (b, _) in zip(got, wanted)), 0.0016)
        self.assertLess(wanted[0][0], 0.022)

    def test_subtitles_and_chapters_are_moved_and_cut(self):
        with open(self.path("chapters.txt"), "w") as f:
            f.write(";FFMETADATA1\n" + "".join(f"[CHAPTER]\nTIMEBASE=1/1\nSTART={a}\nEND={b}\ntitle={t}\n" for a, b, t in ((0, 2, "one"), (2, 4, "two"), (4, 6, "three"))))
        with open(self.path("text.srt"), "w") as f:
            f.write("".join(f"{i}\n00:00:0{a},000 --> 00:00:0{b},000\n{t}\n\n" for i, (a, b, t) in enumerate(((0, 1, "gone"), (1, 3, "cut at its start"), (3, 4, "whole"), (4, 6, "cut at its end")))))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=6", "-i", "text.srt", "-i", "chapters.txt", "-map", "0", "-map", "1", "-map_chapters", "2", "-c:v", "libx264", "-c:s", "srt", "in.mkv")
        self.run_job(self.job("out.mkv", video=FAST), flow(path="in.mkv", start=2.5, end=5))
        text = self.quadrant_output("out.mkv")
        self.assertIn("00:00:00,000 --> 00:00:00,500\ncut at its start", text)
        self.assertIn("00:00:00,500 --> 00:00:01,500\nwhole", text)
        self.assertIn("00:00:01,500 --> 00:00:02,500\ncut at its end", text)
        self.assertNotIn("gone", text)
        chapters = qt.ffprobe(self.path("out.mkv"), "-show_chapters")["chapters"]
        self.assertEqual([(float(c["start_time"]), float(c["end_time"]), c["tags"]["title"]) for c in chapters], [(0, 1.5, "two"), (1.5, 2.5, "three")])
        plan = self.quadrant("explain", self.job("out.mkv", video=FAST), flow(path="in.mkv", start=5))
        self.assertIn("1 chapter", plan.stdout)

    def quadrant_output(self, name):
        return subprocess.run(["ffmpeg", "-v", "error", "-i", self.path(name), "-map", "0:s:0", "-f", "srt", "-"], capture_output=True, text=True, check=True).stdout

    def test_a_pipe_and_a_sequence_have_parts_too(self):
        self.film("in.mkv", *CODINGS["closed.mkv"])
        wanted = self.hashed_pictures(self.job("out.mkv", video={"codec": "ffv1"}, audio="none"), flow(path="in.mkv", start=2, end=3))
        with open(self.path("in.mkv"), "rb") as f:
            run = self.quadrant("run", self.job("piped.mkv", video={"codec": "ffv1"}, audio="none"), flow(path="-", start=2, end=3), stdin=f)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([md5 for _, md5 in self.hashed_pictures(self.job("again.mkv", video={"codec": "ffv1"}), "piped.mkv")], [md5 for _, md5 in wanted])
        os.mkdir(self.path("pictures"))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "pictures/%03d.png")
        got = self.hashed_pictures(self.job("out.mkv", video={"codec": "ffv1"}), flow(path="pictures/%03d.png", start=0.4, end=0.8))
        self.assertEqual(len(got), 10)
        self.assertLess(abs(got[0][0]), 0.001)

    def test_a_part_belongs_to_what_the_output_is_made_of(self):
        self.film("in.mp4", *CODINGS["closed.mkv"])
        job = self.job("out.mkv", video=FAST)
        part = flow(path="in.mp4", start=1, end=2)
        self.run_job(job, part)
        self.assertIn("1 up to date", self.run_job(job, part).stderr)
        again = self.run_job(job, flow(path="in.mp4", start=1, end=3))
        self.assertIn("1 done", again.stderr)
        self.assertEqual(len(qt.times(self.path("out.mkv"))), 50)

    def test_parts_in_a_job_and_on_the_command_line(self):
        self.film("in.mp4", *CODINGS["closed.mkv"])
        with open(self.path("job.yaml"), "w") as f:
            f.write('version: 1\ninput:\n  - {path: "in.mp4", end: "0:01"}\n  - {path: "in.m?4", start: "0:05.5"}\n  - in.mp4\n'
                    "output: {path: '{stem}-{index}.mkv', video: {codec: libx264, preset: ultrafast}}\n")
        self.run_job("job.yaml")
        self.assertEqual([len(qt.times(self.path(f"in-{i}.mkv"))) for i in (1, 2, 3)], [25, 12, 150])
        self.run_job("job.yaml", "--set", "input.2.start=3", "--set", "input.0.end=2")
        self.assertEqual([len(qt.times(self.path(f"in-{i}.mkv"))) for i in (1, 2, 3)], [50, 12, 75])
        self.run_job("job.yaml", "{path: in.mp4, start: 1, end: 1.5}", "-o", "short.mkv")
        self.assertEqual(len(qt.times(self.path("short.mkv"))), 13)

    def test_a_planned_job_keeps_its_parts(self):
        self.film("in.mp4", *CODINGS["closed.mkv"])
        with open(self.path("job.yaml"), "w") as f:
            f.write("version: 1\ninput: [{path: in.mp4, start: 1, end: 5}, {path: in.mp4, end: 1}]\noutput: {path: '{index}.mkv', video: {codec: libx264, preset: ultrafast, segment: 1}}\n")
        self.run_job("job.yaml")
        wanted = [qt.content(self.path(f"{i}.mkv")) for i in (1, 2)]
        for i in (1, 2):
            os.remove(self.path(f"{i}.mkv"))
        for command in (["plan", "job.yaml", "-o", "RUN"], ["run", "RUN", "--shard", "1/2"], ["run", "RUN", "--shard", "2/2"], ["merge", "RUN"]):
            run = self.quadrant(*command)
            self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([qt.content(self.path(f"{i}.mkv")) for i in (1, 2)], wanted)

    def test_verify_and_bench_take_parts(self):
        self.film("in.mp4", *CODINGS["open.mp4"], seconds=4)
        part = flow(path="in.mp4", start=1, end=2)
        job = self.job("out.mkv", video=FAST, stages=["blur"])
        for command in (["verify", job, part], ["bench", job, part, "--runs", "2"]):
            run = self.quadrant(*command)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_refusals(self):
        self.film("in.mp4", *CODINGS["closed.mkv"])
        job = self.job("out.mkv", video=FAST)
        for entries, told, code in (({"start": 6}, "in.mp4: start is 6 s, and it ends at 6.0", 1), ({"start": 2, "end": 1}, "end must be after start, 2 s, not 1", 2),
                                    ({"video": 1}, "in.mp4: has no video stream #1; it has #0 video", 1), ({"audio": "fre"}, "in.mp4: has no audio stream fre; it has #1 audio", 1),
                                    ({"start": -1}, "start must be between 0 and", 2), ({"start": "1:70"}, "start must be seconds or a time such as 1:30.5", 2),
                                    ({"beginning": 1}, "unknown key 'beginning'", 2), ({"subtitles": "eng"}, "has no subtitle stream eng; it has none", 1)):
            with self.subTest(**entries):
                run = self.quadrant("run", job, flow(path="in.mp4", **entries))
                self.assertEqual(run.returncode, code, run.stderr)
                self.assertIn(told, run.stderr)
                self.assertFalse(os.path.exists(self.path("out.mkv")))
        run = self.quadrant("run", job, "{start: 1}")
        self.assertEqual(run.returncode, 2)
        self.assertIn("path must be given", run.stderr)


class Streams(qt.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=300:d=1", "-f", "lavfi", "-i", "sine=500:d=1",
                    "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=jpn", "-c:v", "libx264", "-c:a", "aac", "in.mkv")

    def languages(self, **entries):
        self.run_job(self.job("out.mkv", video=FAST), flow(path="in.mkv", **entries), "--overwrite", "--strict")
        streams = qt.ffprobe(self.path("out.mkv"), "-show_streams")["streams"]
        return [s.get("tags", {}).get("language") for s in streams if s["codec_type"] == "audio"], [(s["width"], s["codec_name"]) for s in streams if s["codec_type"] == "video"]

    def test_by_number_and_language(self):
        for audio, wanted in ((["jpn"], ["jpn"]), (["eng", "jpn"], ["eng", "jpn"]), ([2], ["eng"]), ("JPN", ["jpn"]), ("none", [])):
            with self.subTest(audio=audio):
                self.assertEqual(self.languages(audio=audio)[0], wanted)

    def test_another_video_stream_is_processed(self):
        self.run_job(self.job("out.mkv", video={"codec": "ffv1"}, stages=[{"scale": {"width": 32}}]), flow(path="in.mkv", video=1), "--overwrite")
        widths = {(s["codec_name"], s["width"]) for s in qt.ffprobe(self.path("out.mkv"), "-show_streams")["streams"] if s["codec_type"] == "video"}
        self.assertIn(("ffv1", 32), widths)

    def test_what_is_not_taken_is_no_loss_and_is_told(self):
        plan = self.quadrant("explain", self.job("out.mkv", video=FAST), flow(path="in.mkv", audio="jpn"))
        self.assertIn("input takes other streams", plan.stdout)


if __name__ == "__main__":
    qt.main()
