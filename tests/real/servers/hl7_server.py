"""A server of python-hl7 that acknowledges each message: hl7_server.py PORT."""

import asyncio
import sys

from hl7.mllp import start_hl7_server


async def serve(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack("AA"))
            await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    writer.close()


async def main(port):
    server = await start_hl7_server(
        serve, "127.0.0.1", port, encoding="utf-8", limit=2**20
    )
    print("serving", flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
