/** pcap files: byte orders, times, lengths, and what is wrong with them. */

import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  CaptureError,
  CaptureReader,
  isCapture,
} from "../../../src/cli/capture/mod.ts";
import { hex, utf8 } from "../../support/bytes.ts";
import { captureFile, numbers } from "../../support/captures.ts";
import { singleBytes } from "../../support/cuts.ts";
import { joined, udp } from "../../support/packets.ts";
import { eventsOf, told } from "./told.ts";

const PACKETS = ["a", "b"].map((text, i) => ({
  bytes: udp("10.0.0.1:5000", "10.0.0.2:53", utf8(text)),
  time: 1_700_000_000_999.5 + i * 1.25,
}));
const RAW = { linkType: 101 };
const HEADER = 24;

/** The times and the bytes of all datagrams. */
function dataOf(file: Uint8Array, chunks = [file]): [number, string][] {
  return eventsOf(chunks)
    .flatMap((event) => event.kind === "data" ? [event] : [])
    .map((event) => [event.time, told(event)]);
}

const EXPECTED = [[0, '1 > "a"'], [1.25, '1 > "b"']];

test("CaptureReader reads pcap in both byte orders, and times in both units", () => {
  for (const littleEndian of [true, false]) {
    for (const nanoseconds of [true, false]) {
      const options = { ...RAW, littleEndian, nanoseconds };
      assertEquals(dataOf(captureFile(PACKETS, options)), EXPECTED);
    }
  }
});

test("CaptureReader tells times to the nanosecond, however large the numbers are", () => {
  const file = captureFile(PACKETS, { ...RAW, nanoseconds: true });
  const secondTime = HEADER + 16 + PACKETS[0]!.bytes.length;
  file.set(numbers(4, [1_700_000_001, 999_999_999], true), secondTime);
  assertEquals(dataOf(file)[1]?.[0], 1000.499999);
});

test("CaptureReader gives 0 for the time of a packet that is older than the first", () => {
  const file = captureFile([...PACKETS].reverse(), RAW);
  assertEquals(dataOf(file), [[0, '1 > "b"'], [0, '1 > "a"']]);
});

test("CaptureReader reads pcap that arrives byte by byte", () => {
  const file = captureFile(PACKETS, RAW);
  assertEquals(dataOf(file, singleBytes(file)), EXPECTED);
});

test("CaptureReader reads the pcap variant with longer packet headers", () => {
  const [packet] = PACKETS;
  const file = captureFile([packet!], RAW);
  const modified = joined(
    numbers(4, [0xa1b2cd34], true),
    file.subarray(4, HEADER + 16),
    new Uint8Array(8),
    file.subarray(HEADER + 16),
  );
  assertEquals(dataOf(modified), [EXPECTED[0]]);
});

test("CaptureReader passes over what the link type of pcap says about checksums", () => {
  const file = captureFile(PACKETS, { linkType: 101 | 0x24000000 });
  assertEquals(dataOf(file), EXPECTED);
});

test("CaptureReader counts the packets of link types that it cannot read", () => {
  const reader = new CaptureReader();
  const file = captureFile(PACKETS, { linkType: 105 });
  assertEquals(eventsOf([file], reader), []);
  assertEquals([...reader.stats.ignored], [["link type 105", 2]]);
  assertEquals(reader.stats.packets, 2);
  assertEquals(reader.stats.bytes, 2 * PACKETS[0]!.bytes.length);
});

test("CaptureReader tells that the file ends inside a packet, and what comes before", () => {
  const file = captureFile(PACKETS, RAW);
  for (const cut of [1, 15, PACKETS[0]!.bytes.length + 15]) {
    const reader = new CaptureReader();
    const events = eventsOf([file.subarray(0, file.length - cut)], reader);
    assertEquals(events.map(told).slice(1), ['1 > "a"', "1 close"]);
    assertEquals(reader.isTruncated, true);
  }
  const reader = new CaptureReader();
  eventsOf([file], reader);
  assertEquals(reader.isTruncated, false);
});

test("CaptureReader tells nothing of a capture without packets", () => {
  const reader = new CaptureReader();
  assertEquals(eventsOf([captureFile([])], reader), []);
  assertEquals(reader.isTruncated, false);
});

test("CaptureReader throws when the file is no capture", () => {
  const reader = new CaptureReader();
  reader.push(utf8("This is no capture of packets"));
  const error = assertThrows(() => reader.next(), CaptureError);
  assertEquals(
    error.message,
    "Cannot read the capture at byte 0: expected a pcap or pcapng file, " +
      "got 54 68 69 73 20 69 73 20 6e 6f 20 63",
  );
  assertEquals(assertThrows(() => reader.next()), error);
});

test("CaptureReader throws when the file ends inside its header", () => {
  for (const length of [0, 3, 23]) {
    const file = captureFile([]).subarray(0, length);
    const error = assertThrows(() => eventsOf([file]), CaptureError);
    assertEquals(error.offset, length);
    assertEquals(error.got, "the end of the file");
  }
});

test("CaptureReader throws when the version of pcap is another", () => {
  const file = captureFile([]);
  file[4] = 9;
  const error = assertThrows(() => eventsOf([file]), CaptureError);
  assertEquals([error.offset, error.got], [4, "version 9"]);
});

test("CaptureReader tells the packets before one whose length is nonsense, and throws", () => {
  const file = captureFile(PACKETS, RAW);
  const second = HEADER + 16 + PACKETS[0]!.bytes.length;
  file.set(numbers(4, [0xfffffff0], true), second + 8);
  const reader = new CaptureReader();
  reader.push(file);
  assertEquals([reader.next()?.kind, reader.next()?.kind], ["open", "data"]);
  const error = assertThrows(() => reader.next(), CaptureError);
  assertEquals(
    error.message,
    `Cannot read the capture at byte ${
      second + 8
    }: expected a packet of at most ` +
      "16777216 bytes, got 4294967280 bytes",
  );
});

test("CaptureReader.push() throws after end()", () => {
  const reader = new CaptureReader();
  reader.end();
  assertThrows(() => reader.push(new Uint8Array(1)), TypeError, "has ended");
});

test("isCapture() knows captures by their first bytes", () => {
  const captures = [
    "a1b2c3d4",
    "d4c3b2a1",
    "a1b23c4d",
    "4d3cb2a1",
    "34cdb2a1",
    "0a0d0d0a 0000001c 1a2b3c4d",
    "0a0d0d0a 1c000000 4d3c2b1a",
  ];
  for (const capture of captures) assertEquals(isCapture(hex(capture)), true);
  const others = [
    "",
    "a1b2c3",
    "a1b2c3d5",
    "0a0d0d0a 0000001c 1a2b3c",
    "1f8b0800",
  ];
  for (const other of others) assertEquals(isCapture(hex(other)), false);
});
