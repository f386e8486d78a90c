#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever an encoder or a container cannot hold is reported as a loss beforehand: alpha, bits, colour, tags, Dolby Vision."""
import os
import struct

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}


def with_box(mp4, parents, box):
    """`mp4`, whose moov comes last, with a box more at the end of the first box down the path `parents`."""
    places, at, end = [], 0, len(mp4)
    for name, header in parents:
        while mp4[at + 4:at + 8] != name:
            at += struct.unpack(">I", mp4[at:at + 4])[0]
            assert at < end, name
        places.append(at)
        end, at = at + struct.unpack(">I", mp4[at:at + 4])[0], at + header
    data = bytearray(mp4[:end] + box + mp4[end:])
    for place in places:
        struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + len(box))
    return bytes(data)


class Losses(qt.Case):
    def lost(self, source, path="out/{stem}.mkv", video=X264, **output):
        job = self.job(path, video=video, **output)
        plan = self.quadrant("explain", job, source)
        self.assertEqual(plan.returncode, 0, plan.stderr)
        lost = "\n".join(line for line in plan.stdout.splitlines() if line.startswith("lost "))
        self.run_job(job, source, "--strict", "--overwrite", code=1 if lost else 0)
        return lost

    def picture(self, pixels, *arguments, name="in.mkv", codec="ffv1"):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=0.1", "-pix_fmt", pixels, "-c:v", codec, *arguments, name)
        return name

    def test_samples(self):
        for pixels, encoder, lost in (
                ("yuva444p10le", "libx264", "alpha: libx264 takes no yuva444p10le, it gets yuv444p10le"),
                ("bgra", "mjpeg", "alpha: mjpeg takes no bgra, it gets yuvj444p"),
                ("yuv420p16le", "libx264", "6 of 16 bits a sample: libx264 takes no yuv420p16le, it gets yuv420p10le"),
                ("yuv420p10le", "mpeg4", "2 of 10 bits a sample: mpeg4 takes no yuv420p10le, it gets yuv420p"),
                ("yuv444p", "mpeg4", "resolution of the colour: mpeg4 takes no yuv444p, it gets yuv420p"),
                ("gray", "mpeg4", ""), ("yuv420p", "mpeg4", ""), ("yuva420p", "ffv1", ""), ("bgr0", "libx264", "")):
            with self.subTest(pixels=pixels, encoder=encoder):
                got = self.lost(self.picture(pixels), video={"codec": encoder})
                self.assertIn(lost, got) if lost else self.assertEqual(got, "")
        wished = self.lost(self.picture("yuv444p"), video={"codec": "libx264", "pixel_format": "yuv420p"})
        self.assertEqual(wished, "")

    def test_alpha_that_is_not_decoded(self):
        source = self.picture("yuva420p", "-auto-alt-ref", "0", name="in.webm", codec="libvpx-vp9")
        self.assertIn("alpha (alpha_mode 1): the decoder of vp9 gives none", self.lost(source))
        self.run_job(self.job("out/{stem}.webm", video={"codec": "libvpx-vp9", "deadline": "realtime"}), source)
        self.assertNotIn("alpha_mode", {k.lower() for k in qt.stream(self.path("out/in.webm"), "video").get("tags", {})})

    def test_tags_of_streams(self):
        self.clip("in.mkv", "-c:v", "libx264", "-metadata:s:v", "MOOD=calm", "-metadata:s:v", "FOO=bar", length=0.2)
        self.assertIn("metadata MOOD, FOO: mp4 cannot hold them", self.lost("in.mkv", "out/{stem}.mp4"))
        self.assertEqual(self.lost("in.mkv"), "")
        tags = qt.stream(self.path("out/in.mkv"), "video")["tags"]
        self.assertEqual((tags["MOOD"], tags["FOO"]), ("calm", "bar"))
        self.assertIn("ENCODER", qt.stream(self.path("in.mkv"), "video")["tags"])
        self.assertNotIn("ENCODER", tags)  # it was another one

    def test_tags_of_ogg(self):
        self.clip("in.ogv", "-c:v", "libtheora", "-c:a", "libvorbis", "-metadata:s:v", "artist=Me", audio=True, length=0.2)
        self.assertIn("metadata artist: mp4 cannot hold it", self.lost("in.ogv", "out/{stem}.mp4"))

    def test_service_of_a_broadcast(self):
        self.clip("in.ts", "-c:v", "libx264", "-metadata", "service_name=News", "-metadata", "service_provider=Me", length=0.2)
        self.assertEqual(self.lost("in.ts", "out/{stem}.ts"), "")
        self.assertEqual(qt.ffprobe(self.path("out/in.ts"), "-show_programs")["programs"][0]["tags"], {"service_name": "News", "service_provider": "Me"})
        self.assertEqual(self.lost("in.ts"), "")
        self.assertIn("metadata service_name, service_provider: mp4 cannot hold them", self.lost("in.ts", "out/{stem}.mp4"))
        self.clip("in.ts", "-c:v", "libx264", length=0.2)  # FFmpeg's own name for it is none
        self.assertEqual(self.lost("in.ts", "out/nameless.mp4"), "")

    def test_dolby_vision(self):
        self.clip("plain.mp4", "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error", length=0.2)
        box = struct.pack(">I4s", 32, b"dvvC") + bytes([1, 0, 8 << 1, (6 << 3) | 5, 1 << 4]) + bytes(19)
        path = [(name, 8) for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl")] + [(b"stsd", 16), (b"hvc1", 86)]
        with open(self.path("dovi.mp4"), "wb") as f:
            f.write(with_box(qt.content(self.path("plain.mp4")), path, box))
        self.assertIn("DOVI", str(qt.stream(self.path("dovi.mp4"), "video")["side_data_list"]))
        self.assertIn("Dolby Vision: its metadata belongs to the old coding", self.lost("dovi.mp4"))
        self.assertEqual(self.lost("plain.mp4"), "")

    def test_why_a_stream_is_left_out(self):
        """A data track of an unknown kind, and audio with unknown parameters."""
        self.clip("in.mp4", "-c:v", "libx264", audio=True, length=0.5)
        data = qt.content(self.path("in.mp4")).replace(b"soun", b"meta").replace(b"mp4a", b"xxxx")
        with open(self.path("in.mp4"), "wb") as f:
            f.write(data)
        self.assertIn("mov cannot hold data of an unknown kind", self.lost("in.mp4", "out/{stem}.mov"))
        self.clip("silent.ts", "-c:v", "libx264", "-c:a", "mp3", audio=True, length=0.5)
        packets = [qt.content(self.path("silent.ts"))[i:i + 188] for i in range(0, os.path.getsize(self.path("silent.ts")), 188)]
        with open(self.path("silent.ts"), "wb") as f:  # all that is left of the sound is its line in the tables
            f.write(b"".join(p for p in packets if (p[1] & 0x1f) << 8 | p[2] != 0x101))
        self.assertIn("its parameters could not be found", self.lost("silent.ts"))


    def test_what_is_kept_is_not_called_lost(self):
        """A remux of what phones and cameras write, and of our own output, passes --strict; and the file has it."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=30000/1001:d=0.4", "-c:v", "libx264", "-metadata", "location=+10.0000+020.0000/", "phone.mp4")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=30000/1001:d=0.4", "-c:v", "libx264", "-timecode", "01:00:00;02", "camera.mov")
        with open(self.path("chapters"), "w") as f:
            f.write(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=200\nEND=400\ntitle=Two\n")
        self.ffmpeg("-i", "phone.mp4", "-i", "chapters", "-map_chapters", "1", "-c", "copy", "chapters.mp4")
        for source, kept in (("phone.mp4", lambda told: told["format"]["tags"].get("location", told["format"]["tags"].get("LOCATION"))),
                             ("camera.mov", lambda told: {v for s in told["streams"] for k, v in s.get("tags", {}).items() if k.lower() == "timecode"}),
                             ("chapters.mp4", lambda told: [c["tags"]["title"] for c in told["chapters"]])):
            wanted = kept(qt.ffprobe(self.path(source)))
            self.assertTrue(wanted)
            for container in ("mp4", "mov", "mkv"):
                with self.subTest(source=source, container=container):
                    once, twice = f"once-{source}.{container}", f"twice-{source}.{container}"
                    self.run_job(self.job(once, video=X264), source, "--strict")
                    self.assertEqual(kept(qt.ffprobe(self.path(once))), wanted)
                    self.run_job(self.job(twice, video=X264), once, "--strict")
                    self.assertEqual(kept(qt.ffprobe(self.path(twice))), wanted)
                    kinds = [[s["codec_type"] for s in qt.ffprobe(self.path(name))["streams"]] for name in (once, twice)]
                    self.assertEqual(*kinds)  # no track more each time

    def test_the_mark_of_alpha_in_capitals(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.2,format=yuva420p", "-c:v", "libvpx-vp9", "-metadata:s:v:0", "alpha_mode=1", "a.webm")
        self.ffmpeg("-i", "a.webm", "-c", "copy", "b.webm")
        for name in ("a.webm", "b.webm"):
            self.assertIn("alpha (alpha_mode 1): the decoder of vp9 gives none", self.run_job(self.job("out/{stem}.mkv", video=X264), name).stderr)


class Rotation(qt.Case):
    def source(self):
        """Shown upright: white above black. Stored rotated a quarter turn to the left, so players rotate it to the right."""
        self.ffmpeg("-f", "lavfi", "-i", "color=black:s=48x64:d=0.2,drawbox=w=48:h=32:t=fill:c=white,transpose=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "plain.mp4")
        self.turn("plain.mp4", "turned.mp4", 270)
        return "turned.mp4"

    def shown(self, path):
        """As shown by a player: the size, and the brightness of the first and the last sample."""
        raw = self.ffmpeg("-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-")
        size = self.ffmpeg("-i", path, "-frames:v", "1", "-f", "yuv4mpegpipe", "-strict", "-1", "-pix_fmt", "gray", "-").split()[1:3]
        return [size, raw[0] > 128, raw[-1] > 128]

    def test_who_turns_the_picture_turns_it_for_good(self):
        source = self.source()
        upright = [[b"W48", b"H64"], True, False]
        self.assertEqual(self.shown(source), upright)
        self.run_job(self.job("out.mp4", video=X264), source)
        self.assertEqual(self.shown("out.mp4"), upright)
        job = self.job("baked.mp4", video=X264, stages=[{"rotate": 90}, {"ffmpeg": "null"}], name="baked.yaml")
        self.assertIn("the rotate stage applies it, so players no longer turn it", self.quadrant("explain", job, source).stdout)
        self.run_job(job, source, "--strict")
        self.assertEqual(self.shown("baked.mp4"), upright)
        self.assertNotIn("side_data_list", qt.stream(self.path("baked.mp4"), "video"))
        self.run_job(self.job("down.mp4", video=X264, stages=[{"rotate": 270}]), source)
        self.assertEqual(self.shown("down.mp4"), [[b"W48", b"H64"], False, True])

    def test_the_way_out_is_told(self):
        plan = self.quadrant("explain", self.job("out.mp4", video=X264, stages=[{"blur": 1}]), self.source()).stdout
        self.assertIn("and players turn it; `orientation: apply` turns the samples", plan)


if __name__ == "__main__":
    qt.main()
