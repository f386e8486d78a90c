#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Chains of FFmpeg's filters that do more than other stages may: change the size, hold frames, guess the colour matrix."""
import json
import os
import re
import subprocess

import quadrant_testing as qt

FFV1 = {"codec": "ffv1"}
CHANGES_SIZE = "scale=w={}:h='if(gt(n,5),{},48)':eval=frame"


class Filters(qt.Case):
    def chain(self, filter, *stages, **output):
        return self.job(stages=[{"ffmpeg": filter}, *stages], **{"video": FFV1, **output})

    def sizes(self, source, chain):
        """Of the frames that FFmpeg makes of it."""
        told = subprocess.run(["ffmpeg", "-nostdin", "-i", source, "-vf", chain + ",showinfo", "-f", "null", "-"], cwd=self.directory, capture_output=True, text=True)
        return set(re.findall(r" n: *\d+ .* s:(\d+x\d+) ", told.stderr))

    def notes(self, job, source):
        lines = self.quadrant("explain", job, source).stdout.splitlines()
        return "\n".join(line for line in lines if line.startswith("note "))

    def test_a_size_that_changes_in_the_middle(self):
        source = self.clip()
        for chain in (CHANGES_SIZE.format(64, 16), CHANGES_SIZE.format(64, 480), CHANGES_SIZE.format("'if(gt(n,5),32,64)'", 48)):
            for mode in ("sequential", "frames"):
                with self.subTest(chain=chain, mode=mode):
                    refused = self.run_job(self.chain(chain, {"levels": {"brightness": 0.1}}), source, "-m", mode, code=1)
                    self.assertRegex(refused.stderr, r"gave a picture of yuv420p \d+x\d+ where yuv420p 64x48 was planned; end the chain with scale=64:48,format=yuv420p")
                    self.assertEqual(self.files("out"), [])
        mended = CHANGES_SIZE.format(64, 16) + ",scale=64:48,format=yuv420p"
        if self.sizes(source, mended) != {"64x48"}:
            print("not asked: this FFmpeg's scale does not see that its input changed (7.1)")
            return
        self.run_job(self.chain(mended, {"levels": {"brightness": 0.1}}), source)

    def test_many_frames_of_one_go_on_as_there_is_room(self):
        """At the end of the input, in its middle, and behind a window and another such filter."""
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:d=0.2", "-c:v", "ffv1", "in.mkv")
        at_the_end, of_each = "tpad=stop=300", "zoompan=d=60:s=1280x720"
        for chains, frames in (([at_the_end], 305), ([of_each], 300), ([of_each, at_the_end], 600)):
            stages = [{"ffmpeg": chains[0]}, {"temporal_denoise": {}}, *({"ffmpeg": chain} for chain in chains[1:]), {"levels": {"brightness": 0.1}}]
            job = self.job("out.mkv", stages=stages, video={"codec": "mpeg2video"})
            made = set()
            for mode in qt.MODES:
                if mode == "segments":
                    continue  # it cannot be cut
                with self.subTest(chains=chains, mode=mode):
                    self.run_job(job, "in.mkv", "-m", mode, "-c", "2", "--overwrite", "--report", "r.json")
                    with open(self.path("r.json")) as f:
                        report = json.load(f)
                    self.assertEqual(report["inputs"][0]["frames_out"], frames)
                    self.assertLess(report["peak_rss_bytes"], 250 << 20)  # all at once: 600 MiB
                    cpu = {s["name"]: s["cpu_seconds"] for s in report["inputs"][0]["stages"]}
                    if mode == "sequential" and chains == [at_the_end]:
                        self.assertLess(cpu["ffmpeg"], cpu["encode"])  # excludes what was done with its frames later
                    made.add(qt.content(self.path("out.mkv")))
                    os.remove(self.path("out.mkv"))
            self.assertEqual(len(made), 1)

    def test_a_filter_that_may_hold_many_frames_is_named(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.2", "-c:v", "ffv1", "in.mkv")
        self.assertIn("ffmpeg: thumbnail may hold many frames, which --memory does not bound", self.notes(self.chain("thumbnail"), "in.mkv"))

    def test_a_filter_that_keeps_all_frames(self):
        self.clip("in.mp4", size="640x480")
        job = self.chain("reverse")
        self.assertIn("ffmpeg: keeps all frames until the input ends", self.notes(job, "in.mp4"))
        refused = self.run_job(job, "in.mp4", "--memory", "10M", "-m", "sequential", code=1)
        self.assertIn("in.mp4: ffmpeg keeps all 25 frames of the input, 10 MiB, and 10 MiB are allowed; raise --memory or cut the input", refused.stderr)
        self.run_job(job, "in.mp4", "--memory", "300M")

    def test_rgb_comes_back_as_it_was(self):
        """Filters are given the matrix with which RGB was converted to YUV; by default they assume another."""
        for size in ("1280x720", "320x240"):
            with self.subTest(size=size):
                self.ffmpeg("-f", "lavfi", "-i", f"color=0x00ff00:s={size},format=rgb24", "-frames:v", "1", "green.png")
                self.run_job(self.job("out.png", stages=[{"saturation": 1}, {"ffmpeg": "format=rgb24"}]), "green.png", "--overwrite")
                for got, expected in zip(self.ffmpeg("-i", "out.png", "-f", "rawvideo", "-"), (0, 255, 0)):
                    self.assertAlmostEqual(got, expected, delta=2)

    def test_a_guessed_matrix_is_told(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.2", "-pix_fmt", "yuv420p", "-c:v", "ffv1", "in.mkv")
        told = "\"format=rgb24\" converts between YUV and RGB and does not know the matrix, so FFmpeg takes BT.601; setparams=colorspace=bt709 names another"
        self.assertIn(told, self.notes(self.chain("format=rgb24"), "in.mkv"))
        self.assertIn("does not tell its matrix: BT.601 is taken, as usual for its size", self.notes(self.job("%03d.png"), "in.mkv"))
        for harmless in ("hflip", "setparams=colorspace=bt709,format=rgb24", "format=gray"):
            job = self.chain(harmless)
            if "setparams" in harmless:
                job = self.job(stages=[{"ffmpeg": "setparams=colorspace=bt709"}, {"ffmpeg": "format=rgb24"}], video=FFV1)
            self.assertNotIn("matrix", self.notes(job, "in.mkv"))

    def test_what_is_random_is_named(self):
        self.clip()
        for chain, named in (("random", "random without a seed"), ("random=frames=5:seed=-1", "random without a seed"), ("random=5:7", ""), ("random=seed=7", ""),
                             ("hflip,shufflepixels@x=width=4", "shufflepixels without a seed"), ("drawtext=text='%{localtime\\:%X}':font=Mono", "drawtext with the time of day"),
                             ("drawtext=text=hello:font=Mono", ""), ("setpts=RTCTIME/(TB*1000000)", "setpts with the time of day")):
            with self.subTest(chain=chain):
                plan = self.quadrant("explain", self.job("out.mkv", video={"codec": "ffv1"}, stages=[{"ffmpeg": chain}]), "in.mp4").stdout
                found = [line for line in plan.splitlines() if "gives other pictures in every run" in line]
                self.assertEqual(len(found), 1 if named else 0, plan)
                self.assertIn(named, "".join(found))

    def test_explain_writes_nothing(self):
        """Filters and encoders that write files of their own are not tried out with them; a run writes them."""
        self.clip()
        before = self.files()
        for chain, made in (("metadata=print:file=meta.txt", "meta.txt"), ("metadata=mode=print:file='my notes.txt'", "my notes.txt"), ("deshake=filename=motion.log", "motion.log"),
                            ("hflip,metadata@name=print:file=meta.txt,vflip", "meta.txt"), ("split[a][b];[a][b]psnr=stats_file=psnr.log", "psnr.log"), ("curves=plot=curves.gp", "curves.gp")):
            with self.subTest(chain=chain):
                job = self.job("out.mkv", video={"codec": "ffv1"}, stages=[{"ffmpeg": chain}])
                plan = self.quadrant("explain", job, "in.mp4")
                self.assertEqual(plan.returncode, 0, plan.stderr)
                self.assertEqual([f for f in self.files() if f != "job.yaml"], before)
                self.run_job(job, "in.mp4", "--overwrite")
                self.assertIn(made, self.files())
                for name in (made, "out.mkv"):
                    os.remove(self.path(name))
        for options in ({"flags": "+pass1"}, {"flags": "pass1"}, {"x264-params": "pass=1:stats=first.log"}, {"stats": "first.log", "flags": "+psnr+pass1"}, {"x264opts": "bframes=1:pass=3"}):
            with self.subTest(options=options):
                plan = self.quadrant("explain", self.job("out.mkv", video={"codec": "libx264", "b": "200k", **options}), "in.mp4")
                self.assertEqual(plan.returncode, 0, plan.stderr)
                self.assertEqual([f for f in self.files() if f != "job.yaml"], before)

    def test_a_refusal_says_why(self):
        """libavfilter logs its reasons in pieces, and then that the filter failed."""
        source = self.clip()
        for chain, reason in (("lut3d=missing.cube", "missing.cube: No such file or directory"), ("fade=nosuch=1", "nosuch"), ("scale=0:foo", "foo"),
                              ("crop=1000:1000", "1000"), ("eq=contrast=zzz", "zzz"), ("nosuchfilter", "No such filter: 'nosuchfilter'"), ("hflip,lut3d=file=gone.cube", "gone.cube: No such file")):
            told = self.quadrant("run", self.chain(chain), source).stderr.splitlines()[0]
            self.assertRegex(told, rf'filter chain "{re.escape(chain)}": .*{re.escape(reason)}', chain)


if __name__ == "__main__":
    qt.main()
