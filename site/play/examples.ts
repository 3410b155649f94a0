import { parseHex, parseText } from "./logic/hex.ts";

/** Something to begin with. */
export interface Example {
  readonly name: string;
  readonly expression: string;
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
}

const hex = (
  name: string,
  expression: string,
  bytes: string,
  ...cuts: number[]
): Example => ({ name, expression, bytes: parseHex(bytes), cuts });

const text = (
  name: string,
  expression: string,
  bytes: string,
  ...cuts: number[]
): Example => ({ name, expression, bytes: parseText(bytes), cuts });

/** The first one shows sticky and split packets at once. */
export const examples: readonly Example[] = [
  text(
    "length + JSON",
    "length(2) | json",
    '\\x00\\x0f{"say":"hello"}\\x00\\x0b{"n":[1,2]}\\x00\\x18{"to":"粘包","n":3456}',
    33,
    45,
  ),
  text("lines", "lines", "HELO example.org\\r\\nNOOP\\r\\nQUIT\\r\\n", 9, 24),
  hex(
    "COBS + CRC",
    "cobs | checksum(crc16Modbus)",
    "03 01 03 01 01 04 02 c4 0b 00 04 01 03 04 02 2a 04 07 9a 39 00 03 01 06 02 01 04 03 98 0b 00",
    7,
    21,
  ),
  text(
    "Redis",
    "preset:resp",
    "*2\\r\\n$3\\r\\nGET\\r\\n$3\\r\\nkey\\r\\n+OK\\r\\n:42\\r\\n$-1\\r\\n",
    11,
    30,
  ),
  hex(
    "MQTT",
    "preset:mqtt",
    "10 10 0004 4d515454 04 02 003c 0004 74657374 c0 00 30 0a 0003 612f62 68656c6c6f d0 00",
    10,
    21,
  ),
  text(
    "wrong peer",
    "length",
    "GET / HTTP/1.1\\r\\nHost: example.org\\r\\n\\r\\n",
  ),
];
