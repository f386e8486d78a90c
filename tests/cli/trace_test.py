#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`quadrant run --trace` and the figures over time: parsed, and compared with each other and with the rules of the Trace Event format."""
import collections
import json
import os
import shutil
import signal
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast", "threads": 1}
THREADS, FRAMES = 1, 2  # the trace's processes
CHAIN = [{"blur": {"sigma": 1}}, {"temporal_denoise": {}}, {"wait": {"ms": 3}}, {"levels": {"contrast": 1.1}}]


def ns(microseconds):
    return round(microseconds * 1000)


class Timeline:
    """A trace, parsed and checked for what any viewer relies on."""

    def __init__(self, test, path):
        with open(path) as f:
            self.all = json.load(f)["traceEvents"]
        self.spans = collections.defaultdict(list)  # by process and row: (begin, end, name, event)
        names = {}
        for e in self.all:
            test.assertIn(e["ph"], "XMC")
            test.assertIsInstance(e["pid"], int)
            test.assertIsInstance(e["tid"], int)
            if e["ph"] == "M":
                if e["name"].endswith("_name"):
                    test.assertNotIn((e["name"], e["pid"], e["tid"]), names, "named twice")
                    names[e["name"], e["pid"], e["tid"]] = e["args"]["name"]
                continue
            test.assertGreaterEqual(e["ts"], 0)
            if e["ph"] == "X":
                test.assertGreaterEqual(e["dur"], 0)
                test.assertTrue((8 * e["ts"]).is_integer() and (8 * e["dur"]).is_integer(), "their sum is not exact where a viewer adds them")
                self.spans[e["pid"], e["tid"]].append((ns(e["ts"]), ns(e["ts"]) + ns(e["dur"]), e["name"], e))
        for row in self.spans.values():
            row.sort(key=lambda s: (s[0], -s[1]))
            self.check_nesting(test, row)
        for pid, tid in self.spans:
            test.assertIn(("process_name", pid, 0), names)
            test.assertTrue(names["thread_name", pid, tid])
        test.assertEqual({key[1:] for key in names if key[0] == "thread_name"}, set(self.spans), "a row without a name, or a name without a row")
        self.names = names

    @staticmethod
    def check_nesting(test, row):
        """Spans of one row nest or are disjoint."""
        open_until = []
        for begin, end, name, _ in row:
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            if open_until:
                test.assertLessEqual(end, open_until[-1], f"{name} at {begin} ns reaches out of the span around it")
            open_until.append(end)

    def rows(self, process):
        return {tid: row for (pid, tid), row in self.spans.items() if pid == process}

    def of(self, process, category):
        return [s for row in self.rows(process).values() for s in row if s[3].get("cat") == category]

    def counters(self):
        values = collections.defaultdict(list)
        for e in self.all:
            if e["ph"] == "C":
                values[e["name"]].append((e["ts"], *e["args"].values()))
        return values

    def most_at_once(self, spans):
        edges = sorted([(begin, 1) for begin, end, *_ in spans if end > begin] + [(end, -1) for begin, end, *_ in spans if end > begin])
        now = most = 0
        for _, step in edges:
            now += step
            most = max(most, now)
        return most


def seconds(spans):
    return sum(end - begin for begin, end, *_ in spans) * 1e-9


