import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { FrameTap, type Tapped } from "../../src/cli/proxy/frame_tap.ts";
import { type FrameError, lengthPrefixed, lines } from "../../src/codec/mod.ts";
import type { Codec } from "../../src/codec/types.ts";
import { utf8 } from "../support/bytes.ts";
import { everyCut } from "../support/cuts.ts";

/** A frame in short: its offset, its length, and its bytes where they are kept. */
function short({ offset, length, bytes, isFrame }: Tapped): string {
  const text = bytes === undefined ? "" : ` ${new TextDecoder().decode(bytes)}`;
  return `${isFrame ? "" : "?"}${offset}+${length}${text}`;
}

test("push() finds the same frames however the bytes are cut", () => {
  const input = utf8("ab\ncdef\n\ng\n");
  for (const keepsBytes of [true, false]) {
    const codec = lines() as Codec<unknown>;
    const expected = ["0+3 ab\n", "3+5 cdef\n", "8+1 \n", "9+2 g\n"]
      .map((one) => keepsBytes ? one : one.split(" ")[0]);
    for (const { name, chunks } of everyCut(input)) {
      const tap = new FrameTap(codec, keepsBytes);
      const all = [...chunks.flatMap((chunk) => tap.push(chunk)), ...tap.end()];
      assertEquals(all.map(short), expected, name);
      assertEquals(tap.error, undefined);
    }
  }
});

test("push() gives chunks behind bytes that are no frame", () => {
  const codec = lines({ maxFrameLength: 2 }) as Codec<unknown>;
  const tap = new FrameTap(codec, false);
  assertEquals(tap.push(utf8("a\nlong")).map(short), ["0+2", "?2+4"]);
  assertEquals(`${(tap.error as Error).name}`, "FrameError");
  assertEquals((tap.error as FrameError).bytes, utf8("long"));
  const [chunk] = tap.push(utf8("b\n"));
  assertEquals(chunk?.value, utf8("b\n"));
  assertEquals(short(chunk!), "?6+2 b\n");
  assertEquals(tap.end(), []);
});

test("push() shows the first bytes of what is no frame when no bytes are kept", () => {
  const tap = new FrameTap(lengthPrefixed() as Codec<unknown>, false);
  const [one] = tap.push(utf8("GET / HTTP/1.1"));
  assertEquals(one?.value, utf8("GET / HTTP/1.1"));
  assertEquals((tap.error as FrameError).bytes, utf8("GET / HTTP/1.1"));
});

test("end() and rest() give what is left", () => {
  // A codec that neither takes the last bytes nor minds them.
  const codec = lines() as Codec<unknown>;
  const careless: Codec<unknown> = {
    ...codec,
    decoder: () => Object.assign(codec.decoder(), { end: () => undefined }),
  };
  for (const call of ["end", "rest"] as const) {
    const tap = new FrameTap(careless, true);
    assertEquals(tap.push(utf8("a\nbc")).map(short), ["0+2 a\n"]);
    assertEquals(tap[call]().map(short), ["?2+2 bc"]);
    assertEquals(tap[call](), []);
  }
});
