#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Any fault of one input: reported clearly, the others done, nothing half-written, nothing overwritten."""
import contextlib
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import time

import quadrant_testing as qt

X264 = {"codec": "libx264", "preset": "ultrafast"}
KEY = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "00112233445566778899aabbccddeeff",
       "-encryption_kid", "112233445566778899aabbccddeeff00")
NOBODY = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}


def serving(data, sent, reset):
    """A local HTTP server that announces `data`, sends its first `sent` bytes and closes; returns the URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(data[:sent])
            if reset:
                time.sleep(0.3)  # what was sent should arrive
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

        def log_message(self, *_):
            pass

    return qt.local_server(Handler)


class Faults(qt.Case):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.good = self.clip("good.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)

    def test_what_cannot_be_decoded_says_why(self):
        """An input that is whole, but of a codec or with a key that is not here, is not called damaged."""
        good = qt.content(self.good)
        self.ffmpeg("-i", "good.mp4", "-c", "copy", "good.mkv")
        matroska = qt.content(self.path("good.mkv"))
        name = b"V_MPEG4/ISO/AVC"
        self.write("unknown.mp4", good.replace(b"avc1", b"zzz1"))
        self.write("unknown.mkv", matroska.replace(name, b"V_MPEGX/ISO/ABC"))
        self.write("avs3.mkv", matroska.replace(name, b"V_AVS3".ljust(len(name), b"\0")))
        self.ffmpeg("-i", "good.mp4", "-c", "copy", *KEY, "encrypted.mp4")
        known = b"AVS3" in subprocess.run(["ffmpeg", "-v", "error", "-decoders"], capture_output=True).stdout
        cases = [("unknown.mp4", "video stream #0: the installed FFmpeg does not know its codec (zzz1)"),
                 ("unknown.mkv", "video stream #0: the installed FFmpeg does not know its codec"),
                 ("encrypted.mp4", "video stream #0: encrypted, and Quadrant takes no keys")]
        cases += [] if known else [("avs3.mkv", "video stream #0: no decoder for avs3 in the installed FFmpeg")]
        job = self.job(video=X264)
        for source, reason in cases:
            for command in ("run", "explain"):
                with self.subTest(source=source, command=command):
                    run = self.quadrant(command, job, source, "good.mp4", "--overwrite")
                    self.assertEqual(run.returncode, 1)
                    self.assertIn(f"failed: {source}: {reason}", run.stderr)
                    self.assertNotIn("damaged", run.stderr)
        self.assertEqual(self.files("out"), ["good.mkv"])

    def test_an_index_at_the_end_of_a_pipe(self):
        large = qt.content(self.clip("large.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p", size="640x480", length=4))
        self.assertGreater(len(large), 1 << 20)  # a small one is in the reader's buffer whole
        run = subprocess.run([qt.QUADRANT, "run", self.job(video=X264), "-"], input=large, cwd=self.directory, capture_output=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"an MP4 with its index at the end cannot be read from a pipe: name the file", run.stderr)
        self.assertNotIn(b"damaged", run.stderr)

    def test_encrypted_after_ten_seconds_of_sound(self):
        self.ffmpeg("-f", "lavfi", "-i", "sine=r=48000:d=10.2", "-itsoffset", "10", "-i", "good.mp4", "-map", "0", "-map", "1", "-c:v", "copy",
                    "-c:a", "aac", *KEY, "later.mp4")
        run = self.run_job(self.job(video=X264), "later.mp4", code=1)
        self.assertIn("failed: later.mp4: video stream #1: encrypted, and Quadrant takes no keys", run.stderr)

    def test_hardware_frames_are_refused_with_that_reason(self):
        encoders = subprocess.run(["ffmpeg", "-v", "error", "-encoders"], capture_output=True, text=True).stdout
        filters = subprocess.run(["ffmpeg", "-v", "error", "-filters"], capture_output=True, text=True).stdout
        for codec in ("h264_vaapi", "hevc_vaapi"):
            if f" {codec} " not in encoders:
                continue
            with self.subTest(codec=codec):
                run = self.run_job(self.job(video={"codec": codec}), "good.mp4", code=2)
                self.assertRegex(run.stderr, f"job.yaml:1:[0-9]+: .*codec: {codec} needs hardware frames, which are not supported; .*libx26[45]")
        for chain in ("hwupload", "hwdownload,format=yuv420p", "scale_vaapi=64:48", "hwmap", "hwupload_cuda", "format=vaapi"):
            if chain.split("=")[0].split(",")[0] + " " not in filters:
                continue
            with self.subTest(chain=chain):
                run = self.run_job(self.job(stages=[{"ffmpeg": chain}]), "good.mp4", code=2)
                self.assertRegex(run.stderr, r"job.yaml:1:[0-9]+: .*hardware frames, which are not supported")

    def test_bad_inputs(self):
        """Each in every mode, followed by a good input, which is done."""
        self.write("cut.mp4", qt.content(self.good)[:4000])
        self.write("empty.mp4", b"")
        self.write("text.mkv", b"no video\n" * 500)
        os.mkdir(self.path("folder.mp4"))
        self.ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", "sound.m4a")
        expected = {
            "cut.mp4": "cut.mp4: cannot be read: Invalid data found when processing input",
            "empty.mp4": "empty.mp4: cannot be read: Invalid data found when processing input",
            "text.mkv": "text.mkv: cannot be read: Invalid data found when processing input",
            "folder.mp4": "folder.mp4: is a directory; 'folder.mp4/*.mp4' names files in it",
            "sound.m4a": "sound.m4a: has no video stream to process",
            "gone.mp4": "gone.mp4: cannot be read: No such file or directory",
        }
        for mode in qt.MODES:
            with self.subTest(mode=mode):
                job = self.job(mode + "/{stem}.mkv", video=X264)
                run = self.run_job(job, *expected, "good.mp4", "-m", mode, code=1)
                for message in expected.values():
                    self.assertIn("failed: " + message, run.stderr)
                self.assertEqual(self.files(mode), ["good.mkv"])

    def test_fail_fast(self):
        run = self.run_job(self.job(video=X264), "gone.mp4", "good.mp4", "--fail-fast", "-m", "sequential", code=1)
        self.assertIn("stopped: good.mp4", run.stderr)
        self.assertEqual(self.files(), ["good.mp4", "job.yaml"])

    def test_truncated_stream_is_done_as_far_as_it_goes(self):
        self.clip("whole.ts", "-c:v", "libx264", "-preset", "ultrafast", length=2)
        whole = qt.content(self.path("whole.ts"))
        self.write("cut.ts", whole[:len(whole) * 2 // 3])
        for mode in ("sequential", "frames"):
            self.run_job(self.job(mode + "/{stem}.mkv", video=X264), "cut.ts", "-m", mode)
        self.assertEqual(qt.content(self.path("sequential/cut.mkv")), qt.content(self.path("frames/cut.mkv")))
        self.assertGreater(len(qt.frames(self.path("frames/cut.mkv"))), 10)

    def damage(self, *arguments, code=0):
        """The report's damage of the first input; the summary must say the same."""
        run = self.run_job(*arguments, "--report", "report.json", "--progress", "plain", code=code)
        with open(self.path("report.json")) as f:
            entry = json.load(f)["inputs"][0]
        self.assertEqual([line for line in run.stderr.splitlines() if line.startswith("damaged: ")],
                         [f"damaged: {entry['input']}: {what}" for what in entry["damage"]])
        return entry

    def test_damage_is_told_and_refused_by_strict(self):
        self.clip("whole.mkv", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", length=4)
        self.ffmpeg("-i", "whole.mkv", "-c", "copy", "-movflags", "+faststart", "whole.mp4")
        places = [int(p["pos"]) for p in qt.packets(self.path("whole.mp4"), entries="pos")]
        self.write("cut.mkv", qt.content(self.path("whole.mkv"))[:-3000])
        self.write("cut.mp4", qt.content(self.path("whole.mp4"))[:places[60]])  # between two pictures
        spoilt = bytearray(qt.content(self.path("whole.mp4")))
        for at in range(places[60], places[80]):
            spoilt[at] ^= 0x55
        self.write("spoilt.mp4", spoilt)
        for name, damage in (("cut.mkv", "reading: matroska,webm: File ended prematurely"), ("cut.mp4", "40 of 100 packets of the video missing"),
                             ("spoilt.mp4", "reading: ")):
            for mode in ("sequential", "frames"):
                with self.subTest(name=name, mode=mode):
                    job = self.job(mode + "/{name}.mkv", video={**X264, "segment": 1})
                    self.assertIn(damage, self.damage(job, name, "-m", mode, "--set", "run.max_damage=100%")["damage"][0])
                    strict = self.run_job(job, name, "--strict", "-m", mode, "--overwrite", "-o", "strict.mkv", code=1)
                    self.assertIn(f"failed: {name}: --strict, and the input is damaged: {damage}", strict.stderr)
                    self.assertFalse(os.path.exists(self.path("strict.mkv")))
            self.assertEqual(qt.content(self.path("sequential", name + ".mkv")), qt.content(self.path("frames", name + ".mkv")))
        for name in ("whole.mkv", "whole.mp4"):
            for segment in ("none", 1):
                self.assertEqual(self.damage(self.job("{name}-%s.mkv" % segment, video={**X264, "segment": segment}), name, "--strict")["damage"], [])

    def test_edited_file_is_not_damaged(self):
        """The edit list excludes most of its packets."""
        self.clip("long.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", length=4)
        self.ffmpeg("-ss", "2.5", "-i", "long.mp4", "-c", "copy", "edited.mp4")
        self.assertEqual(self.damage(self.job(video=X264), "edited.mp4", "--strict")["damage"], [])

    def test_broken_connection_is_no_end(self):
        self.clip("whole.mkv", "-c:v", "libx264", "-preset", "ultrafast", size="320x240", length=8)
        for name in ("whole.mp4", "whole.ts"):
            self.ffmpeg("-i", "whole.mkv", "-c", "copy", "-movflags", "+faststart", name)
        for name in ("whole.mkv", "whole.mp4", "whole.ts"):
            data = qt.content(self.path(name))
            for part, reset in ((1, False), (0.5, False), (0.5, True)):
                with self.subTest(name=name, part=part, reset=reset), serving(data, int(len(data) * part), reset) as url:
                    run = self.run_job(self.job("out/{index}-{stem}.mkv", video=X264), f"{url}/{name}", "--allow", "network", "--overwrite", code=0 if part == 1 else 75)
                    if part < 1:
                        self.assertRegex(run.stderr, f"failed: {url}/{name}: cannot be read to its end: (Input/output error|Connection reset by peer)")
                        self.assertEqual(self.files("out"), [])
                    else:
                        self.assertIn("200 frames", run.stderr)
                        shutil.rmtree(self.path("out"))

    def test_unreadable_and_unwritable(self):
        if not NOBODY:
            self.skipTest("needs root to become another user")
        shutil.copy(self.good, self.path("secret.mp4"))
        os.chmod(self.path("secret.mp4"), 0)
        os.mkdir(self.path("closed"), 0o555)
        os.chmod(self.good, 0o644)
        jobs = {"secret.mp4": ("closed/x.mkv", "secret.mp4: cannot be read: Permission denied"),
                "good.mp4": ("closed/x.mkv", "closed/x.mkv: cannot be written: Permission denied"),
                "./good.mp4": ("closed/new/x.mkv", "closed/new/x.mkv: its directory cannot be made: Permission denied")}
        for source, (out, message) in jobs.items():
            job = self.job(out, video=X264)
            os.chmod(job, 0o644)
            self.assertIn(message, self.run_job(job, source, code=1, **NOBODY).stderr)
        self.assertEqual(self.files("closed"), [])

    def test_output_is_an_input(self):
        before = qt.content(self.good)
        os.symlink("good.mp4", self.path("link.mp4"))
        os.link(self.good, self.path("hard.mp4"))
        names = ["good.mp4", "./x/../good.mp4", "link.mp4", "hard.mp4", self.good]
        os.mkdir(self.path("bound"))
        if subprocess.run(["mount", "--bind", self.directory, self.path("bound")], capture_output=True).returncode == 0:
            self.addCleanup(subprocess.run, ["umount", self.path("bound")])
            names.append("bound/good.mp4")
        else:
            print("a bind mount is not tried: it cannot be made here")
        for out in names:
            run = self.run_job(self.job(out, video=X264), "good.mp4", "--overwrite", code=1)
            self.assertIn("is the input good.mp4, which is never overwritten; choose another output", run.stderr)
        self.assertEqual(qt.content(self.good), before)
        self.clip("other.mp4", "-c:v", "libx264")
        run = self.run_job(self.job("good.mp4", video=X264), "other.mp4", code=1)
        self.assertIn("--overwrite replaces it", run.stderr)

    def test_what_is_no_file_is_left_alone(self):
        os.mkfifo(self.path("fifo.mkv"))
        os.mkdir(self.path("folder.mkv"))
        for name in ("fifo.mkv", "folder.mkv"):
            run = self.run_job(self.job(name, video=X264), "good.mp4", "--overwrite", code=1)
            self.assertIn("exists and is not a regular file, so it is not replaced", run.stderr)

    def test_two_inputs_with_one_output(self):
        os.mkdir(self.path("b"))
        shutil.copy(self.good, self.path("b/good.mp4"))
        run = self.run_job(self.job(video=X264), "good.mp4", "b/good.mp4", code=2)
        self.assertIn("good.mp4 and b/good.mp4 have the same output out/good.mkv; use {stem}, {name} or {index} in output.path", run.stderr)
        run = self.run_job(self.job("{dir}/{stem}.mkv", video=X264), "good.mp4", self.good, code=2)
        self.assertIn("have the same output", run.stderr)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_disk_full(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small tmpfs")
        os.mkdir(self.path("disk"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", self.path("disk")], capture_output=True).returncode != 0:
            self.skipTest("cannot mount a tmpfs here")
        self.addCleanup(subprocess.run, ["umount", self.path("disk")])
        big = self.clip("big.mp4", "-c:v", "libx264", "-preset", "ultrafast", size="320x240", length=2)
        for path, video in (("o.mkv", {"codec": "ffv1"}), ("o.mp4", {"codec": "libx264", "qp": 0}), ("o.avi", {"codec": "rawvideo"}), ("f-%03d.bmp", {"codec": "bmp"})):
            for mode in ("sequential", "frames"):
                with self.subTest(path=path, mode=mode):
                    run = self.run_job(self.job("disk/" + path, video=video), big, "-m", mode, code=75)
                    self.assertIn("No space left on device", run.stderr)
                    self.assertEqual(os.listdir(self.path("disk")), [])

    def test_file_size_limit(self):
        """Outputs beyond `ulimit -f` fail, the others are done."""
        self.clip("big.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", size="320x240", length=2)
        for mode in ("sequential", "frames"):
            job = self.job(mode + "/{stem}.mkv", video={"codec": "libx264", "qp": 0})
            run = subprocess.run(["sh", "-c", f"ulimit -f 100; exec '{qt.QUADRANT}' run '{job}' big.mp4 good.mp4 -m {mode}"],
                                 cwd=self.directory, capture_output=True, text=True, timeout=60)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertRegex(run.stderr, "failed: .*big.*: File too large")
            self.assertEqual(self.files(mode), ["good.mkv"])

    def test_hostile_names(self):
        names = ["a b.mp4", "q'u\"ote.mp4", "[br]ack{et}.mp4", "new\nline.mp4", "-dash.mp4", "take 2: colon.mp4", "50%.mp4", "%d.mp4", "ünï.mp4", "*.mp4", "$(x)`y`.mp4", "a,b;c|d&.mp4", "tail .mp4", "\\back.mp4", "#hash?q=1.mp4"]
        os.mkdir(self.path("in"))
        for name in names:
            shutil.copy(self.good, self.path("in", name))
        for mode in ("sequential", "frames"):
            self.run_job(self.job(mode + "/{stem}.mp4", video=X264), *("in/" + n for n in names), "-m", mode)
            self.assertEqual(self.files(mode), sorted(names))
        os.chdir(self.path("in"))
        self.run_job(self.job("../dash/{name}", video=X264), "--", "-dash.mp4", cwd=self.path("in"))
        self.assertEqual(self.files("dash"), ["-dash.mp4"])

    def test_output_and_error_closed_or_full(self):
        job = self.job("{stem}-{index}.mkv", video=X264)
        command = f"'{qt.QUADRANT}' run '{job}' good.mp4 --overwrite"
        for redirection in (">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full", "2>&- <&- >&-"):
            with self.subTest(redirection=redirection):
                run = subprocess.run(["sh", "-c", f"rm -f good-1.mkv; {command} {redirection}"], cwd=self.directory, capture_output=True, timeout=60)
                self.assertEqual(run.returncode, 0)
                self.assert_decodable(self.path("good-1.mkv"))
                self.assertEqual(self.files(), ["good-1.mkv", "good.mp4", "job.yaml"])

    def test_standard_input_is_never_read(self):
        """As in `while read f; do quadrant run ...; done < list`."""
        job = self.job("{stem}-{index}.mkv", video=X264)
        script = f"printf 'one\\ntwo\\nthree\\n' | while read name; do '{qt.QUADRANT}' run '{job}' good.mp4 -o $name.mkv --progress none; done"
        subprocess.run(["sh", "-c", script], cwd=self.directory, check=True, timeout=60)
        self.assertEqual([f for f in self.files() if f.endswith("mkv")], ["one.mkv", "three.mkv", "two.mkv"])


if __name__ == "__main__":
    qt.main()
