#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the program reports about a run: report, frame hashes, progress, plan and probe, compared with ffprobe and the disk."""
import fcntl
import json
import os
import pty
import struct
import termios

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
TOP = {"schema": str, "version": str, "mode": str, "mode_reason": str, "cores": int, "wall_seconds": float, "cpu_seconds": float,
       "peak_rss_bytes": int, "peak_threads": int, "context_switches": dict, "in_progress": dict, "executing": dict, "quadrant": str, "inputs": list}
INPUT = {"input": str, "output": str, "status": str, "frames_in": int, "frames_out": int, "wall_seconds": (int, float), "fps": (int, float), "losses": list, "stages": list}


class Report(qt.Case):
    def report(self, *arguments, code=0):
        self.run_job(*arguments, "--report", "report.json", code=code)
        with open(self.path("report.json")) as f:
            return json.load(f)

    def test_fields_agree_with_the_disk(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", audio=True)
        self.clip("b.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.4)
        job = self.job(video=X264, stages=[{"levels": {"brightness": 0.1}}])
        self.run_job(job, "b.mp4")
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                for name in ("out/a.mkv",):
                    if os.path.exists(self.path(name)):
                        os.remove(self.path(name))
                report = self.report(job, "a.mp4", "gone.mp4", "b.mp4", "-m", mode, code=1)
                for key, kind in TOP.items():
                    self.assertIsInstance(report[key], kind, key)
                self.assertGreater(report["context_switches"]["voluntary"], 0)  # the run waited for its own threads at least
                self.assertGreaterEqual(report["context_switches"]["involuntary"], 0)
                self.assertEqual((report["schema"], report["mode"]), ("quadrant-report/2", mode))
                for entry in report["inputs"]:
                    for key, kind in INPUT.items():
                        self.assertIsInstance(entry[key], kind, key)
                by_name = {i["input"]: i for i in report["inputs"]}
                self.assertEqual({n: i["status"] for n, i in by_name.items()}, {"a.mp4": "done", "gone.mp4": "failed", "b.mp4": "up-to-date"})
                self.assertIsNone(by_name["a.mp4"]["error"])
                self.assertIn("gone.mp4: cannot be read: No such file or directory", by_name["gone.mp4"]["error"])
                self.assertEqual((by_name["a.mp4"]["frames_in"], by_name["a.mp4"]["frames_out"]), (25, 25))
                self.assertEqual(len(qt.frames(self.path("out/a.mkv"))), 25)
                calls = {s["name"]: s["calls"] for s in by_name["a.mp4"]["stages"]}
                self.assertGreaterEqual(calls["levels"], 25)
                for name in ("read", "decode", "encode", "write"):
                    self.assertGreater(calls[name], 0)
                self.assertEqual(report["cores"] == 1, mode in ("sequential", "concurrent"))
                self.assertFalse(os.path.exists(self.path("out/gone.mkv")))

    def test_never_replaces_inputs_outputs_or_the_job(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.2)
        os.mkdir(self.path("frames"))
        self.clip("frames/%02d.png", length=0.2)
        os.symlink("a.mp4", self.path("link.mp4"))
        job = self.job("out/{stem}.mkv", video=X264)
        pictures = self.job("made/%03d.png", name="pictures.yaml")
        before = {name: qt.content(self.path(name)) for name in self.files()}
        for option in ("--report", "--frame-hashes", "--trace"):
            for arguments, name, reason in (
                    ((job, "a.mp4"), "a.mp4", "is the input a.mp4, which is never overwritten"),
                    ((job, "a.mp4"), "link.mp4", "is the input a.mp4, which is never overwritten"),
                    ((job, "a.mp4", "frames/%02d.png"), "frames/02.png", "is the input frames/%02d.png, which is never overwritten"),
                    ((job, "a.mp4"), "./x/../out/a.mkv", "is the output of a.mp4"),
                    ((pictures, "a.mp4"), "made/007.png", "is the output of a.mp4"),
                    ((job, "a.mp4"), "job.yaml", "is the configuration too"),
                    ((job, "a.mp4"), "frames", "is a directory"),
                    ((job, "a.mp4"), "/nonexistent/r.json", "cannot be written: /nonexistent: No such file or directory")):
                with self.subTest(option=option, name=name):
                    run = self.run_job(*arguments, option, name, code=2)
                    self.assertEqual(run.stderr, f"quadrant: {option} {name}: {reason}\n")
        run = self.run_job(job, "a.mp4", "--report", "r", "--frame-hashes", "./r", code=2)
        self.assertIn("--frame-hashes ./r: is the --report too", run.stderr)
        self.assertEqual({name: qt.content(self.path(name)) for name in self.files()}, before)

    def test_written_beside_outputs_through_links_and_into_pipes(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.2)
        job = self.job("new/deep/{stem}.mkv", video=X264)
        self.run_job(job, "a.mp4", "--report", "new/r.json")  # a directory that the run makes
        os.symlink("new/r.json", self.path("link.json"))
        self.run_job(job, "a.mp4", "--report", "link.json")
        self.assertTrue(os.path.islink(self.path("link.json")))
        with open(self.path("new/r.json")) as f:
            self.assertEqual(json.load(f)["inputs"][0]["status"], "up-to-date")
        self.assertEqual(json.loads(self.run_job(job, "a.mp4", "--report", "/dev/stdout").stdout)["inputs"][0]["input"], "a.mp4")
        self.run_job(job, "a.mp4", "--report", "/dev/null", "--frame-hashes", "/dev/null")
        self.assertEqual(self.files(), ["a.mp4", "job.yaml", "link.json", "new/deep/a.mkv", "new/r.json"])

    def test_an_output_that_is_up_to_date_has_the_figures_of_its_run(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        job = self.job(video=X264)
        for made in (True, False):
            self.run_job(job, "a.mp4", "--report", "r.json")
            with open(self.path("r.json")) as f:
                told = json.load(f)["inputs"][0]
            if made:
                self.assertEqual((told["status"], told["frames_out"], told["recorded"]), ("done", 25, None))
                continue
            self.assertEqual((told["status"], told["frames_out"], told["recorded"]["frames_out"]), ("up-to-date", 0, 25))
            self.assertGreater(told["recorded"]["wall_seconds"], 0)

    def test_a_photo_is_one_frame(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "photo.png")
        self.assertIn("1 frame expected", self.quadrant("explain", self.job("out/{stem}.jpg", audio="none"), "photo.png").stdout)

    def test_a_report_that_cannot_be_written_costs_no_summary(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.2)
        run = self.run_job(self.job(video=X264), "a.mp4", "--report", "/dev/full", "--frame-hashes", "h", "--progress", "plain", code=75)
        self.assertIn("1 done, 0 up to date, 0 failed", run.stderr)
        self.assertIn("quadrant: /dev/full: cannot be written: No space left on device", run.stderr)
        self.assertIn("h", self.files())

    def test_frame_hashes_are_framemd5(self):
        for pixels in ("yuv420p", "yuv422p10le"):
            source = self.clip("a.mkv", "-c:v", "ffv1", "-pix_fmt", pixels, size="66x50")
            self.run_job(self.job("a.null", container="null"), source, "--frame-hashes", "hashes")
            reference = self.ffmpeg("-i", source, "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", qt.demuxer_time_base(), "-f", "framemd5", "-").decode()
            with open(self.path("hashes")) as f:
                ours = f.read()
            keep = lambda text: [line for line in text.splitlines() if not line.startswith("#software")]
            self.assertEqual(keep(ours), keep(reference))

    def test_progress(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        job = self.job(video=X264)
        silent = self.run_job(job, "a.mp4", "--progress", "none")
        self.assertEqual((silent.stdout, silent.stderr), ("", ""))
        failed = self.run_job(job, "gone.mp4", "--progress", "none", code=1)
        self.assertEqual(failed.stderr, "failed: gone.mp4: cannot be read: No such file or directory\n")
        lines = self.run_job(job, "a.mp4", "gone.mp4", "--progress", "json", code=1).stderr.splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual({e["input"]: e["status"] for e in events if e["event"] == "input"}, {"a.mp4": "up-to-date", "gone.mp4": "failed"})
        self.assertIn("No such file", [e for e in events if e.get("input") == "gone.mp4"][0]["error"])
        plain = self.run_job(job, "a.mp4", "-o", "out/b.mkv", "--progress", "plain").stderr
        self.assertRegex(plain, r"done: a.mp4: 25 frames in 0:0\d \([\d.]+ fps\)\n1 done, 0 up to date, 0 failed, 25 frames in [\d.]+ s\n")
        self.assertRegex(plain.splitlines()[-1], r"in progress, [\d.]+ executing on \d cores?: .*(concurrent|parallel).*, [\d.]+ fps$")

    def test_names_cannot_command_a_terminal(self):
        name = "a\x1b[31m\u009b31m\nb.mp4"
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-metadata:s:v", "language=\x1b[2", length=0.2)
        os.rename(self.path("a.mp4"), self.path(name))
        job = self.job("{index}.mkv", video=X264)
        for arguments in (("run", job, name, "no" + name), ("explain", job, name, "no" + name), ("probe", name, "no" + name),
                          ("run", job, name, "--report", name), ("sample", self.path(name + ".mkv"), "--length", "0.1", "--size", "64x48")):
            with self.subTest(arguments=arguments):
                run = self.quadrant(*arguments)
                said = run.stdout + run.stderr
                self.assertIn("a?[31m?31m", said)
                self.assertFalse(set("\x1b\u009b") & set(said), said)

    def test_bar_cuts_between_characters(self):
        names = ["\u00e4\u20ac" * 20 + "x" * i + ".mp4" for i in range(3)]  # of two and three bytes
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", length=0.4)
        for name in names:
            os.link(self.path("a.mp4"), self.path(name))
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 79, 0, 0))
        self.run_job(self.job("{index}.mkv", video=X264, stages=[{"wait": {"ms": 50}}]), *names, "-m", "sequential", "--progress", "bar",
                     capture_output=False, stderr=end)
        os.close(end)
        said = os.read(terminal, 65536)
        self.assertRegex(said.decode(), "\u00e4\\S*\\.\\.\\.\\S*\\.mp4 +\\[#*\\.*\\] ")

    def test_plan_touches_nothing(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", audio=True)
        job = self.job("new/{stem}.webm", video={"codec": "libvpx"})
        before = self.files(), os.stat(self.path("a.mp4")).st_mtime_ns
        explained = self.quadrant("explain", job, "a.mp4")
        dry = self.quadrant("run", job, "a.mp4", "--dry-run", "--report", "r.json")
        self.assertEqual((explained.returncode, dry.returncode), (0, 0))
        self.assertEqual(explained.stdout, dry.stdout)
        self.assertIn("lost   #1 audio aac 48000 Hz 1 channel (und): webm cannot hold aac audio", explained.stdout)
        self.assertEqual((self.files(), os.stat(self.path("a.mp4")).st_mtime_ns), before)
        self.assertFalse(os.path.exists(self.path("new")))
        self.assertEqual(self.quadrant("explain", job, "a.mp4", "gone.mp4").returncode, 1)

    def test_data_on_a_full_output_is_an_error(self):
        self.clip("a.mp4", "-c:v", "libx264", "-preset", "ultrafast")
        with open("/dev/full", "w") as full:
            for command in (["probe", "--json", "a.mp4"], ["explain", self.job(), "a.mp4"]):
                self.assertEqual(self.quadrant(*command, stdout=full, capture_output=False, stderr=qt.subprocess.PIPE).returncode, 75, command)

    def test_probe_agrees_with_ffprobe_on_real_clips(self):
        if not os.path.isdir(qt.CLIPS):
            self.skipTest(f"no real clips at {qt.CLIPS}")
        clips = qt.clips()
        told = json.loads(self.quadrant("probe", "--json", *clips).stdout)
        self.assertEqual([t["input"] for t in told], clips)
        for clip, ours in zip(clips, told):
            theirs = qt.ffprobe(clip)
            with self.subTest(clip=os.path.basename(clip)):
                if "error" in ours:
                    self.assertFalse(theirs.get("streams"))
                    continue
                self.assertEqual(ours["container"], theirs["format"]["format_name"])
                self.assertEqual(len(ours["streams"]), len(theirs["streams"]))
                self.assertEqual(ours["chapters"], len(theirs["chapters"]))
                for a, b in zip(ours["streams"], theirs["streams"]):
                    self.assertEqual(a["codec"], b.get("codec_name", "none") if b.get("codec_name") != "unknown" else "none")
                    if b["codec_type"] == "video":
                        self.assertEqual((a["width"], a["height"], a["pixel_format"]), (b["width"], b["height"], b.get("pix_fmt", "none")))
                    if b["codec_type"] == "audio":
                        self.assertEqual((a["sample_rate"], a["channels"]), (int(b["sample_rate"]), b["channels"]))


if __name__ == "__main__":
    qt.main()
