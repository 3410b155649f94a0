/** Reads captures, and writes their events down in short lines. */

import type {
  CaptureEvent,
  CaptureLimits,
} from "../../../src/cli/capture/mod.ts";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { captureFile } from "../../support/captures.ts";

/** All events of a capture that arrives in these chunks. */
export function eventsOf(
  chunks: Iterable<Uint8Array>,
  reader: CaptureReader = new CaptureReader(),
): CaptureEvent[] {
  const events: CaptureEvent[] = [];
  const take = () => {
    for (let e = reader.next(); e !== undefined; e = reader.next()) {
      events.push(e);
    }
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    take();
  }
  reader.end();
  take();
  return events;
}

/** What a capture with these IP packets tells: one line an event. */
export function toldOf(
  packets: readonly Uint8Array[],
  limits?: CaptureLimits,
): string[] {
  return eventsOf([rawFile(packets)], new CaptureReader(limits)).map(told);
}

/** A capture of IP packets, without a link layer. */
export function rawFile(
  packets: readonly Uint8Array[],
  snapLength = 262_144,
): Uint8Array<ArrayBuffer> {
  const options = { linkType: 101, snapLength };
  return captureFile(packets.map((bytes) => ({ bytes })), options);
}

/**
 * One event, such as `1 open 10.0.0.1:40000 > 10.0.0.2:6379`, `1 > "hello"` from client to
 * server, `1 < gap 5`, `1 < end`, or `1 close`.
 */
export function told(event: CaptureEvent): string {
  const { kind, connection } = event;
  if (kind === "close") return `${connection} close`;
  if (kind === "open") {
    const { client, server, midstream } = event;
    const ends = `${client} > ${server}`;
    return `${connection} open ${ends}${midstream ? " midstream" : ""}`;
  }
  const arrow = `${connection} ${event.direction === "toServer" ? ">" : "<"}`;
  if (kind === "data") {
    return `${arrow} ${JSON.stringify(decoder.decode(event.data))}`;
  }
  return kind === "gap" ? `${arrow} gap ${event.length}` : `${arrow} ${kind}`;
}

const decoder = new TextDecoder();
