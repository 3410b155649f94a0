// Erlang's own framing, {packet, ...}, over real sockets. Once is enough: how
// the runtimes' sockets differ is tested elsewhere.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lines } from "../../src/codec/mod.ts";
import { erlang } from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { frameError, runDecoder } from "../support/run_decoder.ts";
import { needs, Peer } from "./peer.ts";

const peerFile = fileURLToPath(new URL("erlang_peer.escript", import.meta.url));
const options = needs(
  "no Erlang on this machine (Debian: erlang-base)",
  "erl",
  "-noshell",
  "-eval",
  "halt().",
);
const start = () => Peer.start(["escript", peerFile]);

test(
  "erlang() talks to gen_tcp with {packet, 1 | 2 | 4}",
  options,
  async () => {
    await using peer = await start();
    const sizes = { 1: [252], 2: [255, 256, 1_000], 4: [255, 1_000, 65_536] };
    for (const packet of [1, 2, 4] as const) {
      const messages = [
        ...["", "HI", "你好", "\0\0\0\x05"].map(utf8),
        ...sizes[packet].map((size) => new Uint8Array(size).fill(7)),
      ];
      await peer.checkReplies(
        `${packet}`,
        erlang(packet),
        // Byte by byte, long messages only make the test long.
        messages.filter(({ length }) => length < 300),
        messages.filter(({ length }) => length < 300).map(reply),
      );
      const codec = erlang(packet);
      const longest = messages.at(-1)!;
      assertEquals(
        await peer.exchange(`${packet}`, [codec.encode(longest)]),
        codec.encode(reply(longest)),
      );
    }
  },
);

test("lines() talks to gen_tcp with {packet, line}", options, async () => {
  await using peer = await start();
  const messages = ["HI", "", "你好"];
  await peer.checkReplies(
    "line",
    lines(),
    messages,
    messages.map((message) => `R: ${message}`),
  );
});

test(
  "Erlang puts a wrong length before a message too long for it, and erlang() refuses it",
  options,
  async () => {
    await using peer = await start();
    const sent = new Uint8Array(253).fill(0x61);
    // The reply has 256 bytes, whose length it says to be 0.
    const got = await peer.exchange("1", [erlang(1).encode(sent)]);
    assertEquals(got.length, 257);
    assertEquals(got.subarray(0, 5), hex("00 52 3a 20 61"));
    assertEquals(
      frameError(() => erlang(1).encode(reply(sent))).code,
      "FRAME_TOO_LARGE",
    );
  },
);

test(
  "Erlang drops a frame that the end of the stream cuts, and erlang() says so",
  options,
  async () => {
    await using peer = await start();
    const bytes = hex("00000002 4849 00000005 48");
    assertEquals(
      await peer.exchange("4", [bytes]),
      erlang(4).encode(utf8("R: HI")),
    );
    const { frames, error } = runDecoder(() => erlang(4), [bytes]);
    assertEquals(frames, [utf8("HI")]);
    assertEquals(error?.code, "FRAME_TRUNCATED");
  },
);

test(
  "Erlang closes at a message over packet_size, and erlang() can skip it",
  options,
  async () => {
    await using peer = await start();
    const bytes = hex("00000009" + "61".repeat(9) + "00000002 4849");
    assertEquals(await peer.exchange("4, packet_size 8", [bytes]), hex(""));
    const codec = erlang(4, { maxFrameLength: 8, onOversize: "skip" });
    assertEquals(codec.decode(bytes), [utf8("HI")]);
  },
);

test(
  "Erlang keeps line ends, drops an open last line and cuts a long one, unlike lines()",
  options,
  async () => {
    await using peer = await start();
    const bytes = utf8("one\r\ntwo\nthree");
    assertEquals(
      await peer.exchange("line", [bytes]),
      utf8("R: one\r\nR: two\n"),
    );
    assertEquals(lines().decode(bytes), ["one", "two", "three"]);

    const long = utf8(`${"a".repeat(3_000)}\n`);
    const parts = new TextDecoder().decode(await peer.exchange("line", [long]))
      .split("R: ");
    assert(parts.length > 2, "the line came whole");
    assertEquals(parts.join(""), new TextDecoder().decode(long));
    assertEquals(lines().decode(long), ["a".repeat(3_000)]);
  },
);

function reply(message: Uint8Array): Uint8Array {
  return Uint8Array.of(...utf8("R: "), ...message);
}
