/** What a capture tells of TCP connections: who opened them, and when they close. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { captureOf, conversation } from "../../support/captures.ts";
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

test("CaptureReader tells a conversation from the handshake to both ends", () => {
  const file = captureOf([
    { direction: "toServer", data: utf8("GET a") },
    { direction: "toClient", data: utf8("1") },
  ]);
  assertEquals(eventsOf([file]).map(told), [
    OPEN,
    '1 > "GET a"',
    '1 < "1"',
    "1 > end",
    "1 < end",
    "1 close",
  ]);
});

test("CaptureReader takes the sender of SYN for the client when its port is lower", () => {
  const at = { client: "10.0.0.1:20", server: "10.0.0.2:40000" };
  const packets = conversation([], at);
  const open = "1 open 10.0.0.1:20 > 10.0.0.2:40000";
  assertEquals(toldOf(packets)[0], open);
  // Without SYN, the answer to it shows the same.
  assertEquals(toldOf(packets.slice(1))[0], open);
});

test("CaptureReader knows the first byte of the client from SYN-ACK", () => {
  const packets = [
    synAck,
    client({ sequence: 1_004, data: "def" }),
    client({ sequence: 1_001, data: "abc" }),
  ];
  assertEquals(toldOf(packets), [OPEN, '1 > "abc"', '1 > "def"', "1 close"]);
});

test("CaptureReader guesses the server by the lower port when there is no SYN", () => {
  const said = server({ sequence: 7, acknowledged: 50, data: "x" });
  assertEquals(toldOf([said]), [`${OPEN} midstream`, '1 < "x"', "1 close"]);
});

test("CaptureReader takes the first sender for the client when there is no SYN and the ports are equal", () => {
  const [a, b] = ["10.0.0.1:700", "10.0.0.2:700"];
  const packets = [
    send(a, b, { sequence: 5, acknowledged: 9, data: "x" }),
    send(b, a, { sequence: 9, data: "y" }),
  ];
  assertEquals(toldOf(packets), [
    `1 open ${a} > ${b} midstream`,
    '1 > "x"',
    '1 < "y"',
    "1 close",
  ]);
});

test("CaptureReader begins midstream where the acknowledgement says", () => {
  const packets = [
    client({ sequence: 1, acknowledged: 100, data: "x" }),
    server({ sequence: 98, data: "abcd" }),
  ];
  assertEquals(toldOf(packets).slice(2), ['1 < "cd"', "1 close"]);
});

test("CaptureReader tells nothing of an unknown connection when there are no data", () => {
  const packets = [client({}), server({ flags: "R" }), client({ flags: "FA" })];
  assertEquals(toldOf(packets), []);
});

test("CaptureReader tells the same when every packet is there twice", () => {
  const packets = conversation([
    { direction: "toServer", data: utf8("ping") },
    { direction: "toClient", data: utf8("pong") },
  ]);
  const twice = packets.flatMap((packet) => [packet, packet]);
  assertEquals(toldOf(twice), toldOf(packets));
});

test("CaptureReader opens a new connection when SYN comes with another number", () => {
  const packets = [
    ...handshake,
    client({ sequence: 1_001, data: "old" }),
    client({ sequence: 1_009, data: "lost" }),
    client({ flags: "S", sequence: 90_000 }),
    server({ flags: "SA", sequence: 7, acknowledged: 90_001 }),
    client({ sequence: 90_001, data: "new" }),
    server({ sequence: 8, data: "yes" }),
  ];
  assertEquals(toldOf(packets), [
    OPEN,
    '1 > "old"',
    "1 > gap 5",
    '1 > "lost"',
    "1 close",
    OPEN.replace("1", "2"),
    '2 > "new"',
    '2 < "yes"',
    "2 close",
  ]);
});

test("CaptureReader opens a new connection when the old one had no answer but RST", () => {
  const refused = server({ flags: "RA", acknowledged: 1_001 });
  const again = client({ flags: "S", sequence: 2_000 });
  assertEquals(toldOf([syn, refused, refused, syn, again]), [
    OPEN,
    "1 < reset",
    "1 close",
    OPEN.replace("1", "2"),
    "2 close",
  ]);
});

test("CaptureReader opens a new connection when the server that refused one connects", () => {
  const refused = server({ flags: "RA", acknowledged: 1_001 });
  const packets = [syn, refused, server({ flags: "S", sequence: 3 })];
  assertEquals(toldOf(packets).slice(3), [
    `2 open ${SERVER} > ${CLIENT}`,
    "2 close",
  ]);
});

test("CaptureReader opens nothing when segments come after both ends", () => {
  const packets = conversation([{ direction: "toServer", data: utf8("x") }]);
  const late = client({ sequence: 1_001, data: "x" });
  const reader = new CaptureReader();
  const events = eventsOf([rawFile([...packets, late])], reader);
  assertEquals(events.map(told), toldOf(packets));
  assertEquals(reader.stats.retransmissions, 1);
});

test("CaptureReader closes a connection without packets for long when there are too many", () => {
  const ends = [1, 2, 3, 4, 5].map((i) => `10.0.0.1:4000${i}`);
  const opened = ends.map((end) => send(end, SERVER, { flags: "S" }));
  const packets = [
    ...opened.slice(0, 4),
    send(ends[1]!, SERVER, { sequence: 1, data: "still used" }),
    opened[4]!,
    send(ends[2]!, SERVER, { sequence: 1, data: "forgotten" }),
  ];
  assertEquals(toldOf(packets, { maxConnections: 3 }), [
    `1 open ${ends[0]} > ${SERVER}`,
    `2 open ${ends[1]} > ${SERVER}`,
    `3 open ${ends[2]} > ${SERVER}`,
    `4 open ${ends[3]} > ${SERVER}`,
    "1 close",
    '2 > "still used"',
    `5 open ${ends[4]} > ${SERVER}`,
    "3 close",
    `6 open ${ends[2]} > ${SERVER} midstream`,
    "2 close",
    '6 > "forgotten"',
    "4 close",
    "5 close",
    "6 close",
  ]);
});

test("CaptureReader tells the directions apart when only the last byte of the addresses differs", () => {
  const at = { client: "[2001:db8::2]:700", server: "[2001:db8::1]:700" };
  const packets = conversation([
    { direction: "toServer", data: utf8("a") },
    { direction: "toClient", data: utf8("b") },
  ], at);
  assertEquals(toldOf(packets).slice(0, 3), [
    `1 open ${at.client} > ${at.server}`,
    '1 > "a"',
    '1 < "b"',
  ]);
});

test("CaptureReader tells connections of IPv6 apart by all of their address", () => {
  const packets = [1, 2].map((i) =>
    send(`[2001:db8::${i}:0:0:9]:40000`, "[::1]:80", {
      sequence: 5,
      data: `${i}`,
    })
  );
  assertEquals(toldOf(packets), [
    "1 open [2001:db8::1:0:0:9]:40000 > [::1]:80 midstream",
    '1 > "1"',
    "2 open [2001:db8::2:0:0:9]:40000 > [::1]:80 midstream",
    '2 > "2"',
    "1 close",
    "2 close",
  ]);
});
