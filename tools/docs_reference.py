# SPDX-License-Identifier: MIT
"""The parts of docs/ that tools/docs generates from the program: stages, commands and the keys of a configuration.

They are read from `quadrant schema`, `quadrant stages` and `quadrant COMMAND --help`, so a fact is declared once, in the program.
"""
import functools
import json
import os
import re
import subprocess
import tempfile

import docs_containers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUADRANT = os.path.realpath(os.environ.get("QUADRANT", os.path.join(ROOT, "build", "release", "quadrant")))


@functools.cache
def path_with_numpy():
    """A PATH whose python3 can import numpy; None if this machine has none: what needs it is not run then."""
    for path in (os.environ["PATH"], "/usr/bin:" + os.environ["PATH"]):
        if subprocess.run(["python3", "-c", "import numpy"], capture_output=True, env={**os.environ, "PATH": path}).returncode == 0:
            return path
    return None


def environment(directory=None):
    """An environment that is the same on every machine: no colours, fixed width and language; temporary files are in `directory`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FREI0R_PATH", "QUADRANT")}
    path = path_with_numpy() or os.environ["PATH"]
    made = {"PATH": path, "NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if directory:
        made |= {"PATH": os.path.join(directory, "bin") + ":" + path, "TMPDIR": os.path.join(directory, "tmp")}
    return {**kept, **made}


def program(*arguments, cwd=None):
    """The standard output of `quadrant ARGUMENTS`, which must succeed."""
    return subprocess.run([QUADRANT, *arguments], cwd=cwd, check=True, capture_output=True, text=True, env=environment()).stdout


def values(schema):
    """The values that a key takes, as text for a table."""
    if "$ref" in schema:
        return "map"
    if "enum" in schema:
        choices = [f"`{json.dumps(v) if not isinstance(v, str) else v}`" for v in schema["enum"]]
        return ", ".join(choices)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(values(each) for each in schema["anyOf"]))
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds:
        return "list of texts" if "type" in schema.get("items", {}) else "list"
    if "object" in kinds:
        return "map"
    if "string" in kinds:
        pattern = schema.get("pattern", "")
        return "size, as `512M`" if "[kKMGT]" in pattern else "share, as `1%`" if pattern.endswith("%$") else "text"
    if "boolean" in kinds:
        return "`true`, `false`"
    bounds = [f"{schema[key]:g}" for key in ("minimum", "maximum") if key in schema]
    if len(set(bounds)) == 1 and len(bounds) == 2:
        return f"`{bounds[0]}`"
    text = "whole number" if "integer" in kinds else "number"
    return text + (f" {bounds[0]} to {bounds[1]}" if len(bounds) == 2 else f" from {bounds[0]}" if bounds else "")


def value_text(value):
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value if isinstance(value, str) else json.dumps(value)


def cell(text):
    return text.replace("|", "\\|")


def default_of(schema, key, required):
    if key in required:
        return "required"
    for each in (schema, *schema.get("anyOf", ())):
        if each.get("default", "") != "":
            return f"`{value_text(each['default'])}`"
    return ""


def table(properties, required=(), others=None):
    """A table of keys. `others`: the schema of all other keys."""
    lines = ["| key | values | default | meaning |", "|---|---|---|---|"]
    for key, schema in properties.items():
        lines.append(f"| `{key}` | {cell(values(schema))} | {default_of(schema, key, required)} | {cell(schema.get('description', ''))} |")
    if others:
        lines.append(f"| any other | {cell(values(others))} | | {cell(others.get('description', ''))} |")
    return lines


def map_form(schema):
    """The form of a schema that is a map with keys, and its other (short) forms."""
    forms_of_it = schema.get("anyOf", [schema])
    maps = [each for each in forms_of_it if "properties" in each]
    return maps[0] if maps else {"properties": {}}, [each for each in forms_of_it if "properties" not in each]


# Examples for stages whose defaults do nothing useful.
EXAMPLES = {"levels": "{contrast: 1.1, gamma: 1.05}", "saturation": "1.2", "scale": "{width: 1280}", "crop": "{x: 16, y: 16, width: 640, height: 360}",
            "pad": "{top: 60, bottom: 60, colour: black}",
            "curves": '{luma: "0/0 0.3/0.25 0.7/0.78 1/1"}', "white_balance": "{temperature: 3200}", "fit": "{width: 1080, height: 1920, mode: blur}",
            "overlay": "{file: data/overlay.png, anchor: top_right, scale: 0.1}", "mask": "{file: data/overlay.png}", "lut3d": "data/warm.cube", "undistort": "data/lens.yaml", "rotate": "2.5", "perspective": '{top_left: "12% 8%", bottom_right: "95% 100%"}', "tonemap": "{peak: 1000, transfer: pq}",
            "python": "{file: configs/jobs/zebra.py, params: {level: 200}}", "exec": '["cat"]', "fps": "30000/1001", "every": "{seconds: 2}", "fade": "{in: 1, out: 2, out_start: 58}", "redact": '{regions: "100 80 200 150", effect: pixelate}'}


def example(name, parameters, short):
    """Lines of a configuration: from EXAMPLES, or else the defaults or the examples in the parameters' help."""
    if name in EXAMPLES:
        return [f"- {name}: {EXAMPLES[name]}"]
    given = {}
    for key, schema in parameters.items():
        quoted = re.search(r'"[^"]+"', schema.get("description", ""))
        value = schema.get("default")
        if value is None and quoted:
            value = quoted[0]
        if value is not None and value != "":
            given[key] = value_text(value)
    lines = [f"- {name}: {{{', '.join(f'{key}: {value}' for key, value in given.items())}}}" if given else f"- {name}: {{}}"]
    return lines + ([f"- {name}: {next(iter(given.values()))}"] if short and given else [])


