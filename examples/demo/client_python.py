"""Python, with socket and struct and no framewire: the format is its own."""

import json
import socket
import struct
import sys
import threading

port = int(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    messages = [text.encode() for text in json.load(file)]


def frame(body):
    """The length, which counts its own 4 bytes, and the body."""
    return struct.pack("<I", 4 + len(body)) + body


def receive_exactly(connection, count):
    """A read may bring fewer bytes than were asked for: so ask again."""
    received = b""
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            break
        received += part
    return received


def receive_frames(connection):
    """All frames until the stream ends."""
    frames = []
    while header := receive_exactly(connection, 4):
        (length,) = struct.unpack("<I", header)
        body = receive_exactly(connection, length - 4)
        if len(body) != length - 4:
            raise EOFError("the stream ended inside a frame")
        frames.append(body)
    return frames


def send(connection, pieces):
    for piece in pieces:
        connection.sendall(piece)
    connection.shutdown(socket.SHUT_WR)


def run_round(name, pieces):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Replies come while messages still go out, so both happen at once.
        sender = threading.Thread(target=send, args=(connection, pieces))
        sender.start()
        replies = receive_frames(connection)
        sender.join()
        _, local_port = connection.getsockname()
    expected = [b"REP: " + message for message in messages]
    if replies != expected:
        first = next(
            (i for i, (a, b) in enumerate(zip(replies, expected)) if a != b),
            min(len(replies), len(expected)),
        )
        raise ValueError(
            f"{name}: expected {len(expected)} replies, got {len(replies)}; "
            f"the first that is wrong or missing is {first}"
        )
    print(json.dumps({
        "round": name,
        "port": local_port,
        "heard": [reply.decode() for reply in replies],
    }))


stream = b"".join(frame(message) for message in messages)
run_round("glued", [stream])
run_round("cut", [stream[i : i + 1] for i in range(len(stream))])
