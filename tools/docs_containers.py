# SPDX-License-Identifier: MIT
"""The table of docs/containers.md: what each container keeps, found by trying.

One input per question is written into each container by the program, and ffprobe reads it back. It also says whether the program
called lost what is not there, and nothing else: a difference ends the command.
"""
import json
import os
import re
import subprocess
import tempfile

CONTAINERS = {"mp4": "libx264", "mov": "libx264", "mkv": "libx264", "webm": "libvpx-vp9", "ts": "libx264", "avi": "mpeg4", "nut": "ffv1"}
COLOUR = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]


def streams(told, kind):
    return [s for s in told["streams"] if s["codec_type"] == kind and not s["disposition"]["attached_pic"]]


def tags(value):
    return {text for each in [value["format"], *value["streams"], *value.get("programs", [])] for text in each.get("tags", {}).values()}


def side_data(told):
    return {d["side_data_type"] for s in streams(told, "video") for d in s.get("side_data_list", [])}


def dispositions(told, kind, name):
    return any(s["disposition"][name] for s in streams(told, kind))


def aspect(told):
    """Matroska stores whole numbers of shown samples, so the ratio is rounded."""
    width, _, height = streams(told, "video")[0].get("sample_aspect_ratio", "0:1").partition(":")
    return abs(int(width) / int(height) - 4 / 3) < 0.01


def orientation(told):
    video = streams(told, "video")[0]
    return "Display Matrix" in side_data(told) or ("applied" if video["height"] > video["width"] else "")


# The property, how the program calls its loss, and is it in what ffprobe tells?
TURNED = ("orientation", r"orientation \(", orientation)  # of another input
PROPERTIES = [
    ("title of the file", r"metadata .*\btitle\b", lambda told: "A film" in tags(told)),
    ("any tag of the file", r"metadata .*\bMOOD\b", lambda told: "calm" in tags(told)),
    ("time of creation", r"metadata .*\bcreation_time\b", lambda told: any(t.startswith("2020-01-02T03:04:05") for t in tags(told))),
    ("chapters", r"chapters: ", lambda told: len(told["chapters"]) == 2),
    ("sample aspect ratio", r"sample aspect ratio", aspect),
    ("colour tags", r"colour tags", lambda told: streams(told, "video")[0].get("color_primaries") == "bt709"),
    ("language of a stream", r"audio [^:]*: language ", lambda told: streams(told, "audio")[0].get("tags", {}).get("language") in ("deu", "ger")),
    ("title of a stream", r"title Kommentar", lambda told: "Kommentar" in tags(told) or b"Kommentar" in told["bytes"]),  # FFmpeg does not read the name of a track of MP4
    ("role of a stream: comment", r"role comment", lambda told: dispositions(told, "audio", "comment")),
    ("role of a stream: hearing impaired", r"role hearing_impaired", lambda told: dispositions(told, "audio", "hearing_impaired")),
    ("text subtitles", r"subtitle \w+[^:]*: ", lambda told: streams(told, "subtitle")),
    ("attached fonts", r"attachment ", lambda told: streams(told, "attachment")),
    ("cover", r"cover ", lambda told: any(s["disposition"]["attached_pic"] for s in told["streams"])),
]
# Sound that each container copies.
SOUND = {"webm": "libopus"}


def ffmpeg(*arguments, cwd):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-bitexact", *arguments], cwd=cwd, check=True, capture_output=True)


def libav():
    return re.search(r"libavformat +(\d+)", subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout)[1]


