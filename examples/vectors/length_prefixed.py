"""Reads and writes frames of length(...), in Python.

With files of tests/vectors/, it runs their cases of length(...):

    python3 length_prefixed.py erlang.json dns_tcp.json

With an expression, it answers in the line protocol of docs/vectors.md, for

    framewire conform "exec:python3 length_prefixed.py 'length(2)'" --decoder \\
        --frame 'length(2)'
"""
import json, re, sys

UNITS = {"": 1, "B": 1, "KiB": 2 ** 10, "MiB": 2 ** 20, "GiB": 2 ** 30}
OPTIONS = {"includes", "offset", "adjustment", "stripBytes", "onOversize",
           "copy", "maxEncodedLength"}


def to_bytes(notation):
    parts = re.findall(r"(?:'([^']*)'|([0-9a-f]+))(?:\*(\d+))?", notation)
    return b"".join((text.encode() or bytes.fromhex(digits)) * int(times or 1)
                    for text, digits, times in parts)


def to_value(text):
    number = re.fullmatch(r"(-?\d+)((?:[KMG]i)?B|)", text)
    return int(number[1]) * UNITS[number[2]] if number else text


def parse(expression):
    """The options of length(...), or None where it is another format."""
    match = re.fullmatch(r"length(?:\(([^()]*)\))?(?: \| max (\w+))?",
                         expression)
    if match is None:
        return None
    options = {"max": to_value(match[2] or "1MiB")}
    for argument in match[1].split(", ") if match[1] else []:
        name, _, value = argument.partition("=")
        if name.isdigit():
            options["size"] = int(name)
        elif name in ("big", "little"):
            options["endian"] = name
        elif name in OPTIONS:
            options[name] = to_value(value)
        else:
            return None
    return options


def decode(data, o):
    """The frames, the offsets passed over, and the error with its offset."""
    header = o.get("offset", 0) + o.get("size", 4)
    strip = o.get("stripBytes", header)
    counted = 0 if o.get("includes") == "frame" else header
    frames, skipped, at = [], [], 0
    while at < len(data):
        if len(data) - at < header:
            return frames, skipped, ("FRAME_TRUNCATED", at)
        field = data[at + o.get("offset", 0):at + header]
        total = int.from_bytes(field, o.get("endian", "big"))
        total += counted + o.get("adjustment", 0)
        if total < max(header, strip):
            return frames, skipped, ("LENGTH_INVALID", at)
        large = total - strip > o["max"]
        if large and o.get("onOversize") != "skip":
            return frames, skipped, ("FRAME_TOO_LARGE", at)
        if large:
            skipped.append(at)
        if at + total > len(data):
            return frames, skipped, ("FRAME_TRUNCATED", at)
        if not large:
            frames.append(data[at + strip:at + total])
        at += total
    return frames, skipped, None


def encode(frames, o):
    """The bytes of the frames before one that is refused, and why it is."""
    size, strip = o.get("size", 4), o.get("stripBytes")
    if o.get("offset") or strip not in (None, o.get("size", 4)):
        raise NotImplementedError("only frames without a header of their own")
    written = b""
    for frame in frames:
        if len(frame) > o.get("maxEncodedLength", o["max"]):
            return written, "FRAME_TOO_LARGE"
        length = len(frame) - o.get("adjustment", 0)
        if o.get("includes") == "frame":
            length += size
        if not 0 <= length < 256 ** size:
            return written, "LENGTH_INVALID" if length < 0 else "FRAME_TOO_LARGE"
        written += length.to_bytes(size, o.get("endian", "big")) + frame
    return written, None


def answer(line, o):
    """The lines that answer a line of the protocol."""
    words = [word for word in line.split() if not word.startswith("@")]
    items = [b"" if word == "-" else bytes.fromhex(word) for word in words[1:]]
    if words[0] == "decode":
        # How it is cut makes no difference to this reader, which takes it whole.
        frames, skipped, error = decode(b"".join(items), o)
        yield from (f"frame {frame.hex() or '-'}" for frame in frames)
        yield from (f"skipped FRAME_TOO_LARGE {offset}" for offset in skipped)
        if error is not None:
            yield f"error {error[0]} {error[1]}"
    else:
        written, code = encode(items, o)
        yield f"bytes {written.hex() or '-'}"
        if code is not None:
            yield f"error {code} -"
    yield "done"


def run(vector):
    """What became of a case."""
    options = parse(vector.get("expression", ""))
    if options is None:
        return "of another format"
    if "input" not in vector or "unread" in vector:
        return "not of a whole input"
    error = vector.get("error")
    expected = ([to_bytes(frame) for frame in vector["frames"]],
                vector.get("skipped", []),
                error and (error["code"], error["offset"]))
    got = decode(to_bytes(vector["input"]), options)
    if got == expected:
        return "passed"
    print(f"failed: {vector['name']}: {got} is not {expected}"[:300])
    return "failed"


def run_files(names):
    results = {"passed": 0, "failed": 0, "not of a whole input": 0,
               "of another format": 0}
    for name in names:
        with open(name, encoding="utf-8") as file:
            for vector in json.load(file)["vectors"]:
                results[run(vector)] += 1
    print(", ".join(f"{count} {result}" for result, count in results.items()))
    return 1 if results["failed"] else 0


if len(sys.argv) == 2 and not sys.argv[1].endswith(".json"):
    options = parse(sys.argv[1])
    if options is None:
        sys.exit(f"This reads length(...), and not {sys.argv[1]}")
    for line in sys.stdin:
        print(*answer(line, options), sep="\n", flush=True)
else:
    sys.exit(run_files(sys.argv[1:]))
