import { test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  FrameDecoderStream,
  FrameEncoderStream,
  FrameError,
  lengthPrefixed,
  lines,
} from "../../mod.ts";
import { utf8 } from "../support/bytes.ts";
import { everyCut } from "../support/cuts.ts";

function streamOf<T>(chunks: readonly T[]): ReadableStream<T> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

/** Reads to the end: the chunks, and the error where there is one. */
async function drain<T>(stream: ReadableStream<T>): Promise<[T[], unknown]> {
  const chunks: T[] = [];
  const reader = stream.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return [chunks, undefined];
      chunks.push(value);
    }
  } catch (error) {
    return [chunks, error];
  }
}

test("FrameDecoderStream gives the same frames for every cut", async () => {
  for (const cut of everyCut(utf8("one\r\n\ntwo\nthree"))) {
    const frames = streamOf(cut.chunks)
      .pipeThrough(new FrameDecoderStream(lines()));
    assertEquals(
      await drain(frames),
      [["one", "", "two", "three"], undefined],
      cut.name,
    );
  }
});

test("FrameDecoderStream gives the frames before a bad one, then its error", async () => {
  const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 });
  for (const cut of everyCut(Uint8Array.of(1, 7, 2, 8, 9, 4, 0, 0, 0, 0))) {
    const [frames, error] = await drain(
      streamOf(cut.chunks).pipeThrough(new FrameDecoderStream(codec)),
    );
    assertEquals(frames, [Uint8Array.of(7), Uint8Array.of(8, 9)], cut.name);
    assertInstanceOf(error, FrameError);
    assertEquals(error.code, "FRAME_TOO_LARGE");
    assertEquals(error.offset, 5);
  }
});

test("FrameDecoderStream errors where the stream ends inside a frame", async () => {
  const [frames, error] = await drain(
    streamOf([Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 1)])
      .pipeThrough(new FrameDecoderStream(lengthPrefixed())),
  );
  assertEquals(frames, [Uint8Array.of(7)]);
  assertInstanceOf(error, FrameError);
  assertEquals(error.code, "FRAME_TRUNCATED");
});

test("FrameDecoderStream cancels its source after a bad frame", async () => {
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.enqueue(Uint8Array.of(255, 255, 255, 255)),
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const [, error] = await drain(
    source.pipeThrough(new FrameDecoderStream(lengthPrefixed())),
  );
  assertInstanceOf(error, FrameError);
  assertEquals(cancelled, error);
});

test("FrameDecoderStream cancels its source when it is cancelled", async () => {
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const frames = source.pipeThrough(new FrameDecoderStream(lines()));
  const reason = new Error("enough");
  await frames.cancel(reason);
  assertEquals(cancelled, reason);
});

test("FrameDecoderStream passes an error of its source on", async () => {
  const failure = new Error("broken");
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(failure),
  });
  const frames = source.pipeThrough(new FrameDecoderStream(lines()));
  await assertRejects(() => frames.getReader().read(), Error, "broken");
});

test("FrameDecoderStream does not read ahead of its reader", async () => {
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulls++;
      controller.enqueue(utf8("a\nb\nc\n"));
    },
  }, { highWaterMark: 0 });
  const reader = source.pipeThrough(new FrameDecoderStream(lines()))
    .getReader();
  for (let i = 0; i < 6; i++) await reader.read();
  // Two chunks made the six lines; a pipe may hold two more.
  assertEquals(pulls <= 4, true, `${pulls} chunks were pulled`);
});

test("FrameDecoderStream is a TransformStream", () => {
  assertInstanceOf(new FrameDecoderStream(lines()), TransformStream);
});

test("FrameEncoderStream makes one chunk of every frame", async () => {
  const bytes = streamOf(["one", "", "three"])
    .pipeThrough(new FrameEncoderStream(lines()));
  assertEquals(
    await drain(bytes),
    [[utf8("one\n"), utf8("\n"), utf8("three\n")], undefined],
  );
});

test("FrameEncoderStream gives the frames before a bad one, then its error", async () => {
  const [chunks, error] = await drain(
    streamOf(["one", "t\nwo", "three"])
      .pipeThrough(new FrameEncoderStream(lines())),
  );
  assertEquals(chunks, [utf8("one\n")]);
  assertInstanceOf(error, FrameError);
  assertEquals(error.code, "DELIMITER_IN_FRAME");
});

test("FrameEncoderStream and FrameDecoderStream compose with compression", async () => {
  const texts = Array.from({ length: 500 }, (_, i) => `line ${i} 粘包`);
  const back = streamOf(texts)
    .pipeThrough(new FrameEncoderStream(lines()))
    .pipeThrough(new CompressionStream("gzip"))
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(new FrameDecoderStream(lines()));
  assertEquals(await drain(back), [texts, undefined]);
});

test("FrameDecoderStream.release() gives back the bytes behind the last frame read", async () => {
  for (const cut of everyCut(Uint8Array.of(72, 73, 10, 1, 10, 2, 13, 10))) {
    const greeting = new FrameDecoderStream(lines());
    const reader = streamOf(cut.chunks).pipeThrough(greeting).getReader();
    assertEquals((await reader.read()).value, "HI");
    const rest = greeting.release()
      .pipeThrough(new FrameDecoderStream(lengthPrefixed({ lengthBytes: 1 })));
    assertEquals(
      await drain(rest),
      [[Uint8Array.of(10), Uint8Array.of(13, 10)], undefined],
      cut.name,
    );
    assertEquals((await reader.read()).done, true);
  }
});

test("FrameDecoderStream.release() refuses while a frame is waited for", async () => {
  const greeting = new FrameDecoderStream(lines());
  const source = new ReadableStream<Uint8Array>();
  const reader = source.pipeThrough(greeting).getReader();
  const waiting = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await assertRejects(
    () => Promise.resolve().then(() => greeting.release()),
    TypeError,
  );
  await reader.cancel();
  assertEquals((await waiting).done, true);
});
