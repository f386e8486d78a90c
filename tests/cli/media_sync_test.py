#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Video and audio stay in sync, whatever the source's clocks look like.

The clip flashes white and clicks at the same instants, twelve frames into each second. ffprobe shows when each flash
and each click is in a file; a run may not shift them relative to each other by more than one audio frame.
"""
import quadrant_testing as qt

AUDIO_FRAME = 1024 / 44100 + 1e-3  # the longest frame of the codecs below, and the containers' millisecond
RATE = 25
FLASH = "drawbox=enable='between(mod(n,25),12,13)':color=white:t=fill"
PICTURE = f"color=black:s=96x64:r={RATE}:d=4,format=yuv420p,{FLASH}"
SOUND = "aevalsrc='if(between(mod(t,1),0.48,0.5),sin(2*PI*1000*t),0)':s=48000:d=4"

OUTPUTS = {  # container: video, audio (None: copied)
    "mp4": ("libx264", None),
    "mkv": ("libx264", None),
    "mov": ("libx264", None),
    "ts": ("libx264", None),
    "webm": ("libvpx-vp9", "libopus"),
}
SOME = {name: OUTPUTS[name] for name in ("mp4", "webm")}
OPTIONS = {"libx264": {"preset": "ultrafast"}, "libvpx-vp9": {"deadline": "realtime", "cpu-used": 8}, "libvpx": {"deadline": "realtime", "cpu-used": 8}}


def flashes(path, frames):
    raw = qt.ffmpeg("-i", path, "-map", "0:v:0", "-vf", "scale=1:1:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    moments = [float(f["pts_time"]) for f in frames]
    assert len(raw) == len(moments), (len(raw), len(moments))
    return [moments[i] for i in range(1, len(raw)) if raw[i] > 128 and raw[i - 1] <= 128]


def clicks(path, rate, frames):
    raw = qt.ffmpeg("-i", path, "-map", "0:a:0", "-ac", "1", "-f", "u8", "-")
    position, found, quiet = 0, [], rate // 4  # silence that separates two clicks
    last = -quiet
    for frame in frames:
        count = int(frame["nb_samples"])
        for i, sample in enumerate(raw[position:position + count]):
            if abs(sample - 128) > 60:
                if position + i - last > quiet:
                    found.append(float(frame["pts_time"]) + i / rate)
                last = position + i
        position += count
    return found


def offsets(path):
    """How much later each click is than its flash."""
    told = qt.ffprobe(path, "-show_streams", "-show_frames", "-show_entries", "frame=media_type,pts_time,nb_samples:stream=codec_type,sample_rate")
    rate = next(int(s["sample_rate"]) for s in told["streams"] if s["codec_type"] == "audio")
    sound = clicks(path, rate, [f for f in told["frames"] if f["media_type"] == "audio"])
    result = []
    for flash in flashes(path, [f for f in told["frames"] if f["media_type"] == "video"]):
        nearest = min(sound, key=lambda click: abs(click - flash), default=None)
        if nearest is not None and abs(nearest - flash) < 0.5:
            result.append(nearest - flash)
    return result


class Sync(qt.Case):
    def source(self, name, *arguments, before=(), picture=PICTURE, sound=SOUND):
        self.ffmpeg(*before, "-f", "lavfi", "-i", picture, *before, "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-c:a", "aac", *arguments, name)
        return self.path(name)

    def check(self, source, least=3, outputs=OUTPUTS):
        reference = offsets(source)
        self.assertGreaterEqual(len(reference), least)
        expected = sum(reference) / len(reference)
        for container, (video, audio) in outputs.items():
            with self.subTest(container=container):
                codec = {"codec": video, **OPTIONS[video]}
                job = self.job("out/{stem}." + container, video=codec, audio={"codec": audio} if audio else "copy")
                self.run_job(job, source, "--overwrite")
                got = offsets(self.path("out", qt.os.path.splitext(qt.os.path.basename(source))[0] + "." + container))
                self.assertGreaterEqual(len(got), least)
                for offset in got:
                    self.assertAlmostEqual(offset, expected, delta=AUDIO_FRAME)

    def test_b_frames(self):
        self.check(self.source("bframes.mp4", "-bf", "3"))

    def test_matroska(self):
        self.check(self.source("plain.mkv", "-bf", "2"), outputs=SOME)

    def test_transport_stream_starts_late(self):
        source = self.source("late.ts")
        self.assertGreater(float(qt.ffprobe(source)["format"]["start_time"]), 1.3)
        self.check(source)

    def test_audio_starts_later(self):
        sound = "aevalsrc='if(between(mod(t,1),0.48,0.5),sin(2*PI*1000*t),0)':s=48000:d=4,atrim=start=0.7"
        self.check(self.source("late_audio.mp4", "-copyts", "-avoid_negative_ts", "disabled", sound=sound), outputs=SOME)

    def test_video_starts_later(self):
        self.check(self.source("late_video.mkv", "-copyts", picture=PICTURE + ",trim=start=1.2"), least=2, outputs=SOME)

    def test_cut_in_the_middle_leaves_an_edit_list(self):
        self.source("whole.mp4", "-bf", "3")
        self.ffmpeg("-ss", "0.5", "-i", "whole.mp4", "-c", "copy", "cut.mp4")
        self.check(self.path("cut.mp4"), outputs=SOME)

    def test_audio_shorter_and_longer(self):
        for name, length in (("short.mp4", 2), ("long.mp4", 6)):
            source = self.source(name, sound=SOUND.replace("d=4", f"d={length}"))
            self.check(source, least=2, outputs={"mp4": ("libx264", None), "mkv": ("libx264", "aac")})
            for container in ("mp4", "mkv"):
                out = self.path("out", name.replace("mp4", container))
                self.assertEqual(len(qt.times(out)), 100)
                # By its packets, as newer demuxers of Matroska cut each one's duration to a millisecond.
                self.assertAlmostEqual(len(qt.packets(out, "a:0")) * 1024 / 48000, length, delta=0.06)

    def test_audio_encoded_anew(self):
        source = self.source("anew.mp4", "-bf", "2")
        for container, codec in (("mp4", "aac"), ("mp4", "libmp3lame"), ("mkv", "libopus"), ("mkv", "flac"), ("webm", "libvorbis"), ("mkv", "pcm_s16le"), ("ts", "mp2")):
            with self.subTest(codec=codec):
                video = "libvpx" if container == "webm" else "libx264"
                self.check(source, outputs={container: (video, codec)})
                out = self.path("out", "anew." + container)
                length = sum(int(f["nb_samples"]) for f in qt.frames(out, "a:0", "nb_samples")) / int(qt.stream(out, "audio")["sample_rate"])
                self.assertAlmostEqual(length, 4, delta=0.06)


if __name__ == "__main__":
    qt.main()