def make_input(directory, sound):
    with open(os.path.join(directory, "s.srt"), "w", encoding="utf-8") as f:
        f.write("1\n00:00:00,100 --> 00:00:00,300\nhello\n")
    with open(os.path.join(directory, "meta"), "w", encoding="utf-8") as f:
        f.write(";FFMETADATA1\ntitle=A film\nMOOD=calm\ncreation_time=2020-01-02T03:04:05.000000Z\n" +
                "".join(f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={200 * i}\nEND={200 * i + 200}\ntitle={i}\n" for i in range(2)))
    with open(os.path.join(directory, "font.ttf"), "wb") as f:
        f.write(b"\0\1\0\0font" * 30)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "-update", "1", "cover.png", cwd=directory)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-aspect", "16:9", *COLOUR, "u.mp4", cwd=directory)
    try:
        ffmpeg("-display_rotation:v", "90", "-i", "u.mp4", "-c", "copy", "v.mp4", cwd=directory)
    except subprocess.CalledProcessError:  # before FFmpeg 6
        ffmpeg("-i", "u.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", "v.mp4", cwd=directory)
    ffmpeg("-i", "v.mp4", "-f", "lavfi", "-i", "sine=r=48000:d=0.4", "-i", "s.srt", "-i", "meta", "-map", "0:v", "-map", "1", "-map", "2", "-map_metadata", "3", "-map_chapters", "3",
           "-c:v", "copy", "-c:a", sound, "-c:s", "srt", "-metadata:s:a", "language=ger", "-metadata:s:a", "title=Kommentar", "-disposition:a", "default+comment+hearing_impaired",
           "-attach", "font.ttf", "-metadata:s:t:0", "mimetype=application/x-truetype-font", "-attach", "cover.png", "-metadata:s:t:1", "mimetype=image/png",
           "-metadata:s:t:1", "filename=cover.png", f"{sound}.mkv", cwd=directory)
    return f"{sound}.mkv"


def attempt(quadrant, environment, directory, container, codec):
    """For each property: kept, applied (to the picture) or lost."""
    return [*questions(quadrant, environment, directory, container, codec, make_input(directory, SOUND.get(container, "aac")), PROPERTIES),
            *questions(quadrant, environment, directory, container, codec, "v.mp4", [TURNED])]


def questions(quadrant, environment, directory, container, codec, source, properties):
    with open(os.path.join(directory, "job.yaml"), "w", encoding="utf-8") as f:
        f.write(f"version: 1\noutput: {{path: out.{container}, video: {{codec: {codec}}}}}\n")

    def run(*arguments):
        made = subprocess.run([quadrant, *arguments], cwd=directory, capture_output=True, text=True, env=environment)
        if made.returncode != 0:
            raise SystemExit(f"docs: {container}: {made.stderr}")
        return made

    lost = [line for line in run("explain", "job.yaml", source).stdout.splitlines() if line.startswith("lost ")]
    run("run", "job.yaml", source, "--overwrite")
    told = json.loads(subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters", "-show_programs", f"out.{container}"],
                                     cwd=directory, capture_output=True, check=True).stdout)
    with open(os.path.join(directory, f"out.{container}"), "rb") as f:
        told["bytes"] = f.read()
    kept = []
    for name, words, is_there in properties:
        said = any(re.search(words, line) for line in lost)
        there = is_there(told)
        kept.append(there if isinstance(there, str) and there else "kept" if there else "lost")
        if (kept[-1] == "lost") != said:
            raise SystemExit(f"docs: {container}, {name}: the program calls it {'lost' if said else 'kept'}, and in the file it is {kept[-1]}\n" + "\n".join(lost))
    return kept


def container_table(quadrant, environment):
    with tempfile.TemporaryDirectory(prefix="quadrant-docs-") as directory:
        columns = {c: attempt(quadrant, environment, directory, c, codec) for c, codec in CONTAINERS.items()}
    lines = ["", f"Tried with libavformat {libav()}; the video is encoded by " + ", ".join(f"{codec} in {c}" for c, codec in CONTAINERS.items()) + ".", "",
             "| | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for i, (name, _, _) in enumerate([*PROPERTIES, TURNED]):
        lines.append(f"| {name} | " + " | ".join(column[i] for column in columns.values()) + " |")
    return lines
