"""Runs the cases of tests/vectors/length_prefixed.json against a reader of its
own in Python: python3 length_prefixed.py length_prefixed.json"""
import json, re, sys


def to_bytes(notation):
    parts = re.findall(r"(?:'([^']*)'|([0-9a-f]+))(?:\*(\d+))?", notation)
    return b"".join((text.encode() or bytes.fromhex(digits)) * int(times or 1)
                    for text, digits, times in parts)


def decode(data, o):
    """The frames, the offsets passed over, and the error with its offset."""
    size, before = o.get("lengthBytes", 4), o.get("lengthOffset", 0)
    strip = o.get("stripBytes", before + size)
    counted = 0 if o.get("lengthIncludes") == "frame" else before + size
    frames, skipped, at = [], [], 0
    while at < len(data):
        if len(data) - at < before + size:
            return frames, skipped, ("FRAME_TRUNCATED", at)
        field = data[at + before:at + before + size]
        total = int.from_bytes(field, o.get("endian", "big"))
        total += counted + o.get("lengthAdjustment", 0)
        if total < max(before + size, strip):
            return frames, skipped, ("LENGTH_INVALID", at)
        large = total - strip > o.get("maxFrameLength", 2 ** 20)
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


results = {"passed": 0, "failed": 0, "not applicable": 0}
with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)["vectors"]
for vector in vectors:
    result = "not applicable"
    if "input" in vector and "unread" not in vector:
        error = vector.get("error")
        expected = ([to_bytes(frame) for frame in vector["frames"]],
                    vector.get("skipped", []),
                    error and (error["code"], error["offset"]))
        got = decode(to_bytes(vector["input"]), vector.get("options", {}))
        result = "passed" if got == expected else "failed"
    if result == "failed":
        print(f"failed: {vector['name']}: {got} is not {expected}"[:300])
    results[result] += 1
print(", ".join(f"{count} {result}" for result, count in results.items()))
sys.exit(1 if results["failed"] else 0)
