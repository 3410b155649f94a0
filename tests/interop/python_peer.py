"""The other end of the tests in Python: socket and struct, and no framewire.

    python_peer.py serve        replies to all messages; prints its port first;
                                ends with its standard input
    python_peer.py call PORT    sends messages, checks the replies, prints how many

A message begins with a little-endian u32 that counts itself; the reply is
"REP: " and the message.
"""

import socket
import struct
import sys
import threading

TIME_LIMIT = 20  # seconds, for every read and write


def receive_exactly(connection, count):
    """A read may bring fewer bytes than were asked for: so ask again."""
    received = bytearray()
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            break
        received += part
    return bytes(received)


def receive_message(connection):
    """The next message, or None at the end of the stream."""
    header = receive_exactly(connection, 4)
    if not header:
        return None
    if len(header) < 4:
        raise EOFError("the stream ended inside a header")
    (length,) = struct.unpack("<I", header)
    if length < 4:
        raise ValueError(f"a length that counts itself cannot be {length}")
    body = receive_exactly(connection, length - 4)
    if len(body) < length - 4:
        raise EOFError("the stream ended inside a message")
    return body


def frame(body):
    return struct.pack("<I", 4 + len(body)) + body


def prepare(connection):
    connection.settimeout(TIME_LIMIT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reply_to_all(connection):
    with connection:
        prepare(connection)
        while (message := receive_message(connection)) is not None:
            reply = frame(b"REP: " + message)
            # Header and body apart, as a BinaryWriter of C# does it.
            connection.sendall(reply[:4])
            connection.sendall(reply[4:])


def serve():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
        sys.stdin.read()


def accept_all(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(
            target=reply_to_all, args=(connection,), daemon=True
        ).start()


def call(port):
    sizes = [0, 1, 2, 3, 255, 256, 1000, 65_535, 65_536, 300_000] * 10
    messages = [bytes([i % 256]) * size for i, size in enumerate(sizes)]
    stream = b"".join(map(frame, messages))
    call_with(port, [stream], messages)
    call_with(port, cut(stream, 7_919), messages)
    # Byte by byte it is a few messages only: every byte is a packet.
    few = [b"", b"a", "你好,世界".encode(), b"z" * 500]
    call_with(port, cut(b"".join(map(frame, few)), 1), few)


def cut(stream, size):
    return [stream[at : at + size] for at in range(0, len(stream), size)]


def call_with(port, pieces, messages):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        prepare(connection)
        # Replies come while messages still go out, so both happen at once.
        sender = threading.Thread(target=send, args=(connection, pieces))
        sender.start()
        for i, message in enumerate(messages):
            if receive_message(connection) != b"REP: " + message:
                raise ValueError(f"reply {i}, to {len(message)} bytes, is wrong")
        if receive_message(connection) is not None:
            raise ValueError("there are more replies than messages")
        sender.join()
    print(f"{len(messages)} replies")


def send(connection, pieces):
    for piece in pieces:
        connection.sendall(piece)
    connection.shutdown(socket.SHUT_WR)


if sys.argv[1] == "serve":
    serve()
else:
    call(int(sys.argv[2]))
