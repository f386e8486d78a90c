#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an input may pull in: its own file, and files below a playlist's folder; more only with --allow."""
import functools
import http.server
import os
import shutil
import struct

import quadrant_testing as qt

MPEG4 = {"codec": "mpeg4"}


class Counting(http.server.SimpleHTTPRequestHandler):
    asked = []

    def send_head(self):
        self.asked.append(self.path)
        return super().send_head()

    def log_message(self, *_):
        pass


def serving(directory):
    """A local HTTP server of these files; gives its URL."""
    Counting.asked.clear()
    return qt.local_server(functools.partial(Counting, directory=directory))


class Allow(qt.Case):
    def setUp(self):
        super().setUp()
        for name in ("lists/below", "outside"):
            os.makedirs(self.path(name))
        self.clip("outside/secret.ts", "-c:v", "mpeg2video", length=0.4)
        for name in ("lists/part.ts", "lists/below/part.ts"):
            shutil.copy(self.path("outside/secret.ts"), self.path(name))
        os.symlink("../outside/secret.ts", self.path("lists/link.ts"))
        os.symlink("../outside", self.path("lists/door"))
        self.made = self.job("out/{stem}.mkv", video=MPEG4)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return name

    def m3u8(self, part, name="lists/list.m3u8"):
        return self.write(name, f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\n{part}\n#EXT-X-ENDLIST\n")

    def ffconcat(self, part, name="lists/list.ffconcat"):
        return self.write(name, f"ffconcat version 1.0\nfile '{part}'\n")

    def refused(self, message, *arguments, **options):
        shutil.rmtree(self.path("out"), ignore_errors=True)
        run = self.run_job(self.made, *arguments, code=1, **options)
        self.assertIn(message, run.stderr)
        self.assertIn(" 0 frames ", run.stderr)
        return run.stderr

    def done(self, *arguments, frames=10, **options):
        shutil.rmtree(self.path("out"), ignore_errors=True)
        self.assertIn(f" {frames} frames ", self.run_job(self.made, *arguments, **options).stderr)

    def test_files_below_the_playlist_are_read(self):
        for part in ("part.ts", "below/part.ts"):
            self.done(self.m3u8(part))
            self.done(self.ffconcat(part))
            self.done("file:" + self.ffconcat(part))
        self.done(self.m3u8(self.path("lists/part.ts")))
        os.symlink("lists", self.path("other"))
        self.done("other/list.m3u8")

    def test_files_elsewhere_are_refused(self):
        for part in ("../outside/secret.ts", self.path("outside/secret.ts"), "link.ts", "door/secret.ts", "below/../../outside/secret.ts",
                     "file:" + self.path("outside/secret.ts"), "concat:" + self.path("outside/secret.ts"),
                     "subfile,,start,0,end,0,,:" + self.path("outside/secret.ts"), "crypto:" + self.path("outside/secret.ts"), "/etc/passwd"):
            for made in (self.m3u8, self.ffconcat):
                with self.subTest(part=part, made=made.__name__):
                    name = made(part)
                    told = self.refused(f"{name}: ", name)
                    self.assertRegex(told, "--allow files|Error when loading first segment|allowed_segment_extensions|allowed_extensions")  # or libav refuses it
        for name in (self.m3u8("../outside/secret.ts"), self.ffconcat("../outside/secret.ts"), self.ffconcat(self.path("outside/secret.ts"))):
            self.done(name, "--allow", "files")

    def test_a_playlist_in_other_clothes(self):
        for made in (self.m3u8, self.ffconcat):
            name = made("part.ts", "lists/film.mp4")
            told = "is a playlist or a script, and its name does not say so"
            self.refused(told, name)
            self.done(name, "--allow", "files")
            with open(self.path(name), "rb") as f:
                self.refused(told, "-", stdin=f)
        self.ffconcat("part.ts", "lists/inner.ts")
        self.refused("inner.ts, a playlist", self.ffconcat("inner.ts"))

    def test_network(self):
        with serving(self.path("lists")) as url:
            needs = "part.ts: is read from the network, which needs --allow network"
            self.refused(needs, url + "/part.ts")
            self.refused(needs, url + "/part.ts", "--allow", "files")
            self.refused(f"names {url}/part.ts", self.m3u8(url + "/part.ts"))
            self.refused(f"names {url}/part.ts", self.ffconcat(url + "/part.ts"))
            self.refused("needs --allow files", f"cache:{url}/part.ts")
            self.refused("", f"cache:{url}/part.ts", "--allow", "files")
            for command in ("explain", "verify", "bench", "advise"):
                told = self.quadrant(command, self.made, url + "/part.ts")
                self.assertNotEqual(told.returncode, 0, command)
            self.assertIn("--allow network", self.quadrant("probe", url + "/part.ts").stderr)
            self.assertEqual(Counting.asked, [])  # nobody was even asked
            self.done(url + "/part.ts", "--allow", "network")
            self.done(url + "/part.ts", "--allow", "network", "--isolate", "process")
            self.assertEqual(self.quadrant("probe", "--allow", "network", url + "/part.ts").returncode, 0)
            self.assertEqual(self.quadrant("explain", self.made, "--allow", "network", url + "/part.ts").returncode, 0)
            self.m3u8("part.ts")
            self.done(url + "/list.m3u8", "--allow", "network")
            self.m3u8("file:" + self.path("lists/part.ts"))
            self.refused("list.m3u8: ", url + "/list.m3u8", "--allow", "network")

    def test_a_job_cannot_allow_itself(self):
        told = self.quadrant("run", self.made, "lists/part.ts", "--set", "run.allow=network")
        self.assertEqual(told.returncode, 2, told.stderr)
        self.assertEqual(self.quadrant("run", self.made, "lists/part.ts", "--allow", "all").returncode, 2)

    def test_filters_and_protocols_that_read_files(self):
        for name in ("lavfi:movie=lists/part.ts", "lavfi: 'mov'ie@a=lists/part.ts", "lavfi:testsrc2=d=0.2[a];movie=lists/part.ts[b];[a][b]hstack",
                     "concat:lists/part.ts|outside/secret.ts", "subfile,,start,0,end,0,,:lists/part.ts"):
            self.refused("needs --allow files", name)
        self.done("lavfi:movie=lists/part.ts", "--allow", "files")
        self.done("lavfi:testsrc2=s=64x48:r=25:d=0.4")

    def test_an_external_data_reference_is_not_followed(self):
        self.clip("ref.mov", "-c:v", "mpeg4", length=0.2)
        data = qt.content(self.path("ref.mov"))
        at = data.index(b"dref") - 4
        size = struct.unpack(">I", data[at:at + 4])[0]
        self.assertIn(b"url ", data[at:at + size])
        with open(self.path("ref.mov"), "wb") as f:  # not in this file, it says, but in one that it does not name
            f.write(data[:at + 27] + b"\0" + data[at + 28:])
        before = self.quadrant("probe", "ref.mov")
        self.assertEqual(before.returncode, 0, before.stderr)

    def test_pictures_of_a_sequence_may_be_links(self):
        os.mkdir(self.path("frames"))
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.08", "outside/%d.png")
        for i in (1, 2):
            os.symlink(f"../outside/{i}.png", self.path(f"frames/{i}.png"))
        self.done("frames/%d.png", frames=2)

    def test_planned_runs_are_allowed_again(self):
        name = self.m3u8("../outside/secret.ts")
        self.assertEqual(self.quadrant("plan", self.made, name, "-o", "run").returncode, 1)
        planned = self.quadrant("plan", self.made, name, "-o", "run", "--allow", "files")
        self.assertEqual(planned.returncode, 0, planned.stderr)
        self.assertIn("--allow files", self.run_job("run", code=1).stderr)
        self.assertIn("--allow files", self.quadrant("submit", "run", "--dry-run", "--allow", "files").stdout)
        self.run_job("run", "--allow", "files")
        merged = self.quadrant("merge", "run", "--allow", "files")
        self.assertEqual(merged.returncode, 0, merged.stderr)


if __name__ == "__main__":
    qt.main()
