// Twisted's receivers over real sockets. They close at once, with replies unsent,
// when they see the end of the stream: so it is told only after the replies.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { delimited, lines } from "../../src/codec/mod.ts";
import {
  twistedInt16,
  twistedInt32,
  twistedNetstring,
} from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { frameError } from "../support/run_decoder.ts";
import { needs, Peer } from "./peer.ts";

// Debian's package belongs to Debian's Python, which need not be the first.
const python = "/usr/bin/python3";
const peerFile = fileURLToPath(new URL("twisted_peer.py", import.meta.url));
const options = needs(
  "no Twisted on this machine (Debian: python3-twisted)",
  python,
  "-c",
  "import twisted",
);
const start = () => Peer.start([python, peerFile]);

const messages = ["HI", "", "你好", "\r\n", "0:,", "a".repeat(300)].map(utf8);

for (
  const [listener, codec] of [
    ["Int16", twistedInt16()],
    ["Int32", twistedInt32()],
    ["Netstring", twistedNetstring()],
  ] as const
) {
  test(`twisted${listener}() talks to Twisted`, options, async () => {
    await using peer = await start();
    await peer.checkReplies(listener, codec, messages, messages.map(reply));
  });
}

test("delimited() talks to Twisted's LineReceiver", options, async () => {
  await using peer = await start();
  const ofLines = messages.filter((message) => !message.includes(10));
  await peer.checkReplies(
    "Line",
    delimited({ delimiter: "\r\n", maxFrameLength: 16_384 }),
    ofLines,
    ofLines.map(reply),
  );
});

test("Twisted and twistedInt32() have the same limit", options, async () => {
  await using peer = await start();
  const longest = new Uint8Array(99_999).fill(0x61);
  const answer = await peer.exchange(
    "Int32",
    [twistedInt32().encode(longest)],
    4 + 3 + longest.length,
  );
  // Twisted holds to the limit what it receives, and not what it sends.
  assertEquals(answer.subarray(0, 7), hex("000186a2 52 3a 20"));
  const codes = [
    () => twistedInt32().decode(answer),
    () => twistedInt32().encode(new Uint8Array(100_000)),
    () => twistedInt32().decode(hex("000186a0")),
    () => twistedInt32().decode(hex("ffffffff")),
  ].map((call) => frameError(call).code);
  assertEquals(new Set(codes), new Set(["FRAME_TOO_LARGE"]));
  for (const digits of ["000186a0", "ffffffff"]) {
    assertEquals(await peer.exchange("Int32", [hex(digits)], 1), hex(""));
  }
});

test(
  "Twisted refuses the netstrings that twistedNetstring() refuses",
  options,
  async () => {
    await using peer = await start();
    for (
      const text of [
        "02:HI,",
        "2:HI;",
        "100000:",
        "+2:HI,",
        "2 :HI,",
        "00:,",
        ":",
      ]
    ) {
      assertEquals(await peer.exchange("Netstring", [utf8(text)], 1), hex(""));
      frameError(() => twistedNetstring().decode(utf8(text)));
    }
  },
);

test(
  "Twisted's LineReceiver ends a line at CR LF only, lines() at LF too",
  options,
  async () => {
    await using peer = await start();
    const bytes = utf8("one\ntwo\r\nthree");
    const wanted = utf8("R: one\ntwo\r\n");
    assertEquals(await peer.exchange("Line", [bytes], wanted.length), wanted);
    assertEquals(lines().decode(bytes), ["one", "two", "three"]);
  },
);

test(
  "Twisted drops replies unsent at the end of the stream: closeWrite() comes after them",
  options,
  async () => {
    await using peer = await start();
    // Far more than the buffers of two sockets hold, and not read until the end.
    const frame = twistedInt32().encode(new Uint8Array(99_990));
    const sent = Array.from({ length: 300 }, () => frame);
    const got = await peer.exchangeLate("Int32", sent);
    assertEquals(got.length < 300 * (frame.length + 3), true);
  },
);

function reply(message: Uint8Array): Uint8Array {
  return Uint8Array.of(...utf8("R: "), ...message);
}
