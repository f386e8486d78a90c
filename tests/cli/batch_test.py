#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Complete outputs are not made again, foreign files are not replaced; names, globs and streams of a batch."""
import json
import os
import re
import shutil
import subprocess

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}


class Batch(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.4)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return name

    def state(self):
        about = os.stat(self.path("out/a.mkv"))
        return about.st_ino, about.st_mtime_ns

    def test_up_to_date(self):
        job = self.write("j.yaml", "version: 1\noutput:\n  path: 'out/{stem}.mkv'\n  video: {codec: libx264, crf: 30, preset: ultrafast}\n")
        self.run_job(job, "a.mp4")
        before = self.state()
        self.assertIn("up-to-date: a.mp4", self.run_job(job, "a.mp4", "--verbose").stderr)
        self.assertEqual(self.run_job(job, "a.mp4").stderr, "0 done, 1 up to date, 0 failed, 0 frames in 0.0 s\n")
        self.run_job(job, "a.mp4", "--overwrite", "-m", "sequential", "-c", "1", "--memory", "1G")
        other = self.write("k.yaml", "# the same job\noutput:\n  video:\n    preset: ultrafast  # fast\n    crf: 30\n    codec: libx264\n  path: 'out/{stem}.mkv'\nversion: 1\nrun: {mode: tiles}\n")
        self.assertIn("1 up to date", self.run_job(other, self.path("a.mp4")).stderr)
        self.assertEqual(self.state(), before)

    def test_changed_job_or_input(self):
        job = self.job(video=X264)
        self.run_job(job, "a.mp4")
        before = self.state()
        self.assertIn("note   made again: the output: output.video.crf was not set and is 40", self.quadrant("explain", job, "a.mp4", "--set", "output.video.crf=40").stdout)
        self.assertEqual(self.state(), before)
        again = self.run_job(job, "a.mp4", "--set", "output.video.crf=40")
        self.assertIn("reprocessed: a.mp4: the output: output.video.crf was not set and is 40\n", again.stderr)
        changed = self.state()
        self.assertNotEqual(changed, before)
        os.utime(self.path("a.mp4"))
        again = self.run_job(job, "a.mp4", "--set", "output.video.crf=40")
        self.assertIn("reprocessed: a.mp4: the output: the input changed\n", again.stderr)
        self.assertNotEqual(self.state(), changed)
        self.assertIn("1 up to date", self.run_job(job, "./a.mp4", "--set", "output.video.crf=40").stderr)  # another spelling

    def test_an_output_that_is_not_this_job_s(self):
        """It is never replaced unasked, and the reason is told."""
        job, b = self.job(video=X264), self.path("deep/a.mp4")
        self.run_job(job, "a.mp4")
        before = self.state()
        os.mkdir(self.path("deep"))
        shutil.copy(self.path("a.mp4"), b)
        other = self.job(video={**X264, "crf": 41}, name="other.yaml")
        for arguments, reason in (((other, "a.mp4"), f"another job made it, {job}"), ((job, b), f"it was made of {self.path('a.mp4')}")):
            refused = self.run_job(*arguments, code=1).stderr
            self.assertIn(f"failed: out/a.mkv: exists, and {reason}; --overwrite replaces it", refused)
            self.assertEqual(self.state(), before)
        os.remove(self.path("out/.quadrant.jsonl"))
        self.assertIn("exists, and no run of Quadrant remembers it", self.run_job(job, "a.mp4", code=1).stderr)
        self.run_job(other, "a.mp4", "--overwrite")
        self.assertNotEqual(self.state(), before)

    def test_strict_asks_what_an_earlier_run_lost(self):
        self.ffmpeg("-i", "a.mp4", "-c", "copy", "-metadata", "mood=good", "a.mkv")
        job = self.job("lossy/{stem}.mp4", video=X264)
        self.assertIn("lost: a.mkv: metadata MOOD: mp4 cannot hold it", self.run_job(job, "a.mkv").stderr)
        again = self.run_job(job, "a.mkv", "--report", "r.json")
        self.assertEqual(again.stderr, "0 done, 1 up to date, 0 failed, 0 frames in 0.0 s\n")
        with open(self.path("r.json")) as f:
            self.assertEqual(json.load(f)["inputs"][0]["losses"], ["metadata MOOD: mp4 cannot hold it"])
        refused = self.run_job(job, "a.mkv", "--strict", code=1)
        self.assertIn("--strict, and lossy/a.mp4 did not keep all: metadata MOOD: mp4 cannot hold it", refused.stderr)

    def test_changed_file_of_a_filter(self):
        table = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
        hard = "a, b: [c]'s.cube"
        for name, chain in (("id.cube", "lut3d=id.cube"), ("id.cube", "hflip,lut3d=interp=nearest:file=id.cube,vflip"),
                            (hard, r"lut3d=a\, b\\: \[c\]\\\'s.cube")):
            with self.subTest(chain=chain):
                self.write(name, table)
                job = self.job(video=X264, stages=[{"ffmpeg": chain}])
                self.run_job(job, "a.mp4", "--overwrite")
                self.assertIn("1 up to date", self.run_job(job, "a.mp4").stderr)
                self.write(name, table.replace("1 1 1", "0 1 0"))
                self.assertIn(f"the output: file {name} changed", self.run_job(job, "a.mp4").stderr)
        job = self.job(video=X264, stages=[{"ffmpeg": "metadata=print:file=said.txt"}])
        self.run_job(job, "a.mp4", "--overwrite")
        self.assertIn("1 up to date", self.run_job(job, "a.mp4").stderr)  # a file that a filter writes is not an input

    def test_touched_or_foreign_output_is_not_ours(self):
        job = self.job(video=X264)
        self.run_job(job, "a.mp4")
        with open(self.path("out/a.mkv"), "ab") as f:
            f.write(b"x")
        self.run_job(job, "a.mp4", code=1)
        os.remove(self.path("out/.quadrant.jsonl"))
        self.run_job(job, "a.mp4", code=1)
        self.run_job(job, "a.mp4", "--overwrite")
        self.write("out/.quadrant.jsonl", '{"torn": ')
        self.run_job(job, "a.mp4", "--overwrite")
        self.run_job(job, "a.mp4")

    def test_sample_made_twice(self):
        said = [self.quadrant("sample", "s.mkv", "--length", "0.2", "--size", "64x48").stderr for _ in range(2)]
        self.assertEqual(said, ["s.mkv: 5 frames 64x48, 25 fps\n", "quadrant: s.mkv: exists; --overwrite replaces it\n"])
        self.assertFalse(os.path.exists(self.path(".quadrant.jsonl")))
        for arguments, reason in ((("s",), "s: no extension that names a container"), (("t.mp4", "--codec", "nope"), "--codec: the installed"),
                                  (("t.mp4", "--size", "17x17"), "set --pixel-format to one without reduced chroma")):
            self.assertIn(reason, self.quadrant("sample", *arguments).stderr)

    def test_globs_and_patterns(self):
        for name in ("in/x/b.mp4", "in/x/y/c.mp4", "in/d.mp4", "in/.hidden/e.mp4"):
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            os.link(self.path("a.mp4"), self.path(name))
        self.run_job(self.job("out/{index}-{stem}.{ext}.mkv", video=X264), "in/**/*.mp4")
        self.assertEqual(self.files("out"), ["1-d.mp4.mkv", "2-b.mp4.mkv", "3-c.mp4.mkv"])
        self.run_job(self.job("{dir}/done/{name}", video=X264), "in/x/*.mp4")
        self.assertEqual(self.files("in/x/done"), ["b.mp4"])
        nothing = self.run_job(self.job(video=X264), "in/*.mov", code=1)
        self.assertIn("in/*.mov: no file matches this pattern", nothing.stderr)

    def test_many_inputs_in_every_mode(self):
        names = []
        for i in range(12):
            names.append(f"n{i}.mp4")
            os.link(self.path("a.mp4"), self.path(names[-1]))
        reference = None
        for mode in qt.MODES:
            self.run_job(self.job(mode + "/{stem}.mkv", video=X264), *names, "-m", mode)
            self.assertEqual(self.files(mode), sorted(n.replace("mp4", "mkv") for n in names))
            bytes_of_all = {qt.content(self.path(mode, f)) for f in self.files(mode)}
            self.assertEqual(len(bytes_of_all), 1)
            reference = reference or bytes_of_all
            self.assertEqual(bytes_of_all, reference)

    def test_names_of_any_length(self):
        """Names up to the limit of the file system; temporary names next to the output are longer."""
        self.clip("cut.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "5", "-keyint_min", "5", rate=10, length=3)
        job = self.job("out/{stem}.mkv", "again.json", video={**X264, "segment": 1})
        lengths = (236, 241, 246, 250, 251, 255)
        names = [str(n) + "-" * (n - len(str(n)) - 4) + ".mkv" for n in lengths]
        for name in names:
            os.link(self.path("cut.mp4"), self.path(name))
        os.makedirs(self.path("out"))
        for i, name in enumerate(names):  # one that is there already, beside another one
            self.run_job(self.job("out/{name}", video={**X264, "segment": 1}), name, *names[:i])
        self.assertEqual(self.files("out"), sorted(names))
        self.assertIn("6 up to date", self.run_job(job, *names).stderr)
        self.assertEqual(self.tell_status("out"), {name: "finished" for name in names})
        longer = self.run_job(self.job("out/{stem}xx.mkv", video=X264), names[-1], "a.mp4", code=1)
        self.assertIn("the name has 257 bytes, and a file system takes 255", longer.stderr)
        self.assertIn("1 done, 0 up to date, 1 failed", longer.stderr)
        self.assertEqual([f for f in os.listdir(self.path("out")) if f.startswith(".") and f != ".quadrant.jsonl"], [])

    def tell_status(self, directory):
        told = json.loads(self.quadrant("status", directory, "--json").stdout)
        return {o["output"]: o["state"] for o in told["outputs"]}

    def test_the_journal_is_read_once(self):
        """A batch of N inputs reads the journal once, and not again after each line that it appends."""
        names = []
        for i in range(40):
            names.append(f"n{i:02}.mp4")
            os.link(self.path("a.mp4"), self.path(names[-1]))
        job = self.job("out/{stem}.mkv", video=X264)
        for mode in ("segments", "frames"):
            trace = self.path("trace")
            made = subprocess.run(["strace", "-f", "-y", "-e", "trace=read", "-o", trace, qt.QUADRANT, "run", job, *names, "-m", mode, "--overwrite"],
                                  cwd=self.directory, capture_output=True, text=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            with open(trace, errors="replace") as f:
                read = sum(int(m[1]) for m in re.finditer(r"read\(\d+<[^>]*\.quadrant\.jsonl>.* = (\d+)$", f.read(), re.M))
            size = os.path.getsize(self.path("out/.quadrant.jsonl"))
            self.assertGreater(read, 0)
            self.assertLess(read, 1.5 * size, "read more than it has")
            shutil.rmtree(self.path("out"))

    def test_sequences_never_take_each_others_pictures(self):
        os.link(self.path("a.mp4"), self.path("a1.mp4"))
        png = self.job("out/{stem}%02d.png", video={"codec": "png"})
        refused = self.run_job(png, "a1.mp4", "a.mp4", code=2)
        self.assertIn("have outputs whose pictures may share a name", refused.stderr)
        self.write("foreign07.png", "mine")
        os.makedirs(self.path("out"))
        os.rename(self.path("foreign07.png"), self.path("out/a07.png"))
        self.assertIn("was not made by a run for this output", self.run_job(png, "a.mp4", "--overwrite", code=1).stderr)
        os.remove(self.path("out/a07.png"))
        self.run_job(png, "a.mp4")
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.2)
        self.run_job(png, "a.mp4", "--overwrite")
        self.assertEqual(len(self.files("out")), 5)

    def test_names_are_bytes(self):
        os.link(self.path("a.mp4"), os.fsencode(self.directory) + b"/lat\xe9 %d.mp4")
        job = self.job(video=X264)
        self.run_job(job, b"lat\xe9 %d.mp4")
        self.assertIn("1 up to date", self.run_job(job, b"lat\xe9 %d.mp4").stderr)

    def test_rate_limits_do_not_race(self):
        """Rate control that depends on other threads' progress would write different bytes in every run."""
        for video in ({"maxrate": "2M", "bufsize": "4M"}, {"x264-params": "vbv-maxrate=2000:vbv-bufsize=4000"}):
            plan = self.quadrant("explain", self.job(video={"codec": "libx264", "threads": 4, **video}), "a.mp4").stdout
            self.assertIn(", 1 encoder thread,", plan)
            self.assertIn("writes other bytes in every run with 4 threads", plan)
        self.assertIn(", 4 encoder threads,", self.quadrant("explain", self.job(video={"codec": "libx264", "threads": 4}), "a.mp4").stdout)


if __name__ == "__main__":
    qt.main()
