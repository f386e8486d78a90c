# SPDX-License-Identifier: MIT
"""Shared by the command line tests: the paths of the program and the real clips, and small helpers.

The oracle is independent of the program: the ffmpeg and ffprobe programs make clips and check outputs.
"""
import contextlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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
    """Paths of the real clips; if there are none, skips the test with a message.

    `one_in`: uses one clip in so many, always the same ones, so that tools/check stays short; QUADRANT_CLIPS_LONG=1 uses all.
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
    """Runs ffmpeg, which must succeed; returns its standard output as bytes."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", *arguments]
    run = subprocess.run(command, capture_output=True, **options)
    if run.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{run.stderr.decode(errors='replace')}")
    return run.stdout


def demuxer_time_base():
    """The value of -enc_time_base for the demuxer's time base in the installed ffmpeg."""
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()[2]
    return "-1" if version.startswith(("4.", "5.", "6.0")) else "demux"


def path_with_numpy():
    """A PATH whose python3 can import numpy; None if this machine has none."""
    for path in (os.environ["PATH"], "/usr/bin:" + os.environ["PATH"]):
        if subprocess.run(["python3", "-c", "import numpy"], capture_output=True, env={**os.environ, "PATH": path}).returncode == 0:
            return path
    return None


def has_encoder(name):
    """Does the installed FFmpeg have this encoder?"""
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
    """Waits until a program catches SIGINT: on a loaded machine it takes seconds to start, and an earlier signal just kills it."""
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as f:
            caught = next(int(line.split()[1], 16) for line in f if line.startswith("SigCgt:"))
        if caught & 1 << (signal.SIGINT - 1):
            return
        time.sleep(0.02)


def content(path):
    with open(path, "rb") as f:
        return f.read()


@contextlib.contextmanager
def local_server(handler):
    """A local HTTP server with this handler; yields its URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Load:
    """The load on the machine's cores since the test started, other than from the test itself."""

    QUIET = 0.1  # cores; an idle machine still has clocks and kernel threads

    def __init__(self):
        self.began = self.now()

    @staticmethod
    def now():
        """In seconds: wall time; busy time of all cores, including time taken by the host of a virtual machine; CPU time of this process
        and the children that it waited for."""
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, soft_irq, stolen = (int(n) for n in f.readline().split()[1:9])
        all_cores = (user + nice + system + irq + soft_irq + stolen) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), all_cores, sum(os.times()[:4])

    def other_cores(self):
        wall, all_cores, ours = (now - then for now, then in zip(self.now(), self.began))
        return max(0.0, all_cores - ours) / max(wall, 0.01)


class Case(unittest.TestCase):
    """A test with its own directory, in which programs run."""

    maxDiff = 2000

    @contextlib.contextmanager
    def on_a_quiet_machine(self):
        """For assertions about what executes when, or how long something takes: if other work kept the cores busy since the test
        started, a failed assertion is only printed, since it says nothing about the program."""
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
        """Writes a configuration (JSON is YAML) and returns its path."""
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
        """Runs `quadrant run`, which must exit with this code; returns its result."""
        result = self.quadrant("run", *arguments, **options)
        self.assertEqual(result.returncode, code, f"quadrant run {arguments}\n{result.stderr}")
        return result

    def hashed_pictures(self, *arguments):
        """Runs a job; times and hashes of the pictures that go to the encoder."""
        self.run_job(*arguments, "--overwrite", "--frame-hashes", self.path("hashes"))
        with open(self.path("hashes")) as f:
            lines = f.read().splitlines()
        base = next(line.split()[2] for line in lines if line.startswith("#tb"))
        tick = int(base.split("/")[0]) / int(base.split("/")[1])
        return [(int(row[2]) * tick, row[5].strip()) for row in (line.split(",") for line in lines if not line.startswith("#"))]

    def in_all_modes(self, job, source, but=()):
        """The bytes of the output, which all modes made."""
        made = set()
        for mode in [m for m in MODES if m not in but]:
            self.run_job(job, source, "-m", mode, "-o", f"out/{mode}.mkv")
            made.add(content(self.path(f"out/{mode}.mkv")))
        self.assertEqual(len(made), 1)
        return made.pop()

    def ffmpeg(self, *arguments):
        return ffmpeg(*arguments, cwd=self.directory)

    def clip(self, name="in.mp4", *arguments, size="64x48", rate=25, length=1, audio=False):
        """Makes a clip; `arguments` are ffmpeg's output options."""
        source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={length}"]
        if audio:
            source += ["-f", "lavfi", "-i", f"sine=f=440:r=48000:d={length}", "-shortest"]
        self.ffmpeg(*source, *arguments, name)
        return self.path(name)

    def turn(self, source, name, degrees):
        """Makes a copy that players rotate counterclockwise: by an option since FFmpeg 6, by a tag before."""
        try:
            self.ffmpeg("-display_rotation:v", str(degrees), "-i", source, "-c", "copy", name)
        except AssertionError:
            self.ffmpeg("-i", source, "-c", "copy", "-metadata:s:v", f"rotate={degrees}", name)

    def files(self, directory="."):
        """All files below the directory except journals, so that left-overs show."""
        found = []
        for base, _, names in os.walk(self.path(directory)):
            found += [os.path.relpath(os.path.join(base, n), self.path(directory)) for n in names if n != ".quadrant.jsonl"]
        return sorted(found)

    def assert_decodable(self, path):
        ffmpeg("-xerror", "-err_detect", "explode", "-i", "file:" + path, "-map", "0:v", "-f", "null", "-")


class ScratchCase(Case):
    """A test of a command that makes temporary files and must remove them all."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))
        os.environ["TMPDIR"] = self.path("tmp")
        self.addCleanup(os.environ.pop, "TMPDIR")

    def tell(self, *arguments, code=0, **options):
        """Runs the program, which must exit with this code and leave no temporary file."""
        run = self.quadrant(*arguments, **options)
        self.assertEqual(run.returncode, code, f"quadrant {arguments}\n{run.stderr}\n{run.stdout}")
        self.assertEqual(os.listdir(self.path("tmp")), [], "left behind")
        return run


def main():
    unittest.main(verbosity=1)
