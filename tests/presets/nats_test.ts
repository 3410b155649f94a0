import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { FrameErrorCode } from "../../src/codec/mod.ts";
import { nats, type NatsMessage } from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const HI = utf8("HI");
const headers = utf8("NATS/1.0\r\nX: y\r\n\r\n");

/** Messages, and their bytes. */
const examples: readonly (readonly [string, NatsMessage])[] = [
  ['INFO {"headers":true}\r\n', { op: "INFO", options: { headers: true } }],
  ['CONNECT {"a":"b c"}\r\n', { op: "CONNECT", options: { a: "b c" } }],
  ["PING\r\n", { op: "PING" }],
  ["PONG\r\n", { op: "PONG" }],
  ["+OK\r\n", { op: "+OK" }],
  ["-ERR 'It's over'\r\n", { op: "-ERR", error: "It's over" }],
  ["SUB a.> 1\r\n", { op: "SUB", subject: "a.>", sid: "1" }],
  ["SUB a q 1\r\n", { op: "SUB", subject: "a", queue: "q", sid: "1" }],
  ["UNSUB 1\r\n", { op: "UNSUB", sid: "1" }],
  ["UNSUB 1 5\r\n", { op: "UNSUB", sid: "1", max: 5 }],
  ["PUB a 2\r\nHI\r\n", { op: "PUB", subject: "a", payload: HI }],
  [
    "PUB a b 0\r\n\r\n",
    { op: "PUB", subject: "a", reply: "b", payload: utf8("") },
  ],
  [
    "HPUB a 18 20\r\nNATS/1.0\r\nX: y\r\n\r\nHI\r\n",
    { op: "PUB", subject: "a", headers, payload: HI },
  ],
  [
    "MSG a 1 2\r\n\r\n\r\n",
    { op: "MSG", subject: "a", sid: "1", payload: utf8("\r\n") },
  ],
  [
    "MSG a 1 b 2\r\nHI\r\n",
    { op: "MSG", subject: "a", sid: "1", reply: "b", payload: HI },
  ],
  [
    "HMSG a 1 b 18 20\r\nNATS/1.0\r\nX: y\r\n\r\nHI\r\n",
    { op: "MSG", subject: "a", sid: "1", reply: "b", headers, payload: HI },
  ],
];

test("nats() reads and writes all messages of its clients and servers", () => {
  for (const [text, value] of examples) {
    assertDecodes(() => nats(), utf8(text), { frames: [value] });
    assertEquals(nats().encode(value), utf8(text));
  }
});

test("nats() reads what clients may write in other ways", () => {
  const text = "ping\r\nSub\ta \t 1\r\npub a \t2 \r\nHI\r\n-ERR bare\r\n" +
    'INFO  {"a": 1} \r\n';
  assertDecodes(() => nats(), utf8(text), {
    frames: [
      { op: "PING" },
      { op: "SUB", subject: "a", sid: "1" },
      { op: "PUB", subject: "a", payload: HI },
      { op: "-ERR", error: "bare" },
      { op: "INFO", options: { a: 1 } },
    ],
  });
});

test("nats() ends the stream at a line that is no message", () => {
  const invalid: [string, FrameErrorCode][] = [
    ["HELLO\r\n", "HEADER_INVALID"],
    ["\r\n", "HEADER_INVALID"],
    ["PING\nPING\r\n", "HEADER_INVALID"],
    ["SUB a\r\n", "HEADER_INVALID"],
    ["SUB a b c d\r\n", "HEADER_INVALID"],
    ["UNSUB\r\n", "HEADER_INVALID"],
    ["UNSUB 1 x\r\n", "LENGTH_INVALID"],
    ["PUB a\r\n", "HEADER_INVALID"],
    ["PUB a b c 2\r\nHI\r\n", "HEADER_INVALID"],
    ["PUB a -2\r\nHI\r\n", "LENGTH_INVALID"],
    ["PUB a 2\r\nHIJ\r\n", "MARK_INVALID"],
    ["MSG a\r\n", "HEADER_INVALID"],
    ["MSG a 1\r\n", "HEADER_INVALID"],
    ["HMSG a 1 2\r\nHI\r\n", "HEADER_INVALID"],
    ["HPUB a 3 2\r\nHI\r\n", "LENGTH_INVALID"],
    ["INFO {\r\n", "MESSAGE_INVALID"],
    ["CONNECT\r\n", "MESSAGE_INVALID"],
    ["PUB a 1052670\r\n", "FRAME_TOO_LARGE"],
  ];
  for (const [text, code] of invalid) {
    assertDecodes(() => nats(), utf8(`+OK\r\n${text}`), {
      frames: [{ op: "+OK" }],
      error: { code, offset: 5 },
    });
  }
  const notText = Uint8Array.of(0x50, 0xff, 13, 10);
  const error = frameError(() => nats().decode(notText));
  assertStrictEquals(error.code, "TEXT_INVALID");
});

test("nats() takes an end of the stream inside a message for an error", () => {
  for (const text of ["PIN", "PING\r", "PUB a 2\r\nHI"]) {
    assertDecodes(() => nats(), utf8(`+OK\r\n${text}`), {
      frames: [{ op: "+OK" }],
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    });
  }
});

test("nats() refuses to write what would be read as something else", () => {
  const refused: NatsMessage[] = [
    { op: "PUB", subject: "a b", payload: HI },
    { op: "PUB", subject: "", payload: HI },
    { op: "PUB", subject: "a\r\nPING", payload: HI },
    { op: "MSG", subject: "a", sid: "\t", payload: HI },
    { op: "SUB", subject: "a", queue: "", sid: "1" },
    { op: "-ERR", error: "\r\n" },
    { op: "HELLO" } as unknown as NatsMessage,
  ];
  for (const value of refused) {
    const error = frameError(() => nats().encode(value));
    assertStrictEquals(error.code, "HEADER_INVALID");
  }
});

test("nats() carries the longest payload of a server, and no more than its limit", () => {
  const payload = new Uint8Array(1_048_576);
  const subject = "a".repeat(4_000);
  const longest: NatsMessage = { op: "PUB", subject, payload };
  const bytes = nats().encode(longest);
  assertEquals(nats().decode(bytes), [longest]);
  const less = nats({ maxFrameLength: bytes.length - 1 });
  const error = frameError(() => less.encode(longest));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertStrictEquals(
    frameError(() => less.decode(bytes)).code,
    "FRAME_TOO_LARGE",
  );
});
