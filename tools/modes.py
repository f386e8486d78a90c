#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/modes.py CONFIG INPUT: runs the job in four modes and prints what each did.

Speed-up is over `sequential`, frames per second over frames per second, each mode once: a first
look, not a benchmark (that is tools/bench). While program, job and input are the same, a second
call prints the first call's figures.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUADRANT = os.environ.get("QUADRANT", os.path.join(ROOT, "build", "release", "quadrant"))
OUT = os.path.join(ROOT, "out", "quickstart")
MODES = {"sequential": "neither concurrent nor parallel", "concurrent": "concurrent, not parallel", "tiles": "parallel, not concurrent",
         "frames": "concurrent and parallel"}


def digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()


def made_after(path, *sources):
    return os.path.exists(path) and all(os.path.getmtime(path) > os.path.getmtime(s) for s in sources)


def report_of(mode, config, clip):
    """The report of an earlier run of the same program, job and input if there is one, else of a new run."""
    output, report = os.path.join(OUT, mode, "{stem}.mp4"), os.path.join(OUT, mode + ".json")
    if not made_after(report, QUADRANT, config, clip):
        shutil.rmtree(os.path.join(OUT, mode), ignore_errors=True)
        subprocess.run([QUADRANT, "run", config, clip, "-o", output, "-m", mode, "--report", report, "--progress", "none"], check=True)
    with open(report) as f:
        return json.load(f)


def print_table(reports, same):
    print(f"{'mode':<12}{'in progress':>12}{'executing':>11}  {'quadrant':<32}{'fps':>7}{'speed-up':>10}  same file")
    for mode, r in reports.items():
        print(f"{mode:<12}{r['in_progress']['mean']:>12.2f}{r['executing']['mean']:>11.2f}  {r['quadrant']:<32}{r['fps']:>7.1f}"
              f"{r['fps'] / reports['sequential']['fps']:>9.2f}x  {same}")


def print_doubts(reports):
    cores = reports["frames"]["cores"]
    other = [mode for mode, r in reports.items() if r["quadrant"] != MODES[mode]]
    if cores == 1:
        print("one core: no mode can be parallel here")
    elif other:
        print(f"other load on this machine: it kept {', '.join(other)} from showing its quadrant; run it again when the machine is quiet")


def main(config, clip):
    os.makedirs(OUT, exist_ok=True)
    try:
        reports = {mode: report_of(mode, config, clip) for mode in MODES}
        outputs = [r["inputs"][0]["output"] for r in reports.values()]
        same = "yes" if len({digest(output) for output in outputs}) == 1 else "NO"
    except subprocess.CalledProcessError as error:
        sys.exit(f"modes: quadrant ended with exit code {error.returncode}, see above")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"modes: {error}; remove {os.path.relpath(OUT)} and run it again")
    print_table(reports, same)
    print_doubts(reports)
    print(f"same file: {same}; it lies in {os.path.relpath(outputs[-1], os.getcwd())}")
    return 0 if same == "yes" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]) if len(sys.argv) == 3 else __doc__)
