/** pcapng files: sections, interfaces, the blocks with packets, and what is wrong. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { CaptureError, CaptureReader } from "../../../src/cli/capture/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import {
  block,
  captureFile,
  interfaceDescription,
  numbers,
  option,
  sectionHeader,
} from "../../support/captures.ts";
import { singleBytes } from "../../support/cuts.ts";
import { ethernet, joined, udp } from "../../support/packets.ts";
import { eventsOf, told } from "./told.ts";

/** The packet with a text. */
const packetOf = (text: string) =>
  udp("10.0.0.1:5000", "10.0.0.2:53", utf8(text));
const RAW = { linkType: 101 };

/** A block with a packet, which came at a time of some units. */
function enhanced(
  bytes: Uint8Array,
  units: bigint,
  { number = 0, littleEndian = true, options = empty } = {},
): Uint8Array {
  const fields = [number, ...halves(units), bytes.length, bytes.length];
  const padding = new Uint8Array(-bytes.length & 3);
  const head = numbers(4, fields, littleEndian);
  return block(6, littleEndian, head, bytes, padding, options);
}

const empty: Uint8Array = new Uint8Array(0);

function halves(units: bigint): [high: number, low: number] {
  return [Number(units >> 32n), Number(units & 0xffffffffn)];
}

/** The times and the bytes of all datagrams. */
function dataOf(...parts: readonly Uint8Array[]): [number, string][] {
  return eventsOf([joined(...parts)])
    .flatMap((event) => event.kind === "data" ? [event] : [])
    .map((event) => [event.time, told(event)]);
}

const start = joined(sectionHeader(true), interfaceDescription(RAW));

test("CaptureReader reads sections of both byte orders, with interfaces of their own", () => {
  const bigEndian = { littleEndian: false };
  assertEquals(
    dataOf(
      start,
      enhanced(packetOf("a"), 5_000_000n),
      sectionHeader(false),
      interfaceDescription({ linkType: 1, ...bigEndian }),
      interfaceDescription({ linkType: 101, ...bigEndian }),
      enhanced(ethernet(packetOf("b")), 5_001_000n, bigEndian),
      enhanced(packetOf("c"), 5_002_000n, { number: 1, ...bigEndian }),
    ),
    [[0, '1 > "a"'], [1, '1 > "b"'], [2, '1 > "c"']],
  );
});

test("CaptureReader reads times in the units of their interface", () => {
  const interfaces = [
    [],
    [option(9, Uint8Array.of(9), true)],
    [option(9, Uint8Array.of(0x8a), true)],
    [option(9, Uint8Array.of(3), true), option(14, offset(-100n), true)],
    [option(2, utf8("eth0"), true), option(9, Uint8Array.of(0), true)],
    // Behind the end of the options, and longer than the block.
    [option(0, empty, true), option(9, Uint8Array.of(9), true)],
    [numbers(2, [9, 8], true), Uint8Array.of(9, 9, 9, 9)],
  ];
  const seconds = 1_700_000_000n;
  assertEquals(
    dataOf(
      sectionHeader(true),
      ...interfaces.map((options) => interfaceDescription(RAW, options)),
      enhanced(packetOf("a"), seconds * 1_000_000n),
      enhanced(packetOf("b"), seconds * 1_000_000_000n + 1n, { number: 1 }),
      enhanced(packetOf("c"), seconds * 1_024n + 1n, { number: 2 }),
      enhanced(packetOf("d"), (seconds + 100n) * 1_000n + 7n, { number: 3 }),
      enhanced(packetOf("e"), seconds + 9n, { number: 4 }),
      enhanced(packetOf("f"), seconds * 1_000_000n + 10n, { number: 5 }),
      enhanced(packetOf("g"), seconds * 1_000_000n + 20n, { number: 6 }),
      enhanced(packetOf("h"), (seconds + 9n) * 1_000_000_000n, { number: 1 }),
    ).map(([time]) => time),
    [0, 0.000001, 0.976563, 7, 9_000, 0.01, 0.02, 9_000],
  );
});

/** The seconds that are added to times. */
function offset(seconds: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, seconds, true);
  return bytes;
}

test("CaptureReader passes over options and blocks that it does not know", () => {
  assertEquals(
    dataOf(
      start,
      block(5, true, new Uint8Array(40)),
      block(0xbad, true),
      enhanced(packetOf("a"), 1_000n, {
        options: option(1, utf8("note"), true),
      }),
      block(4, true, new Uint8Array(4_000)),
      enhanced(packetOf("b"), 3_000n),
    ),
    [[0, '1 > "a"'], [2, '1 > "b"']],
  );
});

test("CaptureReader reads pcapng that arrives byte by byte", () => {
  const file = joined(
    start,
    block(0xbad, true, new Uint8Array(40)),
    enhanced(packetOf("a"), 1n),
  );
  assertEquals(eventsOf(singleBytes(file)).map(told)[1], '1 > "a"');
});

