#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Segments put together make a correct file, not only a playable one: every encoder that can be stitched, checked by FFmpeg
(frames, times, no message with -xerror), by seeking to 20 random times, and by GStreamer's demuxers, which share no code
with FFmpeg's."""
import contextlib
import os
import random
import re
import subprocess
import time

import quadrant_testing as qt

# encoder -> its options, containers. Small pictures: only the borders matter.
ENCODERS = {
    "libx264": ({"preset": "veryfast"}, ["mkv", "mp4", "mov", "ts"]),
    "libx265": ({"preset": "ultrafast", "x265-params": "log-level=none"}, ["mkv", "mp4"]),
    "libvpx-vp9": ({"deadline": "realtime", "cpu-used": 8, "crf": 40}, ["webm", "mp4"]),
    "libsvtav1": ({"preset": 12, "crf": 40}, ["mkv", "mp4"]),
    "ffv1": ({}, ["mkv"]),
    "mjpeg": ({}, ["mkv", "mov"]),
    "prores_ks": ({}, ["mov"]),
    "mpeg4": ({"flags": "+qscale", "global_quality": 472}, ["mkv", "mp4"]),
}
GST_DEMUXER = {"mkv": "matroskademux", "webm": "matroskademux", "mp4": "qtdemux", "mov": "qtdemux"}
SEEKS = 20


