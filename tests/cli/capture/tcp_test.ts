/** What a capture tells of TCP connections. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { test } from "node:test";
import { CaptureReader } from "../../../src/cli/capture/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import {
  captureFile,
  captureOf,
  conversation,
} from "../../support/captures.ts";
import { joined, type Segment, tcp } from "../../support/packets.ts";
import { eventsOf, told, toldOf } from "./told.ts";

const CLIENT = "10.0.0.1:40000";
const SERVER = "10.0.0.2:6379";
const OPEN = `1 open ${CLIENT} > ${SERVER}`;

type Said = Partial<Omit<Segment, "data">> & { readonly data?: string };

const send = (from: string, to: string, { data = "", ...rest }: Said) =>
  tcp({ from, to, ...rest, data: utf8(data) });
/** A segment of the client, whose stream begins at 1001; one of the server, at 5001. */
const client = (said: Said) => send(CLIENT, SERVER, said);
const server = (said: Said) => send(SERVER, CLIENT, said);

const syn = client({ flags: "S", sequence: 1_000 });
const synAck = server({ flags: "SA", sequence: 5_000, acknowledged: 1_001 });
const handshake = [syn, synAck];

/** A file with these packets, and nothing of a link layer. */
const rawFile = (packets: readonly Uint8Array[], snapLength = 262_144) =>
  captureFile(packets.map((bytes) => ({ bytes })), {
    linkType: 101,
    snapLength,
  });

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
  const [a, b] = ["10.0.0.9:700", "10.0.0.2:700"];
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

test("CaptureReader opens nothing when segments come after both ends", () => {
  const packets = conversation([{ direction: "toServer", data: utf8("x") }]);
  const late = client({ sequence: 1_001, data: "x" });
  assertEquals(toldOf([...packets, late]), toldOf(packets));
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

test("CaptureReader passes over a segment whose header is longer than the packet", () => {
  const short = client({ sequence: 1_001, data: "abc" });
  const long = joined(short);
  long[20 + 12] = 0xf0;
  const reader = new CaptureReader();
  eventsOf([rawFile([...handshake, long])], reader);
  assertEquals([...reader.stats.ignored], [["header not valid", 1]]);
});
