#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_corpus.py DIRECTORY: the first inputs of the fuzzing harnesses, one folder for each, from the project's own configurations and
small clips made by ffmpeg; each also cut short and with bits turned over, always the same ones."""
import glob
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLIPS = {"a.mp4": ["-c:v", "mpeg4"], "a.mov": ["-c:v", "mjpeg"], "a.mkv": ["-c:v", "mpeg4"], "a.webm": ["-c:v", "libvpx"],
         "a.ts": ["-c:v", "mpeg2video"], "a.avi": ["-c:v", "mpeg4"], "a.flv": ["-c:v", "flv"], "a.mpg": ["-c:v", "mpeg1video"],
         "a.gif": [], "a.y4m": ["-frames:v", "1"], "a.png": ["-frames:v", "1"], "a.nut": ["-c:v", "ffv1"], "a.h264": ["-c:v", "libx264"]}


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


def packet_file():
    head, foot = b'{"unit": "x"}', b'{"frames": 1}'
    described = b"\xa0"
    data = b"quadrant packets 1\n" + struct.pack("<I", len(head)) + head
    data += struct.pack("<II", len(described), 3) + described + b"abc"
    data += struct.pack("<II", 0, len(foot)) + foot
    return data + hashlib.md5(data).hexdigest().encode()


def message(text):
    return struct.pack("=I", len(text)) + text


def main(directory):
    shutil.rmtree(directory, ignore_errors=True)
    corpus = Corpus(directory)
    for path in sorted(glob.glob(os.path.join(ROOT, "configs", "**", "*.yaml"), recursive=True)):
        with open(path, "rb") as f:
            corpus.put_with_damage("job", f.read())
    corpus.put("job", b"version: 1\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    corpus.put("job", b"version: 1\noutput: " + b"[" * 2000)
    corpus.put("job", b"version: 99999999999999999999\0\n")
    corpus.put_with_damage("unit", json.dumps({"schema": "quadrant-unit/2", "id": "0" * 16, "kind": "segment", "segment": {"index": 1, "begin": None, "end": 4},
                                               "input": "a.mp4", "output": "b.mp4", "cost": 1.5, "memory": 10, "from": 1, "to": 2,
                                               "configuration": "x", "content": "y", "versions": "z"}).encode(), 10)
    corpus.put_with_damage("journal", b'{"output": "a.mp4", "configuration": "x", "md5": "y"}\n{"torn', 10)
    corpus.put_with_damage("packets", packet_file(), 20)
    for name in (b"open", b"unit", b"stitch", b"opened", b"metrics", b"done", b"failed"):
        corpus.put_with_damage("messages", message(b"\xa1" + bytes([0x60 + len(name)]) + name + b"\xa0"), 5)
    corpus.put("messages", struct.pack("=I", 0xFFFFFFFF) + b"x")
    with tempfile.TemporaryDirectory() as made:
        for name, options in CLIPS.items():
            path = os.path.join(made, name)
            subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", *options, path], check=True)
            with open(path, "rb") as f:
                corpus.put_with_damage("media", f.read(), 4)


if __name__ == "__main__":
    main(sys.argv[1])