test("CaptureReader passes over a block of 4 GiB as it arrives", () => {
  const reader = new CaptureReader();
  const unknown = numbers(4, [0xbad, 0xfffffffc], true);
  reader.push(joined(start, unknown));
  const zeros = new Uint8Array(65_536);
  let left = 0xfffffffc - unknown.length;
  assertEquals(reader.next(), undefined);
  for (; left > zeros.length; left -= zeros.length) {
    reader.push(zeros);
    // The reader would have to copy, were it to keep any of it.
    if (reader.next() !== undefined) break;
  }
  reader.push(joined(zeros.subarray(0, left), enhanced(packetOf("a"), 1n)));
  assertEquals(reader.next()?.kind, "open");
});

test("CaptureReader reads simple packets, with the time of the packet before", () => {
  const [a, b] = [packetOf("a"), packetOf("b")];
  const simple = (bytes: Uint8Array, length = bytes.length) =>
    block(3, true, numbers(4, [length], true), bytes);
  assertEquals(
    dataOf(start, enhanced(a, 7n), enhanced(a, 1_007n), simple(b)).at(-1),
    [1, '1 > "b"'],
  );
  // The limit of the interface cuts the packet off, and padding follows it.
  const short = interfaceDescription({ ...RAW, snapLength: 30 });
  const long = packetOf("0123456789");
  assertEquals(
    dataOf(
      sectionHeader(true),
      interfaceDescription({ ...RAW, snapLength: 0 }),
      simple(a),
    ),
    [[0, '1 > "a"']],
  );
  const events = eventsOf([joined(
    sectionHeader(true),
    short,
    simple(long.subarray(0, 30), long.length),
  )]);
  assertEquals(events.map(told).slice(1), ['1 > "01"', "1 > gap 8", "1 close"]);
});

test("CaptureReader reads packets of the old kind of block", () => {
  const bytes = packetOf("abc");
  const old = block(
    2,
    true,
    numbers(2, [1, 0xffff], true),
    numbers(4, [0, 5, bytes.length, bytes.length], true),
    bytes,
  );
  const interfaces = [105, 101].map((linkType) =>
    interfaceDescription({ linkType })
  );
  assertEquals(dataOf(sectionHeader(true), ...interfaces, old), [
    [0, '1 > "abc"'],
  ]);
});

test("CaptureReader tells that a pcapng file ends inside a block", () => {
  const reader = new CaptureReader();
  const file = joined(start, enhanced(packetOf("a"), 1n));
  assertEquals(eventsOf([file.subarray(0, -1)], reader), []);
  assert(reader.isTruncated);
});

test("CaptureReader throws when a block of pcapng is broken, and says where", () => {
  const at = start.length;
  const good = enhanced(packetOf("abcd"), 1n);
  const changed = (index: number, value: number) => {
    const bytes = joined(good);
    bytes.set(numbers(4, [value], true), index);
    return bytes;
  };
  const cases: [Uint8Array, number, expected: string, got: string][] = [
    [
      changed(4, 14),
      at + 4,
      "a block length that is a multiple of 4, 12 or more",
      "14",
    ],
    [
      changed(4, 8),
      at + 4,
      "a block length that is a multiple of 4, 12 or more",
      "8",
    ],
    [changed(4, 28), at + 4, "a block length from 32 to 16777216", "28"],
    [
      changed(4, 0xfffffff0),
      at + 4,
      "a block length from 32 to 16777216",
      "4294967280",
    ],
    [changed(60, 99), at + 60, "the block length 64 again", "99"],
    [
      changed(8, 7),
      at + 8,
      "a packet of an interface that has a description",
      "interface 7 of 1",
    ],
    [
      changed(20, 33),
      at + 20,
      "a packet of at most 32 bytes, which the block has room for",
      "33 bytes",
    ],
    [
      joined(sectionHeader(true)).fill(9, 8, 12),
      at + 8,
      "the byte-order magic 0x1a2b3c4d",
      "0x09090909",
    ],
    [
      joined(sectionHeader(true)).fill(2, 12, 13),
      at + 12,
      "version 1 of pcapng",
      "version 2",
    ],
  ];
  for (const [bytes, offset, expected, got] of cases) {
    const error = assertThrows(
      () => eventsOf([joined(start, bytes)]),
      CaptureError,
    );
    assertEquals(
      [error.offset, error.expected, error.got],
      [offset, expected, got],
    );
  }
});

test("CaptureReader throws when a section has more interfaces than a block can name", () => {
  const reader = new CaptureReader();
  const one = interfaceDescription(RAW);
  const many = joined(...Array.from({ length: 65_536 }, () => one));
  const rest = many.subarray(one.length);
  reader.push(joined(start, rest));
  assertEquals(reader.next(), undefined);
  reader.push(one);
  const error = assertThrows(() => reader.next(), CaptureError);
  assertEquals(error.expected, "at most 65536 interfaces");
});

test("captureFile() writes the same in both formats", () => {
  const packets = [{ bytes: packetOf("a") }, { bytes: packetOf("b") }];
  const [pcap, pcapng] = (["pcap", "pcapng"] as const)
    .map((format) => eventsOf([captureFile(packets, { ...RAW, format })]));
  assertEquals(pcap, pcapng);
});
