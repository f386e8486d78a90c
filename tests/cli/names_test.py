#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever files are called: percent signs, other spellings, outputs that lie beside their inputs, links that lead nowhere; and an input is
never overwritten, by which name soever it is read."""
import os
import shutil
import subprocess

import quadrant_testing as qt

FAST = {"codec": "libx264", "preset": "ultrafast"}


class Names(qt.Case):
    def colours(self, **pictures):
        os.makedirs(self.path("in"), exist_ok=True)
        for name, colour in pictures.items():
            self.ffmpeg("-f", "lavfi", "-i", f"color={colour}:s=32x32", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2", "-update", "1", f"in/{name}.jpg")

    def colour(self, path):
        """Of a picture, by a reader that knows no patterns."""
        raw = subprocess.run(["ffmpeg", "-v", "error", "-f", "png_pipe", "-i", "-", "-vf", "format=rgb24,crop=1:1", "-f", "rawvideo", "-"], input=qt.content(self.path(path)), capture_output=True, check=True)
        return tuple(raw.stdout)

    def test_a_percent_sign_in_an_input_is_one(self):
        self.colours(a0="black", a1="gray", **{"a%d": "red", "b%%": "blue", "c%03d": "lime", "50%": "white"})
        names = sorted(os.listdir(self.path("in")))
        for output in ("out/{stem}.png", "{dir}/{stem}.out.png"):
            self.run_job(self.job(output, audio="none"), "in/*.jpg", "--overwrite")
            made = {name: self.colour(output.format(dir="in", stem=name[:-4])) for name in names}
            for name, wanted in (("a%d.jpg", (254, 0, 0)), ("b%%.jpg", (0, 0, 254)), ("c%03d.jpg", (0, 255, 1)), ("50%.jpg", (255, 255, 255)), ("a0.jpg", (0, 0, 0))):
                self.assertLess(max(abs(a - b) for a, b in zip(made[name], wanted)), 6, name)

    def test_a_percent_sign_beside_a_number(self):
        self.clip("100%done.mp4", "-c:v", "mpeg4", length=0.2, rate=25)
        self.clip("%d.mp4", "-c:v", "mpeg4", length=0.2, rate=25)
        for output, wanted in (("out/{stem}-%03d.png", "{}-{:03d}.png"), ("out/%d-{stem}.png", "{1}-{0}.png"), ("out/{stem}/%02d.png", "{0}/{1:02d}.png")):
            job = self.job(output, audio="none")
            self.run_job(job, "100%done.mp4", "%d.mp4")
            for stem in ("100%done", "%d"):
                for number in range(1, 6):
                    self.assertTrue(os.path.exists(self.path("out", wanted.format(stem, number))), (output, stem, number))
            self.assertIn("2 up to date", self.run_job(job, "100%done.mp4", "%d.mp4").stderr)
            shutil.rmtree(self.path("out"))

    def test_a_percent_sign_in_a_directory(self):
        os.makedirs(self.path("50%d"))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=32x32:r=5:d=1", "x%d.png")
        for number in range(1, 6):
            os.rename(self.path(f"x{number}.png"), self.path(f"50%d/x{number}.png"))
        self.run_job(self.job("50%d/out.mkv", video={"codec": "ffv1"}), "50%d/x%d.png")
        self.assertEqual(len(qt.frames(self.path("50%d/out.mkv"))), 5)

    def test_outputs_beside_their_inputs(self):
        os.mkdir(self.path("films"))
        for name in ("a.mp4", "b.mp4"):
            self.clip("films/" + name, "-c:v", "mpeg4", length=0.2)
        job = self.job("{dir}/{stem}-small.mp4", video=FAST)
        self.run_job(job, "films/*.mp4")
        again = self.run_job(job, "films/*.mp4").stderr
        self.assertIn("left out: films/a-small.mp4 and 1 other file: made by this job\n", again)
        self.assertIn("0 done, 2 up to date, 0 failed", again)
        self.assertEqual(self.files("films"), ["a-small.mp4", "a.mp4", "b-small.mp4", "b.mp4"])
        self.run_job(job, "films/a-small.mp4")  # asked for by name, it is an input
        self.assertIn("a-small-small.mp4", self.files("films"))
        self.run_job(self.job("deep/{stem}.mp4", video=FAST, name="other.yaml"), "films/?-small.mp4")  # another job's outputs are inputs like others
        self.assertEqual(self.files("deep"), ["a-small.mp4", "b-small.mp4"])

    def test_spellings_of_one_input(self):
        self.clip("a.mp4", "-c:v", "mpeg4", length=0.2)
        os.mkdir(self.path("sub"))
        job = self.job("out/{stem}.mp4", video=FAST)
        self.run_job(job, "./a.mp4")
        for spelling in ("a.mp4", "sub/../a.mp4", ".//a.mp4", self.path("a.mp4")):
            self.assertIn("1 up to date", self.run_job(job, spelling).stderr, spelling)

    def test_the_input_is_never_overwritten(self):
        self.clip("a.mp4", "-c:v", "mpeg4", length=0.2)
        self.clip("b.mp4", "-c:v", "mpeg4", length=0.2)
        with open(self.path("list.ffconcat"), "w") as f:
            f.write("ffconcat version 1.0\nfile 'b.mp4'\nfile a.mp4\n")
        before = qt.content(self.path("a.mp4"))
        job = self.job("a.mp4", video=FAST)
        os.symlink("a.mp4", self.path("link.mp4"))
        os.link(self.path("a.mp4"), self.path("hard.mp4"))
        for name in ("a.mp4", "link.mp4", "hard.mp4", "file:a.mp4", "concat:b.mp4|a.mp4", "subfile,,start,0,end,0,,:a.mp4", "lavfi:movie=a.mp4", "lavfi:movie=filename=a.mp4,hflip",
                     "list.ffconcat", "file:list.ffconcat", "cache:a.mp4"):
            refused = self.run_job(job, name, "--overwrite", "--allow", "files", code=1).stderr
            self.assertIn("which is never overwritten", refused, name)
        with open(self.path("a.mp4"), "rb") as f:
            refused = subprocess.run([qt.QUADRANT, "run", job, "-", "--overwrite"], stdin=f, cwd=self.directory, capture_output=True, text=True)
        self.assertIn("which is never overwritten", refused.stderr)
        self.assertEqual(qt.content(self.path("a.mp4")), before)

    def test_a_link_that_leads_nowhere(self):
        self.clip("a.mp4", "-c:v", "mpeg4", length=0.2)
        os.symlink("/nowhere/big.mp4", self.path("out.mp4"))
        for more in ((), ("--overwrite",)):
            refused = self.run_job(self.job("out.mp4", video=FAST), "a.mp4", *more, code=1).stderr
            self.assertIn("out.mp4: is a symbolic link to /nowhere/big.mp4, which does not exist", refused)
            self.assertIn(" 0 frames ", refused)

    def test_a_directory_that_cannot_be_read(self):
        if os.geteuid() == 0 and shutil.which("setpriv") is None:
            self.skipTest("root reads every directory")
        os.makedirs(self.path("films/closed"))
        self.clip("films/a.mp4", "-c:v", "mpeg4", length=0.2)
        job = self.job("out/{stem}.mp4", video=FAST)
        os.mkdir(self.path("out"))
        for name in (".", "out"):
            os.chmod(self.path(name), 0o777)
        os.chmod(self.path("films/closed"), 0)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        if subprocess.run([*as_nobody, "test", "-x", qt.QUADRANT]).returncode != 0:
            self.skipTest("the program cannot be reached by another user")
        run = subprocess.run([*as_nobody, qt.QUADRANT, "run", job, "films/**/*.mp4"], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("failed: films/closed: cannot be read: Permission denied", run.stderr)
        self.assertIn("1 done, 0 up to date, 1 failed", run.stderr)


if __name__ == "__main__":
    qt.main()
