# SPDX-License-Identifier: MIT
"""What the command line tests share: where the program and the real clips are, and small helpers.

The oracle is independent of the program: clips are made and outputs are judged by the ffmpeg and ffprobe programs.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUADRANT = os.environ.get("QUADRANT", os.path.join(ROOT, "build", "release", "quadrant"))
CLIPS = os.environ.get("QUADRANT_CLIPS", os.path.join(ROOT, "..", "shared", "clips"))
CLIPS_LONG = os.environ.get("QUADRANT_CLIPS_LONG") == "1"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these tests
MODES = ["sequential", "concurrent", "tiles", "frames", "segments"]


def clips(one_in=1):
    """The real clips; leaves the test as skipped, and says so, where they are not there.

    `one_in`: that share of them, always the same ones, so that tools/check stays short; QUADRANT_CLIPS_LONG=1 takes all.
    """
    if not os.path.isdir(CLIPS):
        print(f"SKIPPED: no real clips at {CLIPS}; set QUADRANT_CLIPS")
        sys.exit(SKIPPED)
    names = sorted(name for name in os.listdir(CLIPS) if name != "MANIFEST.tsv")
    kept = names if CLIPS_LONG else [name for name in names if zlib.crc32(os.fsencode(name)) % one_in == 0]
    if len(kept) < len(names):
        print(f"{len(kept)} of {len(names)} clips; QUADRANT_CLIPS_LONG=1 takes all")
    return [os.path.join(CLIPS, name) for name in kept]


def ffmpeg(*arguments, **options):
    """Runs ffmpeg, which must succeed; what it wrote to standard output, as bytes."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *arguments]
    run = subprocess.run(command, capture_output=True, **options)
    if run.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{run.stderr.decode(errors='replace')}")
    return run.stdout


def demuxer_time_base():
    """As the ffmpeg that is installed calls it in -enc_time_base."""
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()[2]
    return "-1" if version.startswith(("4.", "5.", "6.0")) else "demux"


def has_encoder(name):
    """Does the installed FFmpeg have it?"""
    return b"Encoder " + name.encode() in subprocess.run(["ffmpeg", "-v", "error", "-h", "encoder=" + name], capture_output=True).stdout


def ffprobe(path, *arguments):
    command = ["ffprobe", "-v", "error", "-of", "json", *(arguments or ("-show_streams", "-show_format", "-show_chapters")), "file:" + path]
    run = subprocess.run(command, capture_output=True)
    return json.loads(run.stdout.decode(errors="replace") or "{}")


def stream(path, kind, index=0):
    """ffprobe's description of the index-th stream of a kind; None if there is none."""
    found = [s for s in ffprobe(path).get("streams", []) if s.get("codec_type") == kind]
    return found[index] if index < len(found) else None


def frames(path, select="v:0", entries="pts_time"):
    """ffprobe's decoded frames of one stream, as dictionaries of texts."""
    return ffprobe(path, "-select_streams", select, "-show_frames", "-show_entries", "frame=" + entries).get("frames", [])


def packets(path, select="v:0", entries="pts_time,duration_time"):
    return ffprobe(path, "-select_streams", select, "-show_packets", "-show_entries", "packet=" + entries).get("packets", [])


def times(path, select="v:0"):
    return [float(f["pts_time"]) for f in frames(path, select)]


def wait_until_it_listens(process):
    """Until a program catches SIGINT: on a loaded machine it takes seconds to start, and a signal before that just ends it."""
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as f:
            caught = next(int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
        if caught & 1 << (signal.SIGINT - 1):
            return
        time.sleep(0.02)


def content(path):
    with open(path, "rb") as f:
        return f.read()


class Load:
    """What else than this test kept the machine's cores busy since it began."""

    QUIET = 0.1  # cores; a machine that does nothing else has its clocks and kernel threads

    def __init__(self):
        self.began = self.now()

    @staticmethod
    def now():
        """Seconds: of the clock; that all cores worked, or were taken by the host of a virtual machine; that this process and the
        children it waited for worked."""
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, soft_irq, stolen = (int(n) for n in f.readline().split()[1:9])
        all_cores = (user + nice + system + irq + soft_irq + stolen) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), all_cores, sum(os.times()[:4])

    def other_cores(self):
        wall, all_cores, ours = (now - then for now, then in zip(self.now(), self.began))
        return max(0.0, all_cores - ours) / max(wall, 0.01)