class Trace(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="320x240", audio=True)

    def traced(self, *arguments, code=0):
        shutil.rmtree(self.path("out"), ignore_errors=True)  # or it is up to date
        self.run_job(*arguments, "--trace", "t.json", "--report", "r.json", code=code)
        with open(self.path("r.json")) as f:
            return Timeline(self, self.path("t.json")), json.load(f)

    def check_frames(self, timeline, report):
        rows, frames = timeline.rows(FRAMES), timeline.of(FRAMES, "frame")
        counted = [f for f in frames if f[2].startswith("frame ") and f[2] != "frame to warm up"]
        self.assertEqual(len(rows), report["in_progress"]["peak"])
        self.assertEqual(sorted(rows), list(range(len(rows))))
        self.assertEqual(len(counted), sum(i["frames_in"] for i in report["inputs"]))
        self.assertEqual(len({(f[2], f[3]["args"]["input"]) for f in counted}), len(counted), "a frame twice")
        self.assertEqual(timeline.most_at_once(frames), report["in_progress"]["peak"])
        # Little's law, from the timeline; and every moment of a frame is in a state.
        self.assertAlmostEqual(seconds(frames) / report["wall_seconds"], report["in_progress"]["mean"], delta=0.01 * report["in_progress"]["mean"])
        states = timeline.of(FRAMES, "state")
        self.assertAlmostEqual(seconds(states), seconds(frames), delta=0.01 * seconds(frames))
        told = {(p["kind"], p["at"]): p["frame_seconds"] for p in report["in_progress"]["states"]}
        self.assertEqual(len(told), len(report["in_progress"]["states"]))
        name = lambda kind, at: f"{kind} before {at}" if kind in ("order", "queue", "window") else f"wait in {at}" if kind == "wait" else at
        for (kind, at), value in told.items():
            drawn = seconds([p for p in states if p[2] == name(kind, at)])
            self.assertAlmostEqual(drawn, value, delta=1e-3, msg=(kind, at))

    def check_work(self, timeline, report):
        work = timeline.of(THREADS, "work")
        calls = collections.Counter(s[2] for s in work if s[2] != "putting together")  # which is no stage's
        told = collections.Counter()
        for entry in report["inputs"]:
            for stage in entry["stages"]:
                told[stage["name"]] += stage["calls"]
        self.assertEqual(calls, +told)
        cpu = sum(s["cpu_seconds"] for i in report["inputs"] for s in i["stages"] if s["name"] == "blur")
        self.assertGreaterEqual(seconds([s for s in work if s[2] == "blur"]) + 1e-3, cpu)  # a stage's CPU time is not longer than its spans
        computing = [s for s in work if s[2] not in ("read", "write")]
        self.assertLessEqual(timeline.most_at_once(computing), max(report["cores"], 1) * 2)  # nested: write in encode, one frame at a time
        self.assertEqual({s[3]["args"]["strip"] for s in work if s[2] == "levels"}, set(range(1 + max(s[3]["args"]["strip"] for s in work if s[2] == "levels"))))

    def test_every_mode(self):
        job = self.job(video=X264, stages=CHAIN)
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                timeline, report = self.traced(job, "a.mp4", "-m", mode, "-c", "2")
                self.check_frames(timeline, report)
                self.check_work(timeline, report)
                stages = {tid for tid, row in timeline.rows(THREADS).items() if any(s[2] == "blur" for s in row)}
                # In segments a lone unit begins in one thread and goes on in those of the graph.
                self.assertLessEqual(len(stages), report["cores"] + (mode == "segments"))
                self.assertLessEqual(timeline.most_at_once([s for s in timeline.of(THREADS, "work") if s[2] == "blur"]), report["cores"])
                if mode in ("sequential", "concurrent"):
                    self.assertEqual(len(stages), 1)
                if mode in ("sequential", "tiles"):
                    self.assertEqual(list(timeline.rows(FRAMES)), [0])
                if mode in ("concurrent", "frames"):
                    self.assertGreater(len(timeline.rows(FRAMES)), 1)
                for values in timeline.counters().values():
                    self.assertEqual(values, sorted(values, key=lambda v: v[0]))
                self.assertEqual(set(timeline.counters()), {"frames in progress", "cores executing", "memory, MiB"})

    def test_many_inputs_segments_and_a_failure(self):
        self.clip("cut.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", length=2)
        job = self.job(video={**X264, "segment": 0.5}, stages=CHAIN)
        for mode in ("sequential", "segments", "frames"):
            with self.subTest(mode=mode):
                timeline, report = self.traced(job, "cut.mp4", "gone.mp4", "a.mp4", "-m", mode, "-c", "2", code=1)
                self.check_frames(timeline, report)
                self.check_work(timeline, report)
                self.assertTrue(any("cut.mp4, segment 2" == f[3]["args"].get("input") for f in timeline.of(FRAMES, "frame")))
                warm = [f for f in timeline.of(FRAMES, "frame") if f[2] == "frame to warm up"]
                self.assertGreater(len(warm), 0)  # the window looks over the borders

    def test_a_longer_run_than_its_buffers(self):
        self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=40)
        timeline, report = self.traced(self.job(video=X264, stages=[{"blur": {}}, {"levels": {}}]), "long.mp4", "-m", "frames", "-c", "2")
        self.check_frames(timeline, report)
        self.check_work(timeline, report)
        self.assertGreater(len(timeline.all), 8000)

    def test_isolated_units_are_spans_of_the_run(self):
        timeline, report = self.traced(self.job(video=X264), "a.mp4", "gone.mp4", "-m", "frames", "--isolate", "process", code=1)
        self.assertEqual(timeline.rows(FRAMES), {})
        work = timeline.of(THREADS, "work")
        self.assertEqual(sorted((s[2], s[3]["args"]["input"]) for s in work), [("all of it", "a.mp4"), ("opening", "a.mp4"), ("opening", "gone.mp4")])
        self.assertGreater(max(v for _, v in timeline.counters()["memory, MiB"]), 1)
        self.assertAlmostEqual(sum(p["mean"] for p in report["in_progress"]["states"]), report["in_progress"]["mean"], delta=0.01 * report["in_progress"]["mean"])

    def test_stopped_killed_and_full(self):
        job = self.job(video=X264, stages=[{"wait": {"ms": 300}}])
        for name, number, code in (("stopped.json", signal.SIGINT, 130), ("killed.json", signal.SIGKILL, -9)):
            process = subprocess.Popen([qt.QUADRANT, "run", job, "a.mp4", "-m", "sequential", "--trace", name, "--overwrite"], cwd=self.directory, stderr=subprocess.DEVNULL)
            qt.wait_until_it_listens(process)
            time.sleep(1)
            self.assertFalse(os.path.exists(self.path(name)), "it has its name while it grows")
            process.send_signal(number)
            self.assertEqual(process.wait(), code)
        self.assertGreater(len(Timeline(self, self.path("stopped.json")).spans), 0)
        self.assertFalse(os.path.exists(self.path("killed.json")))
        os.remove(self.path(".killed.json.part"))
        run = self.run_job(job, "a.mp4", "-m", "frames", "--trace", "/dev/full", "--overwrite", code=75)
        self.assertIn("quadrant: /dev/full: cannot be written: No space left on device", run.stderr)
        self.assertTrue(os.path.exists(self.path("out/a.mkv")))
        self.assertFalse([name for name in self.files() if "part" in name])

    def test_the_output_is_the_same(self):
        job = self.job(video=X264, stages=CHAIN)
        self.run_job(job, "a.mp4", "-o", "plain.mkv", "-m", "frames")
        self.run_job(job, "a.mp4", "-o", "traced.mkv", "-m", "frames", "--trace", "t.json")
        self.assertEqual(qt.content(self.path("plain.mkv")), qt.content(self.path("traced.mkv")))


