"""Runs a chat client on a terminal: chat_terminal.py COMMAND ... ADDRESS

Types half a line, has somebody else say something meanwhile, and looks whether
the half line is shown again behind it and can be ended; then types Ctrl-D.
"""

import json
import os
import pty
import select
import socket
import sys
import time

TIME_LIMIT = 20  # seconds, for everything

deadline = time.monotonic() + TIME_LIMIT
pid, terminal = pty.fork()
if pid == 0:
    # Colours are asked for by the terminal alone.
    os.environ.pop("NO_COLOR", None)
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])

shown = b""


def expect(text):
    """Reads until the terminal has shown it; forgets what stood before."""
    global shown
    while text.encode() not in shown:
        readable, _, _ = select.select([terminal], [], [], 0.1)
        if readable:
            shown += os.read(terminal, 65536)
        elif time.monotonic() > deadline:
            os.kill(pid, 9)
            sys.exit(f"never shown: {text!r}, but {shown!r}")
    shown = shown.split(text.encode(), 1)[1]


host, port = sys.argv[-1].removeprefix("tcp://").split(":")
expect("\x1b[2mYou are in lobby: Ann\x1b[0m")
expect("> ")
os.write(terminal, b"half a li")
expect("half a li")
with socket.create_connection((host, int(port)), timeout=TIME_LIMIT) as bob:
    for request in [
        {"type": "name", "name": "Bob"},
        {"type": "join", "room": "lobby"},
        {"type": "say", "room": "lobby", "text": "hello"},
    ]:
        bob.sendall(json.dumps(request).encode() + b"\n")
    expect("[lobby] Bob: hello")
    expect("> half a li")
    os.write(terminal, b"ne\r")
    expect("[lobby] Ann: half a line")
print("the line was kept")

expect("Bob has left lobby")
expect("> ")
os.write(terminal, b"\x04")
while True:
    try:
        if not os.read(terminal, 65536):
            break
    except OSError:  # how Linux says that nobody is there any more
        break
_, status = os.waitpid(pid, 0)
print(f"ended with status {os.waitstatus_to_exitcode(status)}")
