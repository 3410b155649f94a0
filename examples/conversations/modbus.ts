/** What a client and a server of Modbus TCP share: the dialect, and the exceptions. */

import type { StandardSchema } from "../../mod.ts";
import {
  correlated,
  type Dialect,
  MessageError,
} from "../../src/message/mod.ts";
import { modbusTcp, type ModbusTcpFrame } from "../../src/presets/mod.ts";

/** The functions that are commands here, at their codes. */
const functions: Readonly<Record<number, string>> = {
  1: "readCoils",
  3: "readRegisters",
  5: "writeCoil",
  16: "writeRegisters",
};

/** The commands by those names. Their bodies are whole frames. */
export type ModbusCommands = Readonly<
  Record<string, Record<"input" | "output", StandardSchema<ModbusTcpFrame>>>
>;

/** The exceptions, at their codes: the codes of errors. */
const exceptions = ["", "ILLEGAL_FUNCTION", "ILLEGAL_DATA_ADDRESS"]
  .concat("ILLEGAL_DATA_VALUE", "SERVER_DEVICE_FAILURE", "ACKNOWLEDGE")
  .concat("SERVER_DEVICE_BUSY");

/** The exception for an error of a handler, or of the server itself. */
function exceptionOf(code: string): number {
  if (code === "NO_HANDLER") return 1;
  if (code === "TOO_MANY_REQUESTS") return 6;
  return Math.max(exceptions.indexOf(code), 0) || 4;
}

/** The dialect of one side: requests and replies look alike. */
export function modbus(side: "client" | "server"): Dialect<ModbusTcpFrame> {
  return correlated(modbusTcp(), {
    idOf: (frame) => frame.transactionId,
    withId: (frame, transactionId) => ({ ...frame, transactionId }),
    isReply: () => side === "client",
    nameOf: ({ pdu: [code = 0] }) => functions[code] ?? `function ${code}`,
    errorOf({ pdu: [code = 0, why = 0] }) {
      if (code < 0x80) return undefined;
      const name = exceptions[why] ?? `MODBUS_${why}`;
      return new MessageError(name, `The device refuses: exception ${why}`);
    },
    failed: ({ code }, { pdu: [asked = 0], ...request }) => ({
      ...request,
      pdu: Uint8Array.of(asked | 0x80, exceptionOf(code)),
    }),
  });
}