class OverTime(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="320x240", length=2)

    def report(self, *arguments, **options):
        shutil.rmtree(self.path("out"), ignore_errors=True)  # or it is up to date
        self.run_job(*arguments, "--report", "r.json", **options)
        with open(self.path("r.json")) as f:
            return json.load(f)

    def states(self, report):
        return {(p["kind"], p["at"]): p["mean"] for p in report["in_progress"]["states"]}

    def test_all_readings_are_of_the_same_time(self):
        job = self.job(video=X264, stages=CHAIN)
        for mode in qt.MODES:
            for extra in ((), ("--isolate", "process")):
                with self.subTest(mode=mode, extra=extra):
                    report = self.report(job, "a.mp4", "-m", mode, "-c", "2", *extra)
                    wall, mean = report["wall_seconds"], report["in_progress"]["mean"]
                    at = report["in_progress"]["histogram"]
                    self.assertAlmostEqual(sum(b["seconds"] for b in at), wall, delta=0.01 * wall)
                    self.assertAlmostEqual(sum(p["mean"] for p in report["in_progress"]["states"]), mean, delta=0.01 * mean)
                    self.assertAlmostEqual(sum(b["seconds"] for b in report["executing"]["histogram"]), wall, delta=0.01 * wall)
                    over = report["over_time"]
                    self.assertEqual(len({len(over[key]) for key in ("seconds", "in_progress", "executing", "rss_bytes")}), 1)
                    self.assertAlmostEqual(over["seconds"][-1], wall, delta=0.01 * wall)
                    length = [b - a for a, b in zip([0, *over["seconds"]], over["seconds"])]
                    self.assertGreater(min(length), 0)
                    self.assertAlmostEqual(sum(l * e for l, e in zip(length, over["executing"])), report["cpu_seconds"], delta=0.02 * report["cpu_seconds"])
                    self.assertLessEqual(max(over["rss_bytes"]), 1.02 * report["peak_rss_bytes"] * (1 if not extra else 8))
                    if extra:  # processes tell ten times a second what is in progress: no more than that is known
                        continue
                    self.assertLessEqual(max(b["frames"] for b in at), report["in_progress"]["peak"])
                    self.assertAlmostEqual(sum(b["frames"] * b["seconds"] for b in at), mean * wall, delta=0.01 * mean * wall)
                    self.assertAlmostEqual(sum(l * n for l, n in zip(length, over["in_progress"])), mean * wall, delta=0.01 * mean * wall)
                    self.assertAlmostEqual(sum(t["cpu_seconds"] for t in report["executing"]["threads"]), report["cpu_seconds"], delta=0.02 * report["cpu_seconds"] + 0.01)

    def test_states_say_what_frames_wait_for(self):
        def most(stages, *arguments, video=X264, clip="a.mp4"):
            found = self.states(self.report(self.job(video=video, stages=stages), clip, *arguments))
            return max((p for p in found if p[0] != "stage"), key=found.get)
        self.clip("small.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="64x48", length=2)
        one_thread = {"codec": "libx264", "preset": "veryslow", "threads": 1, "bf": 0, "rc-lookahead": 0}
        found = {"wait": most([{"wait": {"ms": 400}}], "-m", "concurrent", clip="small.mp4"),
                 "one core": most([{"denoise": {"strength": 3}}], "-m", "concurrent"),
                 "slow encoder": most([], "-m", "frames", "-c", "2", video=one_thread),
                 "slow filter": most([{"ffmpeg": "minterpolate=fps=25:mi_mode=mci"}], "-m", "frames", "-c", "2")}
        entry = self.report(self.job(video=X264, stages=[{"denoise": {"strength": 3}}]), "a.mp4", "-m", "frames")["inputs"][0]
        window = self.states(self.report(self.job(video=X264, stages=[{"wait": {"ms": 20}}, {"temporal_denoise": {"future": 3}}]), "a.mp4", "-m", "frames"))
        with self.on_a_quiet_machine():
            self.assertEqual(found["wait"], ("wait", "wait"))
            self.assertEqual(found["one core"][0], "queue")
            self.assertIn(found["slow encoder"], (("queue", "encode"), ("order", "encode")))
            self.assertEqual(found["slow filter"], ("queue", "ffmpeg"))
            # Backpressure: the input is not read while the limit of frames in progress is reached.
            self.assertGreater(entry["backpressure_seconds"], 0.3 * entry["wall_seconds"])
            self.assertGreater(window.get(("window", "temporal_denoise"), 0), 0.5)

    def test_marks_and_clocks_disagree_where_two_share_a_core(self):
        job = self.job(video=X264, stages=[{"denoise": {"strength": 3}}])
        one = sorted(os.sched_getaffinity(0))[:1]
        report = self.report(job, "a.mp4", "-m", "segments", "a.mp4", "-o", "out/{index}.mkv", "-c", "2", preexec_fn=lambda: os.sched_setaffinity(0, one))
        self.assertGreater(report["executing"]["unaccounted_cpu"], 0.5)
        told = " ".join(report["executing"]["unaccounted"])
        self.assertRegex(told, r"worker 1: .* not executing \([\d.]+ s descheduled")
        self.assertRegex(told, r"worker 2: .* not executing \([\d.]+ s descheduled")
        self.assertGreater(report["executing"]["busy_mean"], 1.5 * report["executing"]["mean"])

    def test_a_codecs_own_threads_are_named(self):
        self.clip("large.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="1280x720", length=2)
        report = self.report(self.job(video={"codec": "libx264", "preset": "slow", "threads": 3}), "large.mp4", "-m", "frames", "-c", "2")
        self.assertTrue(any(t["library"] and t["cpu_seconds"] > 0.1 for t in report["executing"]["threads"]), report["executing"]["threads"])
        self.assertRegex(" ".join(report["executing"]["unaccounted"]), "outside of any stage \\(a library's thread")


if __name__ == "__main__":
    qt.main()
