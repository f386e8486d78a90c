#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an input may pull in: its own file, and files below a playlist's folder; more only with --allow."""
import functools
import http.server
import os
import shutil
import struct
import subprocess

import quadrant_testing as qt

MPEG4 = {"codec": "mpeg4"}
MPD = """<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="PT0.4S" minBufferTime="PT1S">
<Period><AdaptationSet contentType="video" mimeType="video/mp4"><Representation id="%s" bandwidth="1000" width="64" height="48">%s</Representation></AdaptationSet></Period></MPD>
"""


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

    def mpd(self, inside, name="lists/list.mpd", rep="0"):
        return self.write(name, MPD % (rep, inside))

    def films(self):
        """As above, in what DASH takes."""
        self.clip("outside/secret.mp4", "-c:v", "mpeg4", length=0.4)
        shutil.copy(self.path("outside/secret.mp4"), self.path("lists/part.mp4"))
        shutil.copy(self.path("outside/secret.mp4"), self.path("lists/below/part.mp4"))
        os.symlink("../outside/secret.mp4", self.path("lists/link.mp4"))

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

    def test_dash(self):
        self.films()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mpeg4", "-g", "10", "-f", "dash", "-seg_duration", "0.4", "lists/made.mpd")
        self.done("lists/made.mpd", frames=25)
        self.done("file:lists/made.mpd", frames=25)
        for inside in ("<BaseURL>part.mp4</BaseURL>", "<BaseURL>below/part.mp4</BaseURL>", f"<BaseURL>{self.path('lists/part.mp4')}</BaseURL>",
                       "<!-- a & b --><BaseURL>part.mp4</BaseURL>"):
            self.done(self.mpd(inside))
        self.assertIn("is a playlist or a script", self.refused("", self.mpd("<BaseURL>part.mp4</BaseURL>", "lists/film.mp4")))

    def test_dash_opens_nothing_elsewhere(self):
        """Its demuxer opens files past libavformat's hooks."""
        self.films()
        outside = self.path("outside/secret.mp4")
        template = '<SegmentTemplate media="%s" startNumber="1" duration="1"/>'
        for inside, rep in (("<BaseURL>../outside/secret.mp4</BaseURL>", "0"), (f"<BaseURL>{outside}</BaseURL>", "0"), (f"<BaseURL>file:{outside}</BaseURL>", "0"),
                            ("<BaseURL>link.mp4</BaseURL>", "0"), ("<BaseURL>door/secret.mp4</BaseURL>", "0"), (template % "../outside/secret.mp4", "0"),
                            (template % ".$RepresentationID$/outside/secret.mp4", "."), (template % "$representationid$/outside/secret.mp4", ".."),
                            ('<SegmentList duration="1"><SegmentURL media="../outside/secret.mp4"/></SegmentList>', "0"),
                            ("<BaseURL>below/../../outside/secret.mp4</BaseURL>", "0")):
            with self.subTest(inside=inside):
                name = self.mpd(inside, rep=rep)
                self.assertRegex(self.refused("list.mpd: ", name), "which a playlist may not|not clear which files it names")
        for inside in ("<BaseURL>&#x2e;./outside/secret.mp4</BaseURL>", "<BaseURL><![CDATA[../outside/secret.mp4]]></BaseURL>",
                       "<BaseURL>..<x/>/outside/secret.mp4</BaseURL>"):
            with self.subTest(inside=inside):
                self.refused("not clear which files it names; --allow files reads it", self.mpd(inside))
        text = MPD % ("0", "<BaseURL>../outside/secret.mp4</BaseURL>")
        with open(self.path("lists/list.mpd"), "wb") as f:
            f.write(text.replace("utf-8", "utf-16").encode("utf-16"))
        self.refused("not clear which files it names", "lists/list.mpd")
        self.done(self.mpd("<BaseURL>../outside/secret.mp4</BaseURL>"), "--allow", "files")

    def test_dash_and_the_network(self):
        self.films()
        with serving(self.path("lists")) as url:
            name = self.mpd(f"<BaseURL>{url}/part.mp4</BaseURL>")
            self.refused(f"names {url}/part.mp4", name)
            self.refused("", name, "--allow", "files")
            self.assertEqual(Counting.asked, [])
            self.done(name, "--allow", "network")
            self.refused("", self.mpd(f"<BaseURL>file:{self.path('outside/secret.mp4')}</BaseURL>") and url + "/list.mpd", "--allow", "network")
            self.mpd("<BaseURL>part.mp4</BaseURL>")
            self.done(url + "/list.mpd", "--allow", "network")

    def test_hls_and_the_network(self):
        with serving(self.path("lists")) as url:
            name = self.m3u8(url + "/part.ts")
            self.refused("", name, "--allow", "files")
            self.assertEqual(Counting.asked, [])
            self.done(name, "--allow", "network")
            self.refused("list.m3u8: ", self.m3u8("../outside/secret.ts"), "--allow", "network")
            mixed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\n{url}/part.ts\n#EXTINF:0.4,\npart.ts\n#EXT-X-ENDLIST\n"
            if "ASAN_OPTIONS" not in os.environ:  # libavformat's HLS demuxer forgets its connection where a file follows a URL (FFmpeg 5.1)
                self.done(self.write("lists/mixed.m3u8", mixed), "--allow", "network", frames=20)
            key = f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{self.path("outside/secret.ts")}"\n#EXTINF:0.4,\npart.ts\n#EXT-X-ENDLIST\n'
            self.refused("secret.ts, which a playlist may not", self.write("lists/key.m3u8", key))

    def test_sdp(self):
        """A description of streams that come from the network."""
        sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 MP4V-ES/90000\n"
        for name in ("lists/a.sdp", "lists/a.mp4"):
            for arguments in ((), ("--allow", "files")):
                with self.subTest(name=name, arguments=arguments):
                    told = self.refused("a.", self.write(name, sdp), *arguments)
                    self.assertNotIn("internal", told)
        self.assertIn("needs --allow network", self.refused("", "lists/a.sdp"))

    def test_a_pipe_holds_no_playlist(self):
        """It can be read only once, so nobody can look at it before libav does."""
        for extension, text in (("m3u8", self.m3u8("part.ts")), ("ffconcat", self.ffconcat("part.ts"))):
            name = f"lists/pipe.{extension}"
            os.mkfifo(self.path(name))
            with subprocess.Popen(["sh", "-c", f"cat {text} > {name}"], cwd=self.directory):
                self.refused(f"{name}: ", name)
        os.mkfifo(self.path("lists/film.ts"))
        with subprocess.Popen(["sh", "-c", "cat lists/part.ts > lists/film.ts"], cwd=self.directory):
            self.done("lists/film.ts")

    def test_what_libav_calls_a_line(self):
        """It ends at a carriage return and at a zero byte, too."""
        for end in ("\r", "\0"):
            name = self.write("lists/list.ffconcat", f"ffconcat version 1.0\n#{end}file link.ts\n")
            self.refused("names link.ts, which a playlist may not", name)

    def test_members_are_not_replaced(self):
        self.films()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mpeg4", "-g", "10", "-f", "dash", "-seg_duration", "0.4", "lists/made.mpd")
        segment = next(name for name in sorted(os.listdir(self.path("lists"))) if name.startswith("chunk-"))
        self.m3u8("part.ts")
        master = self.write("lists/master.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nlist.m3u8\n")
        long = "ffconcat version 1.0\n" + "# x\n" * 20_000 + "file part.ts\n"
        cases = [("lists/list.m3u8", "part.ts"), (master, "part.ts"), (master, "list.m3u8"), (self.ffconcat("part.ts"), "part.ts"),
                 (self.write("lists/long.ffconcat", long), "part.ts"), ("lists/made.mpd", segment), ("lists/made.mpd", "init-stream0.m4s"),
                 (self.mpd("<BaseURL>below/</BaseURL><SegmentList><SegmentURL media='part.mp4'/></SegmentList>"), "below/part.mp4"),
                 ("file:lists/made.mpd", segment)]
        for name, member in cases:
            with self.subTest(name=name, member=member):
                before = qt.content(self.path("lists", member))
                job = self.job("lists/" + member, name="over.yaml", video=MPEG4, container="matroska")
                run = self.run_job(job, name, "--overwrite", code=1)
                self.assertIn(f"is the input {name}, which is never overwritten", run.stderr)
                self.assertEqual(qt.content(self.path("lists", member)), before)

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
