#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.isolate: process. Whatever happens in a unit's process affects only that unit, and no process outlives its run."""
import json
import os
import shutil
import signal
import subprocess
import time

import quadrant_testing as qt

FAST = {"codec": "libx264", "preset": "ultrafast"}
PLUGINS = os.environ.get("FREI0R_PATH", os.path.join(os.path.dirname(qt.QUADRANT), "tests"))
FAULTY = [{"ffmpeg": "frei0r=faulty"}]


def children(pid):
    """Child processes of the threads of `pid`, as listed by the kernel."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                found += [int(p) for p in f.read().split()]
    except OSError:
        pass
    return found


def serving(directory):
    """Processes of units that work in this directory, whatever their parent is now."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if b"\0worker\0" in f.read() and os.path.realpath(f"/proc/{pid}/cwd") == os.path.realpath(directory):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def is_writing(pid):
    try:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:  # it is gone, or a file was just closed
        return False
    return any(link.endswith(".part") and not link.endswith("rest.packets.part") for link in links)


class Isolated(qt.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=5", "-f", "lavfi", "-i", "sine=d=5", "-c:v", "libx264", "-g", "10", "-keyint_min", "10",
                    "-c:a", "aac", "cut.mp4")
        self.clip("good.mp4", "-c:v", "libx264", "-preset", "ultrafast", rate=10)

    def cut_job(self, stages=(), name="cut.yaml"):
        return self.job("out/{stem}.mp4", name, video={**FAST, "segment": 1}, stages=stages)

    def report(self):
        with open(self.path("report.json")) as f:
            return json.load(f)

    def entry(self, index=0):
        return self.report()["inputs"][index]

    def start(self, *arguments, **options):
        return subprocess.Popen([qt.QUADRANT, "run", *arguments, "--isolate", "process", "--report", "report.json"], cwd=self.directory, text=True,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **options)

    def finish(self, process, code):
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, code, errors)
        self.assert_no_process_left()
        return errors

    def assert_no_process_left(self):
        for _ in range(50):  # a killed process takes a moment to be gone
            if not serving(self.directory):
                return
            time.sleep(0.02)
        self.fail(f"processes left: {serving(self.directory)}")

    def child_at_work(self, process):
        """The process of a unit that has started to write; in a cut input that of a segment, since the other streams finish soon."""
        for _ in range(2000):
            # Until exec it still looks like the run itself.
            found = [pid for pid in children(process.pid) if pid in serving(self.directory) and is_writing(pid)]
            if found:
                return found[0]
            self.assertIsNone(process.poll(), "it ended too soon")
            time.sleep(0.005)
        self.fail("no process of a unit")


