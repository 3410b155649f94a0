"""The client of pymodbus: modbus_client.py PORT CALLS.

CALLS is JSON, a list of [name of the method, named arguments]. Prints a list of the
results: registers, bits, or the exception code.
"""

import json
import sys

from pymodbus.client import ModbusTcpClient


def result(reply):
    if reply.isError():
        return {"exception": getattr(reply, "exception_code", str(reply))}
    for name in ("registers", "bits"):
        if getattr(reply, name, None):
            return getattr(reply, name)
    return {"function": reply.function_code}


client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=10)
if not client.connect():
    sys.exit("not connected")
print(json.dumps([
    result(getattr(client, name)(**arguments))
    for name, arguments in json.loads(sys.argv[2])
]))
client.close()