def checked(lines):
    """Returns the lines if the program accepts them as the stages of a job; otherwise exits."""
    if lines[0].startswith("- python:") and path_with_numpy() is None:
        return lines
    with tempfile.TemporaryDirectory(prefix="quadrant-docs-") as directory:
        job = os.path.join(directory, "job.yaml")
        for name in ("configs", "data"):
            os.symlink(os.path.join(ROOT, name), os.path.join(directory, name))
        with open(job, "w", encoding="utf-8") as f:
            f.write("\n".join(["version: 1", "output: {path: out.mkv}", "stages:", *("  " + line for line in lines)]) + "\n")
        run = subprocess.run([QUADRANT, "explain", job, "lavfi:testsrc2=s=1280x720:d=1"], cwd=directory, capture_output=True, text=True, env=environment())
        if run.returncode != 0:
            raise SystemExit(f"docs: an example of a stage is refused:\n{run.stderr}")
    return lines


def stage_reference():
    schemas = {}
    for item in json.loads(program("schema"))["properties"]["stages"]["items"]["oneOf"]:
        for name, schema in item.get("properties", {}).items():
            schemas[name] = schema
    lines = []
    for catalogued in program("stages").splitlines():
        name = catalogued.split()[0]
        told = program("stages", name).splitlines()
        found, short = map_form(schemas.get(name, {}))
        facts = [fact for text in told[1:] if (fact := re.fullmatch(r"  (\w[\w ]*): (.*)", text))]
        lines += ["", f"## {name}", "", told[0].partition(": ")[2] + ".", "", "```yaml", *checked(example(name, found["properties"], short)), "```", ""]
        lines += [f"* {fact[1]}: {fact[2]}" for fact in facts]
        lines += ["", *table(found["properties"], found.get("required", ()))]
    return lines


def command_reference():
    lines = []
    listed = program("--help").partition("Subcommands:\n")[2].partition("\n\n")[0]
    for name in re.findall(r"^  ([\w-]+)", listed, re.M):
        text = program(name, "--help").rstrip("\n").splitlines()
        if text[-1].startswith("`quadrant COMMAND"):
            text = text[:-2]
        lines += ["", f"## quadrant {name}", "", "```text", *text, "```"]
    return lines


def configuration_reference():
    schema = json.loads(program("schema"))
    lines = ["", "## All keys", "", *table(schema["properties"], schema.get("required", ()))]
    for section in ("output", "run"):
        keys = schema["properties"][section]["properties"]
        lines += ["", f"### {section}", "", *table(keys)]
        for key, inner in keys.items():
            found = map_form(inner)[0]
            if found["properties"] or found.get("additionalProperties"):
                lines += ["", f"### {section}.{key}", "", *table(found["properties"], found.get("required", ()), found.get("additionalProperties"))]
    return lines


def container_reference():
    """With another libavformat than that of the page the page's own table: its facts are that version's."""
    with open(os.path.join(ROOT, "docs", "containers.md"), encoding="utf-8") as f:
        text = f.read()
    tried = re.search(r"Tried with libavformat (\d+);", text)
    if tried and tried[1] != docs_containers.libav():
        return text.rstrip("\n").partition("change nothing below -->\n")[2].split("\n")
    return docs_containers.container_table(QUADRANT, environment())


REFERENCES = {"docs/containers.md": container_reference, "docs/stages.md": stage_reference, "docs/commands.md": command_reference, "docs/configuration.md": configuration_reference}
