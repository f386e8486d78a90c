#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Re-encoded audio that changes its form midway, or has more channels than the encoder takes."""
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


if __name__ == "__main__":
    qt.main()
