#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/modes.py CONFIG INPUT: runs the job in all four modes and prints what each did.

Speed-up is over `sequential`, frames per second over frames per second, each mode once: a first
look, not a benchmark (that is tools/bench).
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUADRANT = os.path.join(ROOT, "build", "release", "quadrant")
OUT = os.path.join(ROOT, "out", "quickstart")
MODES = ["sequential", "concurrent", "tiles", "frames"]


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()


def run(mode, config, clip):
    output = os.path.join(OUT, mode, "{stem}.mp4")
    report = os.path.join(OUT, mode + ".json")
    subprocess.run([QUADRANT, "run", config, clip, "-o", output, "-m", mode, "--report", report, "--progress", "none"], check=True)
    with open(report) as f:
        return json.load(f)


def main(config, clip):
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    reports = {mode: run(mode, config, clip) for mode in MODES}
    digests = {digest(r["inputs"][0]["output"]) for r in reports.values()}
    print(f"{'mode':<12}{'in progress':>12}{'executing':>11}  {'quadrant':<32}{'fps':>7}{'speed-up':>10}  same file")
    for mode, r in reports.items():
        print(f"{mode:<12}{r['in_progress']['mean']:>12.2f}{r['executing']['mean']:>11.2f}  {r['quadrant']:<32}{r['fps']:>7.1f}"
              f"{r['fps'] / reports['sequential']['fps']:>9.2f}x  {'yes' if len(digests) == 1 else 'NO'}")
    print(f"same file: {'yes' if len(digests) == 1 else 'NO'}; it lies in {os.path.relpath(reports['frames']['inputs'][0]['output'], os.getcwd())}")
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]) if len(sys.argv) == 3 else __doc__)
