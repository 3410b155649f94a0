/** Laws of reassembly: whatever happens to the segments, the bytes stay the same. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  type CaptureEvent,
  CaptureReader,
} from "../../../src/cli/capture/mod.ts";
import {
  captureFile,
  conversation,
  type Said,
} from "../../support/captures.ts";
import { cutAt } from "../../support/cuts.ts";
import { ethernet, joined, tcp } from "../../support/packets.ts";
import { Random } from "../../support/random.ts";
import { eventsOf, rawFile } from "./told.ts";

const said: fc.Arbitrary<Said[]> = fc.array(
  fc.record({
    direction: fc.constantFrom("toServer" as const, "toClient" as const),
    data: fc.uint8Array({ maxLength: 200 }),
  }),
  { maxLength: 12 },
);

const sequence = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 - 1 }),
);

/** The bytes of a direction. Offsets must follow each other. */
function bytesOf(
  events: readonly CaptureEvent[],
  direction: Said["direction"],
): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const event of events) {
    if (event.kind !== "data" || event.direction !== direction) continue;
    assertEquals(event.offset, offset);
    offset += event.data.length;
    parts.push(event.data);
  }
  return joined(...parts);
}

/** What a conversation says in one direction. */
function saidBy(
  said: readonly Said[],
  direction: Said["direction"],
): Uint8Array {
  return joined(
    ...said.filter((one) => one.direction === direction).map(({ data }) =>
      data
    ),
  );
}

/** The same packets: some twice, some a few places later. */
function disturbed(
  packets: readonly Uint8Array[],
  random: Random,
): Uint8Array[] {
  const twice = packets.flatMap((packet) =>
    random.chance(0.2) ? [packet, packet] : [packet]
  );
  return twice
    .map((packet, i) => ({ packet, place: i + random.below(6) }))
    .sort((a, b) => a.place - b.place)
    .map(({ packet }) => packet);
}

/** Segments with any part of what was said in a direction, as a sender may repeat it. */
function repeated(
  said: readonly Said[],
  sequences: readonly [number, number],
  random: Random,
): Uint8Array[] {
  const ends = ["10.0.0.1:40000", "10.0.0.2:6379"] as const;
  return Array.from({ length: random.below(6) }, () => {
    const direction = random.pick(["toServer", "toClient"] as const);
    const all = saidBy(said, direction);
    const from = random.below(all.length + 1);
    const data = all.slice(from, from + random.below(300));
    const i = direction === "toServer" ? 0 : 1;
    return tcp({
      from: ends[i]!,
      to: ends[1 - i]!,
      sequence: (sequences[i]! + 1 + from) % 2 ** 32,
      data,
    });
  });
}

test("CaptureReader gives the same bytes however segments and chunks are cut, shuffled and repeated", () => {
  fc.assert(
    fc.property(
      said,
      fc.integer({ min: 1, max: 100 }),
      fc.tuple(sequence, sequence),
      fc.integer(),
      fc.constantFrom("pcap" as const, "pcapng" as const),
      fc.boolean(),
      (said, segmentLength, sequences, seed, format, littleEndian) => {
        const random = new Random(seed);
        const packets = conversation(said, { segmentLength, sequences });
        const rest = packets.slice(3);
        for (const packet of repeated(said, sequences, random)) {
          rest.splice(random.below(rest.length + 1), 0, packet);
        }
        const all = [...packets.slice(0, 3), ...disturbed(rest, random)];
        const file = captureFile(
          all.map((packet) => ({ bytes: ethernet(packet) })),
          { format, littleEndian },
        );
        const cuts = Array.from(
          { length: random.below(40) },
          () => random.below(file.length),
        );
        const events = eventsOf(cutAt(file, cuts));
        for (const direction of ["toServer", "toClient"] as const) {
          assertEquals(bytesOf(events, direction), saidBy(said, direction));
        }
        const others = events.filter(({ kind }) => kind !== "data")
          .map(({ kind }) => kind);
        assertEquals(others, ["open", "end", "end", "close"]);
      },
    ),
    { numRuns: 300 },
  );
});

test("CaptureReader lets the first copy of every byte win", () => {
  const segments = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 40 }),
      length: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(segments, (segments) => {
      const first: (number | undefined)[] = [];
      const packets = [tcp({ ...toServer, flags: "S", sequence: 99 })];
      segments.forEach(({ from, length }, i) => {
        const data = new Uint8Array(length).fill(i);
        packets.push(tcp({ ...toServer, sequence: 100 + from, data }));
        for (let at = from; at < from + length; at++) first[at] ??= i;
      });
      const events = eventsOf([rawFile(packets)]);
      const bytes = whole(events, first.length);
      assertEquals(bytes, Array.from(first));
    }),
    { numRuns: 300 },
  );
});

test("CaptureReader covers the stream with data and gaps when packets are lost and little is held", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 600 }),
      fc.integer(),
      fc.integer({ min: 0, max: 8_000 }),
      (data, seed, maxHeldBytes) => {
        const random = new Random(seed);
        const said = [{ direction: "toServer" as const, data }];
        const packets = conversation(said, { segmentLength: 10 });
        const lossy = packets.slice(3, -2).filter(() => random.chance(0.7));
        const file = rawFile([
          ...packets.slice(0, 3),
          ...disturbed(lossy, random),
          ...packets.slice(-2),
        ]);
        const reader = new CaptureReader({ maxHeldBytes });
        const events = eventsOf([file], reader);
        const bytes = whole(events, data.length);
        bytes.forEach((byte, i) => {
          if (byte !== undefined) assertEquals(byte, data[i]);
        });
        assertEquals(
          reader.stats.missingBytes,
          bytes.filter((byte) => byte === undefined).length,
        );
        assert(events.some(({ kind }) => kind === "end"));
      },
    ),
    { numRuns: 200 },
  );
});

const toServer = { from: "10.0.0.1:40000", to: "10.0.0.2:6379" };

/** The bytes to the server, with nothing where there is a gap. All must be covered. */
function whole(
  events: readonly CaptureEvent[],
  length: number,
): (number | undefined)[] {
  const bytes: (number | undefined)[] = [];
  for (const event of events) {
    if (event.kind !== "data" && event.kind !== "gap") continue;
    assertEquals(event.offset, bytes.length);
    if (event.kind === "data") bytes.push(...event.data);
    else for (let i = 0; i < event.length; i++) bytes.push(undefined);
  }
  assertEquals(bytes.length, length);
  return bytes;
}
