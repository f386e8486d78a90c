#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""quadrant bench: whether its figures agree with each other; what it compares, refuses and leaves behind."""
import csv
import json
import os
import pty
import signal
import statistics
import subprocess
import sys
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
BLUR = [{"blur": {"sigma": 1}}]


class Bench(qt.ScratchCase):
    def bench(self, *arguments, **options):
        return self.tell("bench", *arguments, **options)

    def figures(self, *arguments, code=0):
        self.run_of_figures = self.bench(*arguments, "--json", "figures.json", code=code)
        with open(self.path("figures.json")) as f:
            return json.load(f)

    def short_clip(self, **options):
        return self.clip("in.mp4", "-c:v", "libx264", "-preset", "ultrafast", **{"length": 0.4, **options})

    def test_figures_agree_with_one_another(self):
        self.short_clip()
        job = self.job(video=X264, stages=BLUR)
        before = self.files()
        told = self.figures(job, "in.mp4", "--cores", "1,2", "--runs", "3", "--seed", "7", "--csv", "figures.csv")
        self.assertEqual(self.files(), sorted([*before, "figures.csv", "figures.json"]))  # the job's own outputs are not touched
        self.assertEqual((told["schema"], told["rounds"], told["warm_up"], told["seed"], told["inputs"]), ("quadrant-bench/2", 3, 1, 7, ["in.mp4"]))
        cells = {(c["mode"], c["cores"]): c for c in told["cells"]}
        self.assertEqual(list(cells), [("sequential", 1), ("concurrent", 1), *[(m, n) for m in ("tiles", "frames", "segments") for n in (1, 2)]])
        reference = cells["sequential", 1]["summary"]
        for (mode, cores), cell in cells.items():
            with self.subTest(mode=mode, cores=cores):
                runs, summary = cell["runs"], cell["summary"]
                self.assertEqual((len(runs), cell["same_as_reference"], cell["differences"], cell["impossible"]), (3, True, [], None))
                for run in runs:
                    self.assertEqual(run["frames"], 10)
                    self.assertAlmostEqual(run["fps"], 10 / run["wall_seconds"])
                    self.assertAlmostEqual(run["executing"], run["cpu_seconds"] / run["wall_seconds"])
                fps = [run["fps"] for run in runs]
                self.assertAlmostEqual(summary["fps"]["median"], statistics.median(fps))
                self.assertTrue(min(fps) - 1e-9 <= summary["fps"]["low"] <= summary["fps"]["median"] <= summary["fps"]["high"] <= max(fps) + 1e-9)
                self.assertAlmostEqual(summary["speed_up"]["median"], summary["fps"]["median"] / reference["fps"]["median"])
                self.assertAlmostEqual(summary["efficiency"]["median"] * cores, summary["speed_up"]["median"])
                self.assertAlmostEqual(summary["fps_per_core"] * cores, summary["fps"]["median"])
                self.assertAlmostEqual(summary["cpu_seconds_per_1000_frames"], 100 * statistics.median(r["cpu_seconds"] for r in runs))
                self.assertEqual(summary["peak_threads"], max(r["peak_threads"] for r in runs))
                self.assertEqual(summary["peak_rss_bytes"], max(r["peak_rss_bytes"] for r in runs))
                self.assertGreater(summary["context_switches"]["voluntary"], 0)
                typical = statistics.median(r["wall_seconds"] for r in runs)
                self.assertAlmostEqual(cell["over_time"]["seconds"][-1], typical, delta=0.02 * typical)
                self.assertTrue({"decode", "blur", "encode"} <= {s["name"] for s in summary["stages"]})
        with open(self.path("figures.csv")) as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len(rows), 3 * len(cells))
        for row in rows:
            run = cells[row["mode"], int(row["cores"])]["runs"][int(row["round"]) - 1]
            self.assertAlmostEqual(float(row["fps"]), run["fps"], places=3)
            self.assertEqual(int(row["peak_threads"]), run["peak_threads"])
        table = self.run_of_figures.stdout.splitlines()
        self.assertEqual([line.split()[:2] for line in table[2:10]], [[mode, str(cores)] for mode, cores in cells])
        for line, cell in zip(table[2:10], cells.values()):
            self.assertEqual(line.split()[2], f"{cell['summary']['fps']['median']:.2f}")
        self.assertIn("tiles, frames, segments: Amdahl: not fitted: 2 distinct numbers of cores cannot identify", self.run_of_figures.stdout)
        self.assertNotIn("\x1b", self.run_of_figures.stdout)

    def test_order_comes_from_the_seed(self):
        self.short_clip(length=0.2)
        job = self.job(video=X264)

        def places(seed):
            told = self.figures(job, "in.mp4", "--cores", "1", "--runs", "3", "--seed", seed)
            return [[run["position"] for run in cell["runs"]] for cell in told["cells"]]

        one = places("1")
        self.assertEqual(one, places("1"))
        self.assertNotEqual(one, places("2"))
        for in_round in zip(*one):
            self.assertEqual(sorted(in_round), [1, 2, 3, 4, 5])
        self.assertGreater(len({*zip(*one)}), 1)  # not the same order each round

    def test_a_result_of_its_own_is_marked(self):
        """libavfilter's `random` draws a new seed for each run, so every run has a different result."""
        self.short_clip(length=2)
        told = self.figures(self.job(video=X264, stages=[{"ffmpeg": "random=frames=20"}]), "in.mp4", "--modes", "frames", "--cores", "1", "--runs", "1", code=1)
        reference, other = told["cells"]
        self.assertRegex(reference["differences"][0], r"^1/in.mkv from byte \d+ on$")  # the reference's second run made a different file
        self.assertRegex(other["differences"][0], r"^frame \d+$")
        self.assertEqual([c["same_as_reference"] for c in told["cells"]], [False, False])
        self.assertRegex(self.run_of_figures.stdout, r"\nframes +1 .* DIFFERS from sequential .*\n(.*\n)*frames on 1 core: differs from sequential: frame \d+\n")

    def test_a_mode_that_the_plan_refuses(self):
        self.short_clip()
        told = self.figures(self.job(video=X264, stages=[{"ffmpeg": "hqdn3d"}]), "in.mp4", "--modes", "segments", "--cores", "1", "--runs", "1")
        self.assertIn("hqdn3d", told["cells"][1]["impossible"] + "hqdn3d" * ("ffmpeg" in told["cells"][1]["impossible"]))
        self.assertEqual((told["cells"][1]["runs"], told["cells"][1]["summary"]), ([], None))
        self.assertIn("segments on 1 core: not possible: ", self.run_of_figures.stdout)

    def test_an_input_that_cannot_be_done(self):
        run = self.bench(self.job(video=X264), "gone.mp4", "--runs", "1", code=1)
        self.assertIn("bench: the run of sequential on 1 core ended with code 1\nfailed: gone.mp4: cannot be read", run.stderr)
        self.assertEqual(run.stdout, "")

    def test_refused_before_anything_runs(self):
        self.short_clip()
        os.mkfifo(self.path("pipe.mp4"))
        job = self.job(video=X264)
        for arguments, message in (
                (("in.mp4", "--modes", "framez"), "--modes: there is no mode 'framez' to measure, did you mean 'frames'?"),
                (("in.mp4", "--modes", "auto"), "--modes: there is no mode 'auto' to measure"),
                (("in.mp4", "--cores", "1,0"), "--cores: a list of numbers from 1 to 1024 is wanted, e.g. 1,2,4, not '0'"),
                (("in.mp4", "--cores", "two"), "not 'two'"),
                (("pipe.mp4",), "bench: pipe.mp4: can be read only once, and every run reads it; take a file"),
                (("-",), "bench: -: can be read only once"),
                (("in.mp4", "--json", "in.mp4"), "--json in.mp4: is the input in.mp4, which is never overwritten"),
                (("in.mp4", "--csv", "job.yaml"), "--csv job.yaml: is the configuration too"),
                (("in.mp4", "--csv", "x", "--html", "x"), "--html x: is the --csv too"),
                (("in.mp4", "--set", "output.video.crff=3"), "libx264 has no option crff")):
            with self.subTest(arguments=arguments):
                run = self.bench(job, *arguments, code=2)
                self.assertIn(message, run.stderr)
                self.assertEqual(self.files(), ["in.mp4", "job.yaml", "pipe.mp4"])

    def test_a_run_that_is_killed_is_named(self):
        """A signal kills the reference while it runs; bench names the signal and leaves nothing behind."""
        self.short_clip(length=2)
        job = self.job(video=X264, stages=[{"wait": {"ms": 100}}])
        process = subprocess.Popen([qt.QUADRANT, "bench", job, "in.mp4"], cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        deadline = time.monotonic() + 60
        while not qt.content(children).split() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(int(qt.content(children).split()[0]), signal.SIGKILL)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 70, said)
        self.assertIn("bench: the run of sequential on 1 core ended with code 70\nkilled by signal 9 (Killed)\n", said)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_without_a_place_for_its_outputs(self):
        self.short_clip(length=0.2)
        os.environ["TMPDIR"] = self.path("gone")
        run = self.quadrant("bench", self.job(video=X264), "in.mp4")
        self.assertEqual(run.returncode, 75, run.stderr)
        self.assertIn("set TMPDIR", run.stderr)

    def test_stopped_it_leaves_nothing(self):
        self.short_clip(length=2)
        job = self.job(video=X264, stages=[{"wait": {"ms": 100}}])
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = subprocess.Popen([qt.QUADRANT, "bench", job, "in.mp4"], cwd=self.directory, start_new_session=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            deadline = time.monotonic() + 60
            while not any("reference" in names for _, names, _ in os.walk(self.path("tmp"))) and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.2)
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, code)
            with self.assertRaises(ProcessLookupError):  # its run has ended too
                os.killpg(process.pid, 0)
            self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_stopped_it_writes_what_it_has(self):
        self.short_clip(length=0.4)
        job = self.job(video=X264, stages=[{"wait": {"ms": 40}}])
        process = subprocess.Popen([qt.QUADRANT, "bench", job, "in.mp4", "--modes", "concurrent", "--cores", "1", "--runs", "1000", "--json", "f.json", "--html", "f.html"],
                                   cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not process.stderr.readline().startswith("round 2 of 1000: "):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        table, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("warning: stopped before all rounds were run", said)
        self.assertIn("concurrent", table)
        told = json.loads(qt.content(self.path("f.json")))
        self.assertIs(told["complete"], False)
        self.assertTrue(all(2 <= len(cell["runs"]) <= 4 for cell in told["cells"]), [len(cell["runs"]) for cell in told["cells"]])
        self.assertIn(b"stopped before all rounds", qt.content(self.path("f.html")))

    def test_null_writes_nothing_and_pictures_are_compared(self):
        self.short_clip()
        told = self.figures(self.job(video=X264), "in.mp4", "--modes", "frames", "--cores", "1", "--runs", "1", "--output", "null")
        self.assertEqual((told["output"], told["cells"][1]["same_as_reference"]), ("null", True))
        pictures = self.job("made/%03d.png", name="pictures.yaml", video={"codec": "png"}, audio="none")
        self.assertTrue(self.figures(pictures, "in.mp4", "--modes", "frames", "--cores", "1", "--runs", "1")["cells"][1]["same_as_reference"])

    def test_it_says_what_makes_the_figures_wrong(self):
        self.short_clip()
        load = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            told = self.figures(self.job(video=X264, stages=[{"wait": {"ms": 40}}]), "in.mp4", "--modes", "tiles", "--cores", "1,300", "--runs", "2", "--max-ci-width", "0.1")
        finally:
            load.kill()
            load.wait()
        said = self.run_of_figures.stderr
        self.assertRegex(said, r"warning: other load on the machine during \d+ of 6 runs: [\d.]+ cores on average")
        self.assertRegex(said, r"warning: 300 cores were requested, but this process has \d+: ")
        self.assertIn("warning: 2 runs per cell: their interval holds the true median with 50 % certainty at most, not 95 %; take --runs 5", said)
        self.assertRegex(said, r"warning: \w+ on \d+ cores?: fps is known within [\d.]+ %, and 0.1 % was requested; about \d+ runs or a longer input would do")
        self.assertEqual(told["warnings"], [line[9:] for line in said.splitlines() if line.startswith("warning: ")])
        for cell in told["cells"]:
            for run in cell["runs"]:
                self.assertGreaterEqual(run["machine"]["other_cores"], 0)

    def test_colours_on_a_terminal_only(self):
        self.short_clip(length=0.2)
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        self.bench(self.job(video=X264), "in.mp4", "--modes", "frames", "--cores", "1", "--runs", "1", capture_output=False, stdout=end, stderr=subprocess.PIPE)
        os.close(end)
        said = os.read(terminal, 65536).decode()
        self.assertIn("\x1b[1mmode", said)
        self.assertIn("\x1b[0m", said)


if __name__ == "__main__":
    qt.main()
