/** What a capture tells of the bytes of TCP connections. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { test } from "node:test";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { captureFile } from "../../support/captures.ts";
import { joined, tcp } from "../../support/packets.ts";
import {
  CLIENT,
  client,
  handshake,
  OPEN,
  send,
  SERVER,
  server,
  syn,
  synAck,
} from "./segments.ts";
import { eventsOf, rawFile, told, toldOf } from "./told.ts";

test("CaptureReader reads data in SYN once", () => {
  const packets = [
    client({ flags: "S", sequence: 1_000, data: "ab" }),
    synAck,
    client({ sequence: 1_001, data: "abc" }),
  ];
  assertEquals(toldOf(packets), [OPEN, '1 > "ab"', '1 > "c"', "1 close"]);
});

test("CaptureReader reads on behind the largest sequence number", () => {
  const first = 2 ** 32 - 3;
  const packets = [
    client({ flags: "S", sequence: first }),
    client({ sequence: 2, data: "ef" }),
    client({ sequence: first + 1, data: "abcd" }),
    client({ sequence: 4, data: "gh" }),
  ];
  assertEquals(toldOf(packets), [
    OPEN,
    '1 > "abcd"',
    '1 > "ef"',
    '1 > "gh"',
    "1 close",
  ]);
});

test("CaptureReader passes over what it held behind the end", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_009, data: "z" }),
    client({ flags: "FA", sequence: 1_003 }),
    client({ sequence: 1_001, data: "ab" }),
    // It does not count any more: there is room for two others.
    server({ sequence: 5_003, data: "c" }),
    server({ sequence: 5_004, data: "d" }),
    server({ sequence: 5_001, data: "ab" }),
  ];
  assertEquals(toldOf(packets, { maxHeldBytes: 2_050 }), [
    OPEN,
    '1 > "ab"',
    "1 > end",
    '1 < "ab"',
    '1 < "c"',
    '1 < "d"',
    "1 close",
  ]);
});

test("CaptureReader passes over FIN at bytes that it had, and over data behind the end", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_001, data: "abc" }),
    client({ flags: "FA", sequence: 1_002 }),
    client({ flags: "FA", sequence: 1_004, data: "d" }),
    client({ sequence: 1_005, data: "e" }),
  ];
  assertEquals(toldOf(packets), [
    OPEN,
    '1 > "abc"',
    '1 > "d"',
    "1 > end",
    "1 close",
  ]);
});

test("CaptureReader tells data in FIN before the end", () => {
  const packets = [
    ...handshake,
    client({ flags: "FA", sequence: 1_001, data: "bye" }),
    server({ sequence: 5_001, data: "still here" }),
  ];
  assertEquals(toldOf(packets), [
    OPEN,
    '1 > "bye"',
    "1 > end",
    '1 < "still here"',
    "1 close",
  ]);
});

test("CaptureReader tells the end of a direction behind the bytes that come late", () => {
  const packets = [
    ...handshake,
    client({ flags: "FA", sequence: 1_004 }),
    client({ sequence: 1_001, data: "abc" }),
  ];
  assertEquals(toldOf(packets), [OPEN, '1 > "abc"', "1 > end", "1 close"]);
});

test("CaptureReader tells a gap before the end when the last bytes are missing", () => {
  const packets = [...handshake, client({ flags: "FA", sequence: 1_004 })];
  assertEquals(toldOf(packets), [OPEN, "1 > gap 3", "1 > end", "1 close"]);
});

test("CaptureReader tells what it holds before a reset, and nothing behind it", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_003, data: "c" }),
    server({ flags: "RA", sequence: 5_001, acknowledged: 1_001 }),
    client({ sequence: 1_001, data: "ab" }),
  ];
  assertEquals(toldOf(packets), [
    OPEN,
    "1 > gap 2",
    '1 > "c"',
    "1 < reset",
    "1 close",
  ]);
});

test("CaptureReader passes over keep-alive probes and counts them", () => {
  const reader = new CaptureReader();
  const file = rawFile([
    ...handshake,
    client({ sequence: 1_001, data: "ab" }),
    client({ sequence: 1_002, data: "\0" }),
    client({ sequence: 1_002 }),
    client({ sequence: 1_003, data: "c" }),
  ]);
  assertEquals(eventsOf([file], reader).map(told), [
    OPEN,
    '1 > "ab"',
    '1 > "c"',
    "1 close",
  ]);
  assertEquals(reader.stats.retransmissions, 1);
});

test("CaptureReader gives late bytes the time of the packet that closed the gap", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_002, data: "b" }),
    client({ sequence: 1_001, data: "a" }),
  ];
  const reader = new CaptureReader();
  const data = eventsOf([rawFile(packets)], reader)
    .flatMap((event) => event.kind === "data" ? [event] : []);
  assertEquals(data.map(({ time, offset }) => [time, offset]), [[3, 0], [
    3,
    1,
  ]]);
  assertEquals(reader.stats.outOfOrder, 1);
});

test("CaptureReader gives views of the chunk, and copies of what it held", () => {
  const file = rawFile([
    ...handshake,
    client({ sequence: 1_001, data: "a" }),
    client({ sequence: 1_003, data: "c" }),
    client({ sequence: 1_002, data: "b" }),
  ]);
  const [a, , c] = eventsOf([file])
    .flatMap((event) => event.kind === "data" ? [event.data] : []);
  assertEquals(a?.buffer, file.buffer);
  assertNotEquals(c?.buffer, file.buffer);
});

test("CaptureReader tells a gap when a packet was cut off", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_001, data: "0123456789" }),
    client({ sequence: 1_011, data: "abc" }),
  ];
  const reader = new CaptureReader();
  const events = eventsOf([rawFile(packets, 44)], reader).map(told);
  assertEquals(events, [
    OPEN,
    '1 > "0123"',
    "1 > gap 6",
    '1 > "abc"',
    "1 close",
  ]);
  assertEquals(reader.stats.missingBytes, 6);
});

test("CaptureReader tells a gap when a packet that it held was cut off", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_003, data: "0123456789" }),
    client({ sequence: 1_001, data: "ab" }),
  ];
  const events = eventsOf([rawFile(packets, 44)]).map(told);
  assertEquals(events, [
    OPEN,
    '1 > "ab"',
    '1 > "0123"',
    "1 > gap 6",
    "1 close",
  ]);
});

test("CaptureReader counts a packet whose options are cut off, and tells its bytes as a gap", () => {
  const options = new Uint8Array(12).fill(1);
  const packet = tcp({
    from: CLIENT,
    to: SERVER,
    sequence: 1_001,
    options,
    data: utf8("abc"),
  });
  const file = rawFile([...handshake, packet], 46);
  assertEquals(eventsOf([file]).map(told), [OPEN, "1 > gap 3", "1 close"]);
});

test("CaptureReader gives up a gap when the receiver had its bytes a second ago", () => {
  const answer = (acknowledged: number) =>
    server({ sequence: 5_001, acknowledged });
  const packets: [time: number, packet: Uint8Array][] = [
    [0, syn],
    [1, synAck],
    [2, client({ sequence: 1_003, data: "c" })],
    [3, answer(1_004)],
    [1_001, answer(1_004)],
    // It has not had these.
    [1_003, answer(1_001)],
    [1_004, answer(1_003)],
  ];
  const read = (count: number) => {
    const part = packets.slice(0, count)
      .map(([time, bytes]) => ({ bytes, time }));
    const events = eventsOf([captureFile(part, { linkType: 101 })]);
    return events.map((event) => `${event.time} ${told(event)}`).slice(1);
  };
  for (const count of [5, 6]) {
    const time = packets[count - 1]![0];
    assertEquals(read(count), [
      `${time} 1 > gap 2`,
      `${time} 1 > "c"`,
      `${time} 1 close`,
    ]);
  }
  packets.push([2_000, answer(1_003)]);
  assertEquals(read(8), [
    "1004 1 > gap 2",
    '1004 1 > "c"',
    "2000 1 close",
  ]);
});

test("CaptureReader gives up the oldest gap when it holds too much", () => {
  const other = "10.0.0.3:40000";
  const packets = [
    ...handshake,
    send(other, SERVER, { flags: "S" }),
    client({ sequence: 1_002, data: "b" }),
    send(other, SERVER, { sequence: 2, data: "B" }),
    client({ sequence: 1_004, data: "d" }),
    send(other, SERVER, { sequence: 1, data: "A" }),
    client({ sequence: 1_003, data: "c" }),
  ];
  // Two segments of one byte each are no more than it may hold.
  assertEquals(toldOf(packets, { maxHeldBytes: 2_050 }), [
    OPEN,
    `2 open ${other} > ${SERVER}`,
    "1 > gap 1",
    '1 > "b"',
    '2 > "A"',
    '2 > "B"',
    '1 > "c"',
    '1 > "d"',
    "1 close",
    "2 close",
  ]);
});

test("CaptureReader passes over a segment whose header is longer than the packet", () => {
  const short = client({ sequence: 1_001, data: "abc" });
  const long = joined(short);
  long[20 + 12] = 0xf0;
  const reader = new CaptureReader();
  eventsOf([rawFile([...handshake, long])], reader);
  assertEquals([...reader.stats.ignored], [["header not valid", 1]]);
});
