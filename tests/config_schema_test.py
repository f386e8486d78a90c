#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the JSON schema with an independent validator (Debian: python3-jsonschema, python3-yaml).

  config_schema_test.py PROGRAM... -- CONFIG...   every CONFIG is valid by the schema PROGRAM prints
  config_schema_test.py PROGRAM... --errors FILE  so are the good ones below, and no fault in FILE
                                                  (golden/config_errors.txt) is, but those listed
"""
import json
import subprocess
import sys

import jsonschema
import yaml

GOOD = """
version: 1
input: [a.mp4, 7]
output:
  path: x.mp4
  video: {codec: libx264, crf: 23, preset: fast, threads: 4, segment: none}
  audio: {codec: aac, bit_rate: 128k}
  subtitles: none
  options: {movflags: +faststart}
run: {mode: frames, cores: all, memory: 512M}
stages:
  - blur
  - blur: {sigma: 2, radius: 3, chroma: true, border: mirror}
  - blur:
  - filter: "eq=contrast=1.1"
  - filter: {filter: eq, threads: 2}
  - turn: {degrees: 90}
  - turn: {degrees: "270"}
  - nothing
---
version: 1
input: {sequence: "photos/*.jpg", rate: 30000/1001, order: time, missing: skip}
---
version: 1
input:
  - {concat: [a.mp4, {path: b.mp4, start: 1, end: "0:02"}, {sequence: "%d.png", rate: 25}], start: 1}
  - {path: "-", format: rawvideo, size: 640x360, pixel_format: gray, rate: 29.97}
---
version: 1
---
version: 1
input: a.mp4
output: {audio: none, video: }
run: {cores: 2, memory: 1048576}
stages:
"""

# Errors that only the reader can detect: locations, quotes, two values of the same type, errors in the YAML itself.
BEYOND_A_SCHEMA = {
    "a whole real for an integer",  # to a schema, 2.0 is an integer
    "a leading zero",  # this parser's YAML 1.1 reads it as 8
    "a hexadecimal number",
    "yes is no boolean",
    "not a number",
    "infinity",
    "a real that cannot be stored",
    "an integer of more than 64 bits",
    "an integer that its member cannot hold",
    "more cores than can be counted",
    "memory beyond 64 bits",
    "a parameter given twice",
    "a section given twice",
    "an empty path",
    "an empty codec",
    "text with a NUL",
    "two documents",
    "a tag",
    "a rate that is none",
    "a rate of nothing",
    "raw video without a size",
    "a size that is none",
    "a size of what tells its own",
    "nothing to join",
    "a part that is joined itself",
    "a part that ends before it begins",
    "streams of a joined input",
    "a list of texts without any",  # fine where the list may be left out
    "a map with a long key",
}


def blocks(path):
    for block in open(path, encoding="utf-8").read().split("### ")[1:]:
        title, rest = block.split("\n", 1)
        text = rest.split("\n=>\n")[0]
        if "--set " not in text:
            yield title, text


def unseen(validator, path):
    for title, text in blocks(path):
        try:
            document = next(yaml.safe_load_all(text), None)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
        if title not in BEYOND_A_SCHEMA and validator.is_valid(document):
            yield f"{title}: valid by the schema:\n{text}"


def invalid(validator, name, text):
    for document in yaml.safe_load_all(text):
        for error in validator.iter_errors(document):
            yield f"{name}: {'.'.join(map(str, error.absolute_path))}: {error.message}"


def main(arguments):
    mark = next(i for i, word in enumerate(arguments) if word in ("--", "--errors"))
    program, kind, files = arguments[:mark], arguments[mark], arguments[mark + 1 :]
    schema = json.loads(subprocess.run(program, check=True, capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    if kind == "--errors":
        faults = list(invalid(validator, "good", GOOD)) + list(unseen(validator, files[0]))
    else:
        faults = [f for path in files for f in invalid(validator, path, open(path, "rb"))]
    print("\n".join(faults) or "all as it should be")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
