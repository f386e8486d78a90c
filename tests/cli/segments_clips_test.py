#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cut into segments, a real clip gives the same frames as uncut, and a correct output.

Correct means: all packets of the output decode without a message (`-v warning -xerror`) to as many pictures as reported,
with the timestamps of the uncut output. The reference is the same job with `segment: none`. The plan
says what is cut; clips that are not cut (too short, no keyframe, damage) would only be compared with themselves.
"""
import json
import os
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

TOO_LONG = {} if qt.CLIPS_LONG else {"ax_long_1080p_lowbitrate.mp4", "lo_sintel_trailer-720p.mp4", "dv_bbb_hevc_1080p24_30s.mkv", "dv_coffee_720p30_38s.mp4",
                            "dv_highway_540p60_15s.mp4", "ax_portrait_4k60.mp4", "ax_hdr10-av1.mp4", "gp_max-heromode.mp4"}
# Its damaged pictures are concealed from earlier ones, which the decoder does not have at a border.
UNDERSTOOD = {"mz_no_timescale.mp4"}
SECONDS = 1  # many borders even in short clips
MODES = ["segments", "sequential", "frames", "tiles", "concurrent"]


def run(clip, directory, segment, mode):
    """Exit code, errors, report, hashes and path of the output."""
    job, out = os.path.join(directory, "job.yaml"), os.path.join(directory, f"{segment}.mkv")
    report, hashes = out + ".json", out + ".hashes"
    with open(job, "w") as f:
        json.dump({"version": 1, "stages": [{"scale": {"width": 160}}, {"temporal_denoise": {}}, {"deflicker": {}}],
                   "output": {"path": "x.mkv", "video": {"codec": "libx264", "preset": "ultrafast", "crf": 40, "bf": 2, "segment": segment}}}, f)
    made = subprocess.run([qt.QUADRANT, "run", job, clip, "-o", out, "-m", mode, "-c", "2", "--report", report, "--frame-hashes", hashes, "--progress", "none"],
                          capture_output=True, text=True, errors="replace", timeout=600)
    with open(report) as f:
        told = json.load(f)["inputs"][0]
    return made.returncode, made.stderr, told, qt.content(hashes), out


def video_times(path, stream):
    return sorted(float(p["pts_time"]) for p in qt.packets(path, f"v:{stream}", "pts_time"))


def decoded(path, stream):
    """The number of pictures that FFmpeg decodes, and its messages: about the copied streams they are allowed, about ours not."""
    made = subprocess.run(["ffmpeg", "-v", "warning", "-nostdin", "-threads", "1", "-xerror", "-i", path, "-map", f"0:v:{stream}", "-fps_mode", "passthrough",
                           "-f", "framecrc", "-"], capture_output=True, text=True)
    complaints = [line.split("] ")[-1] for line in made.stderr.splitlines()]
    return sum(line.startswith("0,") for line in made.stdout.splitlines()), complaints


def compare(clip):
    name = os.path.basename(clip)
    with tempfile.TemporaryDirectory(prefix="quadrant-segments-") as directory:
        mode = MODES[zlib.crc32(name.encode(errors="surrogateescape")) % len(MODES)]
        code, errors, told, hashes, out = run(clip, directory, SECONDS, mode)
        whole_code, whole_errors, _, whole_hashes, whole = run(clip, directory, "none", "frames")
        if code != whole_code:
            return f"{name}: exits {code} cut ({errors.strip()}), {whole_code} uncut ({whole_errors.strip()})", 0
        if code != 0 or told["segments"] < 2:
            return None, 0
        if hashes != whole_hashes and name not in UNDERSTOOD:
            return f"{name}: {mode}: other frames in {told['segments']} segments than in one piece", 0
        stream = next((i for i in range(3) if len(video_times(whole, i)) == told["frames_out"]), 0)  # others may be copied
        pictures, complaints = decoded(out, stream)
        if pictures != told["frames_out"] or complaints != decoded(whole, stream)[1]:
            return f"{name}: {pictures} of {told['frames_out']} pictures decode: {complaints}", 0
        if video_times(out, stream) != video_times(whole, stream):
            return f"{name}: other timestamps than in one piece", 0
    return None, told["segments"]


def main():
    clips = [c for c in qt.clips(one_in=3) if os.path.basename(c) not in TOO_LONG]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(compare, clips))
    failed = [failure for failure, _ in results if failure]
    for failure in failed:
        print("FAILED", failure)
    cut = [segments for _, segments in results if segments]
    print(f"{len(cut)} of {len(clips)} clips were cut, into {sum(cut)} segments")
    print(f"{len(clips) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or len(cut) < (20 if qt.CLIPS_LONG else 5) else 0


if __name__ == "__main__":
    sys.exit(main())
