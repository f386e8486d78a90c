#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""quadrant verify over real clips: each has the same result in every mode after decode, after each stage, before the encoder and in its
file, or it cannot be read, and verify says so. QUADRANT_CLIPS_LONG=1 uses all clips, including long ones."""
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import quadrant_testing as qt

# 10 bits, a variable rate, damage, fields, odd sizes, alpha, packed RGB, gray, a rotation, a size that changes, a cut in the middle of a GOP.
KINDS = {"qt_h264_avc1_yuv420p10le_tv_bt2020.mov", "ax_sample_sef_slow_motion.mp4", "dv_corrupt_bitflip.ts", "op_dv-pal-interlaced.mov", "ax_bear-vp9-odd-dimensions.webm",
         "mp_1x1.mp4", "mp_transparent.webm", "op_png_rgba.mov", "qt_h264_gray10le.mp4", "ra_rotated_video.mp4", "dv_resolution_change.ts", "ax_sample_av1.mp4"}
STAGES = [{"levels": {"brightness": 0.05}}, {"temporal_denoise": {}}, {"sharpen": {}}]


def verify(clip):
    name = os.path.basename(clip)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quadrant-verify-") as directory:
        job, told = os.path.join(directory, "job.yaml"), os.path.join(directory, "told.json")
        with open(job, "w") as f:
            video = {"codec": "ffv1"} if "-odd-" in name else {"codec": "libx264", "preset": "ultrafast", "crf": 35}  # libx264 refuses odd sizes
            json.dump({"version": 1, "stages": STAGES, "output": {"path": "x.mkv", "video": {**video, "segment": 1}}}, f)
        run = subprocess.run([qt.QUADRANT, "verify", job, clip, "--cores", "2", "--in-flight", "2", "--json", told],
                             capture_output=True, text=True, errors="replace", timeout=600, env={**os.environ, "TMPDIR": directory})
        if run.returncode in (0, 3):
            with open(told) as f:
                result = json.load(f)
    said = run.stdout.strip().splitlines()
    if run.returncode == 3 and result["inputs"][0]["failure"]:
        print(f"not verified: {name}: {said[0]}")
    elif run.returncode != 0 or len(result["runs"]) != 6 or result["inputs"][0]["frames"] == 0:
        return "\n".join([f"{name}: exit {run.returncode}", *said[-12:], run.stderr[-500:]])
    if time.monotonic() - began > 10:
        print(f"{time.monotonic() - began:.1f} s: {name}")
    return None


def main():
    clips = [c for c in qt.clips() if qt.CLIPS_LONG or os.path.basename(c) in KINDS]
    with ThreadPoolExecutor(2) as pool:
        failed = [f for f in pool.map(verify, clips) if f]
    for f in failed:
        print("FAILED", f)
    print(f"{len(clips) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
