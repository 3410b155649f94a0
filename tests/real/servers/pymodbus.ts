/** pymodbus 3.0, a server and a client of Modbus over TCP. */

import type { JsonValue } from "../../../src/codec/views/json.ts";
import { noPythonPackage } from "../../support/programs.ts";
import type { ServerProcess } from "../../support/server_process.ts";
import { runPython, startPython } from "./python_program.ts";

/** Why tests with pymodbus are skipped; `false` where they are not. */
export const noPymodbus: false | string = noPythonPackage("pymodbus");

/**
 * Starts a server; `modbus_server.py` says what it has at its addresses. It takes several
 * requests at once, but closes a connection where a request comes in two pieces: such a
 * way can spoil the bytes to the client only.
 */
export function startPymodbus(): Promise<ServerProcess> {
  return startPython("pymodbus", "modbus_server.py");
}

/**
 * Has the client of pymodbus call methods, such as
 * `["read_holding_registers", { address: 0, count: 2 }]`.
 *
 * @returns A result for each: the registers, the bits, `{ exception: code }`, or
 * `{ function: code }` where a response has no data.
 */
export function callWithPymodbus(
  port: number,
  calls:
    readonly (readonly [method: string, args: Record<string, JsonValue>])[],
): Promise<JsonValue> {
  return runPython("modbus_client.py", port, calls);
}
