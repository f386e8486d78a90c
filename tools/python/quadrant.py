# SPDX-License-Identifier: MIT
"""Frames of Quadrant in Python: the worker behind the stage `python`, and a way to try a function alone.

    def process(frame, params):          # frame: a numpy array (format: rgb, bgr, gray) or a list of planes (format: planes)
        return 255 - frame               # an array of the same shape and type, or None: as it is now

    if __name__ == "__main__":           # python3 negative.py in.png out.png
        import quadrant
        quadrant.main(process)

Quadrant has this file inside and gives it to the interpreter itself; only a script that runs alone needs it on its path.
The protocol is in docs/python.md. Needs Python 3.9 or newer, and numpy; nothing else.
"""
import ast
import inspect
import json
import mmap
import os
import signal
import socket
import struct
import sys
import traceback
import types
import zlib

VERSION = 1  # of the protocol
LONGEST = 60000  # bytes of a message: what a socket takes at once is about three times that
MOST_PASSED = 64  # descriptors with a message
OURS = "<quadrant>"  # the name of this file in tracebacks of a worker


class Refused(Exception):
    """What a function gave cannot be a frame. Its text is the whole message."""


class Info:
    """The third argument of a function that takes three: what is known of a frame besides its samples."""

    def __init__(self, about, state):
        self.state = state  # what setup() returned
        self.width, self.height = about["width"], about["height"]  # luma samples
        self.format = about["format"]  # planes, rgb, bgr or gray
        self.pixels = about["pixels"]  # the picture's own format, as "yuv420p10le"
        self.depth = about["depth"]  # bits of a sample that are used
        self.frame_rate = about["frame_rate"]  # frames a second; 0: unknown
        self.pts, self.seconds = 0, 0.0  # when it is shown, from the beginning of the input
        self.past, self.future = [], []  # neighbours, the nearest first; fewer at the ends of the input


def arrays_of(about, memory):
    """The arrays of a picture in shared memory, one for each plane."""
    import numpy
    dtype = numpy.uint8 if about["depth"] <= 8 else numpy.uint16
    return [numpy.ndarray(p["shape"], dtype, memory, p["offset"], p["strides"]) for p in about["planes"]]


def as_given(arrays, about):
    return list(arrays) if about["format"] == "planes" else arrays[0]


def described(value):
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{value.dtype} {'x'.join(map(str, value.shape)) or 'scalar'}"
    return type(value).__name__


def put(result, arrays, about):
    """Writes what a function returned into the frame's memory; None leaves it as it is."""
    import numpy
    planes = about["format"] == "planes"
    if planes and len(arrays) == 1 and not isinstance(result, (list, tuple)):
        result = [result]
    if planes and (not isinstance(result, (list, tuple)) or len(result) != len(arrays)):
        what = f"a list of {len(result)}" if isinstance(result, (list, tuple)) else described(result)
        raise Refused(f"gave {what}; with format: planes it must give a list of {len(arrays)} arrays, or None")
    for number, (one, array) in enumerate(zip(result if planes else [result], arrays)):
        if one is None or one is array:
            continue
        where = f" for plane {number}" if planes else ""
        if not isinstance(one, numpy.ndarray):
            raise Refused(f"gave {described(one)}{where}; it must give a numpy array, or None")
        if one.dtype != array.dtype:
            raise Refused(f"gave {described(one)}{where}, but the frame is {described(array)}; round and limit it, then "
                          f".astype(numpy.{array.dtype})")
        if one.shape != array.shape:
            raise Refused(f"gave {described(one)}{where}, but the frame is {described(array)}; a function cannot change the size")
        numpy.copyto(array, one)


def limit(arrays, about):
    """Samples of 9 to 15 bits lie in 16: what is above the highest value becomes it."""
    import numpy
    if about["format"] == "planes" and 8 < about["depth"] < 16:
        for array in arrays:
            numpy.minimum(array, (1 << about["depth"]) - 1, out=array)