class SameResult(Isolated):
    def test_every_mode(self):
        job = self.cut_job()
        self.run_job(job, "cut.mp4", "good.mp4", "-o", "plain/{stem}.mp4", "-m", "frames", "--frame-hashes", "plain.txt", "--report", "report.json")
        plain = [self.entry(i) for i in (0, 1)]
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                self.run_job(job, "cut.mp4", "good.mp4", "-o", mode + "/{stem}.mp4", "-m", mode, "--isolate", "process", "--frame-hashes", "hashes.txt",
                             "--report", "report.json")
                for name in ("cut.mp4", "good.mp4"):
                    self.assertEqual(qt.content(self.path(mode, name)), qt.content(self.path("plain", name)))
                self.assertEqual(qt.content(self.path("hashes.txt")), qt.content(self.path("plain.txt")))
                self.assertEqual(self.files(mode), ["cut.mp4", "good.mp4"])
                for index in (0, 1):
                    for key in ("frames_in", "frames_out", "segments", "losses", "status"):
                        self.assertEqual(self.entry(index)[key], plain[index][key], key)
                    names = [s["name"] for s in self.entry(index)["stages"] if s["calls"] > 0]
                    self.assertEqual(names, [s["name"] for s in plain[index]["stages"]])
                self.assertGreater(self.report()["cpu_seconds"], 0.1)  # of all its processes
                self.assertGreater(self.report()["in_progress"]["mean"], 0)

    def test_other_inputs_and_outputs(self):
        job = self.job(video={"codec": "png"}, path="out/{stem}-%03d.png")
        self.run_job(job, "good.mp4", "--isolate", "process")
        self.assertEqual(len(self.files("out")), 10)
        job = self.job("out/{index}.mkv", video=FAST)
        with open(self.path("good.mp4"), "rb") as source:
            self.run_job(job, "-", "lavfi:testsrc2=d=1:r=10", "--isolate", "process", stdin=source)
        self.assertEqual([len(qt.frames(self.path("out", n))) for n in ("1.mkv", "2.mkv")], [10, 10])
        with open(self.path("good.mp4"), "rb") as source:
            pipe = subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE)
            self.clip("stream.ts", "-c:v", "libx264", rate=10)
        pipe.communicate()
        with subprocess.Popen(["cat", "stream.ts"], cwd=self.directory, stdout=subprocess.PIPE) as pipe:
            self.run_job(job, "-", "-o", "out/pipe.mkv", "--isolate", "process", stdin=pipe.stdout)
        self.assertEqual(len(qt.frames(self.path("out/pipe.mkv"))), 10)

    def test_errors_are_told_as_without(self):
        with open(self.path("text.mkv"), "wb") as f:
            f.write(b"no video\n" * 500)
        bad = self.job(video={"codec": "libx264", "nonsense": 1}, name="bad.yaml")
        for arguments in ((self.job(video=FAST), "text.mkv", "gone.mp4", "good.mp4"), (bad, "good.mp4"),
                          (self.job(video=FAST, stages=[{"crop": {"width": 500, "height": 500}}], name="crop.yaml"), "good.mp4"),
                          (self.job(video=FAST, stages=[{"ffmpeg": "scale=w=0/0"}], name="f.yaml"), "good.mp4")):
            with self.subTest(arguments=arguments):
                runs = []
                for isolate in ("none", "process"):
                    shutil.rmtree(self.path("out"), ignore_errors=True)
                    run = self.quadrant("run", *arguments, "--isolate", isolate, "-m", "sequential", "--progress", "plain")
                    runs.append((run.returncode, [line for line in run.stderr.splitlines() if "failed:" in line or "quadrant:" in line]))
                self.assertEqual(runs[0], runs[1])
                self.assertNotEqual(runs[0][0], 0)


class Faulty(Isolated):
    def setUp(self):
        super().setUp()
        if not os.path.exists(os.path.join(PLUGINS, "faulty.so")):
            self.skipTest("the faulty plug-in is not built")
        if b"frei0r" not in subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True).stdout:
            self.skipTest("this FFmpeg has no frei0r")

    def environment(self, fault, times=None):
        env = {**os.environ, "FREI0R_PATH": PLUGINS, "QUADRANT_FAULT": fault}
        if times is not None:
            with open(self.path("times"), "w") as f:
                f.write("x" * times)
            env["QUADRANT_FAULT_TIMES"] = self.path("times")
        return env

    def run_faulty(self, mode, fault, code, *arguments, times=None, **options):
        job = self.job("out/{stem}.mkv", "faulty.yaml", video=FAST, stages=FAULTY)
        shutil.rmtree(self.path("out"), ignore_errors=True)
        run = self.run_job(job, "good.mp4", "few.mp4", "-m", mode, "--isolate", "process", "--report", "report.json", *arguments, code=code,
                           env=self.environment(fault, times), **options)
        self.assert_no_process_left()
        return run


