"""The other end of the tests against Python's asyncio streams and struct.

    asyncio_peer.py     prints a line of JSON: its version, and the port of the
                        listener of each format; ends with its standard input

Every message is answered by one that begins with "R: " and goes on with what
arrived. What asyncio raises is answered, without framing, by its name.
"""

import asyncio
import json
import platform
import struct
import sys
import threading


def length_format(layout):
    """A length that struct writes, and the body."""
    size = struct.calcsize(layout)

    async def receive(reader):
        (length,) = struct.unpack(layout, await reader.readexactly(size))
        return await reader.readexactly(length)

    return receive, lambda body: struct.pack(layout, len(body)) + body


async def receive_line(reader):
    return (await reader.readuntil(b"\r\n"))[:-2]


FORMATS = {layout: length_format(layout) for layout in ("!H", "<I", ">Q")}
FORMATS["readuntil"] = receive_line, lambda body: body + b"\r\n"


def replier(receive, frame):
    async def reply_to_all(reader, writer):
        try:
            while not reader.at_eof():
                writer.write(frame(b"R: " + await receive(reader)))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            partial = getattr(error, "partial", None)
            if partial != b"":
                writer.write(type(error).__name__.encode())
        await writer.drain()
        writer.close()

    return reply_to_all


async def main():
    ports = {}
    for name, (receive, frame) in FORMATS.items():
        server = await asyncio.start_server(
            replier(receive, frame), "127.0.0.1", 0
        )
        ports[name] = server.sockets[0].getsockname()[1]
    version = f"Python {platform.python_version()}"
    print(json.dumps({"version": version, "ports": ports}), flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)),
        daemon=True,
    ).start()
    await ended.wait()


asyncio.run(main())
