import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { StreamsTransport } from "../../src/net/adapters/streams.ts";
import { NetError } from "../../src/net/mod.ts";
import { ensureClosed } from "../../src/testing/context.ts";
import { Recorder } from "../../src/testing/recorder.ts";

/** A source that gives chunks and then ends, fails, or waits for ever. */
function source(
  chunks: readonly unknown[],
  then: "end" | "wait" | { error: unknown },
): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<unknown>({
    pull(controller): Promise<void> | undefined {
      if (next < chunks.length) controller.enqueue(chunks[next++]);
      else if (then === "end") controller.close();
      else if (then !== "wait") controller.error(then.error);
      else return new Promise(() => {});
      return undefined;
    },
    cancel: () => new Promise(() => {}),
  }, { highWaterMark: 0 }) as ReadableStream<Uint8Array>;
}

const hangs = { write: () => new Promise<void>(() => {}) };

test("StreamsTransport fails with the readable's own error, after its chunks", async () => {
  const error = new Error("broken");
  const transport = new StreamsTransport({
    readable: source([Uint8Array.of(1), Uint8Array.of(2)], { error }),
    writable: new WritableStream(),
  });
  const sink = new Recorder(transport);
  await sink.untilFailed();
  sink.ensureReceived(Uint8Array.of(1, 2));
  assertEquals(sink.error, error);
  for (const call of ["write", "closeWrite"] as const) {
    const failed = assertRejects(async () => {
      await transport[call](Uint8Array.of(1));
    });
    assertEquals(await failed, error);
  }
  transport.abort();
});

test("StreamsTransport fails with the writable's own error, after what has arrived", async () => {
  const error = new Error("broken");
  const transport = new StreamsTransport({
    readable: source([Uint8Array.of(1), Uint8Array.of(2)], "wait"),
    writable: new WritableStream({
      write() {
        throw error;
      },
    }),
  });
  const sink = new Recorder(transport);
  const writing = assertRejects(async () => {
    await transport.write(Uint8Array.of(9));
  });
  assertEquals(await writing, error);
  await sink.untilFailed();
  sink.ensureReceived(Uint8Array.of(1, 2));
  assertEquals(sink.error, error);
  transport.abort();
});

test("StreamsTransport fails when its writable does, without a write", async () => {
  let controller: WritableStreamDefaultController | undefined;
  const transport = new StreamsTransport({
    readable: source([], "wait"),
    writable: new WritableStream({
      start(given) {
        controller = given;
      },
    }),
  });
  const sink = new Recorder(transport);
  const error = new Error("gone");
  controller?.error(error);
  await sink.untilFailed();
  assertEquals(sink.error, error);
  transport.close();
});

test("StreamsTransport fails with TypeError for chunks that are no bytes", async () => {
  for (const chunk of ["text", 1, {}, null]) {
    const transport = new StreamsTransport({
      readable: source([Uint8Array.of(1), chunk], "end"),
      writable: new WritableStream(),
    });
    const sink = new Recorder(transport);
    await sink.untilFailed();
    sink.ensureReceived(Uint8Array.of(1));
    assert(sink.error instanceof TypeError);
    assert(sink.error.message.startsWith(
      "Cannot decode the stream: expected chunks of Uint8Array, got ",
    ));
    transport.abort();
  }
});

test("StreamsTransport takes chunks of ArrayBuffer and of any view", async () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4);
  const chunks = [
    buffer,
    new DataView(buffer, 1, 2),
    new Uint16Array(buffer, 2, 1),
    Buffer.from([5]),
  ];
  const transport = new StreamsTransport({
    readable: source(chunks, "end"),
    writable: new WritableStream(),
  });
  const sink = new Recorder(transport);
  await sink.until(() => sink.ended);
  sink.ensureReceived(Uint8Array.of(1, 2, 3, 4, 2, 3, 3, 4, 5));
  transport.abort();
});

for (const release of ["close", "abort"] as const) {
  test(`StreamsTransport.${release}() rejects a write that never settles`, async () => {
    const transport = new StreamsTransport({
      readable: source([], "wait"),
      writable: new WritableStream(hangs),
    });
    new Recorder(transport);
    const writing = assertRejects(async () => {
      await transport.write(Uint8Array.of(1));
    }, NetError);
    transport[release]();
    ensureClosed(await writing);
  });

  test(`StreamsTransport.${release}() rejects a closeWrite() that never settles`, async () => {
    const transport = new StreamsTransport({
      readable: source([], "wait"),
      writable: new WritableStream({ close: () => new Promise(() => {}) }),
    });
    new Recorder(transport);
    const closing = assertRejects(() => transport.closeWrite(), NetError);
    transport[release]();
    ensureClosed(await closing);
  });
}

test("StreamsTransport.close() closes and cancels the streams", async () => {
  let transport: StreamsTransport | undefined;
  const cancelled = new Promise<void>((cancel) => {
    transport = new StreamsTransport({
      readable: new ReadableStream({ cancel: () => cancel() }),
      writable: new WritableStream({ close: () => closed() }),
    });
  });
  let closed = () => {};
  const closing = new Promise<void>((resolve) => closed = resolve);
  assert(transport !== undefined);
  new Recorder(transport);
  transport.close();
  await Promise.all([cancelled, closing]);
});

test("StreamsTransport.abort() gives its reason to the streams", async () => {
  const reasons: unknown[] = [];
  const transport = new StreamsTransport({
    readable: new ReadableStream({
      cancel: (reason) => void reasons.push(reason),
    }),
    writable: new WritableStream({
      abort: (reason) => void reasons.push(reason),
    }),
  });
  new Recorder(transport);
  transport.abort();
  await undefined;
  assertEquals(reasons.length, 2);
  reasons.forEach(ensureClosed);
});

test("StreamsTransport takes the addresses of its streams", () => {
  const nowhere = { transport: "memory", name: "" } as const;
  const streams = () => ({
    readable: source([], "wait"),
    writable: new WritableStream<Uint8Array>(),
  });
  const plain = new StreamsTransport(streams());
  assertEquals(plain.localAddress, nowhere);
  assertEquals(plain.remoteAddress, nowhere);
  const localAddress = { transport: "tcp", hostname: "::1", port: 1 } as const;
  const named = new StreamsTransport({ ...streams(), localAddress });
  assertEquals(named.localAddress, localAddress);
  assertEquals(named.remoteAddress, nowhere);
});

test("StreamsTransport throws TypeError for a locked stream, and locks neither", () => {
  const readable = source([], "wait");
  const writable = new WritableStream<Uint8Array>();
  const writer = writable.getWriter();
  let thrown: unknown;
  try {
    new StreamsTransport({ readable, writable });
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof TypeError);
  assert(!readable.locked);
  writer.releaseLock();
});
