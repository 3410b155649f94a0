"""Talks to a server through generated code: `talk.py PORT FRAME ...`.

Sends each frame, a JSON value, prints the answers, half-closes, and prints what comes
then: first on a blocking socket, then with asyncio. The module is `frames`.
"""

import asyncio
import json
import socket
import sys

import frames

port, *words = sys.argv[1:]
values = [json.loads(word) for word in words]


def say(frame):
    print(json.dumps(frame))


def talk():
    with socket.create_connection(("127.0.0.1", int(port))) as sock:
        peer = frames.FrameSocket(sock)
        for value in values:
            peer.send(value)
            say(peer.receive())
        sock.shutdown(socket.SHUT_WR)
        for frame in peer:
            say(frame)


async def talk_async():
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    peer = frames.FrameStream(reader, writer)
    for value in values:
        await peer.send(value)
        say(await peer.receive())
    writer.write_eof()
    async for frame in peer:
        say(frame)
    writer.close()


talk()
print("asyncio")
asyncio.run(talk_async())
