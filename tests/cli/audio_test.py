#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Re-encoded audio that changes its form midway, has more channels than the encoder takes, or goes through filters."""
import quadrant_testing as qt


class Audio(qt.Case):
    def source(self, name, *arguments, codec="mp2", rate=48000):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.5", "-f", "lavfi", "-i", f"sine=f=440:r={rate}:d=0.5", "-c:v", "libx264", "-preset", "ultrafast",
                    "-c:a", codec, *arguments, name)
        return self.path(name)

    def encoded(self, source, codec, *arguments):
        job = self.job(video={"codec": "libx264", "preset": "ultrafast"}, audio={"codec": codec})
        self.run_job(job, source, "--overwrite", *arguments)
        return self.path("out", source.rsplit(".", 1)[0] + ".mkv")

    def test_form_changes_in_the_middle(self):
        """Mono, another rate, stereo: all of the audio is in the output."""
        parts = [self.source("a.ts", "-ac", "1"), self.source("b.ts", "-ac", "2", rate=32000), self.source("c.ts", "-ac", "2")]
        with open(self.path("all.ts"), "wb") as f:
            f.write(b"".join(qt.content(p) for p in parts))
        for codec in ("aac", "mp2", "libopus"):
            with self.subTest(codec=codec):
                out = self.encoded("all.ts", codec)
                self.assert_decodable(out)
                raw = self.ffmpeg("-i", out, "-vn", "-f", "s16le", "-ac", "1", "-ar", "48000", "-")
                self.assertAlmostEqual(len(raw) / 2 / 48000, 1.5, delta=0.15)
                loud = [max(abs(int.from_bytes(raw[i:i + 2], "little", signed=True)) for i in range(int(t * 96000) & ~1, int(t * 96000) + 2000, 2)) for t in (0.25, 0.75, 1.25)]
                self.assertGreater(min(loud), 1000)

    def test_more_channels_than_the_encoder_takes(self):
        self.source("many.mkv", "-ac", "8", codec="pcm_s16le")
        for codec, channels in (("ac3", 6), ("libmp3lame", 2), ("mp2", 2), ("aac", 8), ("flac", 8)):
            with self.subTest(codec=codec):
                self.assertEqual(qt.stream(self.encoded("many.mkv", codec), "audio")["channels"], channels)
                plan = self.quadrant("explain", self.path("job.yaml"), "many.mkv").stdout
                self.assertEqual(f"mixed down to {channels} channels, the most that {codec} takes" in plan, channels < 8, plan)


class Filters(qt.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3", "-f", "lavfi", "-i", "anoisesrc=r=44100:seed=3:a=0.1:d=3", "-c:v", "libx264", "-g", "25", "-c:a", "pcm_s16le", "in.mov")

    def filtered(self, chain, *arguments, codec="pcm_s16le", code=0):
        job = self.job("out.mkv", video={"codec": "libx264", "preset": "ultrafast", "segment": 1}, audio={"codec": codec, "filter": chain})
        return self.run_job(job, "in.mov", "--overwrite", *arguments, code=code)

    def samples(self, name, *arguments):
        return self.ffmpeg("-i", name, *arguments, "-vn", "-f", "s16le", "-c:a", "pcm_s16le", "-")

    def test_they_compute_what_ffmpeg_computes(self):
        for chain in ("volume=0.5", "highpass=f=200,lowpass=f=3000", "acompressor", "afade=out:st=2:d=1", "adelay=100|100", "loudnorm,aresample=44100"):
            with self.subTest(chain=chain):
                self.filtered(chain)
                ours, theirs = self.samples("out.mkv"), self.samples("in.mov", "-af", "aresample," + chain)  # without it FFmpeg refuses the last one
                self.assertLess(abs(len(ours) - len(theirs)), 400)
                apart = [abs(int.from_bytes(ours[i:i + 2], "little", signed=True) - int.from_bytes(theirs[i:i + 2], "little", signed=True)) for i in range(0, min(len(ours), len(theirs)) - 400, 2)]
                self.assertLessEqual(max(apart), 1)

    def test_every_mode_gives_the_same(self):
        contents = set()
        for mode in ("sequential", "concurrent", "tiles", "frames", "segments"):
            self.filtered("loudnorm", "--mode", mode, codec="aac")
            contents.add(qt.content(self.path("out.mkv")))
        self.assertEqual(len(contents), 1)
        self.assertEqual(qt.stream(self.path("out.mkv"), "audio")["sample_rate"], "44100")  # loudnorm itself gives 192000

    def test_the_rate_that_a_chain_says(self):
        self.filtered("volume=0.5,aresample=32000", codec="aac")
        self.assertEqual(qt.stream(self.path("out.mkv"), "audio")["sample_rate"], "32000")

    def test_it_is_part_of_the_plan(self):
        job = self.job("out.mkv", audio={"codec": "aac", "filter": "volume=0.5"})
        self.assertIn('filtered by "volume=0.5", encoded by aac', self.quadrant("explain", job, "in.mov").stdout)

    def test_what_is_no_chain_of_audio_filters_is_refused(self):
        for chain, told in (("nosuch", "No such filter: 'nosuch'"), ("volume=volume=nonsense(", "filter"), ("scale=2:2", "must take sound once and give sound once"),
                            ("showwaves", "must take sound once and give sound once"), ("asplit", "must take sound once and give sound once"), ("anullsrc", "must take sound once")):
            with self.subTest(chain=chain):
                run = self.filtered(chain, code=2)
                self.assertIn(told, run.stderr)
                self.assertIn("job.yaml:1:", run.stderr)

    def test_a_filter_without_end_fails(self):
        run = self.filtered("apad", code=1)
        self.assertIn('filter "apad" does not end', run.stderr)


if __name__ == "__main__":
    qt.main()