class Script:
    """The user's file, run once as a module."""

    def __init__(self, file, name):
        path = os.path.abspath(file)
        sys.path.insert(0, os.path.dirname(path))
        self.module = types.ModuleType(os.path.splitext(os.path.basename(path))[0])
        self.module.__file__ = path
        sys.modules.setdefault(self.module.__name__, self.module)
        with open(path, "rb") as f:
            exec(compile(f.read(), file, "exec"), self.module.__dict__)
        self.process = getattr(self.module, name, None)
        if not callable(self.process):
            raise Refused(f"has no function {name}; define it, or name another by function:")
        self.setup = getattr(self.module, "setup", None)
        self.wanted = arguments_of(self.process)


def arguments_of(function):
    """How many of frame, params, info the function takes."""
    try:
        kinds = [p.kind for p in inspect.signature(function).parameters.values() if p.default is inspect.Parameter.empty]
    except (TypeError, ValueError):  # written in C
        return 2
    plain = sum(k in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in kinds)
    return 2 if inspect.Parameter.VAR_POSITIONAL in kinds else max(1, min(plain, 3))


def call(script, frame, params, info):
    return script.process(*(frame, params, info)[:script.wanted])


def references(arrays):
    """How many hold each array: more than for an array that nobody keeps tells that the function kept it."""
    return [sys.getrefcount(arrays[i]) for i in range(len(arrays))]


def is_kept(arrays, unkept):
    return any(now > then for now, then in zip(references(arrays), unkept))


