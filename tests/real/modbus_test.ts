/** Modbus TCP: our client with pymodbus' server, and its client with our server. */

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type ModbusClient,
  modbusClient,
} from "../../examples/conversations/modbus_client.ts";
import { modbusServer } from "../../examples/conversations/modbus_server.ts";
import type { JsonValue } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { killWithOpen } from "./kill_with_open.ts";
import {
  callWithPymodbus,
  noPymodbus,
  startPymodbus,
} from "./servers/pymodbus.ts";
import { ways } from "./through.ts";

const skip = noPymodbus;
const numbers = (length: number) => Array.from({ length }, (_, n) => n);

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => asked, MessageError)).code;
}

/** 270 requests, of which many are under way at a time. */
async function converse(device: ModbusClient): Promise<void> {
  await Promise.all(
    numbers(50).flatMap((n) => [
      device.readRegisters(n, 1 + n).then((registers) =>
        assertEquals(registers, numbers(1 + n).map((i) => 1_000 + n + i))
      ),
      device.readCoils(n, 1 + n).then((coils) =>
        assertEquals(coils, numbers(1 + n).map((i) => (n + i) % 3 === 0))
      ),
      codeOf(device.readRegisters(1_990 + n, 11)).then((code) =>
        assertEquals(code, "ILLEGAL_DATA_ADDRESS")
      ),
    ]),
  );
  // 3 registers at each, and every other coil.
  await Promise.all(
    numbers(30).flatMap((n) => [
      device.writeRegisters(1_000 + 3 * n, [n, 0xffff - n, 256 * n]),
      device.writeCoil(1_000 + n, n % 2 === 0),
    ]),
  );
  await Promise.all(
    numbers(30).flatMap((n) => [
      device.readRegisters(1_000 + 3 * n, 3).then((registers) =>
        assertEquals(registers, [n, 0xffff - n, 256 * n])
      ),
      device.readCoils(1_000, 1 + n).then((coils) =>
        assertEquals(coils, numbers(1 + n).map((i) => i % 2 === 0))
      ),
    ]),
  );
}

for (const way of ways) {
  test(`modbusClient() asks pymodbus ${way.name}`, { skip }, async () => {
    await using server = await startPymodbus();
    await using route = await way.to(server.address, "toClient");
    await using device = await modbusClient(route.address);
    await converse(device);
  });

  test(`modbusServer() answers pymodbus ${way.name}`, { skip }, async () => {
    const registers = Uint16Array.from(numbers(2_000), (n) => 1_000 + n);
    const coils = Uint8Array.from(numbers(2_000), (n) => n % 3 === 0 ? 1 : 0);
    await using server = await modbusServer({ port: 0 }, { registers, coils });
    const { port } = server.address as { port: number };
    await using route = await way.to({ hostname: "127.0.0.1", port });
    type Call = [string, Record<string, JsonValue>];
    // Each waits for the reply to the one before.
    const conversation = numbers(17).flatMap((n): [Call, JsonValue][] => [
      [
        ["read_holding_registers", { address: n, count: 1 + n }],
        numbers(1 + n).map((i) => 1_000 + n + i),
      ],
      [
        ["read_coils", { address: n, count: 8 + 8 * (n % 3) }],
        numbers(8 + 8 * (n % 3)).map((i) => (n + i) % 3 === 0),
      ],
      [
        ["write_registers", { address: 1_000 + n, values: [n, 65_535 - n] }],
        { function: 16 },
      ],
      [
        ["read_holding_registers", { address: 1_000 + n, count: 2 }],
        [n, 65_535 - n],
      ],
      [["write_coil", { address: 1_000 + n, value: true }], { function: 5 }],
      [
        ["read_holding_registers", { address: 1_990, count: 11 + n }],
        { exception: 2 },
      ],
    ]);
    conversation.push(
      [["read_holding_registers", { address: 0, count: 0 }], { exception: 3 }],
      [["read_input_registers", { address: 0, count: 1 }], { exception: 1 }],
    );
    const calls = conversation.map(([call]) => call);
    assertEquals(
      await callWithPymodbus(route.address.port, calls),
      conversation.map(([, result]) => result),
    );
    assertEquals([...registers.subarray(999, 1_019)], [
      ...[1_999, ...numbers(17), 65_535 - 16, 2_018],
    ]);
    assertEquals(coils.subarray(1_000, 1_017), new Uint8Array(17).fill(1));
  });
}

test(
  "modbusClient() rejects what is open when pymodbus is killed",
  { skip },
  async () => {
    await using server = await startPymodbus();
    await using device = await modbusClient(server.address);
    await converse(device);
    await killWithOpen(server, (n) => device.readRegisters(n, 1));
    await using next = await modbusClient(server.address);
    await converse(next);
  },
);