class Crashes(Faulty):
    MODES = [mode for mode in qt.MODES if mode != "segments"]  # FFmpeg's filter may remember frames, so the input is not cut

    def test_plug_in(self):
        """The plug-in crashes, exits or hangs in one input; the other input, too short for that, is done; the printed command reproduces it."""
        self.clip("few.mp4", "-c:v", "libx264", rate=10, length=0.3)
        for fault, code, told in (("crash", 1, "crashed with SIGSEGV"), ("exit", 1, "ended with code 7"), ("hang", 75, "no progress for 4 s")):
            for mode in self.MODES if fault == "crash" else ["frames"]:
                with self.subTest(fault=fault, mode=mode):
                    run = self.run_faulty(mode, fault, code, "--retries", "1", "--timeout", "4")
                    self.assertRegex(run.stderr, rf"failed: good.mp4: .*{told}.*, 2 times; to reproduce: ")
                    self.assertEqual(self.files("out"), ["few.mkv"])
                    self.assertEqual(len(self.entry()["retried"]), 1)
        command = self.run_faulty("frames", "crash", 1).stderr.split("to reproduce: ")[1].splitlines()[0]
        again = subprocess.run(["sh", "-c", "exec " + command], cwd=self.directory, env=self.environment("crash"), capture_output=True, text=True)
        self.assertEqual(again.returncode, -signal.SIGSEGV, command + again.stderr)
        whole = subprocess.run(["sh", "-c", "exec " + command], cwd=self.directory, env=self.environment("none"), capture_output=True, text=True)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertIn("good.mp4: all of it: 10 frames", whole.stderr)
        self.assertEqual(self.files("out"), ["few.mkv"])

    def test_a_socket_closed_by_a_process_that_goes_on(self):
        """A plug-in closes the descriptors of its process and hangs: it is killed and tried again, without run.timeout too."""
        self.clip("few.mp4", "-c:v", "libx264", rate=10, length=0.3)
        run = self.run_faulty("frames", "disconnect", 1, "--retries", "1", timeout=60)
        self.assertRegex(run.stderr, r"failed: good.mp4: .*stopped answering but did not end, so it was killed, 2 times; to reproduce: ")
        self.assertEqual((self.files("out"), len(self.entry()["retried"])), (["few.mkv"], 1))
        self.run_faulty("frames", "disconnect", 0, "--retries", "1", times=1, timeout=60)
        self.assertEqual((self.files("out"), len(self.entry()["retried"])), (["few.mkv", "good.mkv"], 1))

    def test_retries_that_succeed(self):
        self.clip("few.mp4", "-c:v", "libx264", rate=10, length=0.3)
        self.run_faulty("sequential", "none", 0)
        expected = qt.content(self.path("out/good.mkv"))
        for mode in ("concurrent", "frames"):
            with self.subTest(mode=mode):
                run = self.run_faulty(mode, "crash", 0, "--retries", "3", times=2)
                self.assertEqual(qt.content(self.path("out/good.mkv")), expected)
                self.assertEqual((len(self.entry()["retried"]), self.entry()["frames_out"]), (2, 10))
                self.assertIn("retried: good.mp4: its process crashed with SIGSEGV", run.stderr)


class MemoryGroup:
    """A cgroup with a limit on memory and no swap; versions 1 and 2 use different file names."""

    def __init__(self, megabytes):
        self.directory = None
        for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
            directory = os.path.join(root, f"quadrant-test-{os.getpid()}")
            try:
                os.mkdir(directory)
                self.directory = directory
                self.write(limit, megabytes << 20)
                for swap in ("memory.swap.max", "memory.swappiness"):
                    if os.path.exists(os.path.join(directory, swap)):
                        self.write(swap, 0)
                subprocess.run(["true"], preexec_fn=self.enter, check=True)
                return
            except (OSError, subprocess.SubprocessError):
                self.remove()

    def write(self, name, value):
        with open(os.path.join(self.directory, name), "r+") as f:  # never made by us
            f.write(str(value))

    def enter(self):
        self.write("cgroup.procs", os.getpid())

    def remove(self):
        if self.directory:
            os.rmdir(self.directory)
            self.directory = None


class OutOfMemory(Faulty):
    def test_the_kernel_kills_one(self):
        """A real kill by the kernel: a plug-in exhausts memory in one input; the run and the other input survive, and the report names the cause."""
        group = MemoryGroup(400)
        if not group.directory:
            self.skipTest("no cgroup with a limit on memory can be made here")
        self.addCleanup(group.remove)
        self.clip("few.mp4", "-c:v", "libx264", rate=10, length=0.3)
        run = self.run_faulty("frames", "eat", 75, "--retries", "1", "-c", "1", preexec_fn=group.enter)
        self.assertRegex(run.stderr, r"failed: good.mp4: .*killed by the kernel: out of memory, 2 times; to reproduce: ")
        self.assertEqual(self.files("out"), ["few.mkv"])
        self.assertEqual((len(self.entry()["retried"]), self.entry(1)["status"]), (1, "done"))


