import { test } from "node:test";
import { NetError } from "../../src/net/errors.ts";
import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  ConnectionStreams,
  type StreamedChannel,
} from "../../src/net/connection_streams.ts";
import { type Deferred, deferred } from "../../src/net/deferred.ts";
import { utf8 } from "../support/bytes.ts";

/** A channel that notes what is asked of it, and blocks when it is told to. */
class FakeChannel implements StreamedChannel {
  readonly calls: string[] = [];
  readonly writes: Uint8Array[] = [];
  readonly streams: ConnectionStreams = new ConnectionStreams(this);
  /** Where it is set, writes wait for it. */
  block: Deferred<void> | undefined;

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.writes.push(bytes);
    return this.block?.promise;
  }

  closeWrite(): Promise<void> {
    this.calls.push("closeWrite");
    return Promise.resolve();
  }

  cancelRead(): void {
    this.calls.push("cancelRead");
  }

  abort(reason: unknown): void {
    this.calls.push("abort");
    this.block?.reject(reason);
    this.streams.closed({ by: "remote", error: reason });
  }

  get written(): string {
    const decoder = new TextDecoder();
    return this.writes.map((bytes) => decoder.decode(bytes)).join("|");
  }
}

/** By the end of it, what is gathered has been written. */
async function twoTasks(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What a promise rejects with. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => undefined, (error) => error);
}

test("ConnectionStreams.readable gives the chunks, then the end", async () => {
  const { streams } = new FakeChannel();
  streams.data(utf8("a"));
  streams.data(utf8(""));
  const reader = streams.readable.getReader();
  assertEquals((await reader.read()).value, utf8("a"));
  const waiting = reader.read();
  streams.data(utf8("b"));
  streams.data(utf8("c"));
  streams.end();
  assertEquals((await waiting).value, utf8("b"));
  assertEquals((await reader.read()).value, utf8("c"));
  assertEquals((await reader.read()).done, true);
});

test("ConnectionStreams.readable pauses above 64 KiB unread and resumes when all is read", async () => {
  const channel = new FakeChannel();
  const { streams, calls } = channel;
  const chunk = new Uint8Array(30_000);
  for (let i = 0; i < 4; i++) streams.data(chunk);
  assertEquals(calls, ["pause"]);
  const reader = streams.readable.getReader();
  for (let i = 0; i < 4; i++) await reader.read();
  assertEquals(calls, ["pause"]);
  const waiting = reader.read();
  assertEquals(calls, ["pause", "resume"]);
  streams.data(chunk);
  assertEquals((await waiting).value, chunk);
});

test("ConnectionStreams.readable gives what came before a failure, then its error", async () => {
  const { streams } = new FakeChannel();
  const error = new Error("broken");
  streams.data(utf8("a"));
  streams.data(utf8("b"));
  streams.closed({ by: "remote", error: error });
  streams.data(utf8("c"));
  streams.end();
  const reader = streams.readable.getReader();
  assertEquals((await reader.read()).value, utf8("a"));
  assertEquals((await reader.read()).value, utf8("b"));
  assertEquals(await failureOf(reader.read()), error);
});

test("ConnectionStreams.readable fails a read that waits", async () => {
  const { streams } = new FakeChannel();
  const reading = failureOf(streams.readable.getReader().read());
  await twoTasks();
  const error = new Error("broken");
  streams.closed({ by: "remote", error: error });
  assertEquals(await reading, error);
});

test("ConnectionStreams.readable ends cleanly where a failure comes after the end", async () => {
  const { streams } = new FakeChannel();
  streams.data(utf8("a"));
  streams.end();
  streams.closed({ by: "remote", error: new Error("broken") });
  const reader = streams.readable.getReader();
  assertEquals((await reader.read()).value, utf8("a"));
  assertEquals((await reader.read()).done, true);
});

