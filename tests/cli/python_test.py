#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The stage `python`: the same bytes in all modes, what a function may do, what it may do wrong, and that no process is left behind.

Needs a Python with numpy; without one the tests are skipped.
"""
import json
import os
import random
import re
import signal
import subprocess
import time
import unittest

import quadrant_testing as qt

BROKEN = {  # a function: what is said of it
    "return 1 / frame.nowhere": r"script\.py:3: AttributeError",
    "return frame[0].astype(float)": r"process gave float64 48x64; with format: planes it must give a list of 3 arrays",
    "return [p.astype(float) for p in frame]": r"process gave float64 48x64 for plane 0, but the frame is uint8 48x64; round and limit it",
    "return [p[:-1] for p in frame]": r"process gave uint8 47x64 for plane 0, but the frame is uint8 48x64; a function cannot change the size",
    "return frame[:2]": r"process gave a list of 2; with format: planes",
    "return 'frame'": r"process gave str; with format: planes",
    "import sys; sys.exit(3)": r"script\.py:3: called sys\.exit\(3\)",
    "raise SystemExit": r"script\.py:3: called sys\.exit\(\)",
    "import os; os._exit(7)": r"script\.py: its process ended with code 7, twice at 0\.\d+ s",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": r"script\.py: its process was killed by SIGSEGV, twice",
    "import nowhere_to_be_found": r"script\.py:3: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
}


PATH = qt.path_with_numpy()
PYTHON = PATH and subprocess.run(["python3", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True,
                                 env={**os.environ, "PATH": PATH}).stdout.strip()


def children_of(pid):
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = qt.content(f"/proc/{name}/stat").rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != b"Z":
            found += [int(name)] + children_of(int(name))
    return found


def is_alive(pid):
    try:
        return qt.content(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


class PythonCase(qt.Case):
    def setUp(self):
        super().setUp()
        if PYTHON is None:
            self.skipTest("there is no Python with numpy")

    def script(self, text, name="script.py"):
        with open(self.path(name), "w") as f:
            f.write(text)
        return name

    def python_job(self, body, name="job.yaml", segment="none", **parameters):
        """A job with a script; `body` is a whole script, or the body of process()."""
        self.script(body if "def process" in body else f"import numpy\ndef process(frame, params):\n    {body}\n")
        return self.job(name=name, stages=[{"python": {"file": "script.py", "interpreter": PYTHON, **parameters}}],
                        video={"codec": "ffv1", "segment": segment})

    def pixels(self, path, pixel_format="yuv420p"):
        return self.ffmpeg("-i", self.path(path), "-map", "0:v", "-f", "rawvideo", "-pix_fmt", pixel_format, "-")

    def assert_nothing_left(self, pids):
        until = time.monotonic() + 10
        while any(map(is_alive, pids)) and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual([p for p in pids if is_alive(p)], [])


class Results(PythonCase):
    def test_planes_in_all_modes(self):
        clip = self.clip()
        self.in_all_modes(self.python_job("return [255 - frame[0], None, frame[1].copy()]"), clip)
        before, after = self.pixels("in.mp4"), self.pixels("out/frames.mkv")
        luma, chroma = 64 * 48, 32 * 24
        self.assertEqual(after[:luma], bytes(255 - b for b in before[:luma]))
        self.assertEqual(after[luma:luma + chroma], before[luma:luma + chroma])
        self.assertEqual(after[luma + chroma:luma + 2 * chroma], before[luma:luma + chroma])

    def test_in_place_and_unchanged(self):
        clip = self.clip()
        self.in_all_modes(self.python_job("frame[0][10:20] = 7"), clip)
        self.assertEqual(self.pixels("out/frames.mkv")[640:1280], bytes([7] * 640))
        for form in ("planes", "rgb", "bgr", "gray"):
            self.run_job(self.python_job("pass", format=form), clip, "-o", f"out/{form}.mkv")
            self.assertEqual(self.pixels(f"out/{form}.mkv"), self.pixels("in.mp4"), form)

    def test_one_array(self):
        clip = self.clip("in.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-color_range", "tv", "-colorspace", "bt709")
        for form, index in (("rgb", 0), ("bgr", 2)):
            self.in_all_modes(self.python_job(f"frame[:, :] = 0; frame[:, :, {index}] = 255; return frame", format=form), clip)
            y, cb, cr = (self.pixels("out/frames.mkv", "yuv444p")[n * 3072] for n in range(3))
            self.assertLessEqual(max(abs(y - 63), abs(cb - 102), abs(cr - 240)), 1, form)  # red of BT.709
        self.in_all_modes(self.python_job("frame[:] = 255", format="gray"), clip)  # in place, and nothing returned
        self.assertEqual(set(self.pixels("out/frames.mkv", "yuv444p")[:3072]), {235})
        self.assertEqual(set(self.pixels("out/frames.mkv", "yuv444p")[3072:9216]), {128})

    def test_deep_samples(self):
        clip = self.clip("in.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv422p10le")
        self.in_all_modes(self.python_job("assert frame[0].dtype == numpy.uint16 and frame[0].max() < 1024; frame[0][:] = 5000"), clip)
        self.assertEqual(self.pixels("out/frames.mkv", "yuv422p10le")[:2], (1023).to_bytes(2, "little"))
        self.in_all_modes(self.python_job("assert frame.dtype == numpy.uint16; frame[:] = 0; return frame", format="rgb"), clip)
        self.assertEqual(self.pixels("out/frames.mkv", "yuv422p10le")[:2], (64).to_bytes(2, "little"))

    def test_segments_and_in_order_with_memory(self):
        clip = self.clip("in.mp4", "-g", "10", length=3)
        self.in_all_modes(self.python_job("frame[0] //= 2", segment=1), clip)
        memory = """