def framemd5(inputs, *options):
    """FFmpeg's rows (stream, pts in seconds, hash); it must print no message."""
    command = ["ffmpeg", "-v", "warning", "-xerror", "-nostdin", "-copyts", *inputs, *options, "-fps_mode", "passthrough",
               "-enc_time_base", "1/90000", "-f", "framemd5", "-"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0 or run.stderr:
        raise AssertionError(f"{' '.join(command)}: exit {run.returncode}: {run.stderr}")
    rows = [line.split(",") for line in run.stdout.splitlines() if not line.startswith("#")]
    return [(int(row[0]), int(row[2]) / 90000, row[5].strip()) for row in rows]


def decoded(path):
    """(pts in seconds, hash) of every picture, in the order they are shown."""
    return [row[1:] for row in framemd5(["-threads", "1", "-i", path], "-map", "0:v")]


def gst_packets(path, container):
    """(seconds on the presentation clock, is a keyframe) of every video packet, by GStreamer."""
    run = subprocess.run(["gst-launch-1.0", "-v", "filesrc", "location=" + path, "!", GST_DEMUXER[container], "name=d", "d.video_0", "!",
                          "identity", "silent=false", "!", "fakesink"], capture_output=True, text=True, timeout=60)
    if run.returncode != 0 or "WARN" in run.stderr:
        raise AssertionError(f"gst-launch-1.0 {path}: exit {run.returncode}: {run.stderr}")
    edit = re.search(r"event .*GstSegment.* start=\(guint64\)(\d+), stop=.*time=\(guint64\)(\d+)", run.stdout)
    shift = (int(edit[2]) - int(edit[1])) / 1e9 if edit else 0
    packets = []
    for line in run.stdout.splitlines():
        if found := re.search(r"chain .* pts: (\d+):(\d+):([\d.]+), .*flags: [0-9a-f]+ ([a-z -]*)", line):
            hours, minutes, seconds, flags = found.groups()
            packets.append((int(hours) * 3600 + int(minutes) * 60 + float(seconds) + shift, "delta-unit" not in flags))
    return packets


class Stitching(qt.Case):
    def setUp(self):
        super().setUp()
        self.clip("in.mkv", "-c:v", "libx264", "-preset", "veryfast", "-g", "24", "-bf", "2", "-c:a", "flac", rate=24, length=6, size="96x80", audio=True)
        # Variable: every fifth picture is not there.
        self.ffmpeg("-i", "in.mkv", "-vf", "select=mod(n\\,5)", "-fps_mode", "passthrough", "-enc_time_base", "1/1000",
                    "-c:v", "libx264", "-preset", "veryfast", "-g", "20", "-bf", "2", "-an", "vfr.mkv")

    def made(self, clip, encoder, options, container, segment):
        name = f"{encoder}.{segment}.{container}"
        audio = "none" if container == "webm" else "copy"
        job = self.job(name, video={"codec": encoder, "segment": segment, "threads": 1, **options}, audio=audio)
        result = self.run_job(job, clip, "-m", "segments" if segment != "none" else "sequential", "--cores", "2", "--overwrite",
                              "--report", "report.json")
        if segment != "none":
            self.assertIn('"segments": 3', qt.content(self.path("report.json")).decode(), result.stderr)
        return self.path(name)

    def check(self, clip, encoder, options, container):
        cut, whole = (self.made(clip, encoder, options, container, segment) for segment in (2, "none"))
        pictures = decoded(cut)
        source = qt.times(self.path(clip))
        self.assertEqual(len(pictures), len(source))
        for (pts, _), (whole_pts, _) in zip(pictures, decoded(whole), strict=True):
            self.assertAlmostEqual(pts, whole_pts, delta=1e-6)
        for (pts, _), wanted in zip(pictures, source, strict=True):
            self.assertAlmostEqual(pts - pictures[0][0], wanted - source[0], delta=1.1e-3)  # Matroska, the source, counts milliseconds
        if container in GST_DEMUXER:  # MPEG-TS has no index, so FFmpeg seeks between keyframes
            self.check_seeks(cut, pictures)
            self.check_packets(cut, container, pictures)
        return pictures

    def check_seeks(self, path, pictures):
        wanted = random.Random(os.path.basename(path)).choices(pictures, k=SEEKS)
        inputs, maps = [], []
        for i, (pts, _) in enumerate(wanted):  # one process opens and seeks all of them
            inputs += ["-threads", "1", "-seek_timestamp", "1", "-ss", f"{pts - 0.004:.6f}", "-t", "0.02", "-i", path]
            maps += ["-map", f"{i}:v"]
        found = {}
        for stream, pts, picture in framemd5(inputs, *maps):
            found.setdefault(stream, (pts, picture))
        self.assertEqual([found.get(i) for i in range(SEEKS)], wanted, path)

    def check_packets(self, path, container, pictures):
        packets = gst_packets(path, container)
        self.assertEqual(len(packets), len(pictures), path)
        first = min(pts for pts, _ in packets)
        for (pts, _), (shown, _) in zip(sorted(packets), pictures, strict=True):
            self.assertAlmostEqual(pts - first, shown - pictures[0][0], delta=2e-3, msg=path)
        ours = [float(p["pts_time"]) for p in qt.packets(path, entries="pts_time,flags") if "K" in p["flags"]]
        keys = [pts for pts, key in packets if key]
        self.assertEqual(len(keys), len(ours), f"{path}: keyframes")
        self.assertGreaterEqual(len(keys), 3)

    def test_every_encoder(self):
        for encoder, (options, containers) in ENCODERS.items():
            if not qt.has_encoder(encoder):
                print(f"SKIPPED: this FFmpeg has no {encoder}")
                continue
            for container in containers:
                with self.subTest(encoder=encoder, container=container):
                    self.check("in.mkv", encoder, options, container)

    def test_variable_rate(self):
        for encoder, container in (("libx264", "mp4"), ("libx264", "mkv"), ("libx265", "mp4"), ("ffv1", "mkv")):
            with self.subTest(encoder=encoder, container=container):
                self.check("vfr.mkv", encoder, ENCODERS[encoder][0], container)

    def test_output_grows_while_segments_are_made(self):
        job = self.job("out/a.mov", video={"codec": "prores_ks", "segment": 2}, stages=[{"wait": {"ms": 15}}])
        run = subprocess.Popen([qt.QUADRANT, "run", job, "in.mkv", "-m", "sequential", "--progress", "none"], cwd=self.directory, stderr=subprocess.DEVNULL)
        grown = 0
        while run.poll() is None:
            if any(name.endswith(".packets.part") for name in self.files("out")):  # the last one too, by and by
                with contextlib.suppress(FileNotFoundError):  # it has just got its name
                    grown = max(grown, os.path.getsize(self.path("out/.a.mov.part")))
            time.sleep(0.01)
        self.assertEqual(run.returncode, 0)
        self.assertGreater(grown, os.path.getsize(self.path("out/a.mov")) / 3)  # libavformat writes 256 KiB at a time

    def test_what_cannot_be_stitched_is_refused_with_the_way_out(self):
        for options in ({"codec": "libx264", "b": "400k", "maxrate": "500k", "bufsize": "500k"}, {"codec": "libx264", "b": "400k"},
                        {"codec": "libx264", "x264-params": "bitrate=400"}, {"codec": "mpeg4", "b": "400k"}, {"codec": "libx265", "b": "400k"},
                        {"codec": "libvpx-vp9", "b": "400k"}):
            with self.subTest(options=options):
                job = self.job("refused.mkv", video={**options, "segment": 2})
                result = self.run_job(job, "in.mkv", code=2)
                self.assertRegex(result.stderr, r"job.yaml:\d+:\d+: output.video: segment cannot be 2: .*; take auto or none")
                self.assertEqual([f for f in self.files() if "refused" in f], [])
                plan = self.quadrant("explain", self.job("whole.mkv", name="auto.yaml", video=options), "in.mkv")
                self.assertNotIn("segments of the video", plan.stdout)


if __name__ == "__main__":
    qt.main()
