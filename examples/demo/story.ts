/** Tells what goes on in the demo. */

import type { Server } from "../../mod.ts";
import type { Client, Report } from "./clients.ts";
import { codec, portOf, replyTo, type Tally } from "./server.ts";
import { count, hex, printHeading, printTable, quote } from "./transcript.ts";

/** Says what it is all about. */
export function printPurpose(): void {
  const message = new TextEncoder().encode("Hello world!");
  const rows = [message, replyTo(message)].map((body) => {
    const bytes = codec.encode(body);
    return [
      quote(new TextDecoder().decode(body)),
      hex(bytes.subarray(0, 4)),
      hex(bytes.subarray(4)),
    ];
  });
  printHeading("One server, four clients, one frame format");
  console.log(
    "  TCP keeps bytes in order and forgets where messages end: a read may bring\n" +
      "  half a message, or three and a half. So every message says its length\n" +
      "  first: 4 bytes, little-endian, that count themselves.\n",
  );
  printTable(["message", "length", "body"], rows);
}

/** Says who talks with whom, and about what. */
export function printCast(
  server: Server<Uint8Array>,
  clients: readonly Client[],
  messages: readonly string[],
): void {
  printHeading("Who talks");
  printTable(["", "who", "with", ""], [
    [
      "server",
      `Deno ${Deno.version.deno}`,
      "serve(), from the sources",
      `on port ${portOf(server.address)}`,
    ],
    ...clients.map(({ name, means }) => ["client", name, means, ""]),
  ]);
  if (clients.length < 4) {
    console.log("  Python is skipped: there is no python3 on this machine.");
  }
  console.log(
    `\n  All at once, each client sends ${
      count(messages.length)
    } messages (the lines of README.md,\n` +
      "  empty ones too, and some Chinese): first glued into one write, then again\n" +
      "  on a new connection, cut into single bytes, one write each. It checks every\n" +
      "  reply byte by byte, and that after the last there comes no more.",
  );
}

/** Shows some of what the clients said and heard. */
export function printConversation(
  clients: readonly Client[],
  reports: readonly Report[][],
  messages: readonly string[],
): void {
  // The last two are the Chinese ones.
  const [first, second] = [messages.length - 2, messages.length - 1];
  const lines = [...messages.entries()]
    .filter(([i, text]) => text !== "" && i < first)
    .map(([i]) => i);
  const part = (of: number) => lines[Math.floor(lines.length * of)] ?? 0;
  const empty = Math.max(0, messages.indexOf(""));
  const picks = [part(0), first, empty, part(1 / 4), part(1 / 2), second];
  picks.push(part(3 / 4), part(7 / 8));
  printHeading("What they said, for example");
  printTable(
    ["client", "said", "and heard"],
    clients.flatMap(({ name }, i) =>
      (reports[i] ?? []).map(({ heard }, round) => {
        const pick = picks[(2 * i + round) % picks.length] ?? 0;
        return [name, quote(messages[pick] ?? ""), quote(heard[pick] ?? "")];
      })
    ),
  );
}

/**
 * Shows in how many reads the messages arrived.
 *
 * @throws {Error} If the server counted otherwise than the clients.
 */
export function printTallies(
  clients: readonly Client[],
  reports: readonly Report[][],
  tallies: ReadonlyMap<number, Tally>,
  messages: readonly string[],
): void {
  const bytes = messages
    .map((text) => codec.encode(new TextEncoder().encode(text)).length)
    .reduce((sum, length) => sum + length, 0);
  printHeading("What the server saw");
  const rows = clients.flatMap(({ name }, i) =>
    (reports[i] ?? []).map(({ round, port }) => {
      const tally = tallies.get(port);
      if (tally?.frames !== messages.length) {
        throw new Error(
          `The server counted ${tally?.frames ?? 0} messages from ${name}, ` +
            `not ${messages.length}`,
        );
      }
      const { frames, chunks, milliseconds } = tally;
      return [
        name,
        round === "glued" ? "1 write" : `${count(bytes)} writes`,
        chunks,
        Math.round(bytes / chunks),
        frames,
        ratio(frames, chunks),
        Math.round(milliseconds),
      ];
    })
  );
  printTable(
    ["client", "sent in", "reads", "bytes each", "messages", "that is", "ms"],
    rows,
  );
  console.log(
    "\n  Reads are what the server really got: the system may glue even single bytes\n" +
      "  together again on their way. The messages come out the same.",
  );
}

function ratio(frames: number, chunks: number): string {
  return frames >= chunks
    ? `${(frames / chunks).toFixed(1)} messages a read`
    : `${(chunks / frames).toFixed(1)} reads a message`;
}
