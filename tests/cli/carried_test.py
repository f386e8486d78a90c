#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What pictures carry besides samples (ICC profiles, captions, HDR10+, timecodes, colour tags, fields) is in the output or called lost."""
import os
import zlib

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
PROFILE = 128 * b"\x01" + b"made for a test"


class Bits:
    def __init__(self):
        self.text = ""

    def put(self, *fields):
        """(value, bits) of each field"""
        for value, bits in fields:
            self.text += format(value, f"0{bits}b")
        return self

    def bytes(self):
        text = self.text + "0" * (-len(self.text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


def message(kind, payload):
    """An SEI message that needs no emulation prevention."""
    assert b"\0\0" not in payload, payload
    return bytes([kind, len(payload)]) + payload + b"\x80"


# ANSI/CTA-708, one pair of characters of field 1; ATSC A/53 part 4.
CAPTIONS = message(4, b"\xb5\x00\x31GA94\x03\x41\xff\xfc\x94\x2c\xff")
# SMPTE ST 2094-40, one window.
HDR10_PLUS = message(4, b"\xb5\x00\x3c\x00\x01\x04\x01" + Bits().put((1, 2), (0x3fffff1, 27), (0, 1), *[(0x1ff31, 17)] * 4, (1, 4), (101, 7), (0x1ff31, 17), (513, 10), (0, 1), (0, 1), (0, 1)).bytes())
# ITU-T H.265, D.2.27: 1:02:03, frame 4.
TIMECODE = message(136, Bits().put((1, 2), (1, 1), (0, 1), (1, 5), (1, 1), (0, 1), (0, 1), (4, 9), (3, 6), (2, 6), (1, 5), (0, 5)).bytes())


def with_message(stream, header, slices, sei):
    """An Annex B stream with `sei` before each picture; `slices`: is this byte the first of a slice's NAL unit?"""
    made = b""
    for unit in stream.split(b"\0\0\1")[1:]:
        if slices(unit[0]):
            made += b"\0\0\0\1" + header + sei
        made += b"\0\0\1" + unit
    return made


class Carried(qt.Case):
    def lost(self, source, path="out/{stem}.mkv", video=X264):
        """What `explain` calls lost; the output is made, and refused with --strict if anything is."""
        job = self.job(path, video=video)
        plan = self.quadrant("explain", job, source)
        self.assertEqual(plan.returncode, 0, plan.stderr)
        lost = "\n".join(line for line in plan.stdout.splitlines() if line.startswith("lost "))
        self.run_job(job, source, "--strict", "--overwrite", code=1 if lost else 0)
        self.run_job(job, source, "--overwrite")
        return lost

    def has(self, path, name):
        shown = qt.ffprobe(self.path(path), "-show_streams", "-show_frames", "-read_intervals", "%+#1", "-select_streams", "v:0")
        return name.lower() in str(shown).lower()

    def h264(self, sei):
        self.clip("plain.h264", "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "slices=1", "-pix_fmt", "yuv420p", length=0.4)
        return self.put("in.h264", with_message(qt.content(self.path("plain.h264")), b"\x06", lambda first: first & 31 in (1, 5), sei))

    def hevc(self, sei):
        self.clip("plain.h265", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le", length=0.4)
        return self.put("in.h265", with_message(qt.content(self.path("plain.h265")), b"\x4e\x01", lambda first: first >> 1 & 63 < 32, sei))

    def put(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return name

    def test_captions(self):
        source = self.h264(CAPTIONS)
        self.assertTrue(self.has(source, "Closed Captions"))
        for path, video, kept in (("a.mkv", X264, True), ("a.mp4", X264, True), ("a.ts", {"codec": "mpeg2video"}, True), ("b.mkv", {"codec": "ffv1"}, False),
                                  ("b.mp4", {"codec": "mpeg4"}, False), ("b.webm", {"codec": "libvpx-vp9", "deadline": "realtime"}, False)):
            with self.subTest(path=path, video=video):
                self.assertEqual("closed captions (A/53)" in self.lost(source, path, video), not kept)
                self.assertEqual(self.has(path, "Closed Captions"), kept)
        self.assertIn("closed captions", self.lost(source, "c.mkv", {**X264, "a53cc": 0}))

    def test_hdr10_plus_and_timecodes(self):
        if not qt.has_encoder("libx265"):
            self.skipTest("this FFmpeg has no libx265")
        for sei, shown, words in ((HDR10_PLUS, "2094-40", "HDR10+ (SMPTE 2094-40)"), (TIMECODE, "SMPTE 12-1", "timecodes (SMPTE 12-1)")):
            source = self.hevc(sei)
            self.assertTrue(self.has(source, shown), shown)
            for path, codec in (("a.mkv", "libx264"), ("a.mp4", "libx265"), ("b.mkv", "ffv1"), ("a.ts", "libx265")):
                with self.subTest(shown=shown, path=path, codec=codec):
                    self.assertEqual(words in self.lost(source, path, {"codec": codec}), not self.has(path, shown))

    def png_with_profile(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "plain.png")
        data, content = qt.content(self.path("plain.png")), b"iCCPp\0\0" + zlib.compress(PROFILE)
        chunk = (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
        return self.put("in.png", data[:33] + chunk + data[33:])

    def test_icc_profiles(self):
        for path, video in (("a.png", {"codec": "auto"}), ("a.jpg", {"codec": "auto"}), ("a.webp", {"codec": "auto"}), ("a.bmp", {"codec": "auto"}), ("a.tiff", {"codec": "auto"}),
                            ("a.mp4", X264), ("a.mov", {"codec": "prores_ks"}), ("a.mkv", X264), ("b.mkv", {"codec": "png"}), ("a.avi", {"codec": "mjpeg"}), ("a.webm", {"codec": "libvpx"})):
            with self.subTest(path=path, video=video):
                lost = self.lost(self.png_with_profile(), path, video)
                kept = self.has(path, "ICC Profile")
                self.assertEqual("ICC profile" in lost, not kept, lost)
                if path in ("a.png", "a.jpg", "a.mp4", "a.mov", "b.mkv"):
                    self.assertTrue(kept)
        self.assertIn(PROFILE, qt.content(self.path("a.mp4")))
        for path, video in (("again.png", {"codec": "auto"}), ("again.mp4", X264), ("again.jpg", {"codec": "auto"})):  # from the container
            self.assertEqual(self.lost("a.mp4", path, video), "")
            self.assertTrue(self.has(path, "ICC Profile"))

    def test_a_profile_beside_tags(self):
        """MP4 has one place for both; the pictures have the tags too."""
        self.png_with_profile()
        self.ffmpeg("-i", "in.png", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "tags.mkv")
        self.run_job(self.job("p.mp4", video=X264), "in.png", "--strict")
        self.ffmpeg("-i", "p.mp4", "-c", "copy", "-bsf:v", "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1", "-movflags", "+prefer_icc", "both.mp4")
        self.assertTrue(self.has("both.mp4", "ICC Profile"))
        self.assertEqual(self.lost("both.mp4", "out.mp4"), "")
        self.assertTrue(self.has("out.mp4", "ICC Profile"))
        self.assertEqual(qt.frames(self.path("out.mp4"), entries="color_primaries")[0]["color_primaries"], "bt709")

    def test_colour_tags_of_the_first_picture(self):
        """VP8 has them nowhere else."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4", "-c:v", "libvpx", "-colorspace", "bt470bg", "-color_range", "tv", "in.webm")
        for path, video in (("a.mkv", X264), ("a.webm", {"codec": "libvpx"}), ("a.mp4", X264)):
            self.assertEqual(self.lost("in.webm", path, video), "")
            first = qt.frames(self.path(path), entries="color_space,color_range")[0]
            self.assertEqual((first["color_space"], first["color_range"]), ("bt470bg", "tv"))
        self.assertIn("colour tags", self.lost("in.webm", "a.avi", {"codec": "mpeg4"}))

    def test_fields(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4,setfield=tff", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "in.ts")
        for path, video, kept in (("a.mkv", X264, False), ("a.mp4", X264, False), ("b.mkv", {**X264, "flags": "+ildct+ilme"}, True), ("c.mkv", {"codec": "ffv1"}, True),
                                  ("a.avi", {"codec": "rawvideo"}, False), ("a.webm", {"codec": "libvpx"}, False)):
            with self.subTest(path=path, video=video):
                self.assertEqual("field order" in self.lost("in.ts", path, video), not kept)
                self.assertEqual(qt.frames(self.path(path), entries="interlaced_frame")[0]["interlaced_frame"], int(kept))

    def test_sound_that_an_edit_list_hides(self):
        self.clip("in.mp4", "-c:v", "libx264", "-c:a", "aac", audio=True, length=0.4)
        samples = lambda name: len(self.ffmpeg("-i", name, "-map", "0:a", "-f", "s16le", "-ac", "1", "-")) // 2
        for path, kept in (("a.mp4", True), ("a.mov", True), ("a.mkv", False), ("a.ts", False)):
            with self.subTest(path=path):
                self.assertEqual("ms before the sound's start" in self.lost("in.mp4", path), not kept)
                self.assertEqual(samples(path) <= samples("in.mp4"), kept)
        self.assertEqual(self.lost(self.clip("b.mkv", "-c:v", "libx264", "-c:a", "aac", audio=True, length=0.4), "b2.mkv"), "")

    def test_times_of_creation(self):
        """A stream's own, and the whole file's, which streams of MP4 repeat."""
        own, of_file = "2001-02-03T04:05:06.000000Z", "2020-01-02T03:04:05.000000Z"
        self.clip("own.nut", "-c:v", "libx264", "-metadata", "creation_time=" + of_file, "-metadata:s:v", "creation_time=" + own, length=0.2)
        self.clip("one.mp4", "-c:v", "libx264", "-metadata", "creation_time=" + of_file, length=0.2)
        for path in ("a.mp4", "a.mov", "a.mkv", "a.nut"):
            with self.subTest(path=path):
                self.assertEqual(self.lost("one.mp4", path), "")
                self.assertEqual(qt.ffprobe(self.path(path))["format"]["tags"]["creation_time"], of_file)
                lost = self.lost("own.nut", path)
                tags = {k.lower(): v for k, v in qt.stream(self.path(path), "video").get("tags", {}).items()}
                self.assertEqual(": creation_time: " in lost, tags.get("creation_time") != own)

    def test_the_chosen_stream(self):
        """Which of several is marked as the default; and one alone is no choice."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4", "-f", "lavfi", "-i", "sine=d=0.4", "-map", "0", "-map", "1", "-map", "1", "-c:v", "libx264", "-c:a", "mp3",
                    "-disposition:a:0", "0", "-disposition:a:1", "default", "in.mkv")
        for path, kept in (("a.mkv", True), ("a.mp4", True), ("a.mov", True), ("a.nut", True), ("a.ts", False), ("a.avi", False)):
            with self.subTest(path=path):
                self.assertEqual("role default" in self.lost("in.mkv", path, {"codec": "mpeg4"}), not kept)
                self.assertEqual([qt.stream(self.path(path), "audio", i)["disposition"]["default"] for i in range(2)] == [0, 1], kept)
        self.run_job(self.job("b.ts", video=X264), self.clip("one.mkv", "-c:v", "libx264", "-c:a", "mp3", audio=True, length=0.4), "--strict")

    def test_hdr_in_8_bits(self):
        self.clip("pq.mkv", "-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc", length=0.2)
        self.clip("sdr.mkv", "-c:v", "libx264", "-pix_fmt", "yuv420p10le", length=0.2)
        eight = {**X264, "pixel_format": "yuv420p"}
        self.assertIn("2 of 10 bits a sample of HDR: yuv420p shows bands in it", self.lost("pq.mkv", video=eight))
        self.assertEqual(self.lost("sdr.mkv", video=eight), "")

    def test_alpha_that_is_opaque(self):
        moving = "testsrc2=s=64x48:d=0.4"
        self.ffmpeg("-f", "lavfi", "-i", moving, "-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse", "opaque.gif")
        hole = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*(1-between(T,0.2,0.3)*lt(X,9))'"
        self.ffmpeg("-f", "lavfi", "-i", moving, "-vf", hole + ",split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse", "hole.gif")
        self.ffmpeg("-f", "lavfi", "-i", moving, "-vf", "format=rgba", "-frames:v", "1", "opaque.png")
        self.ffmpeg("-f", "lavfi", "-i", moving, "-vf", "format=rgba", "-c:v", "ffv1", "unknown.mkv")
        for name, lost in (("opaque.gif", False), ("hole.gif", True), ("opaque.png", False), ("unknown.mkv", True)):
            with self.subTest(name=name):
                self.assertEqual("alpha: libx264" in self.lost(name, "out.mp4"), lost)


if __name__ == "__main__":
    qt.main()
