import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
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

/** By the end of it, all that can go on without a new event has done so. */
function aTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
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
  let source!: ReadableStream<Uint8Array>;
  const cancelled = new Promise((resolve) => {
    source = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(Uint8Array.of(255, 255, 255, 255)),
      cancel: resolve,
    });
  });
  const [, error] = await drain(
    source.pipeThrough(new FrameDecoderStream(lengthPrefixed())),
  );
  assertInstanceOf(error, FrameError);
  assertEquals(await cancelled, error);
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
  // Two chunks made the six lines; two may wait, and a pipe may hold one more.
  assertEquals(pulls <= 5, true, `${pulls} chunks were pulled`);
});

test("FrameDecoderStream is a TransformStream", () => {
  assertInstanceOf(new FrameDecoderStream(lines()), TransformStream);
});

test("FrameDecoderStream takes every kind of BufferSource", async () => {
  const bytes = utf8("one\ntwo\nthree\nfour\n");
  const chunks: (ArrayBuffer | ArrayBufferView)[] = [
    bytes.slice(0, 4).buffer,
    new DataView(bytes.buffer, bytes.byteOffset + 4, 4),
    new Uint16Array(bytes.slice(8, 14).buffer),
    bytes.subarray(14),
  ];
  const frames = streamOf(chunks).pipeThrough(new FrameDecoderStream(lines()));
  assertEquals(
    await drain(frames),
    [["one", "two", "three", "four"], undefined],
  );
});

test("FrameDecoderStream errors with TypeError for other chunks, after the frames before", async () => {
  for (const wrong of ["text", 7, [1], null]) {
    const chunks = [utf8("one\ntwo\n"), wrong as unknown as Uint8Array];
    const [frames, error] = await drain(
      streamOf(chunks).pipeThrough(new FrameDecoderStream(lines())),
    );
    assertEquals(frames, ["one", "two"]);
    assertInstanceOf(error, TypeError);
  }
});

test("FrameDecoderStream ends a write when its frames have been read", async () => {
  const stream = new FrameDecoderStream(lines());
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  let written = false;
  const writing = writer.write(utf8("a\nb\n")).then(() => {
    written = true;
  });
  assertEquals((await reader.read()).value, "a");
  await aTask();
  assertEquals(written, false);
  assertEquals((await reader.read()).value, "b");
  const waiting = reader.read();
  await writing;
  await writer.close();
  assertEquals((await waiting).done, true);
});

test("FrameDecoderStream ends a write that is under way when it is cancelled", async () => {
  const stream = new FrameDecoderStream(lines());
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const writing = writer.write(utf8("a\nb\n"));
  assertEquals((await reader.read()).value, "a");
  const reason = new Error("enough");
  await reader.cancel(reason);
  await writing.catch((error) => assertEquals(error, reason));
  assertEquals(await writer.closed.catch((error) => error), reason);
});

test("FrameDecoderStream gives the frames before an abort, then its reason", async () => {
  const stream = new FrameDecoderStream(lines());
  const writer = stream.writable.getWriter();
  const writing = writer.write(utf8("a\nb\nc"));
  await aTask(); // in which the write begins
  const reason = new Error("broken");
  const aborting = writer.abort(reason);
  assertEquals(await drain(stream.readable), [["a", "b"], reason]);
  await Promise.allSettled([writing, aborting]);
});

test("FrameDecoderStream with batches gives arrays for every cut", async () => {
  for (const cut of everyCut(utf8("one\r\n\ntwo\nthree"))) {
    const [batches, error] = await drain(
      streamOf(cut.chunks)
        .pipeThrough(new FrameDecoderStream(lines(), { batches: true })),
    );
    assertEquals(batches.flat(), ["one", "", "two", "three"], cut.name);
    assertEquals(batches.every((batch) => batch.length > 0), true);
    assertEquals(error, undefined);
  }
});

test("FrameDecoderStream with batches gives the frames of one chunk at once", async () => {
  const chunks = [utf8("a\nb\nc"), utf8("d"), utf8("\n")];
  const batches: ReadableStream<string[]> = streamOf(chunks)
    .pipeThrough(new FrameDecoderStream(lines(), { batches: true }));
  assertEquals(await drain(batches), [[["a", "b"], ["cd"]], undefined]);
});

test("FrameDecoderStream with batches bounds what one holds", async () => {
  const chunk = new Uint8Array(40 * 8_000);
  for (let i = 7_999; i < chunk.length; i += 8_000) chunk[i] = 10;
  const [batches] = await drain(
    streamOf([chunk])
      .pipeThrough(new FrameDecoderStream(lines(), { batches: true })),
  );
  assertEquals(batches.flat().length, 40);
  assertEquals(Math.max(...batches.map((batch) => batch.length)), 9);
});

test("FrameDecoderStream with batches gives the frames before a bad one, then its error", async () => {
  const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 });
  for (const cut of everyCut(Uint8Array.of(1, 7, 2, 8, 9, 4, 0, 0, 0, 0))) {
    const [batches, error] = await drain(
      streamOf(cut.chunks)
        .pipeThrough(new FrameDecoderStream(codec, { batches: true })),
    );
    assertEquals(batches.flat(), [Uint8Array.of(7), Uint8Array.of(8, 9)]);
    assertInstanceOf(error, FrameError, cut.name);
    assertEquals(error.code, "FRAME_TOO_LARGE");
  }
});

