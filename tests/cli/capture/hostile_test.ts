/** Captures that were tampered with. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  CaptureError,
  type CaptureEvent,
  CaptureReader,
} from "../../../src/cli/capture/mod.ts";
import { captureFile, conversation } from "../../support/captures.ts";
import { ethernet } from "../../support/packets.ts";
import { Random } from "../../support/random.ts";

/** Checks what holds for the events of any file. */
function checkEvents(events: readonly CaptureEvent[]): void {
  const offsets = new Map<string, number>();
  const open = new Set<number>();
  const ended = new Set<string>();
  let last = 0;
  for (const event of events) {
    const { kind, connection } = event;
    assert(event.time >= 0 && Number.isFinite(event.time));
    if (kind === "open") {
      assertEquals(connection, ++last);
      open.add(connection);
    } else assert(open.has(connection));
    if (kind === "close") open.delete(connection);
    if (kind === "open" || kind === "close") continue;
    const stream = `${connection} ${event.direction}`;
    if (kind !== "reset") assert(!ended.has(stream));
    if (kind === "end") ended.add(stream);
    if (kind !== "data" && kind !== "gap") continue;
    assertEquals(event.offset, offsets.get(stream) ?? 0);
    const length = kind === "data" ? event.data.length : event.length;
    assert(kind === "data" || length > 0);
    offsets.set(stream, event.offset + length);
  }
}

test("CaptureReader throws nothing but a CaptureError, and keeps its order, when bytes are spoiled", () => {
  const packets = conversation([
    { direction: "toServer", data: new Uint8Array(40) },
    { direction: "toClient", data: new Uint8Array(60) },
  ], { segmentLength: 10 }).map((packet) => ({ bytes: ethernet(packet) }));
  const files = (["pcap", "pcapng"] as const).flatMap((format) => [
    captureFile(packets, { format }),
    captureFile(packets, { format, littleEndian: false, snapLength: 60 }),
  ]);
  let thrown = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const random = new Random(seed);
    const file = random.pick(files).slice();
    for (let i = random.below(20); i >= 0; i--) {
      const at = random.below(file.length);
      file[at] = random.pick([0, 1, 127, 255, random.below(256)]);
    }
    const events: CaptureEvent[] = [];
    const limits = { maxConnections: 3, maxHeldBytes: 5_000 };
    const reader = new CaptureReader(limits);
    try {
      reader.push(file);
      reader.end();
      for (let e = reader.next(); e !== undefined; e = reader.next()) {
        events.push(e);
      }
    } catch (error) {
      assert(error instanceof CaptureError, String(error));
      assert(error.offset <= file.length);
      thrown++;
    }
    checkEvents(events);
  }
  assert(thrown > 50 && thrown < 550, `${thrown} were refused`);
});
