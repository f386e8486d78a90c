#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file's properties other than its pictures are in the output, or the plan reports them as lost beforehand.

For every container, each property is looked up with ffprobe before and after; if it is gone, `explain` must
have reported it as lost, and --strict must have refused.
"""
import os

import quadrant_testing as qt

OUTPUTS = {"mkv": "libx264", "mp4": "libx264", "mov": "libx264", "ts": "libx264", "webm": "libvpx-vp9", "avi": "mpeg4", "nut": "ffv1"}
X265 = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
COLOUR = ("color_primaries", "color_transfer", "color_space")


def side_data(path):
    first = qt.ffprobe(path, "-select_streams", "v:0", "-show_frames", "-read_intervals", "%+#1")["frames"][0]
    lists = qt.stream(path, "video").get("side_data_list", []) + first.get("side_data_list", [])
    return {s["side_data_type"]: s for s in lists}


class Properties(qt.Case):
    def outputs(self, source, outputs=None):
        """(container, output, losses) for each container that the source is converted to."""
        for container, codec in (outputs or OUTPUTS).items():
            with self.subTest(container=container):
                job = self.job("out/{stem}." + container, video={"codec": codec}, name=container + ".yaml")
                plan = self.quadrant("explain", job, source)
                self.assertEqual(plan.returncode, 0, plan.stderr)
                lost = [line for line in plan.stdout.splitlines() if line.startswith("lost ")]
                strict = self.run_job(job, source, "--strict", code=1 if lost else 0)
                if lost:
                    self.assertIn("--strict, and the output cannot keep all", strict.stderr)
                    self.assertFalse(os.path.exists(self.path("out", os.path.splitext(source)[0] + "." + container)))
                    self.run_job(job, source)
                yield container, self.path("out", os.path.splitext(source)[0] + "." + container), "\n".join(lost)

    def test_rotation(self):
        self.clip("plain.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.2)
        self.turn("plain.mp4", "turned.mp4", 90)
        turn = side_data(self.path("turned.mp4"))["Display Matrix"]["rotation"]
        for container, out, lost in self.outputs("turned.mp4"):
            matrix = side_data(out).get("Display Matrix")
            self.assertNotIn("rotat", lost)
            video = qt.stream(out, "video")
            if matrix:
                self.assertEqual(matrix["rotation"], turn)
            self.assertEqual((video["width"], video["height"]), (64, 48) if matrix else (48, 64))  # turned where it cannot be told
        self.assertIn("Display Matrix", side_data(self.path("out/turned.mp4")))

    def test_aspect_and_colour_tags(self):
        self.clip("tags.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-aspect", "2:1", "-color_range", "tv", "-color_primaries",
                  "smpte170m", "-color_trc", "bt709", "-colorspace", "smpte170m", "-bsf:v", "h264_metadata=chroma_sample_loc_type=2", length=0.2)
        before = qt.stream("file:" + self.path("tags.mp4"), "video") or qt.stream(self.path("tags.mp4"), "video")
        for container, out, lost in self.outputs("tags.mp4"):
            after = qt.stream(out, "video")
            self.assertEqual(after.get("sample_aspect_ratio") != before["sample_aspect_ratio"], "sample aspect" in lost, lost)
            self.assertEqual(any(after.get(k) != before.get(k) for k in COLOUR), "colour tags" in lost, lost)
        for container in ("mkv", "mp4", "mov", "ts"):
            after = qt.stream(self.path("out/tags." + container), "video")
            self.assertEqual((after["color_range"], after["chroma_location"]), ("tv", "topleft"))

    def test_full_range_and_unknown_stay_what_they_are(self):
        self.clip("full.mp4", "-c:v", "libx264", "-pix_fmt", "yuvj420p", length=0.2)
        self.clip("unknown.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", length=0.2)
        for container, out, _ in self.outputs("full.mp4", {"mkv": "libx264", "mp4": "libx265"}):
            self.assertEqual(qt.stream(out, "video")["color_range"], "pc")
        for container, out, _ in self.outputs("unknown.mp4", {"mkv": "libx264", "mp4": "libx265"}):
            self.assertFalse([k for k in COLOUR if k in qt.stream(out, "video")])

    def test_hdr(self):
        """The source has it only in its pictures; the output's header has it too."""
        for name in ("hdr_mp4.mp4", "hdr_mkv.mkv"):
            self.clip(name, "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", X265, length=0.2)
            before = side_data(self.path(name))
            for container, out, lost in self.outputs(name, {"mkv": "libx265", "mp4": "libx264", "webm": "libvpx-vp9", "ts": "libx265"}):
                after = side_data(out)
                for kind, words in (("Mastering display metadata", "HDR mastering display"), ("Content light level metadata", "HDR content light")):
                    self.assertEqual(kind not in after, words in lost, lost)
                if "Mastering display metadata" in after:
                    value = lambda d: [round(eval(d["Mastering display metadata"][k]), 4) for k in ("red_x", "white_point_y", "max_luminance", "min_luminance")]
                    self.assertEqual(value(after), value(before))
                    self.assertEqual(after["Content light level metadata"]["max_content"], 1000)
                self.assertEqual(qt.stream(out, "video")["pix_fmt"], "yuv420p10le")
        self.assertIn("Mastering display metadata", side_data(self.path("out/hdr_mkv.mkv")))

    def test_pixel_formats(self):
        """Deep, reduced, full and no chroma, odd sizes: natively in and out, every sample the same."""
        for pixels in ("yuv420p10le", "yuv422p", "yuv422p10le", "yuv444p", "yuv444p10le", "yuv420p", "gray", "gray10le", "yuva420p", "yuva444p10le", "rgb24", "gbrp10le", "bgra", "pal8"):
            codec = "png" if pixels in ("rgb24", "pal8") else "ffv1"
            with self.subTest(pixels=pixels):
                self.ffmpeg("-f", "lavfi", "-i", "testsrc=s=33x21:d=0.2", "-c:v", codec, "-pix_fmt", pixels, "a.mov" if codec == "png" else "a.mkv")
                source = "a.mov" if codec == "png" else "a.mkv"
                self.run_job(self.job("b.mkv", video={"codec": "ffv1"}), source, "--overwrite")
                md5 = lambda name: self.ffmpeg("-i", name, "-f", "md5", "-pix_fmt", "rgba" if pixels == "pal8" else pixels, "-")
                self.assertEqual(md5("b.mkv"), md5(source))


if __name__ == "__main__":
    qt.main()