test("FrameEncoderStream makes one chunk of frames written together", async () => {
  const stream = new FrameEncoderStream(lines());
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  for (const turns of [0, 1]) {
    const reading = reader.read();
    const writing: Promise<void>[] = [];
    for (const frame of ["one", "", "three"]) {
      writing.push(writer.write(frame));
      if (turns > 0) await writing.at(-1);
    }
    assertEquals((await reading).value, utf8("one\n\nthree\n"));
    await Promise.all(writing);
  }
});

test("FrameEncoderStream makes a chunk of each frame written on its own", async () => {
  const stream = new FrameEncoderStream(lines());
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  for (const frame of ["one", "two"]) {
    const reading = reader.read();
    await writer.write(frame);
    assertEquals((await reading).value, utf8(frame + "\n"));
  }
  await writer.close();
  assertEquals((await reader.read()).done, true);
});

test("FrameEncoderStream gives all it has gathered before it ends", async () => {
  const stream = new FrameEncoderStream(lines());
  const writer = stream.writable.getWriter();
  const writing = ["one", "two"].map((frame) => writer.write(frame));
  const closing = writer.close();
  assertEquals(
    await drain(stream.readable),
    [[utf8("one\ntwo\n")], undefined],
  );
  await Promise.all([...writing, closing]);
});

test("FrameEncoderStream holds back a writer whose chunks are not read", async () => {
  const stream = new FrameEncoderStream(lines());
  const writer = stream.writable.getWriter();
  const frame = "x".repeat(9_999);
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 100; i++) {
      await writer.write(frame);
      written++;
    }
    await writer.close();
  })();
  await aTask();
  assertEquals(written, 6); // the seventh passes the mark of 64 KiB
  const [chunks, error] = await drain(stream.readable);
  assertEquals(error, undefined);
  assertEquals(chunks.reduce((sum, { length }) => sum + length, 0), 1_000_000);
  assertEquals(chunks.every(({ length }) => length % 10_000 === 0), true);
  await writing;
});

test("FrameEncoderStream gives the frames before an abort, then its reason", async () => {
  const stream = new FrameEncoderStream(lines());
  const writer = stream.writable.getWriter();
  await writer.write("one");
  const reason = new Error("broken");
  await writer.abort(reason);
  assertEquals(await drain(stream.readable), [[utf8("one\n")], reason]);
});

test("FrameEncoderStream fails its writer when it is cancelled", async () => {
  const stream = new FrameEncoderStream(lines());
  const writer = stream.writable.getWriter();
  await writer.write("one");
  const writing = writer.write("x".repeat(100_000));
  const reason = new Error("enough");
  await stream.readable.cancel(reason);
  await writing.catch((error) => assertEquals(error, reason));
  assertEquals(await writer.closed.catch((error) => error), reason);
  assertEquals(await writer.write("two").catch((error) => error), reason);
});

test("FrameEncoderStream with batches makes one chunk of an array", async () => {
  const bytes = streamOf([["one", "two"], [], ["three"]])
    .pipeThrough(new FrameEncoderStream(lines(), { batches: true }));
  assertEquals(
    await drain(bytes),
    [[utf8("one\ntwo\n"), utf8("three\n")], undefined],
  );
});

test("FrameEncoderStream with batches gives the frames before a bad one, then its error", async () => {
  const [chunks, error] = await drain(
    streamOf([["one"], ["two", "t\nhree", "four"], ["five"]])
      .pipeThrough(new FrameEncoderStream(lines(), { batches: true })),
  );
  assertEquals(chunks, [utf8("one\n"), utf8("two\n")]);
  assertInstanceOf(error, FrameError);
  assertEquals(error.code, "DELIMITER_IN_FRAME");
});

test("FrameEncoderStream with batches takes nothing but arrays", async () => {
  const [chunks, error] = await drain(
    streamOf([["one"], "two" as unknown as string[]])
      .pipeThrough(new FrameEncoderStream(lines(), { batches: true })),
  );
  assertEquals(chunks, [utf8("one\n")]);
  assertInstanceOf(error, TypeError);
});

