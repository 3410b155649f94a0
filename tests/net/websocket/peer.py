"""Python's websockets: `peer.py client ADDRESS` or `peer.py server`."""

import asyncio
import sys

import websockets


async def client(address):
    # Compression is offered by default.
    async with websockets.connect(address) as socket:
        await socket.send("hello")
        assert await socket.recv() == b"hello"
        await socket.send(["in ", "three ", "fragments"])
        assert await socket.recv() == b"in three fragments"
        await socket.send(bytes(500_000))
        assert await socket.recv() == bytes(500_000)
        await (await socket.ping(b"payload"))
    assert socket.close_code == 1000, socket.close_code
    print("done")


async def server():
    async def echo(socket):
        async for message in socket:
            if message == b"go away":
                await socket.close(1008, "as you wish")
                return
            await socket.send(message)

    async with websockets.serve(echo, "127.0.0.1", 0) as serving:
        print(serving.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if sys.argv[1] == "client":
    asyncio.run(client(sys.argv[2]))
else:
    asyncio.run(server())