import numpy
seen = []
def process(frame, params):
    seen.append(frame[0].copy())
    del seen[:-params["frames"]]
    frame[0][:] = numpy.mean(seen, axis=0).astype(numpy.uint8)
"""
        self.in_all_modes(self.python_job(memory, order="in_order", params={"frames": 4}, warm_up=3, segment=1), clip)
        cut = self.pixels("out/segments.mkv")
        job = self.python_job(memory, order="in_order", params={"frames": 4})
        self.in_all_modes(job, clip, but=["segments"])
        self.assertEqual(self.pixels("out/frames.mkv"), cut)
        self.assertIn("python remembers all frames before", self.run_job(job, clip, "-m", "segments", "-o", "out/no.mkv", code=2).stderr)

    def test_each_input_has_its_own_memory(self):
        clips = [self.clip("a.mp4"), self.clip("b.mp4")]
        job = self.python_job("count = 0\ndef process(frame, params):\n    global count\n    frame[0][:] = count\n    count += 1\n", order="in_order")
        self.run_job(job, *clips)
        for name in ("a", "b"):
            self.assertEqual(list(self.pixels(f"out/{name}.mkv")[::4608]), list(range(25)))

    def test_a_kept_frame_is_never_overwritten(self):
        body = """
import numpy
last = []
def process(frame, params):
    last.append(frame[0])
    if len(last) > 5:
        assert not (last[0] == last[3]).all()
        frame[0][:] = last.pop(0)[::-1]
"""
        clip = self.clip(length=2)
        self.in_all_modes(self.python_job(body, order="in_order"), clip, but=["segments"])
        before, after = self.pixels("in.mp4"), self.pixels("out/frames.mkv")
        for number in range(50):
            at = number * 4608
            expected = before[at:at + 3072]
            if number >= 5:
                five_ago = after[at - 5 * 4608:at - 5 * 4608 + 3072]
                expected = b"".join(five_ago[y * 64:y * 64 + 64] for y in range(47, -1, -1))
            self.assertEqual(after[at:at + 3072], expected, number)

    def test_memory_stays_flat(self):
        body = """
last, count = None, 0
def process(frame, params):
    global last, count
    count += 1
    if count % 3 == 0:
        last = frame
    with open("/proc/self/maps") as f:
        mapped = sum("quadrant frame" in line for line in f)
    assert mapped < 40, mapped
