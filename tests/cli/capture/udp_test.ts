/** What a capture tells of datagrams. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { udp } from "../../support/packets.ts";
import { eventsOf, rawFile, told, toldOf } from "./told.ts";

const A = "10.0.0.1:5000";
const B = "10.0.0.2:3000";

test("CaptureReader tells each datagram of two ends, the empty ones too", () => {
  const packets = [
    udp(A, B, utf8("ask")),
    udp(B, A, utf8("")),
    udp(B, A, utf8("answer")),
    udp(A, B, utf8("ask")),
  ];
  assertEquals(toldOf(packets), [
    `1 open ${A} > ${B}`,
    '1 > "ask"',
    '1 < ""',
    '1 < "answer"',
    '1 > "ask"',
    "1 close",
  ]);
});

test("CaptureReader counts the offset of datagrams in each direction", () => {
  const packets = [
    udp(A, B, utf8("abc")),
    udp(B, A, utf8("d")),
    udp(A, B, utf8("e")),
  ];
  const offsets = eventsOf([rawFile(packets)])
    .flatMap((event) => event.kind === "data" ? [event.offset] : []);
  assertEquals(offsets, [0, 0, 3]);
});

test("CaptureReader takes the end with the port of a service for the server", () => {
  const answer = udp("10.0.0.2:53", A, utf8("x"));
  assertEquals(toldOf([answer]), [
    `1 open ${A} > 10.0.0.2:53`,
    '1 < "x"',
    "1 close",
  ]);
});

test("CaptureReader takes the first sender for the client when both ports are those of services", () => {
  const [a, b] = ["10.0.0.1:67", "10.0.0.2:68"];
  assertEquals(toldOf([udp(a, b, utf8("x"))])[0], `1 open ${a} > ${b}`);
});

test("CaptureReader tells a gap when a datagram was cut off", () => {
  const bytes = udp(A, B, utf8("0123456789"));
  assertEquals(eventsOf([rawFile([bytes], 32)]).map(told).slice(1), [
    '1 > "0123"',
    "1 > gap 6",
    "1 close",
  ]);
});

test("CaptureReader passes over datagrams whose length is not valid", () => {
  const lengths = [7, 12];
  const packets = lengths.map((length) =>
    withLength(udp(A, B, utf8("abc")), length)
  );
  const reader = new CaptureReader();
  assertEquals(eventsOf([rawFile(packets)], reader), []);
  assertEquals(reader.stats.ignored.get("header not valid"), 2);
});

test("CaptureReader takes the rest of the packet when the length of a datagram is zero", () => {
  const packet = withLength(udp(A, B, utf8("abc")), 0);
  assertEquals(toldOf([packet])[1], '1 > "abc"');
});

/** The same packet of IPv4 with another length of its datagram. */
function withLength(packet: Uint8Array, length: number): Uint8Array {
  packet[25] = length;
  return packet;
}
