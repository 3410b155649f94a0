/**
 * What the clients in TypeScript have in common: where the messages come from,
 * what the replies must be, and the report. Every client is started with the
 * server's port and a file of messages.
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Connection } from "../../mod.ts";

const [port, file = ""] = process.argv.slice(2);
const texts: string[] = JSON.parse(await readFile(file, "utf8"));

/** Where the server is. */
export const address: { port: number } = { port: Number(port) };

/** The messages to send. */
export const messages: readonly Uint8Array<ArrayBuffer>[] = texts.map((text) =>
  new TextEncoder().encode(text)
);

/**
 * Checks the replies of a round byte by byte and reports on it in a line of
 * JSON. The port of this end lets the server's figures be found.
 *
 * @param round What was done to the bytes.
 * @param connection What they went over.
 * @param replies All that came back until the stream ended.
 */
export function report(
  round: "glued" | "cut",
  { localAddress }: Pick<Connection, "localAddress">,
  replies: readonly Uint8Array[],
): void {
  if (replies.length !== texts.length) {
    throw new Error(
      `${round}: expected ${texts.length} replies, got ${replies.length}`,
    );
  }
  for (const [i, reply] of replies.entries()) {
    const expected = new TextEncoder().encode(`REP: ${texts[i]}`);
    if (!equal(reply, expected)) {
      throw new Error(
        `${round}: expected reply ${i} to be [${expected}], got [${reply}]`,
      );
    }
  }
  const heard = replies.map((reply) => new TextDecoder().decode(reply));
  const port = localAddress.transport === "tcp" ? localAddress.port : 0;
  console.log(JSON.stringify({ round, port, heard }));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
