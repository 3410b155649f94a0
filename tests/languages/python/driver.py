"""Answers questions about generated code: README.md has the protocol."""

import importlib
import inspect
import json
import sys

# Python's json recurses, and its own limit may be lower than that of the formats.
sys.setrecursionlimit(10_000)

modules = {}


def module_of(name):
    if name not in modules:
        modules[name] = importlib.import_module(name.lower())
    return modules[name]


answers = []


def say(*words):
    answers.append(" ".join(map(str, words)) + "\n")


def print_bytes(data):
    return data.hex() or "-"


def read_bytes(word):
    return b"" if word == "-" else bytes.fromhex(word)


def print_frame(module, frame):
    if hasattr(module, "Frame"):
        lines = "".join(f"{name}: {value}\n" for name, value in frame.headers.items())
        return f"{print_bytes(lines.encode())}/{print_bytes(frame.body)}"
    if hasattr(module, "NO_VALUE"):
        return print_bytes(json.dumps(frame).encode())
    return print_bytes(frame.encode() if isinstance(frame, str) else frame)


def read_frame(module, word):
    if hasattr(module, "Frame"):
        headers, body = word.split("/")
        pairs = {}
        for line in read_bytes(headers).decode().split("\n")[:-1]:
            name, colon, value = line.partition(": ")
            # A line without a colon belongs to a value that has a line end.
            pairs[name] = value if colon else "\n"
        return module.Frame(read_bytes(body), pairs)
    data = read_bytes(word)
    if hasattr(module, "NO_VALUE"):
        return json.loads(data)
    (parameter,) = inspect.signature(module.encode).parameters.values()
    return data.decode() if parameter.annotation == "str" else data


def decoder_of(module):
    def on_skip(error):
        say("skipped", error.code, error.offset)

    if "on_skip" in inspect.signature(module.Decoder).parameters:
        return module.Decoder(on_skip)
    return module.Decoder()


def decode(module, verb, chunks):
    decoder = decoder_of(module)
    try:
        for chunk in chunks:
            decoder.push(read_bytes(chunk))
            for frame in decoder:
                say("frame", print_frame(module, frame))
            if verb == "feed":
                say("chunk")
        if verb == "decode":
            decoder.end()
            for frame in decoder:
                say("frame", print_frame(module, frame))
    except module.FrameError as error:
        say("error", error.code, error.offset)


def take(module, count, chunks):
    decoder = decoder_of(module)
    rest = list(map(read_bytes, chunks))
    try:
        while count != 0:
            for frame in decoder:
                say("frame", print_frame(module, frame))
                count -= 1
                if count == 0:
                    break
            else:
                if not rest:
                    break
                decoder.push(rest.pop(0))
    except module.FrameError as error:
        say("error", error.code, error.offset)
    say("bytes", print_bytes(decoder.unread() + b"".join(rest)))


def encode(module, words):
    for word in words:
        try:
            say("bytes", print_bytes(module.encode(read_frame(module, word))))
        except module.FrameError as error:
            say("error", error.code, "-")


for line in sys.stdin:
    name, verb, *words = line.split()
    module = module_of(name[1:])
    if verb == "take":
        take(module, int(words[0]), words[1:])
    elif verb == "encode":
        encode(module, words)
    else:
        decode(module, verb, words)
    say("done")
    sys.stdout.write("".join(answers))
    sys.stdout.flush()
    answers.clear()
