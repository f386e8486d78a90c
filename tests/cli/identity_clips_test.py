#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The identity job gives exactly FFmpeg's decoded frames, in pixels and in time, for the real clips.

Reference: `ffmpeg -threads 1 -i CLIP -f framemd5`, with options to keep timestamps and rotation. One decoder
thread, because with more FFmpeg conceals damage differently; and if a stream changes its size midway, the
scaler's bit-exact flags, so that the result does not depend on the processor. Uses a third of the clips, always the same;
QUADRANT_CLIPS_LONG=1 uses all, of which one with 7,000 frames takes as long as all the others.
"""
import os
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

TOO_LONG = set() if qt.CLIPS_LONG else {"ax_long_1080p_lowbitrate.mp4"}
# Clips with a known difference: name -> reason.
UNDERSTOOD = {}


def frames(text):
    """(pts seconds, size, hash) of each video frame of a framemd5 text; video comes first in it."""
    if "#media_type 0: video" not in text:
        return []
    num, den, result = 1, 1, []
    for line in text.splitlines():
        if line.startswith("#tb 0:"):
            num, den = map(int, line.split(":")[1].split("/"))
        elif line.startswith("0,"):
            _, _, pts, _, size, digest = [field.strip() for field in line.split(",")]
            result.append((int(pts) * num / den, int(size), digest))
    return result


def ffmpeg_frames(clip):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-noautorotate", "-i", "file:" + clip, "-sn", "-dn",
               "-c:a", "copy", "-sws_flags", "bicubic+accurate_rnd+bitexact", "-fps_mode", "passthrough", "-enc_time_base", qt.demuxer_time_base(), "-f", "framemd5", "-"]
    run = subprocess.run(command, capture_output=True, text=True)
    return frames(run.stdout)


def quadrant_frames(clip, directory, mode):
    job, hashes = os.path.join(directory, "identity.yaml"), os.path.join(directory, "hashes")
    with open(job, "w") as f:
        f.write('version: 1\noutput: {path: "{stem}.null", container: "null", audio: none, subtitles: none}\n')
    run = subprocess.run([qt.QUADRANT, "run", job, clip, "-m", mode, "--frame-hashes", hashes, "--progress", "none"],
                         capture_output=True, text=True)
    with open(hashes) as f:
        return run.returncode, run.stderr, frames(f.read())


def compare(clip):
    name = os.path.basename(clip)
    expected = ffmpeg_frames(clip)
    with tempfile.TemporaryDirectory() as directory:
        code, errors, got = quadrant_frames(clip, directory, "frames" if zlib.crc32(os.fsencode(name)) & 4 else "sequential")
    if not expected and code != 0:
        return None  # neither finds a picture in it
    if len(expected) != len(got):
        return f"{name}: {len(got)} frames, FFmpeg gives {len(expected)} (exit {code}) {errors.strip()[-200:]}"
    for i, (a, b) in enumerate(zip(got, expected)):
        if a[1:] != b[1:]:
            return f"{name}: frame {i}: other pixels than FFmpeg's"
        if abs(a[0] - b[0]) > 1e-6:
            return f"{name}: frame {i}: at {a[0]:.6f} s, FFmpeg says {b[0]:.6f} s"
    return None


def main():
    clips = [c for c in qt.clips(one_in=3) if os.path.basename(c) not in TOO_LONG]
    with ThreadPoolExecutor(2) as pool:
        differences = [d for d in pool.map(compare, clips) if d and d.split(":")[0] not in UNDERSTOOD]
    for d in differences:
        print("DIFFERS", d)
    print(f"{len(clips) - len(differences)} passed, {len(differences)} failed")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