"""
        self.in_all_modes(self.python_job(body), self.clip(length=16, rate=50))

    def test_neighbours(self):
        body = "def process(frame, params, info):\n    n = info.past + info.future\n    frame[0][:] = 10 * len(info.past) + len(info.future)\n    frame[0][0] = n[0][0][0]\n"
        clip = self.clip("in.mp4", "-g", "10")
        self.in_all_modes(self.python_job(body, past=2, future=3, segment=0.4), clip)
        before, after = self.pixels("in.mp4"), self.pixels("out/frames.mkv")
        self.assertEqual([f for f in after[64::4608]], [3, 13] + [23] * 20 + [22, 21, 20])
        self.assertEqual(after[4608 * 5:4608 * 5 + 64], before[4608 * 4:4608 * 4 + 64])

    def test_setup_params_and_info(self):
        body = """
import json
def setup(config):
    with open("config.json", "w") as f:
        json.dump(config, f)
    return {"level": config["params"]["level"]}
def process(frame, params, info):
    assert info.width == 64 and info.height == 48 and abs(info.frame_rate - 25) < 1e-9, vars(info)
    assert params == {"level": 40, "words": ["a", "1", 2.5, True, None]}, params
    frame[0][:] = info.state["level"] + round(info.seconds * 25)
"""
        job = self.python_job(body, params={"level": 40, "words": ["a", "1", 2.5, True, None]})
        self.in_all_modes(job, self.clip())
        self.assertEqual(list(self.pixels("out/frames.mkv")[::4608]), list(range(40, 65)))
        with open(self.path("config.json")) as f:
            self.assertEqual({k: v for k, v in json.load(f).items() if k in ("format", "pixels", "version")},
                             {"format": "planes", "pixels": "yuv420p", "version": 1})
        self.run_job(job, "in.mp4", "-o", "out/set.mkv", "--set", "stages.0.python.params.level=41", code=1)  # the script's own check

    def test_workers_are_used_again(self):
        clips = [self.clip(f"{n}.mkv", "-c:v", "ffv1", length=0.2) for n in range(6)]
        job = self.python_job("import os\ndef process(frame, params):\n    print('worker', os.getpid())\n")
        told = self.run_job(job, *clips, "--cores", "2").stderr
        self.assertLessEqual(len(set(re.findall(r"worker \d+", told))), 2)
        told = self.run_job(self.python_job("import os\ndef process(frame, params):\n    print('worker', os.getpid())\n", workers=1), *clips,
                            "--cores", "2", "--overwrite").stderr
        self.assertEqual(len(set(re.findall(r"worker \d+", told))), 1)

    def test_cpu_of_workers_is_counted(self):
        body = "import time\ndef process(frame, params):\n    end = time.thread_time() + 0.02\n    while time.thread_time() < end: pass\n"
        self.run_job(self.python_job(body), self.clip(), "-m", "sequential", "--report", "report.json")
        report = json.loads(qt.content(self.path("report.json")))
        stage = next(s for s in report["inputs"][0]["stages"] if s["name"] == "python")
        self.assertGreater(stage["cpu_seconds"], 0.45)
        self.assertGreater(report["cpu_seconds"], 0.5)
        self.assertLessEqual(report["executing"]["mean"], 1.05)


class Mistakes(PythonCase):
    def test_each_is_told_with_its_place(self):
        clip = self.clip(length=0.2)
        for body, said in BROKEN.items():
            with self.subTest(body):
                refused = self.run_job(self.python_job(body), clip, "--overwrite", code=1)
                self.assertRegex(refused.stderr, said)
                self.assertFalse(os.path.exists(self.path("out/in.mkv")))
                refused = self.run_job(self.python_job(body, order="in_order"), clip, "--overwrite", code=1)
                self.assertRegex(refused.stderr, said)

    def test_a_traceback_has_the_lines_of_the_script(self):
        body = "def helper(x):\n    return 1 / x\n\ndef process(frame, params):\n    return helper(0)\n"
        told = self.run_job(self.python_job(body), self.clip(), code=1).stderr
        self.assertIn("script.py:2: ZeroDivisionError: division by zero", told)
        self.assertIn("script.py:5: in process: return helper(0)", told)
        self.assertNotIn("stdin", told)

    def test_other_inputs_go_on(self):
        self.clip("bad.mkv", "-c:v", "ffv1", size="64x50")
        job = self.python_job("import os\n    if frame[0].shape[0] == 50: os._exit(1)")
        self.run_job(job, "bad.mkv", self.clip("good.mkv", "-c:v", "ffv1"), code=1)
        self.assertEqual(self.files("out"), ["good.mkv"])

    def test_planning_refuses(self):
        clip = self.clip(length=0.2)
        for script, parameters, said in (
                ("def other(frame):\n    pass\n# def process\n", {}, r"there is no function process in it \(it has other\)"),
                ("def process(frame, params:\n", {}, r"script\.py:1: SyntaxError"),
                ("def process(frame, params): pass", {"file": "nowhere.py"}, r"nowhere\.py: this script cannot be read: No such file"),
                ("def process(frame, params): pass", {"interpreter": "no-such-python"}, r"no-such-python: cannot be started: No such file"),
                ("def process(frame, params): pass", {"order": "in_order", "past": 1}, "past and future give neighbours in any order"),
                ("def process(frame, params): pass", {"order": "in_order", "workers": 2}, "in order each input has one"),
                ("def process(frame, params): pass", {"warm_up": 3}, "warm_up is for order: in_order"),
                ("def process(frame, params): pass", {"params": {"a": "x" * 40000}}, "at most 32768 can be given")):
            with self.subTest(said):
                told = self.quadrant("explain", self.python_job(script, **parameters), clip)
                self.assertNotEqual(told.returncode, 0)
                self.assertRegex(told.stderr, r"job\.yaml:\d+:\d+: python: .*" + said)
        for parameters, said in (({"params": 3}, "python: params must be a map, not 3"), ({"files": "a"}, "python: files must be a list of texts"),
                                 ({"files": [["a"]]}, "must be a list of texts, but it has a list"), ({"format": "yuv"}, "planes, rgb, bgr or gray"),
                                 ({"workers": 0}, "python: workers must be auto or between 1 and 1024, not 0")):
            with self.subTest(said):
                self.assertIn(said, self.run_job(self.python_job("pass", **parameters), clip, code=2).stderr)

    def test_a_python_without_numpy_is_told(self):
        os.mkdir(self.path("hidden"))
        self.script("raise ImportError('it is hidden')", "hidden/numpy.py")
        told = self.quadrant("explain", self.python_job("pass"), self.clip(), env={**os.environ, "PYTHONPATH": self.path("hidden")})
        self.assertRegex(told.stderr, r"cannot import numpy \(it is hidden\); install it \(python3-numpy\)")

    def test_prints_go_to_standard_error(self):
        body = "import os\ndef process(frame, params):\n    print('printed', flush=True)\n    os.write(1, b'written\\n')\n    os.system('echo echoed')\n"
        job = self.python_job(body)
        done = self.quadrant("run", job, self.clip(length=0.2), "-o", "-", "--set", "output.container=nut", text=False, errors=None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"nut/multimedia container"))
        for word in (b"printed", b"written", b"echoed"):
            self.assertIn(word, done.stderr)
            self.assertNotIn(word, done.stdout)

    def test_one_that_dies_once_is_tried_again(self):
        body = "import os\ndef process(frame, params):\n    frame[0][:] //= 2\n    if not os.path.exists('died'):\n        open('died', 'w').close()\n        os._exit(9)\n"
        clip = self.clip()
        self.run_job(self.python_job(body), clip)
        self.run_job(self.python_job("frame[0][:] //= 2"), clip, "-o", "out/again.mkv")
        self.assertEqual(self.pixels("out/in.mkv"), self.pixels("out/again.mkv"))

    def test_one_that_hangs_is_killed(self):
        body = "import time\ndef process(frame, params):\n    time.sleep(1000)\n"
        began = time.monotonic()
        told = self.run_job(self.python_job(body, timeout=0.5), self.clip(), code=1).stderr
        self.assertRegex(told, r"script\.py: process gave no answer for 0\.5 s \(timeout\), twice at 0\.\d+ s")
        self.assertLess(time.monotonic() - began, 60)

    def test_memory_that_is_lost_is_told(self):
        body = "import os\ncount = 0\ndef process(frame, params):\n    global count\n    count += 1\n    if count == 3: os._exit(2)\n"
        told = self.run_job(self.python_job(body, order="in_order"), self.clip(), code=1).stderr
        self.assertRegex(told, r"its process ended with code 2, at 0\.080 s, and what it kept in order with it")

    def test_a_fork_cannot_disturb(self):
        body = "import os\ndef process(frame, params):\n    if os.fork() > 0:\n        os.wait()\n"
        told = self.run_job(self.python_job(body), self.clip(length=0.2))
        self.assertIn("a process that the function forked came back from it", told.stderr)
        self.assertEqual(self.pixels("out/in.mkv"), self.pixels("in.mp4"))
        pool = "import multiprocessing\npool = multiprocessing.Pool(2)\ndef process(frame, params):\n    assert pool.map(abs, [-1, -2]) == [1, 2]\n"
        self.run_job(self.python_job(pool), "in.mp4", "-o", "out/pool.mkv")


class Job(PythonCase):
    def test_another_script_is_another_job(self):
        clip = self.clip()
        self.run_job(self.python_job("pass"), clip)
        self.assertIn("up to date", self.run_job("job.yaml", clip).stderr)
        self.assertIn("file script.py changed", self.run_job(self.python_job("frame[0][:] = 1"), clip).stderr)
        self.script("1", "helper.py")
        job = self.python_job("frame[0][:] = 1", files=["helper.py"])
        self.run_job(job, clip)
        self.script("22", "helper.py")
        self.assertIn("file helper.py changed", self.run_job(job, clip).stderr)
        self.assertRegex(self.run_job(job, clip, "--set", "stages.0.python.params={a: 1}").stderr, r"params\.a was not set and is 1")

    def test_another_numpy_is_another_job(self):
        clip = self.clip()
        job = self.python_job("pass")
        self.run_job(job, clip)
        os.mkdir(self.path("newer"))
        with open(self.path("newer/sitecustomize.py"), "w") as f:
            f.write("import numpy\nnumpy.__version__ = '99.1'\n")
        told = self.run_job(job, clip, env={**os.environ, "PYTHONPATH": self.path("newer")}).stderr
        self.assertRegex(told, r"numpy was [\d.]+ and is 99\.1")

    def test_resume(self):
        body = "import os, time\ndef process(frame, params):\n    frame[0][:] //= 2\n    time.sleep(0.02)\n"
        clip = self.clip("in.mp4", "-g", "10", length=6)
        job = self.python_job(body, segment=1)
        self.run_job(job, clip, "-o", "out/whole.mkv")
        run = subprocess.Popen([qt.QUADRANT, "run", job, clip, "-m", "segments", "--cores", "1"], cwd=self.directory, stderr=subprocess.DEVNULL)
        segments = self.path("out/.in.mkv.segments")
        until = time.monotonic() + 60
        while time.monotonic() < until and not (os.path.isdir(segments) and len(os.listdir(segments)) > 3):
            time.sleep(0.02)
        run.kill()
        run.wait()
        self.assertRegex(self.run_job(job, clip, "-m", "segments").stderr, "resumed|kept|1 done")
        self.assertEqual(qt.content(self.path("out/in.mkv")), qt.content(self.path("out/whole.mkv")))

    def test_isolated(self):
        clip = self.clip("in.mp4", "-g", "10", length=2)
        job = self.python_job("frame[0][:] //= 2", segment=1)
        self.run_job(job, clip, "-o", "out/here.mkv")
        self.run_job(job, clip, "-o", "out/isolated.mkv", "--set", "run.isolate=process")
        self.assertEqual(qt.content(self.path("out/here.mkv")), qt.content(self.path("out/isolated.mkv")))

    def test_verify(self):
        clip = self.clip("in.mp4", "-g", "10", length=2)
        self.assertEqual(self.quadrant("verify", self.python_job("return [255 - frame[0], None, None]", segment=1), clip).returncode, 0)
        told = self.quadrant("verify", self.python_job("import os\ndef process(frame, params):\n    frame[0][:] = os.getpid() % 251\n", segment=1), clip)
        self.assertEqual(told.returncode, 1, told.stdout + told.stderr)
        self.assertIn("DIFFERS: python", told.stdout + told.stderr)


class LeftBehind(PythonCase):
    BODY = """
