"""The client of python-hl7: hl7_client.py PORT MESSAGES.

MESSAGES is JSON, a list of texts. Sends one after the other, each when the one before
it is acknowledged. Prints a list of the acknowledgements.
"""

import asyncio
import json
import sys

import hl7
from hl7.mllp import open_hl7_connection


async def main(port, messages):
    reader, writer = await open_hl7_connection("127.0.0.1", port, encoding="utf-8")
    replies = []
    for message in messages:
        writer.writemessage(hl7.parse(message))
        await writer.drain()
        replies.append(str(await reader.readmessage()))
    print(json.dumps(replies))
    writer.close()
    await writer.wait_closed()


asyncio.run(main(int(sys.argv[1]), json.loads(sys.argv[2])))
