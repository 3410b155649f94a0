/** A client of Modbus TCP, which reads and writes holding registers and coils. */

import type { AddressLike } from "../../mod.ts";
import { connectMessages, MessageError } from "../../src/message/mod.ts";
import { modbus, type ModbusCommands } from "./modbus.ts";

/** A device. Exceptions reject with errors such as `ILLEGAL_DATA_ADDRESS`. */
export interface ModbusClient extends AsyncDisposable {
  readRegisters(address: number, count: number): Promise<number[]>;
  writeRegisters(address: number, values: readonly number[]): Promise<void>;
  readCoils(address: number, count: number): Promise<boolean[]>;
  writeCoil(address: number, isOn: boolean): Promise<void>;
}

/** Connects to unit 1 of a device. Any number of requests can be under way. */
export async function modbusClient(
  address: AddressLike,
): Promise<ModbusClient> {
  const dialect = modbus("client");
  const peer = await connectMessages<ModbusCommands>({ address, dialect });

  /** Resolves to what follows the function code, of a length that is known. */
  async function ask(name: string, length: number, ...pdu: number[]) {
    const request = { transactionId: 0, unit: 1, pdu: Uint8Array.from(pdu) };
    const { pdu: reply } = await peer.request(name, request);
    if (reply[0] === pdu[0] && reply.length === 1 + length) {
      return reply.subarray(1);
    }
    throw new MessageError("REPLY_INVALID", `Not a reply to ${name}: ${reply}`);
  }

  return {
    async readRegisters(address, count) {
      const length = 1 + 2 * count;
      const pdu = [3, ...uint16(address), ...uint16(count)];
      const reply = await ask("readRegisters", length, ...pdu);
      const bytes = new DataView(reply.buffer, reply.byteOffset + 1);
      return Array.from({ length: count }, (_, i) => bytes.getUint16(2 * i));
    },
    async writeRegisters(address, values) {
      const head = [...uint16(address), ...uint16(values.length)];
      const data = [2 * values.length, ...values.flatMap(uint16)];
      await ask("writeRegisters", 4, 16, ...head, ...data);
    },
    async readCoils(address, count) {
      const length = 1 + Math.ceil(count / 8);
      const pdu = [1, ...uint16(address), ...uint16(count)];
      const reply = await ask("readCoils", length, ...pdu);
      const isOn = (i: number) => (reply[1 + (i >> 3)]! >> (i & 7) & 1) === 1;
      return Array.from({ length: count }, (_, i) => isOn(i));
    },
    async writeCoil(address, isOn) {
      await ask("writeCoil", 4, 5, ...uint16(address), isOn ? 0xff : 0, 0);
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}

const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
