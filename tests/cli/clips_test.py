#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real job over every real clip: with the same result in several modes, or refused with the same clear message.

Done means: the same frames and the same bytes, decodable without an error, as many pictures as frames were reported,
and called damaged where FFmpeg's own decoding complained (MANIFEST.tsv). The reference is `sequential`; each clip
is compared with another mode, number of cores (1, 2, 3 and 7) and memory budget in turn. The outputs are
kept small (a stage, libx264 ultrafast, everything else copied).
QUADRANT_CLIPS_LONG=1 adds the long clips, all modes for each, and the containers MP4 and MPEG-TS
in addition to Matroska; that takes about ten minutes.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

OTHERS = [(mode, cores, memory) for memory in ("512M", "1G") for cores in (2, 7, 3, 1) for mode in ("frames", "tiles", "concurrent")]
CONTAINERS = ["mkv", "mp4", "ts"] if qt.CLIPS_LONG else ["mkv"]
# Long clips prove little more than short ones here, and cost most of the time.
TOO_LONG = {} if qt.CLIPS_LONG else {"ax_long_1080p_lowbitrate.mp4", "dv_bbb_hevc_1080p24_30s.mkv", "lo_sintel_trailer-720p.mp4", "dv_coffee_720p30_38s.mp4",
                            "dv_highway_540p60_15s.mp4", "ax_portrait_4k60.mp4",
                            "ax_hdr10-av1.mp4", "gp_max-heromode.mp4"}


# Its decode errors come from the muxer and are about times.
NOT_DAMAGED = {"mb_cursed-vfr.mp4"}


def decode_errors():
    """Errors of FFmpeg's own decoding, by clip."""
    with open(os.path.join(qt.CLIPS, "MANIFEST.tsv"), encoding="utf-8") as f:
        return {row["file"]: int(row["decode_errors"]) for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}


def job(directory, container):
    path = os.path.join(directory, container + ".yaml")
    with open(path, "w") as f:
        json.dump({"version": 1, "stages": [{"levels": {"brightness": 0.05}}],
                   "output": {"path": "x." + container, "video": {"codec": "libx264", "preset": "ultrafast", "crf": 35}}}, f)
    return path


def run(clip, directory, container, mode, cores=1, memory="1G"):
    out, report, hashes = (os.path.join(directory, mode + end) for end in ("." + container, ".json", ".hashes"))
    result = subprocess.run([qt.QUADRANT, "run", job(directory, container), clip, "-o", out, "-m", mode, "-c", str(cores), "--memory", memory,
                             "--report", report, "--frame-hashes", hashes, "--progress", "none"],
                            capture_output=True, text=True, errors="replace", timeout=600)
    with open(report) as f:
        told = json.load(f)["inputs"][0]
    return result.returncode, result.stderr.replace(out, "OUT"), told, out, qt.content(hashes)


def others(clip):
    """The runs to compare with `sequential`: one per clip, varying from clip to clip; all modes in the long test."""
    turn = zlib.crc32(os.path.basename(clip).encode(errors="surrogateescape"))
    return [OTHERS[(turn + i) % len(OTHERS)] for i in range(3 if qt.CLIPS_LONG else 1)]


def compare(clip, container):
    name = f"{os.path.basename(clip)} -> {container}"
    with tempfile.TemporaryDirectory(prefix="quadrant-clips-") as directory:
        code, errors, told, out, hashes = run(clip, directory, container, "sequential")
        for mode, cores, memory in others(clip):
            other_code, other_errors, other_told, other_out, other_hashes = run(clip, directory, container, mode, cores, memory)
            how = f"{mode} on {cores} cores with {memory}"
            if (code, errors) != (other_code, other_errors):
                return f"{name}: sequential exits {code} ({errors.strip()}), {how} {other_code} ({other_errors.strip()})"
            if bool(told["damage"]) != bool(other_told["damage"]):
                return f"{name}: damage: sequential {told['damage']}, {how} {other_told['damage']}"
            if hashes != other_hashes:
                return f"{name}: {how} makes other frames"
            if code == 0 and qt.content(out) != qt.content(other_out):
                return f"{name}: {how} writes other bytes"
        if code != 0:
            plain = code == 1 and errors.startswith("failed: ") and not os.path.exists(out)
            print(f"refused: {name}: {errors.strip()}")
            return None if plain else f"{name}: exit {code}: {errors.strip()}"
        clip_name = os.path.basename(clip)
        if bool(told["damage"]) != (decode_errors()[clip_name] > 0 and clip_name not in NOT_DAMAGED):
            return f"{name}: {decode_errors()[clip_name]} decode errors of FFmpeg, but damage is {told['damage']}"
        # A second video stream is copied, damage included: at least one must be intact and have all pictures.
        found = []
        for stream in range(2):
            check = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-xerror", "-i", out, "-map", f"0:v:{stream}", "-fps_mode", "passthrough", "-f", "framecrc", "-"], capture_output=True, text=True)
            found.append((check.returncode, sum(line.startswith("0,") for line in check.stdout.splitlines()), check.stderr.strip()[-200:]))
            if found[-1][:2] == (0, told["frames_out"]):
                return None
        return f"{name}: {told['frames_out']} pictures reported; decoded (exit code, pictures, errors): {found}"


def timed(clip, container):
    began = time.monotonic()
    failure = compare(clip, container)
    if time.monotonic() - began > 4:
        print(f"{time.monotonic() - began:.1f} s: {os.path.basename(clip)} -> {container}")
    return failure


def main():
    clips = [c for c in qt.clips(one_in=3) if os.path.basename(c) not in TOO_LONG]
    work = [(clip, container) for container in CONTAINERS for clip in clips]
    with ThreadPoolExecutor(2) as pool:
        failed = [f for f in pool.map(lambda w: timed(*w), work) if f]
    for f in failed:
        print("FAILED", f)
    print(f"{len(work) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
