#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A damaged input gives one result: every mode and every run end alike, with the same file or none.

Made clips of many codecs with bits flipped; with QUADRANT_SOAK=1 every real clip too, QUADRANT_SOAK_FLIPS times (20).
The flips come from a seed of the clip's name and the number of the try, so a find can be repeated:
`damage_test.py --damaged CLIP TRY OUT` writes that file.
"""
import hashlib
import os
import random
import re
import shutil
import sys
import zlib

import quadrant_testing as qt

SOAK = os.environ.get("QUADRANT_SOAK") == "1"
FLIPS = int(os.environ.get("QUADRANT_SOAK_FLIPS", "20"))
RUNS = ["sequential", "concurrent", "tiles", "frames", "segments"] * 2
# Stages that look at neighbours in space and time carry a wrong sample on; short segments cut even short clips.
STAGES = [{"temporal_denoise": {}}, {"sharpen": {"amount": 0.5}}]
CODECS = {
    "hevc.mkv": ("-c:v", "libx265", "-x265-params", "log-level=none:keyint=10"), "h264.mp4": ("-c:v", "libx264", "-g", "10"),
    "h264-444.mkv": ("-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv444p"), "mjpeg.avi": ("-c:v", "mjpeg",), "prores.mov": ("-c:v", "prores_ks"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-g", "10"), "mpeg4.avi": ("-c:v", "mpeg4", "-g", "10"), "vp8.webm": ("-c:v", "libvpx", "-g", "10"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-g", "10", "-cpu-used", "8"), "dnxhd.mov": ("-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-pix_fmt", "yuv422p"),
    "ffv1.mkv": ("-c:v", "ffv1", "-slicecrc", "0"), "png.mov": ("-c:v", "png"), "huffyuv.avi": ("-c:v", "ffvhuff"), "flv1.flv": ("-c:v", "flv1", "-g", "10"),
    "theora.ogv": ("-c:v", "libtheora", "-g", "10"), "jpeg2000.mov": ("-c:v", "jpeg2000")}


def damaged(content, name, number):
    """16 flipped bits, after the first tenth so that most files still open."""
    chance = random.Random(f"{name} {number}")
    changed = bytearray(content)
    for _ in range(16):
        changed[chance.randrange(len(changed) // 10, len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


class Damage(qt.Case):
    def outcome(self, mode, name):
        output = f"out-{mode}.mkv"
        job = self.job(output, name=f"{mode}.yaml", video={"codec": "ffv1", "segment": 0.4}, audio="none", subtitles="none", stages=STAGES)
        run = self.quadrant("run", job, name, "-m", mode, "-c", "2", "--progress", "none")
        made = hashlib.md5(qt.content(self.path(output))).hexdigest() if os.path.exists(self.path(output)) else "no file"
        for left in (output, ".quadrant.jsonl"):
            if os.path.exists(self.path(left)):
                os.remove(self.path(left))
        return run.returncode, made

    def check_agreement(self, name):
        outcomes = {}
        for mode in RUNS:
            outcomes.setdefault(self.outcome(mode, name), []).append(mode)
        self.assertEqual(len(outcomes), 1, outcomes)
        code, made = next(iter(outcomes))
        self.assertIn(code, (0, 1))
        self.assertEqual(code == 0, made != "no file")
        return code

    def check_damaged(self, content, name, tries):
        codes = []
        for number in range(tries):
            with self.subTest(clip=name, number=number):
                broken = f"{number}-{name}"
                with open(self.path(broken), "wb") as f:
                    f.write(damaged(content, name, number))
                try:
                    codes.append(self.check_agreement(broken))
                finally:
                    os.remove(self.path(broken))
        return codes

    def test_made_clips(self):
        codes = []
        for name, options in CODECS.items():
            if not qt.has_encoder(options[1]):
                continue
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=256x144:r=25:d=1.2,noise=alls=12:all_seed=1", *options, name)
            codes += self.check_damaged(qt.content(self.path(name)), name, 1)
        self.assertGreater(codes.count(0), len(codes) // 2)  # or nothing was proven

    def refused(self, job, *arguments):
        run = self.run_job(job, *arguments, code=1)
        self.assertEqual([name for name in self.files() if name.startswith("out")], [])
        return run.stderr

    def test_an_output_without_a_frame_is_a_failure(self):
        self.clip("in.mp4", "-c:v", "mpeg4", length=0.4)
        for mode in qt.MODES[:-1]:
            self.assertIn("in.mp4: the stages leave none of its 10 frames", self.refused(self.job("out.mkv", video={"codec": "ffv1"}, stages=[{"ffmpeg": "select=0"}]), "in.mp4", "-m", mode))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "in.png")
        head = qt.content(self.path("in.png"))
        broken = head[:16] + (2_000).to_bytes(4, "big") + head[20:29]  # the header's width; its checksum is of the new one
        broken += zlib.crc32(broken[12:29]).to_bytes(4, "big") + head[33:]
        with open(self.path("wide.png"), "wb") as f:
            f.write(broken)
        job = self.job("out-{stem}.png", audio="none")
        for _ in range(2):  # it is not up to date either
            self.assertRegex(self.refused(job, "wide.png"), "wide.png: (no picture could be decoded: decoding: |the size or pixel format of )")

    def test_a_file_that_was_cut_short_is_no_passing_fault(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2,noise=alls=20:all_seed=1", "-c:v", "mpeg4", "-g", "5", "-cluster_time_limit", "200", "in.mkv")
        whole = qt.content(self.path("in.mkv"))
        codes = set()
        for length in range(200, len(whole), len(whole) // 12):
            with open(self.path("cut.mkv"), "wb") as f:
                f.write(whole[:length])
            run = self.quadrant("run", self.job("cut-out.mkv", video={"codec": "ffv1"}), "cut.mkv", "--overwrite", "--retries", "2", "--progress", "plain")
            self.assertNotIn("retried", run.stderr)
            codes.add(run.returncode)
        self.assertEqual(codes, {0, 1})

    def test_a_picture_that_is_empty_is_damage(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "6", "f%d.jpg")
        for empty in (2, 3, 6):
            names = [f"g{n}.jpg" for n in range(1, 7)]
            for n, name in enumerate(names, 1):
                shutil.copy(self.path(f"f{n}.jpg"), self.path(name))
            open(self.path(f"g{empty}.jpg"), "w").close()
            job = self.job("sequence.mkv", video={"codec": "ffv1"})
            for mode in ("sequential", "frames"):
                run = self.run_job(job, "g%d.jpg", "-m", mode, "--overwrite")
                if mode == "sequential":
                    self.assertIn(f"damaged: g%d.jpg: reading: g{empty}.jpg: the picture is empty", run.stderr)
                self.assertEqual(qt.times(self.path("sequence.mkv")), [(n - 1) / 25 for n in range(1, 7) if n != empty])
            os.remove(self.path("sequence.mkv"))
            refused = self.run_job(job, "g%d.jpg", "--strict", code=1).stderr
            self.assertIn(f"--strict, and the input is damaged: reading: g{empty}.jpg", refused)

    def test_a_start_that_cannot_be_decoded_is_counted(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4,noise=alls=20:all_seed=1", "-c:v", "mpeg2video", "-g", "50", "-bf", "0", "whole.ts")
        stream = qt.content(self.path("whole.ts"))
        with open(self.path("late.ts"), "wb") as f:
            f.write(stream[len(stream) // 6 // 188 * 188:])
        run = self.run_job(self.job("late-out.mkv", video={"codec": "ffv1"}), "late.ts")
        packets, frames = len(qt.packets(self.path("late.ts"))), len(qt.frames(self.path("late-out.mkv")))
        self.assertGreater(packets, frames)
        told = re.search(r"damaged: late.ts: decoding: .*?(\d+) pictures? at the beginning cannot be decoded", run.stderr)
        self.assertTrue(told, run.stderr)
        self.assertEqual(int(told[1]), packets - frames)

    def lossy_clip(self):
        """A clip of ten seconds of which 40 % are missing."""
        self.clip("whole.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-movflags", "+faststart", length=10)
        whole = qt.content(self.path("whole.mp4"))
        with open(self.path("cut.mp4"), "wb") as f:
            f.write(whole[:len(whole) * 6 // 10])

    def partly_damaged_clip(self):
        """A clip all of whose frames decode, some of them not whole."""
        self.clip("whole.mov", "-c:v", "prores", "-pix_fmt", "yuv422p10le", size="320x240", length=2)
        content = bytearray(qt.content(self.path("whole.mov")))
        for packet in qt.packets(self.path("whole.mov"), entries="pos,size")[:10]:
            size = int(packet["size"])
            at = int(packet["pos"]) + size // 4
            content[at:at + size // 2] = b"\xff" * (size // 2)
        with open(self.path("part.mov"), "wb") as f:
            f.write(content)

    def test_how_much_may_be_damaged(self):
        self.lossy_clip()
        self.partly_damaged_clip()
        job = self.job("out.mkv", video={"codec": "ffv1", "segment": 1})
        for source, setting, code, told in (("cut.mp4", "max_damage=auto", 1, "of its frames are lost, more than run.max_damage, 10 %"), ("cut.mp4", "max_damage=70%", 0, "packets of the video missing"),
                                            ("cut.mp4", "max_damage=30", 1, "are damaged or lost, more than run.max_damage, 30 %"), ("cut.mp4", "on_damage=fail", 1, "run.on_damage is fail"),
                                            ("part.mov", "max_damage=auto", 0, "10 of 50 frames damaged"), ("part.mov", "max_damage=19%", 1, "20.0 % of its frames are damaged or lost"),
                                            ("part.mov", "max_damage=20%", 0, "10 of 50 frames damaged"), ("part.mov", "on_damage=fail", 1, "run.on_damage is fail"),
                                            ("whole.mp4", "on_damage=fail", 0, ""), ("whole.mov", "max_damage=0%", 0, "")):
            told_by = set()
            for mode in RUNS[:5]:
                with self.subTest(source=source, setting=setting, mode=mode):
                    run = self.run_job(job, source, "-m", mode, "-c", "2", "--overwrite", "--set", "run." + setting, code=code)
                    self.assertIn(told, run.stderr)
                    self.assertEqual(os.path.exists(self.path("out.mkv")), code == 0)
                    told_by.add("".join(line + "\n" for line in run.stderr.splitlines() if "damaged:" in line or "failed:" in line))
                    if code == 0:
                        os.remove(self.path("out.mkv"))
            self.assertEqual(len(told_by), 1, told_by)

    def test_a_resumed_run_tells_what_it_kept(self):
        """Damage and changes are found while a unit is done, and kept with it."""
        self.partly_damaged_clip()
        job = self.job("out.mkv", video={"codec": "ffv1", "segment": 0.5})
        first = self.run_job(job, "part.mov", "-m", "segments", "--strict", code=1)
        self.assertTrue(os.path.exists(self.path(".out.mkv.segments")))
        self.assertIn("10 of 50 frames damaged", self.run_job(job, "part.mov", "-m", "segments", "--strict", code=1).stderr)
        again = self.run_job(job, "part.mov", "-m", "segments")
        told = [line for line in first.stderr.splitlines() if line.startswith("damaged:")]
        self.assertEqual([line for line in again.stderr.splitlines() if line.startswith("damaged:")], told)

    def test_every_real_clip(self):
        if not SOAK:
            self.skipTest("a soak of hours: QUADRANT_SOAK=1")
        tried = done = 0
        for path in qt.clips():
            codes = self.check_damaged(qt.content(path), os.path.basename(path), FLIPS)
            tried, done = tried + len(codes), done + codes.count(0)
            print(f"{os.path.basename(path)}: {codes}", flush=True)
        print(f"{tried} damaged files, {done} of them done, {len(RUNS)} runs each")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--damaged"]:
        clip, number, out = sys.argv[2:]
        with open(out, "wb") as f:
            f.write(damaged(qt.content(clip), os.path.basename(clip), int(number)))
    else:
        qt.main()
