/** Headers of the PROXY protocol, by hand. */

import { bytesOf } from "../../support/byte_notation.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

const word = (value: number) => value.toString(16).padStart(4, "0");

/** A header of version 2 of its fourteenth and fifteenth byte, and what follows. */
export function binary(commandAndFamily: string, rest: string): Uint8Array {
  const { length } = bytesOf(rest || "''");
  return bytesOf(
    `${SIGNATURE}${commandAndFamily}${word(length)}${rest && ` ${rest}`}`,
  );
}

/** A path of a Unix socket, in 108 bytes. */
export function unixPath(path: string): string {
  return `'${path}' 00*${108 - path.length}`;
}
