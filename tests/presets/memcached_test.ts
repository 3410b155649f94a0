import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { FrameErrorCode } from "../../src/codec/mod.ts";
import { memcached, type MemcachedMessage } from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const message = (line: string, data?: string): MemcachedMessage => {
  const [name = "", ...words] = line.split(" ");
  return { name, words, ...(data !== undefined && { data: utf8(data) }) };
};

/** Messages, and their bytes: commands, and the replies of memcached 1.6.18. */
const examples: readonly (readonly [string, MemcachedMessage])[] = [
  ["set a 7 0 2\r\nHI\r\n", message("set a 7 0", "HI")],
  ["add a 0 0 0 noreply\r\n\r\n", message("add a 0 0 noreply", "")],
  ["cas a 0 -1 4 41\r\n\r\n\r\n\r\n", message("cas a 0 -1 41", "\r\n\r\n")],
  ["ms a 2 T0\r\nHI\r\n", message("ms a T0", "HI")],
  ["gets a b\r\n", message("gets a b")],
  ["STORED\r\n", message("STORED")],
  ["15\r\n", message("15")],
  ["\r\n", message("")],
  ["VA 2 f7 t-1\r\nHI\r\n", message("VA f7 t-1", "HI")],
  ["END\r\n", message("END")],
  [
    "CLIENT_ERROR bad command line format\r\n",
    message("CLIENT_ERROR bad command line format"),
  ],
  [
    "VALUE a 7 2\r\nHI\r\nVALUE b 0 5 41\r\nEND\r\n\r\nEND\r\n",
    {
      ...message("END"),
      items: [message("VALUE a 7", "HI"), message("VALUE b 0 41", "END\r\n")],
    },
  ],
  [
    "STAT maxbytes 67108864\r\nSTAT a  b\r\nEND\r\n",
    {
      ...message("END"),
      items: [message("STAT maxbytes 67108864"), message("STAT a  b")],
    },
  ],
  [
    "VALUE a 7 2\r\nHI\r\nSERVER_ERROR out of memory\r\n",
    {
      ...message("SERVER_ERROR out of memory"),
      items: [message("VALUE a 7", "HI")],
    },
  ],
];

test("memcached() reads and writes commands and replies", () => {
  for (const [text, value] of examples) {
    assertDecodes(() => memcached(), utf8(text), { frames: [value] });
    assertEquals(memcached().encode(value), utf8(text));
  }
});

test("memcached() ends the stream at a message that is not valid", () => {
  const invalid: [string, FrameErrorCode][] = [
    ["set a 0 0 x\r\n", "LENGTH_INVALID"],
    ["set a 0 0\r\n", "LENGTH_INVALID"],
    ["VALUE a 7 -1\r\nEND\r\n", "LENGTH_INVALID"],
    ["VA\r\n", "LENGTH_INVALID"],
    ["set a 0 0 2\r\nHIJ\r\n", "MARK_INVALID"],
    ["set a 0 0 2\r\nHI\n\r", "MARK_INVALID"],
    ["get a\nget b\r\n", "HEADER_INVALID"],
    ["get a\rget b\r\n", "HEADER_INVALID"],
    ["set a 0 0 1048576\r\n", "FRAME_TOO_LARGE"],
    ["VALUE a 0 2\r\nHI\r\nset a 0 0 x\r\n", "LENGTH_INVALID"],
  ];
  for (const [text, code] of invalid) {
    assertDecodes(() => memcached(), utf8(`STORED\r\n${text}`), {
      frames: [message("STORED")],
      error: { code, offset: 8 },
    });
  }
  const notText = Uint8Array.of(0x67, 0xff, 13, 10);
  const error = frameError(() => memcached().decode(notText));
  assertStrictEquals(error.code, "TEXT_INVALID");
});

test("memcached() takes an end of the stream inside a message for an error", () => {
  for (const text of ["g", "set a 0 0 2\r\nHI", "VALUE a 0 2\r\nHI\r\nEND"]) {
    assertDecodes(() => memcached(), utf8(text), {
      frames: [],
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    });
  }
});

test("memcached() refuses to write what would be read as something else", () => {
  const refused: MemcachedMessage[] = [
    { name: "get", words: ["a b"] },
    { name: "get a", words: [] },
    message("get a\r\nflush_all"),
    message("set a 0 0"),
    message("set a 0", "HI"),
    message("get a", "HI"),
    message("VALUE a 0", "HI"),
    { ...message("END"), items: [message("STORED")] },
    { ...message("END"), items: [{ ...message("STAT a"), items: [] }] },
  ];
  for (const value of refused) {
    const error = frameError(() => memcached().encode(value));
    assertStrictEquals(error.code, "HEADER_INVALID");
  }
});

test("memcached() holds whole messages to the limit in both directions", () => {
  const [text, value] = examples[11]!;
  const most = memcached({ maxFrameLength: text.length });
  assertDecodes(() => most, utf8(text), { frames: [value] });
  assertEquals(most.encode(value), utf8(text));
  const less = memcached({ maxFrameLength: text.length - 1 });
  assertDecodes(() => less, utf8(text), {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 0 },
  });
  const error = frameError(() => less.encode(value));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
});