test("ConnectionStreams.readable drops what comes after it was cancelled", async () => {
  const { streams, calls } = new FakeChannel();
  await streams.readable.cancel();
  streams.data(utf8("a"));
  streams.end();
  streams.closed({ by: "remote", error: new Error("broken") });
  assertEquals(calls, ["cancelRead"]);
});

test("ConnectionStreams.writable gathers what is written in one task", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  await writer.write(utf8("a"));
  await writer.write(utf8(""));
  await Promise.all([writer.write(utf8("b")), writer.write(utf8("c"))]);
  assertEquals(channel.written, "");
  await twoTasks();
  assertEquals(channel.written, "abc");
  await writer.write(utf8("d"));
  await twoTasks();
  assertEquals(channel.written, "abc|d");
});

test("ConnectionStreams.writable lets bytes be changed once they are written", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  const small = utf8("small");
  await writer.write(small);
  small.fill(0);
  await twoTasks();
  assertEquals(channel.written, "small");
  channel.block = deferred<void>();
  const large = new Uint8Array(100_000).fill(1);
  let done = false;
  const writing = writer.write(large).then(() => {
    done = true;
  });
  await twoTasks();
  assertEquals(channel.writes[1], large);
  assertEquals(done, false);
  channel.block.resolve();
  await writing;
});

test("ConnectionStreams.writable keeps the order of small and large chunks", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  const large = new Uint8Array(20_000).fill(1);
  const small = Uint8Array.of(2);
  for (const block of [false, true]) {
    channel.writes.length = 0;
    if (block) channel.block = deferred<void>();
    const writing = [small, large, small, small, large, large, small]
      .map((chunk) => writer.write(chunk));
    const flushed = channel.streams.flushed();
    await twoTasks();
    channel.block?.resolve();
    await Promise.all(writing);
    await flushed;
    const lengths = channel.writes.map(({ length }) => length);
    assertEquals(lengths, [1, 20_000, 2, 20_000, 20_000, 1]);
  }
});

test("ConnectionStreams.writable holds a writer back above 64 KiB", async () => {
  const channel = new FakeChannel();
  channel.block = deferred<void>();
  const writer = channel.streams.writable.getWriter();
  const chunk = new Uint8Array(10_000);
  let written = 0;
  const writing = (async () => {
    for (; written < 20; written++) await writer.write(chunk);
  })();
  await twoTasks();
  await twoTasks();
  // Seven pass the mark and are handed over; six more are gathered meanwhile.
  assertEquals(written, 13);
  assertEquals(channel.writes.map(({ length }) => length), [70_000]);
  channel.block.resolve();
  await writing;
  await channel.streams.flushed();
  const all = channel.writes.reduce((sum, { length }) => sum + length, 0);
  assertEquals(all, 200_000);
});

test("ConnectionStreams.writable waits for all bytes before it is closed", async () => {
  const channel = new FakeChannel();
  channel.block = deferred<void>();
  const writer = channel.streams.writable.getWriter();
  const writing = ["a", "b"].map((chunk) => writer.write(utf8(chunk)));
  const closing = writer.close();
  await twoTasks();
  assertEquals(channel.written, "ab");
  assertEquals(channel.calls, []);
  channel.block.resolve();
  await Promise.all([...writing, closing]);
  assertEquals(channel.calls, ["closeWrite"]);
});

test("ConnectionStreams.writable errors when a write fails later", async () => {
  const channel = new FakeChannel();
  channel.block = deferred<void>();
  const writer = channel.streams.writable.getWriter();
  await writer.write(utf8("a"));
  await twoTasks();
  const error = new Error("broken");
  channel.block.reject(error);
  assertEquals(await failureOf(writer.closed), error);
  assertEquals(await failureOf(writer.write(utf8("b"))), error);
  await channel.streams.flushed();
});

