"""Reads from a server slowly but steadily: slow_reader.py PORT BYTES_A_SECOND SECONDS.

Its receive buffer is small, so that the server feels it. Prints how many bytes it
has read, and whether it was cut.
"""
import socket
import sys
import time

port, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
reader = socket.socket()
reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
reader.connect(("127.0.0.1", port))
reader.sendall(b"\0\0\0\5start")
start = time.monotonic()
total = 0
cut = "not cut"
while time.monotonic() - start < seconds:
    due = int((time.monotonic() - start) * rate)
    try:
        piece = reader.recv(max(1, min(65536, due - total))) if due > total else None
    except OSError:
        piece = b""
    if piece == b"":
        cut = f"cut after {time.monotonic() - start:.1f} s"
        break
    total += len(piece or b"")
    time.sleep(0.02)
print(total, cut)
