#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ledger: what the container cannot hold is converted where everybody expects it, what only the whole input shows is told at the
end, and the plan says of every stream and property whether it is kept, converted or lost."""
import json
import os

import quadrant_testing as qt
from carried_test import CAPTIONS, with_message

X264 = {"codec": "libx264", "preset": "ultrafast"}
FFV1 = {"codec": "ffv1", "segment": 0.5}
SRT = "1\n00:00:00,200 --> 00:00:00,800\n<b>first</b>\n\n2\n00:00:00,500 --> 00:00:01,200\nsecond\n\n3\n00:00:01,400 --> 00:00:01,900\nthird\n"
STYLED = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Sign,Times,40,&H0000FF00,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,2,8,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.80,Sign,,0,0,0,,{\\pos(10,10)}first
"""


class Ledger(qt.Case):
    def film(self, name="in.mkv", subtitles=SRT, sound="flac", text="srt"):
        with open(self.path("s." + ("ass" if subtitles is STYLED else "srt")), "w") as f:
            f.write(subtitles)
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=2", "-f", "lavfi", "-i", "sine=r=48000:d=2", "-i", "s.ass" if subtitles is STYLED else "s.srt", "-map", "0", "-map", "1",
                    "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-pix_fmt", "yuv420p", "-c:a", sound, "-c:s", text, "-metadata:s:s", "language=ger", name)
        return name

    def codecs(self, path):
        return [s["codec_name"] for s in qt.ffprobe(self.path(path))["streams"]]

    def shown(self, path):
        """The subtitles as SubRip, without numbers."""
        return [cue.split("\n", 1)[1].strip() for cue in self.ffmpeg("-i", path, "-map", "0:s", "-f", "srt", "-").decode().replace("\r", "").strip().split("\n\n")]

    def run_modes(self, job, source, path):
        """Runs the job in all modes, which give the same bytes; returns what was told of the losses."""
        made, told = set(), set()
        for mode in qt.MODES:
            run = self.run_job(job, source, "-m", mode, "-c", "2", "--overwrite")
            os.rename(self.path(path), self.path(path + "." + mode))
            made.add(qt.content(self.path(path + "." + mode)))
            told.add("\n".join(line for line in run.stderr.splitlines() if line.startswith("lost:")))
        self.assertEqual((len(made), len(told)), (1, 1), told)
        os.rename(self.path(path + ".sequential"), self.path(path))
        return told.pop()

    def plan(self, job, source, start="", code=0):
        plan = self.quadrant("explain", job, source)
        self.assertEqual(plan.returncode, code, plan.stderr)
        return "\n".join(line for line in plan.stdout.splitlines() if line.startswith(start))

    # --- sound

    def test_sound_is_encoded_where_it_must_be(self):
        for sound, container, video, codec in (("opus", "avi", {"codec": "mpeg4"}, "mp3"), ("vorbis", "mov", X264, "aac"), ("aac", "webm", {"codec": "libvpx-vp9", "deadline": "realtime"}, "opus"),
                                               ("aac", "mkv", X264, "aac")):
            with self.subTest(sound=sound, container=container):
                source = self.film(f"{sound}.mkv", sound={"vorbis": "libvorbis", "opus": "libopus"}.get(sound, sound))
                path = f"out-{sound}.{container}"
                job = self.job(path, video=video, audio="auto", subtitles="none")
                plan, same = self.plan(job, source), sound == codec
                self.assertIn("1 audio: " + (f"{sound} as it is" if same else f"from {sound} to {codec}, as {container} cannot hold {sound} audio").replace("mkv", "matroska"), plan)
                run = self.run_job(job, source, "--strict")
                self.assertEqual("converted: " in run.stderr, not same)
                self.assertEqual(self.codecs(path)[1], codec)
                raw = self.ffmpeg("-i", path, "-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "48000", "-")
                self.assertAlmostEqual(len(raw) / 96000, 2, delta=0.1)

    def test_copied_sound_names_the_way_out(self):
        source = self.film(sound="libvorbis")
        self.assertIn("mov cannot hold vorbis audio; `audio: auto` encodes it", self.plan(self.job("out.mov", video=X264), source, "lost"))
        # What no encoder helps for has none.
        self.assertNotIn("auto", self.plan(self.job("out.gif", video={"codec": "gif"}, audio="auto"), source, "lost   #1"))
        self.assertIn("gif cannot hold", self.plan(self.job("out.gif", video={"codec": "gif"}, audio="auto"), source, "lost   #1"))

    def test_the_same_sound_in_every_mode(self):
        source = self.film(sound="libvorbis")
        self.assertEqual(self.run_modes(self.job("out.mov", video={**X264, "segment": 0.5}, audio="auto"), source, "out.mov"), "")

    # --- subtitles

    def test_text_subtitles_are_converted(self):
        source = self.film(sound="libopus")
        whole = ["00:00:00,200 --> 00:00:00,800\n<b>first</b>", "00:00:00,500 --> 00:00:01,200\nsecond", "00:00:01,400 --> 00:00:01,900\nthird"]
        # MP4 shows one at a time, so two that overlap are shown as one.
        parted = ["00:00:00,200 --> 00:00:00,500\n<b>first</b>", "00:00:00,500 --> 00:00:00,800\n<b>first</b>\nsecond", "00:00:00,800 --> 00:00:01,200\nsecond",
                  "00:00:01,400 --> 00:00:01,900\nthird"]
        for container, video, codec, cues in (("mp4", X264, "mov_text", parted), ("mov", X264, "mov_text", parted), ("webm", {"codec": "libvpx-vp9", "deadline": "realtime"}, "webvtt", whole)):
            with self.subTest(container=container):
                path = "out." + container
                job = self.job(path, video=video, audio="none")
                self.assertIn(f"became #2 subtitle: from subrip to {codec}, as {container} cannot hold subrip subtitle", self.plan(job, source))
                self.assertIn(f"converted: {source}: #2 subtitle: from subrip to {codec}", self.run_job(job, source, "--strict").stderr)
                self.assertEqual(self.codecs(path)[1], codec)
                offset = min(float(p["pts_time"]) for p in qt.packets(self.path(source)))
                self.assertAlmostEqual(offset, 0, delta=0.01)
                self.assertEqual([self.rounded(cue) for cue in self.shown(path)], cues)
                self.assertIn(qt.stream(self.path(path), "subtitle")["tags"]["language"], ("ger", "deu"))
        # And back into Matroska, which does not hold MP4's.
        self.run_job(self.job("back.mkv", video=X264), "out.mp4", "--strict")
        self.assertEqual(self.codecs("back.mkv")[1], "ass")
        self.assertEqual([cue.split("\n", 1)[1] for cue in self.shown("back.mkv")], [cue.split("\n", 1)[1] for cue in parted])

    @staticmethod
    def rounded(cue):
        """The sound's start may move all by some milliseconds; the test's times are tenths of a second."""
        times, text = cue.split("\n", 1)
        def tenths(time):
            hours, minutes, seconds = time.replace(",", ".").split(":")
            return f"00:00:0{round(float(seconds), 1):.1f}00".replace(".", ",")
        return " --> ".join(tenths(t) for t in times.split(" --> ")) + "\n" + text

    def test_the_same_subtitles_in_every_mode(self):
        source = self.film()
        for path in ("out.mp4", "out.mov"):
            self.assertEqual(self.run_modes(self.job(path, video={**X264, "segment": 0.5}, audio="none"), source, path), "")
            self.assertEqual(len(self.shown(path)), 4)

    def test_styling_is_lost(self):
        source = self.film(subtitles=STYLED, text="ass")
        job = self.job("out.mp4", video=X264, audio="none")
        self.assertIn("#2 subtitle ass (ger): styling: mov_text holds", self.plan(job, source, "lost"))
        self.run_job(job, source, "--strict", code=1)
        self.run_job(job, source)
        self.assertIn("first", self.shown("out.mp4")[0])
        # ASS without styles of its own loses nothing, and what a single subtitle loses is found in the end.
        source = self.film(text="ass")
        self.run_job(job, source, "--strict", "--overwrite")
        source = self.film(subtitles=SRT.replace("second", "{\\an8}second"))
        self.assertEqual(self.plan(job, source, "lost"), "")
        self.assertIn("styling that mov_text does not hold (1 subtitle)", self.run_job(job, source, "--overwrite").stderr)
        self.run_job(job, source, "--strict", "--overwrite", code=1)

    def test_copied_or_left_out_as_the_job_says(self):
        source = self.film()
        copied = self.job("out.mp4", video=X264, subtitles="copy")
        self.assertIn("mp4 cannot hold subrip subtitle; `subtitles: auto` converts it", self.plan(copied, source, "lost"))
        self.run_job(self.job("out.mp4", video=X264, audio="none", subtitles="none"), source, "--strict")
        self.assertNotIn("mov_text", self.codecs("out.mp4"))
        # AVI has no kind of text.
        self.assertIn("avi cannot hold subrip subtitle", self.plan(self.job("out.avi", video={"codec": "mpeg4"}, audio="none"), source, "lost"))

    # --- pixel formats

    def test_filters_go_back_to_the_pixel_format(self):
        self.clip("in.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", length=1)
        curves = {"ffmpeg": "curves=preset=lighter"}
        for stages, output, pixels in (([curves], {}, "yuv420p"), ([curves, {"sharpen": {"amount": 0.5}}], {}, "yuv420p"), ([{"ffmpeg": "curves=preset=lighter,format=yuv444p"}], {}, "yuv444p"),
                                       ([curves], {"pixel_format": "yuv444p"}, "yuv444p"), ([{"ffmpeg": "format=yuv422p"}], {}, "yuv422p"), ([{"ffmpeg": "colorbalance=rs=.1"}, curves], {}, "yuv420p")):
            with self.subTest(stages=stages, output=output):
                job = self.job("out.mp4", video={**X264, **output}, stages=stages)
                plan = self.plan(job, "in.mp4")
                self.assertEqual("back to yuv420p" in plan, pixels == "yuv420p", plan)
                self.assertEqual(plan.count(" back to yuv420p; "), int(pixels == "yuv420p"))
                self.run_job(job, "in.mp4", "--overwrite", "--strict")
                self.assertEqual(qt.stream(self.path("out.mp4"), "video")["pix_fmt"], pixels)
        # The encoder takes no yuv420p: once is enough.
        self.assertNotIn("back to", self.plan(self.job("%03d.png", stages=[curves], video={"codec": "png"}), "in.mp4"))

    def test_the_way_back_has_no_other_colours(self):
        """With the matrix that the filters took, told or not."""
        for tags in ((), ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")):
            self.ffmpeg("-f", "lavfi", "-i", "color=0x2060c0:s=1280x720:d=0.2", "-c:v", "ffv1", "-pix_fmt", "yuv420p", *tags, "in.mkv")
            self.run_job(self.job("out.mkv", video=FFV1, stages=[{"ffmpeg": "curves=all='0/0 1/1'"}]), "in.mkv", "--overwrite")
            before, after = (self.ffmpeg("-i", name, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-") for name in ("in.mkv", "out.mkv"))
            self.assertLess(max(abs(before[at] - after[at]) for at in (0, 1280 * 720, 1280 * 900)), 3)
            told = qt.frames(self.path("out.mkv"), entries="color_space")[0]
            self.assertEqual(told.get("color_space", "unknown"), "bt709" if tags else "unknown")

    def test_pictures_become_films(self):
        for name, pixels in (("%d.png", "rgb24"), ("%d.jpg", "yuvj444p"), ("%d.bmp", "bgr24")):
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.2", "-pix_fmt", pixels, name)
            job = self.job("out.mp4", video=X264)
            self.assertIn(f"pictures of {pixels} become yuv420p", self.plan(job, name, "note"))
            self.run_job(job, name, "--overwrite", "--strict")
            stream = qt.stream(self.path("out.mp4"), "video")
            self.assertEqual(stream["pix_fmt"], "yuv420p")
            for stages, output in (([{"ffmpeg": "format=yuv444p"}], {}), ([], {"pixel_format": "yuv444p"})):
                self.run_job(self.job("out.mp4", video={**X264, **output}, stages=stages), name, "--overwrite")
                self.assertIn(qt.stream(self.path("out.mp4"), "video")["pix_fmt"], ("yuv444p", "yuvj444p"))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=63x47:d=0.2", "odd%d.png")  # x264 takes odd sizes of 4:4:4 only
        self.run_job(self.job("odd.mp4", video=X264), "odd%d.png", "--strict")
        self.run_job(self.job("out.mkv", video=FFV1), "%d.png")
        self.assertNotIn("420", qt.stream(self.path("out.mkv"), "video")["pix_fmt"])  # lossless

    # --- what only the whole input shows

    def test_times_that_are_equal(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mjpeg", "-bsf:v", "setts=pts='if(eq(mod(N,5),1),PREV_OUTPTS,PTS)':dts='if(eq(mod(N,5),1),PREV_OUTDTS,DTS)'", "in.mkv")
        times = qt.times(self.path("in.mkv"))
        equal = len(times) - len(set(times))
        self.assertGreater(equal, 2)
        told = self.run_modes(self.job("out.mkv", video=FFV1), "in.mkv", "out.mkv")
        self.assertIn(f"times: {equal} frames had that of the frame before", told)
        self.run_job(self.job("out.mkv", video=FFV1), "in.mkv", "--strict", "--overwrite", code=1)

    def test_times_that_are_missing(self):
        source = os.path.join(qt.CLIPS, "lp_missing-sei-and-pes.ts")
        if not os.path.exists(source):
            self.skipTest("no real clips")
        self.assertIn("times: 2 frames had none; they are computed from the rate", self.run_modes(self.job("out.mkv", video=FFV1), source, "out.mkv"))

    def test_a_raw_stream_has_no_times(self):
        self.clip("in.h264", "-c:v", "libx264", length=0.4)
        job = self.job("out.mkv", video=X264)
        self.assertIn("h264 has no times: they are computed from the rate, 25 fps", self.plan(job, "in.h264", "note"))
        self.run_job(job, "in.h264", "--strict")

    def test_captions_that_begin_later(self):
        self.clip("a.h264", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "12", "-x264-params", "slices=1", "-pix_fmt", "yuv420p", length=1)
        pictures = [0]

        def second_half(first):
            if first & 31 not in (1, 5):
                return False
            pictures[0] += 1
            return pictures[0] > 13
        with open(self.path("b.h264"), "wb") as f:
            f.write(with_message(qt.content(self.path("a.h264")), b"\x06", second_half, CAPTIONS))
        self.ffmpeg("-i", "b.h264", "-c", "copy", "in.mp4")
        job = self.job("out.mkv", video=FFV1)
        self.assertEqual(self.plan(job, "in.mp4", "lost"), "")
        told = self.run_modes(job, "in.mp4", "out.mkv")
        self.assertIn("#0 video: closed captions (A/53): ffv1 in matroska cannot hold it; first at 0.52 s", told)
        self.run_job(job, "in.mp4", "--strict", "--overwrite", code=1)
        self.assertEqual(self.run_modes(self.job("out.mkv", video={**X264, "segment": 0.5}), "in.mp4", "out.mkv"), "")

    def test_a_second_video(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4", "-f", "lavfi", "-i", "testsrc=s=32x32:d=0.4", "-map", "0", "-map", "1", "-c:v", "libx264", "in.mkv")
        job = self.job("out.mkv", video=X264, stages=[{"blur": {"sigma": 2}}])
        plan = self.plan(job, "in.mkv")
        self.assertIn("32x32", plan)
        self.assertIn(": copied, not processed", plan)
        self.assertIn("kept: in.mkv: #1 video: h264 as it is, not processed", self.run_job(job, "in.mkv", "--strict").stderr)

    # --- the table

    def test_every_stream_and_property(self):
        source = self.film()
        self.ffmpeg("-i", source, "-map", "0", "-c", "copy", "-metadata", "title=A film", *[a for i in range(20) for a in ("-metadata", f"tag{i}={i}")], "-metadata:s:a", "language=fra",
                    "-disposition:s", "forced", "rich.mkv")
        job = self.job("out.mkv", video=X264)
        plan = self.plan(job, "rich.mkv")
        for line in ("became #0 video: from h264 to yuv420p 64x48 25 fps, encoded by libx264", "kept   #1 audio: flac as it is; language fra", "kept   #2 subtitle: subrip as it is; language ger, role forced"):
            self.assertIn(line, plan)
        file = next(line for line in plan.splitlines() if line.startswith("kept   file: tags "))
        self.assertIn(" and ", file)
        self.assertLess(len(file), 150)
        self.run_job(job, "rich.mkv", "--report", "r.json")
        with open(self.path("r.json")) as f:
            ledger = json.load(f)["inputs"][0]["plan"]["ledger"]
        self.assertEqual([(line["state"], line["subject"]) for line in ledger], [("converted", "#0 video"), ("kept", "#1 audio"), ("kept", "#2 subtitle"), ("kept", "file")])
        lost = self.plan(self.job("out.avi", video={"codec": "mpeg4"}, audio="none"), "rich.mkv")
        self.assertIn("lost   #2 subtitle subrip (ger): avi cannot hold subrip subtitle", lost)
        self.assertNotIn("became #2", lost)


if __name__ == "__main__":
    qt.main()