import multiprocessing, os, time
helper = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
helper.start()
def process(frame, params):
    frame[0][:] //= 2
    time.sleep(0.01)
"""

    def begun(self, job, clip, *more):
        return subprocess.Popen([qt.QUADRANT, "run", job, clip, "--overwrite", *more], cwd=self.directory, stderr=subprocess.PIPE, text=True)

    def test_killed_at_random_times(self):
        chance = random.Random(7)
        clip = self.clip(length=10)
        job = self.python_job(self.BODY)
        for number, mode in enumerate(qt.MODES * 2):
            more = ["-m", mode] + (["--set", "run.isolate=process"] if number == 3 else [])
            with self.begun(job, clip, *more) as run:
                time.sleep(chance.uniform(0.05, 1.5))
                left = children_of(run.pid)
                run.send_signal(signal.SIGKILL if number % 3 else signal.SIGTERM)
                run.communicate()
            self.assert_nothing_left(left)

    def test_after_a_run(self):
        with self.begun(self.python_job(self.BODY), self.clip(length=2)) as run:
            seen = set()
            while run.poll() is None:
                seen |= set(children_of(run.pid))
                time.sleep(0.02)
            self.assertEqual(run.returncode, 0, run.communicate()[1])
        self.assertGreaterEqual(len(seen), 2)
        self.assert_nothing_left(seen)

    def test_an_interrupt_at_the_terminal(self):
        clip = self.clip(length=20)
        run = subprocess.Popen([qt.QUADRANT, "run", self.python_job(self.BODY), clip], cwd=self.directory, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
        qt.wait_until_it_listens(run)
        time.sleep(1)
        os.killpg(run.pid, signal.SIGINT)  # as ^C does
        told = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 130, told)
        self.assertNotIn("Traceback", told)
        self.assertNotIn("KeyboardInterrupt", told)


class Alone(PythonCase):
    def test_a_script_runs_on_a_picture(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-frames:v", "1", "-pix_fmt", "rgb24", "in.png")
        self.script("def process(frame, params):\n    return 255 - frame\n\nif __name__ == '__main__':\n    import quadrant\n    quadrant.main(process)\n")
        environment = {**os.environ, "PYTHONPATH": os.path.join(qt.ROOT, "tools", "python")}
        done = subprocess.run([PYTHON, "script.py", "in.png", "out.png"], cwd=self.directory, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("uint8 48x64x3", done.stderr)
        self.assertEqual(self.pixels("out.png", "rgb24"), bytes(255 - b for b in self.pixels("in.png", "rgb24")))
        self.script("def process(frame, params):\n    return frame * 1.5\n\nimport quadrant\nquadrant.main(process)\n", "wrong.py")
        done = subprocess.run([PYTHON, "wrong.py", "in.png"], cwd=self.directory, env=environment, capture_output=True, text=True)
        self.assertIn("process gave float64 48x64x3, but the frame is uint8 48x64x3", done.stderr)

    def test_pictures_of_every_filter(self):
        for flags in ("none", "sub", "up", "avg", "paeth", "mixed"):
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=65x49:d=1", "-frames:v", "1", "-pix_fmt", "rgb24", "-pred", flags, f"{flags}.png")
            code = f"import sys; sys.path.insert(0, {os.path.join(qt.ROOT, 'tools', 'python')!r}); import quadrant; sys.stdout.buffer.write(quadrant.read_png('{flags}.png').tobytes())"
            read = subprocess.run([PYTHON, "-c", code], cwd=self.directory, capture_output=True, check=True).stdout
            self.assertEqual(read, self.pixels(f"{flags}.png", "rgb24"), flags)


if __name__ == "__main__":
    qt.main()