test("FrameDecoderStream and FrameEncoderStream pass batches on", async () => {
  const texts = Array.from({ length: 5_000 }, (_, i) => `line ${i}`);
  const bytes = utf8(texts.join("\n") + "\n");
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 1_000) {
    chunks.push(bytes.subarray(at, at + 1_000));
  }
  const back = streamOf(chunks)
    .pipeThrough(new FrameDecoderStream(lines(), { batches: true }))
    .pipeThrough(new FrameEncoderStream(lines(), { batches: true }))
    .pipeThrough(new FrameDecoderStream(lines()))
    .pipeThrough(new FrameEncoderStream(lines()));
  assertEquals(new Uint8Array(await new Response(back).arrayBuffer()), bytes);
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

test("FrameDecoderStream.release() gives back the frames that were decoded and not read", async () => {
  const texts = Array.from({ length: 300 }, (_, i) => `line ${i}`);
  const bytes = utf8(texts.map((text) => `${text}\n`).join(""));
  for (const taken of [1, 15, 16, 17, 18, 80, 81, 82, 150, 299, 300]) {
    for (const size of [1, 100, 1_000, bytes.length]) {
      const chunks = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, i) => bytes.subarray(i * size, (i + 1) * size),
      );
      const decoding = new FrameDecoderStream(lines());
      const reader = streamOf(chunks).pipeThrough(decoding).getReader();
      const read: unknown[] = [];
      while (read.length < taken) read.push((await reader.read()).value);
      const rest = decoding.release()
        .pipeThrough(new FrameDecoderStream(lines()));
      read.push(...(await drain(rest))[0]);
      assertEquals(read, texts, `${taken} of chunks of ${size}`);
      const after = await reader.read().catch((error) => error);
      assert(after instanceof TypeError || after.done === true);
      if (taken <= 16) assertEquals(after.done, true);
    }
  }
});

test("FrameDecoderStream does not take the next chunk before the frames of one have been read", async () => {
  const decoding = new FrameDecoderStream(lines());
  const writer = decoding.writable.getWriter();
  const reader = decoding.readable.getReader();
  let isDone = false;
  const writing = writer.write(utf8("x\n".repeat(100))).then(() => {
    isDone = true;
  });
  for (let i = 0; i < 99; i++) await reader.read();
  await aTask();
  assertEquals(isDone, false);
  await reader.read();
  const next = reader.read();
  await writing;
  await writer.close();
  assertEquals((await next).done, true);
});

test("FrameDecoderStream gives the frames before a bad one first when many come together", async () => {
  const good = new Uint8Array(101 * 2).map((_, i) => i % 2 === 0 ? 1 : i / 2);
  const bytes = Uint8Array.of(...good, 9, ...good);
  const stream = streamOf([bytes]).pipeThrough(
    new FrameDecoderStream(
      lengthPrefixed({ lengthBytes: 1, maxFrameLength: 8 }),
    ),
  );
  const [frames, error] = await drain(stream);
  assertEquals(frames.length, 101);
  assert(error instanceof FrameError);
  assertEquals(error.offset, 202);
});

test("FrameDecoderStream.release() refuses while a frame is waited for", async () => {
  const greeting = new FrameDecoderStream(lines());
  const source = new ReadableStream<Uint8Array>();
  const reader = source.pipeThrough(greeting).getReader();
  const waiting = reader.read();
  await aTask();
  await assertRejects(
    () => Promise.resolve().then(() => greeting.release()),
    TypeError,
  );
  await reader.cancel();
  assertEquals((await waiting).done, true);
});

test("FrameDecoderStream.release() passes on what is written later", async () => {
  const greeting = new FrameDecoderStream(lines());
  const writer = greeting.writable.getWriter();
  const reader = greeting.readable.getReader();
  const first = writer.write(utf8("HELLO\nab"));
  assertEquals((await reader.read()).value, "HELLO");
  const bytes = greeting.release();
  const rest = drain(bytes);
  await first;
  await writer.write(utf8("cd").buffer);
  await writer.write(utf8("ef"));
  await writer.close();
  assertEquals(await rest, [[utf8("ab"), utf8("cd"), utf8("ef")], undefined]);
});

test("FrameDecoderStream.release() gives the bytes before an abort, then its reason", async () => {
  const greeting = new FrameDecoderStream(lines());
  const writer = greeting.writable.getWriter();
  const reader = greeting.readable.getReader();
  const first = writer.write(utf8("HELLO\nab"));
  assertEquals((await reader.read()).value, "HELLO");
  const bytes = greeting.release();
  const reason = new Error("broken");
  const aborting = writer.abort(reason);
  assertEquals(await drain(bytes), [[utf8("ab")], reason]);
  await Promise.allSettled([first, aborting]);
});

test("FrameDecoderStream.release() cancels its source with the bytes", async () => {
  const greeting = new FrameDecoderStream(lines());
  const writer = greeting.writable.getWriter();
  const reader = greeting.readable.getReader();
  const first = writer.write(utf8("HELLO\nab"));
  assertEquals((await reader.read()).value, "HELLO");
  const reason = new Error("enough");
  await greeting.release().cancel(reason);
  await first.catch((error) => assertEquals(error, reason));
  assertEquals(await writer.closed.catch((error) => error), reason);
});

test("FrameDecoderStream.release() works where all the bytes have been written", async () => {
  const greeting = new FrameDecoderStream(lines());
  const writer = greeting.writable.getWriter();
  const reader = greeting.readable.getReader();
  const written = [writer.write(utf8("A\n")), writer.write(utf8("B\nrest"))];
  assertEquals((await reader.read()).value, "A");
  assertEquals((await reader.read()).value, "B");
  const closing = writer.close();
  assertEquals(await drain(greeting.release()), [[utf8("rest")], undefined]);
  await Promise.all([...written, closing]);
});
