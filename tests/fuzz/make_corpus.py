#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_corpus.py PROGRAM DIRECTORY: the first inputs of the fuzzing harnesses, one folder for each: the project's own configurations, small
clips made by ffmpeg, what runs of the program leave on disk and send to each other, and what was found before (tests/fuzz/found). Each also
cut short and with bits turned over, always the same ones."""
import glob
import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLIPS = {"a.mp4": ["-c:v", "mpeg4"], "a.mov": ["-c:v", "mjpeg"], "a.mkv": ["-c:v", "mpeg4"], "a.webm": ["-c:v", "libvpx"],
         "a.ts": ["-c:v", "mpeg2video"], "a.avi": ["-c:v", "mpeg4"], "a.flv": ["-c:v", "flv"], "a.mpg": ["-c:v", "mpeg1video"],
         "a.gif": [], "a.y4m": ["-frames:v", "1"], "a.png": ["-frames:v", "1"], "a.jpg": ["-frames:v", "1"], "a.nut": ["-c:v", "ffv1"],
         "a.h264": ["-c:v", "libx264"], "a.ogv": ["-c:v", "libtheora"], "fragments.mp4": ["-c:v", "libx264", "-movflags", "frag_keyframe+empty_moov"]}


class Corpus:
    def __init__(self, directory):
        self.directory = directory
        self.random = random.Random(1)

    def put(self, folder, data):
        os.makedirs(os.path.join(self.directory, folder), exist_ok=True)
        with open(os.path.join(self.directory, folder, hashlib.sha1(data).hexdigest()), "wb") as f:
            f.write(data)

    def put_with_damage(self, folder, data, times=2):
        self.put(folder, data)
        for _ in range(times):
            self.put(folder, data[:self.random.randrange(len(data))])
            turned = bytearray(data)
            for _ in range(4):
                turned[self.random.randrange(len(turned))] ^= 1 << self.random.randrange(8)
            self.put(folder, bytes(turned))


def content(path):
    with open(path, "rb") as f:
        return f.read()


class Runs:
    """Runs of the program in a directory of their own."""

    def __init__(self, program, directory):
        self.program, self.directory = os.path.abspath(program), directory
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1",
                        "-c:v", "mpeg4", "-g", "5", "-c:a", "aac", self.path("in.mp4")], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", self.path("in.mp4"), "-c:v", "mpeg2video", "-g", "5", self.path("whole.ts")], check=True)
        with open(self.path("cut.ts"), "wb") as f:  # its first pictures cannot be decoded
            f.write(content(self.path("whole.ts"))[188 * 12:])

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def job(self, path, **video):
        with open(self.path("job.yaml"), "w", encoding="utf-8") as f:
            json.dump({"version": 1, "output": {"path": path, "video": video}, "stages": [{"scale": {"width": 32}}]}, f)
        return "job.yaml"

    def run(self, *arguments, before=(), codes=(0,)):
        command = [*before, self.program, *arguments]
        # LeakSanitizer does not work under strace.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        run = subprocess.run(command, cwd=self.directory, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "ASAN_OPTIONS": options})
        if run.returncode not in codes:
            sys.exit(f"make_corpus.py: {' '.join(command)}\n{run.stderr.decode(errors='replace')}")

    def sent(self, *arguments):
        """The messages that the processes of a run sent to each other."""
        self.run(*arguments, before=["strace", "-f", "-qq", "-e", "trace=sendto", "-xx", "-s", "1000000", "-o", self.path("sent")])
        with open(self.path("sent"), encoding="ascii", errors="replace") as f:
            return [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'sendto\(\d+, "((?:\\x[0-9a-f]{2})+)", ', f.read())]


def put_runs(corpus, runs):
    clips = ["in.mp4", "cut.ts"]
    cut = runs.job("out/{name}.mkv", codec="mpeg4", segment=0.2)
    runs.run("run", cut, *clips)
    runs.run("run", cut, *clips, "--overwrite", "--set", "output.video.qscale=9")
    runs.run("run", runs.job("out/%d.png"), "in.mp4")
    lines = content(runs.path("out", ".quadrant.jsonl"))
    corpus.put_with_damage("journal", lines, 10)
    for line in lines.splitlines(keepends=True):
        corpus.put_with_damage("journal", line)

    runs.run("plan", runs.job("far/{name}.mkv", codec="mpeg4", segment=0.2), *clips, "-o", "planned")
    runs.run("run", "planned")
    for line in content(runs.path("planned", "plan.ndjson")).splitlines():
        corpus.put_with_damage("unit", line, 4)
    for path in sorted(glob.glob(runs.path("planned", "units", "*.packets"))):
        corpus.put_with_damage("packets", content(path), 3)

    messages = runs.sent("run", runs.job("apart/{name}.mkv", codec="mpeg4", segment=0.5), *clips, "--isolate", "process")
    if not messages:
        sys.exit("make_corpus.py: strace saw no message between the processes of a run")
    for message in {m[:60]: m for m in messages}.values():  # metrics come many times
        corpus.put_with_damage("messages", message)


def put_playlists(corpus, directory):
    for name, options in (("dash.mpd", ["-f", "dash"]), ("hls.m3u8", ["-f", "hls"])):
        path = os.path.join(directory, name)
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-c:v", "mpeg4", *options, path], check=True)
        corpus.put_with_damage("playlist", content(path), 10)
    corpus.put_with_damage("playlist", b"ffconcat version 1.0\nfile 'a b.ts'\r\nfile c\\ d.ts\nduration 1\n", 4)
    corpus.put("playlist", b"<MPD><Representation id='" + b"$Number$" * 400 + b"' bandwidth='1'/><S media='" + b"$RepresentationID$" * 200 + b"'/></MPD>")
    corpus.put("playlist", b"<?xml encoding='utf-16'?><!DOCTYPE x [<!ENTITY a 'b'>]><MPD><BaseURL>&a;</BaseURL></MPD>")


def with_sum(line):
    return b'{"sum":"' + hashlib.md5(line).hexdigest()[:8].encode() + b'",' + line[1:] + b"\n"


def packet_file(*descriptions, head=b"{}", foot=b"{}"):
    data = b"quadrant packets 1\n" + struct.pack("<I", len(head)) + head
    for described in descriptions:
        data += struct.pack("<II", len(described), 3) + described + b"abc"
    data += struct.pack("<II", 0, len(foot)) + foot
    return data + hashlib.md5(data).hexdigest().encode()


def put_hostile(corpus):
    """What damage by chance does not come to: right sums over wrong texts, depth, sizes."""
    corpus.put("job", b"version: 1\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    corpus.put("job", b"version: 1\noutput: " + b"[" * 2000)
    corpus.put("job", b"version: 99999999999999999999\0\n")
    corpus.put("journal", b'{"output": "a.mp4", "configuration": "x", "md5": "y"}\n{"torn')
    for line in (b'{"output":5}', b'{"output":"a","frames":1e300}', b'{"output":"a","depends_on":[]}', b'{"output":"a","losses":"x"}',
                 b'{"text":{},"configuration":"x"}', b'{"output":"a","file":null}', b'{"output":"a","pictures":' + b"[" * 30000 + b"]" * 30000 + b"}"):
        corpus.put("journal", with_sum(line))
    corpus.put("packets", b"quadrant packets 1\n" + struct.pack("<I", 0x7FFFFFFF) + b"{}")
    deep, packet = b"\x81" * 60000 + b"\0", b"\x87\0\0\1\1\1\0\x80"
    huge = packet.replace(b"\1\1\1", b"\xfb\x7e\x37\xe4\x3c\x88\0\x75\x9c\1\1")  # 1e300
    for file in (packet_file(packet), packet_file(huge), packet_file(deep), packet_file(packet, head=b"[]", foot=b"[]"),
                 packet_file(packet, head=b'{"schema":"quadrant-segment/3","unit":5}'), packet_file(packet, foot=b'{"pictures":1e300}')):
        corpus.put("packets", file)
    corpus.put("messages", struct.pack("=I", 0xFFFFFFFF) + b"x")
    corpus.put("messages", struct.pack("=I", len(deep)) + deep)


def main(program, directory):
    shutil.rmtree(directory, ignore_errors=True)
    corpus = Corpus(directory)
    for path in sorted(glob.glob(os.path.join(ROOT, "configs", "**", "*.yaml"), recursive=True)):
        corpus.put_with_damage("job", content(path))
    for path in sorted(glob.glob(os.path.join(HERE, "found", "*", "*"))):
        corpus.put(os.path.basename(os.path.dirname(path)), content(path))
    put_hostile(corpus)
    with tempfile.TemporaryDirectory() as made:
        put_runs(corpus, Runs(program, made))
        put_playlists(corpus, made)
        for name, options in CLIPS.items():
            path = os.path.join(made, name)
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", *options, path], check=True)
            corpus.put_with_damage("media", content(path), 4)


if __name__ == "__main__":
    main(*sys.argv[1:])