class Killed(Isolated):
    SLOW = [{"wait": {"ms": 40}}]

    def setUp(self):
        super().setUp()
        self.arguments = (self.cut_job(self.SLOW), "cut.mp4", "-m", "segments", "-c", "2")
        self.run_job(*self.arguments)
        self.expected = qt.content(self.path("out/cut.mp4"))
        shutil.rmtree(self.path("out"))

    def test_one_segment_crashes_and_is_done_again(self):
        for number, told in ((signal.SIGSEGV, "crashed with SIGSEGV"), (signal.SIGKILL, "killed with SIGKILL")):
            with self.subTest(number=number):
                process = self.start(*self.arguments, "--retries", "1")
                os.kill(self.child_at_work(process), number)
                self.assertIn(told, self.finish(process, 0))
                self.assertEqual(qt.content(self.path("out/cut.mp4")), self.expected)
                self.assertEqual((len(self.entry()["retried"]), self.entry()["frames_out"]), (1, 50))
                shutil.rmtree(self.path("out"))

    def test_without_retries_it_fails_with_a_command_that_works(self):
        process = self.start(*self.arguments)
        os.kill(self.child_at_work(process), signal.SIGSEGV)
        errors = self.finish(process, 1)
        self.assertRegex(errors, r"failed: cut.mp4: (segment \d|sound and other streams): its process crashed with SIGSEGV .*; to reproduce: .*--unit (\d|rest) ")
        command = errors.split("to reproduce: ")[1].splitlines()[0]
        again = subprocess.run(["sh", "-c", command], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(again.returncode, 0, command + again.stderr)
        self.assertIn(" frames, not kept", again.stderr)
        self.assertNotIn("cut.mp4", self.files("out"))
        self.run_job(*self.arguments, "--isolate", "process")  # what was done is kept
        self.assertEqual(qt.content(self.path("out/cut.mp4")), self.expected)

    def test_a_process_that_stands_still_is_ended(self):
        process = self.start(*self.arguments, "--retries", "1", "--timeout", "4")
        os.kill(self.child_at_work(process), signal.SIGSTOP)
        self.assertIn("no progress for 4 s, so its process was killed", self.finish(process, 0))
        self.assertEqual(qt.content(self.path("out/cut.mp4")), self.expected)

    def test_a_run_that_was_stopped_and_continued_is_no_hang(self):
        process = self.start(*self.arguments, "--timeout", "4", start_new_session=True)
        self.child_at_work(process)
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(6)
        os.killpg(process.pid, signal.SIGCONT)
        self.finish(process, 0)
        self.assertEqual((qt.content(self.path("out/cut.mp4")), self.entry()["retried"]), (self.expected, []))

    def test_no_process_outlives_the_run(self):
        for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)):
            for group in (False, True):
                with self.subTest(number=number, group=group):
                    process = self.start(*self.arguments, start_new_session=True)
                    self.child_at_work(process)
                    began = time.monotonic()
                    os.killpg(process.pid, number) if group else process.send_signal(number)
                    self.finish(process, code)
                    took = time.monotonic() - began
                    with self.on_a_quiet_machine():
                        self.assertLess(took, 2)
                    self.assertNotIn("cut.mp4", self.files("out"))
                    if number == signal.SIGKILL:
                        shutil.rmtree(self.path("out"))
                    else:
                        self.assertEqual([n for n in self.files("out") if n.endswith(".part")], [])
        self.run_job(*self.arguments, "--isolate", "process")
        self.assertEqual(qt.content(self.path("out/cut.mp4")), self.expected)
        self.assertEqual(self.files("out"), ["cut.mp4"])

    def test_a_worker_is_for_a_job_only(self):
        """Started by hand it has no parent to talk to, and ends."""
        made = self.quadrant("worker", "3", "1")
        self.assertNotEqual(made.returncode, 0)


if __name__ == "__main__":
    qt.main()
