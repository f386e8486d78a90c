#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures look as they should: JPEG and WebP, which have no tag for the matrix, in BT.601; constant quality as FFmpeg's tools set it."""
import os

import quadrant_testing as qt

RED = (222, 30, 16)


class Quality(qt.Case):
    def colour(self, path):
        return tuple(self.ffmpeg("-i", path, "-vf", "format=rgb24,crop=1:1", "-frames:v", "1", "-f", "rawvideo", "-"))

    def size(self, path):
        return sum(int(p["size"]) for p in qt.packets(self.path(path), entries="size"))

    def test_a_picture_without_a_tag_for_its_matrix(self):
        for size in ("320x180", "1280x720"):
            self.ffmpeg("-f", "lavfi", "-i", f"color=0xde1e10:s={size}", "-frames:v", "1", f"png-{size}.png")
            for matrix in ("bt709", "smpte170m", "bt2020nc"):
                self.ffmpeg("-f", "lavfi", "-i", f"color=0xde1e10:s={size}", "-frames:v", "1", "-vf", f"format=rgb24,scale=out_color_matrix={matrix.replace('nc', '')},format=yuv444p",
                            "-colorspace", matrix, "-color_range", "tv", "-c:v", "ffv1", f"{matrix}-{size}.mkv")
        for container in ("jpg", "webp", "png"):
            for stages in ([], [{"sharpen": {"amount": 0.4}}], [{"ffmpeg": "hflip"}]):
                job = self.job("out/{name}." + container, audio="none", stages=stages)
                inputs = sorted(name for name in os.listdir(self.directory) if name.endswith(("0.png", "0.mkv")))
                self.assertEqual(len(inputs), 8)
                self.run_job(job, *inputs, "--overwrite")
                for name in inputs:
                    with self.subTest(name=name, container=container, stages=stages):
                        made, wanted = self.colour(f"out/{name}.{container}"), self.colour(name)
                        self.assertLess(max(abs(a - b) for a, b in zip(wanted, RED)), 7)
                        self.assertLess(max(abs(a - b) for a, b in zip(made, wanted)), 6)

    def test_constant_quality(self):
        """Bytes as with FFmpeg's -qscale, of video and of pictures."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1,noise=alls=12:all_seed=1", "-c:v", "ffv1", "in.mkv")
        self.ffmpeg("-i", "in.mkv", "-frames:v", "1", "one.png")
        for codec, container in (("mjpeg", "mkv"), ("mpeg4", "avi"), ("mpeg2video", "mkv"), ("flv1", "flv"), ("mjpeg", "jpg")):
            source = "one.png" if container == "jpg" else "in.mkv"
            sizes = []
            for scale in (2, 4, 8, 16, 31):
                with self.subTest(codec=codec, container=container, scale=scale):
                    name = f"ours-{scale}.{container}"
                    self.run_job(self.job(name, audio="none", video={"codec": codec, "qscale": scale}), source, "--overwrite")
                    self.ffmpeg("-i", source, "-c:v", codec, "-qscale:v", str(scale), "-threads", "1", "-bitexact", f"theirs.{container}")
                    sizes.append(self.size(name))
                    self.assertAlmostEqual(sizes[-1] / self.size(f"theirs.{container}"), 1, delta=0.03)
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            self.assertGreater(sizes[0], 2 * sizes[-1])
        flags = self.job("flags.mkv", video={"codec": "mpeg4", "flags": "+qscale", "global_quality": 8 * 118})
        self.run_job(flags, "in.mkv")
        self.run_job(self.job("scale.mkv", name="scale.yaml", video={"codec": "mpeg4", "qscale": 8}), "in.mkv")
        self.assertEqual(self.size("flags.mkv"), self.size("scale.mkv"))

    def test_names_that_people_try(self):
        self.clip("in.mp4")
        for codec, key, told in (("mjpeg", "quality", "mjpeg has no option quality; qscale (2 is good) is its quality"), ("libx264", "qscale", "libx264 takes no qscale; crf is its constant quality"),
                                 ("mpeg4", "bitrate", "mpeg4 has no option bitrate; did you mean bit_rate"), ("mpeg4", "crf", "mpeg4 has no option crf; qscale (2 is good) is its quality")):
            self.assertIn(told, self.run_job(self.job(video={"codec": codec, key: 2}), "in.mp4", code=2).stderr)


if __name__ == "__main__":
    qt.main()
