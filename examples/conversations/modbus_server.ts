/** A server of Modbus TCP: a device with holding registers and coils. */

import type { AddressLike } from "../../mod.ts";
import {
  MessageError,
  type MessageServer,
  serveMessages,
} from "../../src/message/mod.ts";
import { modbus, type ModbusCommands } from "./modbus.ts";

/** Handles a function: gets the address, the number behind it, and all. */
type Handle = (at: number, n: number, pdu: Uint8Array) => Iterable<number>;
type Items = Uint8Array | Uint16Array;
const refusal = (code: string) => new MessageError(code, "Refused");

/** Serves a device, whose coils are 0 or 1. What it cannot do, it refuses. */
export async function modbusServer(
  address: AddressLike,
  { registers, coils }: { registers: Uint16Array; coils: Uint8Array },
): Promise<MessageServer<ModbusCommands>> {
  const dialect = modbus("server");
  const server = await serveMessages<ModbusCommands>({ address, dialect });
  const on = (name: string, handle: Handle) =>
    server.on(name, ({ pdu, ...frame }) => {
      if (pdu.length < 5) throw refusal("ILLEGAL_DATA_VALUE");
      const view = new DataView(pdu.buffer, pdu.byteOffset);
      const data = handle(view.getUint16(1), view.getUint16(3), pdu);
      return { ...frame, pdu: Uint8Array.of(pdu[0]!, ...data) };
    });

  on("readRegisters", (at, count) => {
    const words = [...range(registers, at, count, 125)];
    return [2 * count, ...words.flatMap((n) => [n >> 8, n & 0xff])];
  });
  on("writeRegisters", (at, count, pdu) => {
    const words = range(registers, at, count, 123);
    if (pdu.length !== 6 + 2 * count) throw refusal("ILLEGAL_DATA_VALUE");
    words.forEach((_, i) => words[i] = pdu[6 + 2 * i]! << 8 | pdu[7 + 2 * i]!);
    return pdu.subarray(1, 5);
  });
  on("readCoils", (at, count) => {
    const bytes = new Uint8Array(Math.ceil(count / 8));
    const bits = range(coils, at, count, 2_000);
    bits.forEach((bit, i) => bytes[i >> 3]! |= bit << (i & 7));
    return [bytes.length, ...bytes];
  });
  on("writeCoil", (at, value, pdu) => {
    if (value !== 0 && value !== 0xff00) throw refusal("ILLEGAL_DATA_VALUE");
    range(coils, at, 1, 1)[0] = value >> 15;
    return pdu.subarray(1, 5);
  });
  return server;
}

/** A part of what the device has, which is written to. */
function range(all: Items, at: number, count: number, most: number): Items {
  if (count < 1 || count > most) throw refusal("ILLEGAL_DATA_VALUE");
  if (at + count > all.length) throw refusal("ILLEGAL_DATA_ADDRESS");
  return all.subarray(at, at + count);
}
