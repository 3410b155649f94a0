import { CaptureReader } from "../../../src/cli/capture/capture_reader.ts";
import { concat } from "../../../src/net/bytes.ts";

/** One direction of a connection in a capture. */
export interface Captured {
  readonly name: string;
  readonly chunks: Uint8Array[];
  length: number;
}

/** All streams with bytes; what a capture has lost is left out of them. */
export function capturedStreams(file: Uint8Array): Captured[] {
  const reader = new CaptureReader();
  const streams = new Map<string, Captured>();
  const ends: string[][] = [];
  reader.push(file);
  reader.end();
  for (
    let event = reader.next();
    event !== undefined;
    event = reader.next()
  ) {
    if (event.kind === "open") {
      const { connection, client, server, transport } = event;
      ends[connection] = [
        `${transport} ${client} → ${server}`,
        `${transport} ${server} → ${client}`,
      ];
    } else if (event.kind === "data" && event.data.length > 0) {
      const { connection, direction, data } = event;
      const key = `${connection} ${direction}`;
      const name = `${connection}: ${
        ends[connection]?.[direction === "toServer" ? 0 : 1]
      }`;
      const stream = streams.get(key) ?? { name, chunks: [], length: 0 };
      streams.set(key, stream);
      stream.chunks.push(data);
      stream.length += data.length;
    }
  }
  return [...streams.values()];
}

/** The bytes of a stream, and where its segments end. */
export function joined(
  { chunks }: Captured,
): { bytes: Uint8Array; cuts: number[] } {
  const cuts: number[] = [];
  let end = 0;
  for (const { length } of chunks) cuts.push(end += length);
  return { bytes: concat(chunks), cuts: cuts.slice(0, -1) };
}