class Worker:
    """Answers messages on a socket until it is closed."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.process = os.getpid()
        self.script, self.about, self.told, self.state = None, None, None, None
        self.memory = {}  # by number
        self.received = bytearray(1 << 18)  # used again: memory that is new costs more than what is in it
        self.unkept = None
        os.register_at_fork(after_in_child=self.in_fork)

    def in_fork(self):
        die_with_parent()
        self.socket.close()

    def send(self, message):
        if os.getpid() != self.process:
            print("quadrant: a process that the function forked came back from it; it must end by os._exit()", file=sys.stderr, flush=True)
            os._exit(1)
        self.socket.sendall(json.dumps(message).encode())

    def serve(self):
        while True:
            size, extra, _, _ = self.socket.recvmsg_into([self.received], socket.CMSG_SPACE(MOST_PASSED * 4))
            if not size:
                return
            passed = [number for _, _, data in extra for number in struct.unpack(f"{len(data) // 4}i", data)]
            order = json.loads(self.received[:size])
            try:
                answer = self.begin(order["begin"]) if "begin" in order else self.frame(order["frame"], passed)
            except Refused as refused:
                answer = {"failed": {"what": str(refused)}}
            except BaseException as raised:  # SystemExit too
                answer = {"failed": told(raised, self.about)}
            self.send(answer)

    def begin(self, about):
        if about["version"] != VERSION:
            raise Refused(f"this worker speaks version {VERSION} of the protocol, and was asked for {about['version']}")
        self.memory, self.about = {}, about
        if self.script is None:
            self.script = Script(about["file"], about["function"])
            cv2 = sys.modules.get("cv2")
            if cv2 is not None:
                cv2.setNumThreads(1)  # each worker has a core
        if self.told != about:
            self.state = self.script.setup(dict(about)) if callable(self.script.setup) else None
            self.told = about
        return {"ready": {}}

    def arrays(self, number):
        return arrays_of(self.about, self.memory[number])

    def frame(self, order, passed):
        about = self.about
        for number in order["gone"]:
            self.memory.pop(number, None)
        for number, descriptor in zip(order["new"], passed):
            flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
            self.memory[number] = mmap.mmap(descriptor, about["bytes"], flags=flags)
            os.close(descriptor)
        if self.unkept is None:
            self.unkept = references(self.arrays(order["memory"][0]))
        now = order["current"]
        window = [self.arrays(number) for number in order["memory"]]
        self.run(window, now, order)
        kept = [number for number, arrays in zip(order["memory"], window) if is_kept(arrays, self.unkept)]
        for number in kept:  # the function may go on to read it: no later frame is put there
            del self.memory[number]
        return {"done": {"changed": order["changed"], "kept": kept}}

    def run(self, window, now, order):
        about = self.about
        info = Info(about, self.state)
        info.pts, info.seconds = order["pts"], order["seconds"]
        info.past = [as_given(arrays, about) for arrays in reversed(window[:now])]
        info.future = [as_given(arrays, about) for arrays in window[now + 1:]]
        result = call(self.script, as_given(window[now], about), about["params"], info)
        order["changed"] = result is not None
        if result is not None:
            put(result, window[now], about)
        limit(window[now], about)


def told(raised, about):
    """An exception for the user: what it is, and the lines of the user's own files that led to it."""
    if isinstance(raised, SystemExit):
        what = f"called sys.exit({'' if raised.code is None else repr(raised.code)})"
    else:
        what = "".join(traceback.format_exception_only(type(raised), raised)[-1:]).strip()
    lines = [line for line in traceback.extract_tb(raised.__traceback__) if line.filename not in (OURS, "<stdin>")]
    where = [{"file": line.filename, "line": line.lineno, "function": line.name, "text": line.line or ""} for line in lines[-20:]]
    if isinstance(raised, SyntaxError) and raised.filename:
        where = [{"file": raised.filename, "line": raised.lineno or 0, "function": "", "text": (raised.text or "").strip()}]
    failed = {"what": what[:LONGEST // 4], "where": where}
    while len(json.dumps(failed)) > LONGEST and where:
        del where[0]
    return failed


def die_with_parent():
    """The kernel ends this process when its parent ends, however that happens. (Quadrant asks that for the worker itself.)"""
    try:
        import ctypes
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    except (ImportError, OSError, AttributeError):
        pass


def check(file, name):
    """What Quadrant asks while it plans: versions, and whether the file can have such a function. Runs nothing of the file."""
    about = {"python": ".".join(map(str, sys.version_info[:3]))}
    if sys.version_info < (3, 9):
        return {**about, "problem": f"Python {about['python']} is too old; 3.9 or newer is needed"}
    try:
        import numpy
        about["numpy"] = numpy.__version__
    except ImportError as e:
        return {**about, "problem": f"cannot import numpy ({e}); install it (python3-numpy), or name another Python by interpreter:"}
    try:
        with open(file, "rb") as f:
            tree = ast.parse(f.read(), file)
    except OSError as e:
        return {**about, "problem": f"{file}: this script cannot be read: {e.strerror}"}
    except (SyntaxError, ValueError) as e:
        return {**about, "problem": f"{file}:{getattr(e, 'lineno', None) or 1}: {type(e).__name__}: {getattr(e, 'msg', e)}"}
    names, everything = set(), False
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
            everything |= node.name == "*"
    if name not in names and not everything:
        functions = sorted(n.name for n in tree.body if isinstance(n, ast.FunctionDef))
        there = f"it has {', '.join(functions[:5])}" if functions else "it has none"
        return {**about, "problem": f"{file}: there is no function {name} in it ({there}); define it, or name another by function:"}
    return about


# --- alone: python3 script.py in.png [out.png]

def read_png(path):
    """An array (height, width, 1 to 4) of a PNG of 8 bits a sample, not interlaced."""
    import numpy
    with open(path, "rb") as f:
        data = f.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        sys.exit(f"{path}: is not a PNG; make one: ffmpeg -i {path} -frames:v 1 in.png")
    at, packed, palette = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"PLTE":
            palette = numpy.frombuffer(body, numpy.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    if depth != 8 or interlaced:
        sys.exit(f"{path}: only PNGs of 8 bits a sample, not interlaced, can be read here; convert it: ffmpeg -i {path} -pix_fmt rgb24 in.png")
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = numpy.frombuffer(zlib.decompress(packed), numpy.uint8).reshape(height, 1 + width * samples)
    picture = unfiltered(rows, samples).reshape(height, width, samples)
    return palette[picture[:, :, 0]] if colour == 3 else picture


def unfiltered(rows, step):
    import numpy
    above, out = numpy.zeros(rows.shape[1] - 1, numpy.uint8), numpy.empty((rows.shape[0], rows.shape[1] - 1), numpy.uint8)
    for y, row in enumerate(rows):
        kind, line = row[0], row[1:].copy()
        if kind == 2:
            line += above
        elif kind == 1:
            for i in range(step):
                line[i::step] = numpy.cumsum(line[i::step], dtype=numpy.uint8)
        elif kind:
            line = numpy.frombuffer(by_neighbours(kind, bytearray(line), bytes(above), step), numpy.uint8)
        out[y] = above = line
    return out


def by_neighbours(kind, line, above, step):
    for i in range(len(line)):
        a = line[i - step] if i >= step else 0
        b, c = above[i], above[i - step] if i >= step else 0
        if kind == 3:
            guess = (a + b) // 2
        else:
            p = a + b - c
            guess = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        line[i] = (line[i] + guess) & 255
    return line


def write_png(path, array):
    height, width, samples = array.shape
    rows = b"".join(b"\0" + row.tobytes() for row in array)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 2: 4, 3: 2, 4: 6}[samples], 0, 0, 0)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture_as(form, path):
    """The arrays of a picture as a worker would give them."""
    import numpy
    png = read_png(path)
    rgb = png[:, :, :3] if png.shape[2] > 2 else png[:, :, :1].repeat(3, axis=2)
    if form == "rgb":
        return [numpy.ascontiguousarray(rgb)]
    if form == "bgr":
        return [numpy.ascontiguousarray(rgb[:, :, ::-1])]
    gray = numpy.rint(rgb @ numpy.array([0.2126, 0.7152, 0.0722])).astype(numpy.uint8)
    return [gray]


def main(process, setup=None, argv=None):
    """Runs a function on one picture: IN.png [OUT.png] [--format rgb|bgr|gray|planes] [--params JSON]. `planes` gives luma alone."""
    import argparse
    parser = argparse.ArgumentParser(description="Runs the function on one picture, as Quadrant would.")
    parser.add_argument("input", metavar="IN.png")
    parser.add_argument("output", metavar="OUT.png", nargs="?", help="what it made; without it, only its shape and range are shown")
    parser.add_argument("--format", default="rgb", choices=("rgb", "bgr", "gray", "planes"))
    parser.add_argument("--params", default="{}", type=json.loads, metavar="JSON")
    options = parser.parse_args(argv)
    arrays = picture_as(options.format, options.input)
    height, width = arrays[0].shape[:2]
    about = {"format": options.format, "pixels": "png", "width": width, "height": height, "depth": 8, "frame_rate": 0, "params": options.params}
    script = types.SimpleNamespace(process=process, wanted=arguments_of(process))
    try:
        result = call(script, as_given(arrays, about), options.params, Info(about, setup(dict(about)) if setup else None))
        if result is not None:
            put(result, arrays, about)
    except Refused as refused:
        sys.exit(f"{getattr(process, '__name__', 'the function')} {refused}")
    made = arrays[0]
    print(f"{described(made)}, {made.min()} to {made.max()}, mean {made.mean():.2f}", file=sys.stderr)
    if options.output:
        write_png(options.output, (made[:, :, ::-1] if options.format == "bgr" else made).reshape(height, width, -1))


def work(descriptor):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.modules["quadrant"] = sys.modules[__name__]
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    Worker(descriptor).serve()


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        work(int(sys.argv[2]))
    elif sys.argv[1:2] == ["check"]:
        with os.fdopen(int(sys.argv[2]), "w") as answer:
            json.dump(check(sys.argv[3], sys.argv[4]), answer)
    else:
        sys.exit(__doc__)
