"""A Modbus server of pymodbus with a little of everything: modbus_server.py PORT."""

import asyncio
import sys

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartAsyncTcpServer


async def main(port):
    # Address n of holding registers has 1000 + n, of input registers 2000 + n; every
    # third coil is set, every second discrete input.
    unit = ModbusSlaveContext(
        co=ModbusSequentialDataBlock(0, [n % 3 == 0 for n in range(2000)]),
        di=ModbusSequentialDataBlock(0, [n % 2 == 0 for n in range(2000)]),
        hr=ModbusSequentialDataBlock(0, [1000 + n for n in range(2000)]),
        ir=ModbusSequentialDataBlock(0, [2000 + n for n in range(2000)]),
        zero_mode=True,
    )
    server = await StartAsyncTcpServer(
        ModbusServerContext(slaves=unit, single=True),
        address=("127.0.0.1", port),
        allow_reuse_address=True,
        defer_start=True,
    )
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print("serving", flush=True)
    await serving


asyncio.run(main(int(sys.argv[1])))