class Case(unittest.TestCase):
    """A test with a directory of its own, in which programs run."""

    maxDiff = 2000

    @contextlib.contextmanager
    def on_a_quiet_machine(self):
        """Around assertions about what executes when, or how long something takes: where other work kept the cores busy since the test
        began, one that does not hold is printed and not judged, for it says nothing about the program."""
        try:
            yield
        except AssertionError as failure:
            others = self.load.other_cores()
            if others < Load.QUIET:
                raise
            print(f"busy machine: not judged, {others:.2f} cores busy with other work: {self.id()}: {failure}")

    def setUp(self):
        self.load = Load()
        self.directory = tempfile.mkdtemp(prefix="quadrant-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def job(self, path="out/{stem}.mkv", name="job.yaml", stages=(), video=None, **output):
        """A configuration (JSON is YAML); its path. Small and fast unless told otherwise."""
        spec = {"version": 1, "output": {"path": path, **output}, "stages": list(stages)}
        if video is not None:
            spec["output"]["video"] = video
        with open(self.path(name), "w", encoding="utf-8") as f:
            json.dump(spec, f, ensure_ascii=False)
        return self.path(name)

    def quadrant(self, *arguments, **options):
        options = {"cwd": self.directory, "capture_output": True, "text": True, "errors": "replace",
                   "stdin": subprocess.DEVNULL, "timeout": 120, **options}
        return subprocess.run([QUADRANT, *arguments], **options)

    def run_job(self, *arguments, code=0, **options):
        """`quadrant run`, which must end with this code; its result."""
        result = self.quadrant("run", *arguments, **options)
        self.assertEqual(result.returncode, code, f"quadrant run {arguments}\n{result.stderr}")
        return result

    def ffmpeg(self, *arguments):
        return ffmpeg(*arguments, cwd=self.directory)

    def clip(self, name="in.mp4", *arguments, size="64x48", rate=25, length=1, audio=False):
        """A made clip; `arguments` are ffmpeg's output options."""
        source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={length}"]
        if audio:
            source += ["-f", "lavfi", "-i", f"sine=f=440:r=48000:d={length}", "-shortest"]
        self.ffmpeg(*source, *arguments, name)
        return self.path(name)

    def turn(self, source, name, degrees):
        """A copy that players turn counterclockwise: by an option since FFmpeg 6, by a tag before."""
        try:
            self.ffmpeg("-display_rotation:v", str(degrees), "-i", source, "-c", "copy", name)
        except AssertionError:
            self.ffmpeg("-i", source, "-c", "copy", "-metadata:s:v", f"rotate={degrees}", name)

    def files(self, directory="."):
        """All files below, the journal left out; left-overs show."""
        found = []
        for base, _, names in os.walk(self.path(directory)):
            found += [os.path.relpath(os.path.join(base, n), self.path(directory)) for n in names if n != ".quadrant.jsonl"]
        return sorted(found)

    def assert_decodable(self, path):
        ffmpeg("-xerror", "-err_detect", "explode", "-i", "file:" + path, "-map", "0:v", "-f", "null", "-")


class ScratchCase(Case):
    """Of a command that makes files of its own where temporary ones go, and leaves none."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))
        os.environ["TMPDIR"] = self.path("tmp")
        self.addCleanup(os.environ.pop, "TMPDIR")

    def tell(self, *arguments, code=0, **options):
        """Runs the program, which must end with this code and leave nothing behind."""
        run = self.quadrant(*arguments, **options)
        self.assertEqual(run.returncode, code, f"quadrant {arguments}\n{run.stderr}\n{run.stdout}")
        self.assertEqual(os.listdir(self.path("tmp")), [], "left behind")
        return run


def main():
    unittest.main(verbosity=1)
