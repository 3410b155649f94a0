// What the worker of the page makes of bytes.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { examples } from "../../../site/play/examples.ts";
import { engine } from "../../../site/play/engine/engine.ts";
import { waitingAt } from "../../../site/play/logic/pieces.ts";
import { type Decoded, KIND } from "../../../site/play/protocol.ts";
import { fieldsOf, parseFormat } from "../../../src/format/mod.ts";
import { bytesOf } from "../../support/byte_notation.ts";
import { vectorFiles } from "../../support/vectors.ts";

async function decode(
  expression: string,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): Promise<Decoded> {
  engine.load(bytes);
  const decoded = await engine.decode(
    expression,
    Uint32Array.from(cuts),
    () => undefined,
  );
  assert(decoded !== undefined);
  return decoded;
}

for (const { name, expression, bytes, cuts } of examples) {
  test(`the example ${name} decodes`, async () => {
    const { frames, failure, refusal } = await decode(expression, bytes, cuts);
    assertEquals(refusal, undefined);
    if (name === "wrong peer") {
      assertEquals(failure?.code, "FRAME_TOO_LARGE");
      assert(failure?.hint?.includes("HTTP"), failure?.hint);
    } else {
      assertEquals(failure, undefined);
      assert(frames >= 3, `${frames} frames`);
    }
  });
}

test("engine.decode() and rows() have the pieces of fieldsOf() in all vectors", async () => {
  let compared = 0;
  for (const { vectors } of vectorFiles()) {
    for (const { expression, input } of vectors) {
      if (expression === undefined || input === undefined) continue;
      const bytes = bytesOf(input);
      if (bytes.length > 65_536) continue;
      const decoded = await decode(expression, bytes);
      const rows = engine.rows(0, decoded.kinds.length);
      const expected = fieldsOf(parseFormat(expression), bytes);
      assertEquals(
        rows.map(({ fields }) =>
          fields.map(({ name, offset, length }) => ({ name, offset, length }))
        ),
        expected.map(({ fields }) =>
          fields.map(({ name, offset, length }) => ({ name, offset, length }))
        ),
        expression,
      );
      assertEquals(decoded.failure?.code, expected.at(-1)?.error?.code);
      compared++;
    }
  }
  assert(compared > 300, `${compared}`);
});

test("engine.decode() tells what the decoder holds after each chunk", async () => {
  const { bytes, cuts, expression } = examples[0]!;
  const decoded = await decode(expression, bytes, cuts);
  assertEquals([...decoded.chunkFrames], [2, 2, 3]);
  assertEquals([...decoded.chunkBuffered], [3, 15, 0]);
  assertEquals([...decoded.chunkPending], [3, 15, 0]);
  const [, , third] = engine.rows(0, 3);
  assertEquals(waitingAt(third!, 31), { for: "field", field: "length" });
  assertEquals(waitingAt(third!, 33), {
    for: "bytes",
    count: 23,
    field: "body",
  });
  assertEquals(waitingAt(third!, 30), { for: "frame" });
  await decode("length(2)", Uint8Array.of(0, 9, 1));
  const [cut] = engine.rows(0, 1);
  assertEquals(cut?.kind, KIND.cut);
  assertEquals(waitingAt(cut!, 2), { for: "field", field: "body" });
});

test("engine.decode() points at what is wrong in an expression", async () => {
  const { refusal } = await decode("length(2, litle)", Uint8Array.of(1));
  assertEquals(refusal?.column, 11);
  assertEquals(refusal?.suggestion, "little");
});

test("engine.decode() offers to skip a bad frame, and then does", async () => {
  const bytes = Uint8Array.from([0, 2, 0x7b, 0x5d, 0, 1, 0x31]);
  const bad = await decode("length(2) | json", bytes);
  assertEquals([...bad.kinds], [KIND.bad]);
  assertEquals(bad.failure?.code, "MESSAGE_INVALID");
  assertEquals(bad.recovery, "length(2) | json(onInvalid=skip)");
  const good = await decode(bad.recovery!, bytes);
  assertEquals([...good.kinds], [KIND.passed, KIND.frame]);
  assertEquals(good.skipped, [["MESSAGE_INVALID", 0]]);
});

test("a call of engine.decode() ends those before it", async () => {
  engine.load(new Uint8Array(8_000_000));
  const first = engine.decode("fixed(1)", new Uint32Array(), () => undefined);
  const second = engine.decode("fixed(8)", new Uint32Array(), () => undefined);
  assertEquals(await first, undefined);
  assertEquals((await second)?.frames, 1_000_000);
  assertEquals(engine.rows(999_999, 1_000_005).map(({ number }) => number), [
    1_000_000,
  ]);
});

test("engine.encode() takes text, JSON and hex", () => {
  const encode = (
    expression: string,
    notation: "text" | "json" | "hex",
    text: string,
  ) => [...engine.encode(expression, notation, text)];
  assertEquals(encode("length(1)", "text", "hi"), [2, 0x68, 0x69]);
  assertEquals(encode("length(1)", "hex", "00 ff"), [2, 0, 255]);
  assertEquals(encode("length(1)", "json", '"hi"'), [2, 0x68, 0x69]);
  assertEquals(encode("length(1)", "json", '{"base64":"AP8="}'), [2, 0, 255]);
  assertEquals(encode("length(1) | json", "json", "[1]"), [
    3,
    0x5b,
    0x31,
    0x5d,
  ]);
  assertEquals(encode("lines", "text", "a"), [0x61, 10]);
});

test("engine.open() and receive() give the frames of messages", () => {
  engine.open("lines");
  assertEquals(engine.receive(new TextEncoder().encode("a\nb")), ['"a"']);
  assertEquals(engine.receive(new TextEncoder().encode("c\n")), ['"bc"']);
  engine.open("length(1) | json");
  const received = engine.receive(Uint8Array.of(1, 0x31, 1, 0x7b));
  assertEquals(received[0], "1");
  assert(received[1]!.startsWith("The message is not JSON"), received[1]);
  assertEquals(engine.receive(Uint8Array.of(1, 0x31)), []);
});

test("engine.guess() finds the format of an example", async () => {
  const { bytes } = examples[1]!;
  await decode("lines", bytes);
  assertEquals(engine.guess().guesses[0]?.expression, "lines");
});