test("ConnectionStreams.writable errors when a write fails at once", async () => {
  for (const length of [1, 100_000]) {
    const channel = new FakeChannel();
    const { streams } = channel;
    const error = new Error("broken");
    channel.write = () => {
      streams.closed({ by: "remote", error });
      return Promise.reject(error);
    };
    const writer = streams.writable.getWriter();
    const writing = failureOf(writer.write(new Uint8Array(length)));
    await streams.flushed();
    assertEquals(await failureOf(writer.closed), error);
    if (length > 1) assertEquals(await writing, error);
    assertEquals(await failureOf(writer.write(utf8("b"))), error);
    await streams.flushed();
  }
});

test("ConnectionStreams.writable fails a writer that is held back", async () => {
  for (const length of [10_000, 100_000]) {
    const channel = new FakeChannel();
    channel.block = deferred<void>();
    const { streams } = channel;
    const writer = streams.writable.getWriter();
    const chunk = new Uint8Array(length);
    const writing = Array.from(
      { length: 20 },
      () => failureOf(writer.write(chunk)),
    );
    const flushed = streams.flushed();
    await twoTasks();
    const error = new Error("broken");
    streams.closed({ by: "remote", error: error });
    assertEquals((await Promise.all(writing)).at(-1), error);
    await flushed;
    assertEquals(await failureOf(writer.closed), error);
    channel.block.resolve();
    await twoTasks();
    assertEquals(channel.writes.length, 1);
  }
});

test("ConnectionStreams.writable aborts while a write is held back", async () => {
  const channel = new FakeChannel();
  channel.block = deferred<void>();
  const writer = channel.streams.writable.getWriter();
  const writing = failureOf(writer.write(new Uint8Array(100_000)));
  await twoTasks();
  const reason = new Error("enough");
  await writer.abort(reason);
  assertEquals(channel.calls, ["abort"]);
  assertEquals(await writing, reason);
});

test("ConnectionStreams.writable hands over what was written before an abort", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  await writer.write(utf8("a"));
  await writer.abort(new Error("enough"));
  assertEquals(channel.written, "a");
  assertEquals(channel.calls, ["abort"]);
});

test("ConnectionStreams.writable errors with TypeError for what is no Uint8Array", async () => {
  for (const wrong of ["text", [1], null, new ArrayBuffer(1)]) {
    const channel = new FakeChannel();
    const writer = channel.streams.writable.getWriter();
    const before = writer.write(utf8("a"));
    const writing = failureOf(writer.write(wrong as unknown as Uint8Array));
    const after = failureOf(writer.write(utf8("b")));
    await before;
    assertInstanceOf(await writing, TypeError);
    assertInstanceOf(await after, TypeError);
    assertInstanceOf(await failureOf(writer.closed), TypeError);
    await channel.streams.flushed();
    assertEquals(channel.written, "a");
  }
});

test("ConnectionStreams.finish() makes later writing reject", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  await writer.write(utf8("a"));
  await channel.streams.finish();
  const writing = failureOf(writer.write(utf8("b")));
  const error = await failureOf(writer.closed);
  assertInstanceOf(error, NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
  assertEquals(await writing, error);
  assertEquals(channel.written, "a");
});

test("ConnectionStreams.flushed() waits for what waits inside the stream", async () => {
  const channel = new FakeChannel();
  const writer = channel.streams.writable.getWriter();
  await channel.streams.flushed();
  const writing = ["a", "b", "c"].map((chunk) => writer.write(utf8(chunk)));
  await channel.streams.flushed();
  assertEquals(channel.written.replaceAll("|", ""), "abc");
  await Promise.all(writing);
  channel.block = deferred<void>();
  await writer.write(utf8("d"));
  let flushed = false;
  const flushing = channel.streams.flushed().then(() => {
    flushed = true;
  });
  await twoTasks();
  assertEquals(flushed, false);
  channel.block.resolve();
  await flushing;
  await writer.close();
  await failureOf(writer.write(utf8("e")));
  await channel.streams.flushed();
});
