import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Connection,
  type Framed,
  framed,
  FrameError,
  lengthPrefixed,
  lines,
  NetError,
} from "../../mod.ts";
import {
  connectedPair,
  type DuplexKind,
  duplexKinds,
  streamPair,
} from "../support/duplexes.ts";

/** Runs a test over each kind of duplex, with lines on both ends. */
function testFramed(
  name: string,
  run: (a: Framed<string>, b: Framed<string>) => Promise<void>,
): void {
  for (const kind of duplexKinds) {
    test(`${name} [${kind.name}]`, () => withFramed(kind, run));
  }
}

async function withFramed(
  kind: DuplexKind,
  run: (a: Framed<string>, b: Framed<string>) => Promise<void>,
): Promise<void> {
  const ends = await kind.make();
  try {
    await run(framed(ends.a, lines()), framed(ends.b, lines()));
  } finally {
    await ends.dispose();
  }
}

async function collect<T>(frames: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

testFramed(
  "send() sends frames that receive() gives back in order",
  async (a, b) => {
    a.send("one");
    a.send("");
    await a.send("three");
    assertEquals(await b.receive(), "one");
    assertEquals(await b.receive(), "");
    assertEquals(await b.receive(), "three");
  },
);

testFramed(
  "receive() answers calls made ahead in their order",
  async (a, b) => {
    const early = [b.receive(), b.receive(), b.receive()];
    await a.send("one");
    a.send("two");
    a.send("three");
    assertEquals(await Promise.all(early), ["one", "two", "three"]);
  },
);

testFramed(
  "receive() returns undefined at the end, again and again",
  async (a, b) => {
    a.send("last");
    await a.closeWrite();
    assertEquals(await b.receive(), "last");
    assertEquals(await b.receive(), undefined);
    assertEquals(await b.receive(), undefined);
  },
);

testFramed(
  "closeWrite() sends what was sent before and lets replies come",
  async (a, b) => {
    for (let i = 0; i < 100; i++) a.send(`line ${i}`);
    await a.closeWrite();
    const all = await collect(b);
    assertEquals(all.length, 100);
    await b.send(`got ${all.length}`);
    await b.closeWrite();
    assertEquals(await collect(a), ["got 100"]);
    assertEquals((await a.closed).error, undefined);
    assertEquals((await b.closed).error, undefined);
  },
);

testFramed(
  "send() throws after closeWrite()",
  async (a, b) => {
    await a.closeWrite();
    const error = assertThrows(() => a.send("late"), NetError);
    assertEquals(error.code, "CONNECTION_CLOSED");
    assertEquals(await b.receive(), undefined);
  },
);

testFramed(
  "the iterator goes on where a loop was left",
  async (a, b) => {
    a.send("one");
    a.send("two");
    await a.send("three");
    for await (const line of b) {
      assertEquals(line, "one");
      break;
    }
    assertEquals(await b.receive(), "two");
    await a.closeWrite();
    assertEquals(await collect(b), ["three"]);
  },
);

testFramed(
  "forEach() waits for what the function returns before the next frame",
  async (a, b) => {
    for (const line of ["one", "two", "three"]) a.send(line);
    await a.closeWrite();
    const log: string[] = [];
    await b.forEach(async (line) => {
      log.push(`begin ${line}`);
      await new Promise((resolve) => setTimeout(resolve, 0));
      log.push(`end ${line}`);
    });
    assertEquals(log, [
      "begin one",
      "end one",
      "begin two",
      "end two",
      "begin three",
      "end three",
    ]);
  },
);

testFramed(
  "forEach() sends what its function sent before it waits for more",
  async (a, b) => {
    const echo = b.forEach((line) => b.send(line));
    for (let i = 0; i < 1000; i++) {
      await a.send(`${i}`);
      assertEquals(await a.receive(), `${i}`);
    }
    await a.closeWrite();
    await echo;
  },
);

testFramed(
  "forEach() rejects with what its function throws and sends what came before",
  async (a, b) => {
    a.send("good");
    await a.send("bad");
    await assertRejects(
      () =>
        b.forEach((line) => {
          if (line === "bad") throw new RangeError("no");
          return b.send(line);
        }),
      RangeError,
      "no",
    );
    assertEquals(await a.receive(), "good");
  },
);

testFramed(
  "a reply leaves while its handler waits for something else",
  async (a, b) => {
    a.send("one");
    await a.send("two");
    let release = () => {};
    const released = new Promise<void>((resolve) => release = resolve);
    const handling = (async () => {
      for await (const line of b) {
        b.send(`got ${line}`);
        // The batch still holds "two": the reply must not wait for it.
        await released;
      }
    })();
    assertEquals(await a.receive(), "got one");
    release();
    assertEquals(await a.receive(), "got two");
    await a.closeWrite();
    await handling;
  },
);

testFramed(
  "readable and writable are the frames as streams",
  async (a, b) => {
    const piping = b.readable.pipeThrough(
      new TransformStream<string, string>({
        transform: (line, controller) => controller.enqueue(line.toUpperCase()),
      }),
    ).pipeTo(b.writable);
    const writer = a.writable.getWriter();
    await writer.write("hello");
    await writer.write("world");
    await writer.close();
    assertEquals(await collect(a.readable), ["HELLO", "WORLD"]);
    await piping;
  },
);

for (const kind of duplexKinds) {
  test(`receive() gives the frames before a bad one, then its error [${kind.name}]`, async () => {
    const ends = await kind.make();
    const writer = ends.a.writable.getWriter();
    const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 });
    const b = framed(ends.b, codec);
    const writing = writer.write(Uint8Array.of(1, 7, 2, 8, 9, 4, 0, 0, 0, 0));
    assertEquals(await b.receive(), Uint8Array.of(7));
    assertEquals(await b.receive(), Uint8Array.of(8, 9));
    for (let i = 0; i < 2; i++) {
      const error = await assertRejects(() => b.receive(), FrameError);
      assertEquals(error.code, "FRAME_TOO_LARGE");
      assertEquals(error.offset, 5);
    }
    await writing;
    await ends.dispose();
  });

  test(`receive() rejects where the stream ends inside a frame [${kind.name}]`, async () => {
    const ends = await kind.make();
    const writer = ends.a.writable.getWriter();
    const b = framed(ends.b, lengthPrefixed());
    const writing = writer.write(Uint8Array.of(0, 0, 0, 5, 1)).then(() =>
      writer.close()
    );
    const error = await assertRejects(() => b.receive(), FrameError);
    assertEquals(error.code, "FRAME_TRUNCATED");
    await writing;
    await ends.dispose();
  });

  test(`abort() tells closed its reason and makes send() and receive() fail [${kind.name}]`, async () => {
    const ends = await kind.make();
    const a = framed(ends.a, lines());
    framed(ends.b, lines());
    const reason = new Error("enough");
    const waiting = a.receive().then(() => "a frame", (error) => error);
    a.abort(reason);
    assertEquals(await a.closed, { by: "local", error: reason });
    assert(await waiting !== "a frame");
    assertThrows(() => a.send("late"));
    await ends.dispose();
  });

  test(`send() asks to be waited for above the high-water mark [${kind.name}]`, async () => {
    const ends = await kind.make();
    const codec = lengthPrefixed();
    const a = framed(ends.a, codec, { highWaterMark: 1000 });
    const b = framed(ends.b, codec);
    assertEquals(a.send(new Uint8Array(900)), undefined);
    // Nobody reads yet: sooner or later the system takes no more.
    let waiting: Promise<void> | undefined;
    let sent = 1;
    const chunk = new Uint8Array(100_000);
    for (; sent < 1000; sent++) {
      waiting = a.send(chunk);
      if (waiting === undefined) continue;
      if (await settled(waiting) === false) break;
    }
    assert(sent < 999, "the sender was never held back");
    assert(a.bufferedBytes > 1000);
    let received = 0;
    const receiving = b.forEach(() => void received++);
    await waiting;
    await a.closeWrite();
    await receiving;
    assertEquals(received, sent + 1);
    await ends.dispose();
  });

  test(`send() throws SEND_BUFFER_FULL when nobody waits [${kind.name}]`, async () => {
    const ends = await kind.make();
    const codec = lengthPrefixed();
    const a = framed(ends.a, codec, { maxSendBuffer: 100_000 });
    framed(ends.b, codec);
    const frame = new Uint8Array(1000);
    const error = assertThrows(() => {
      // Bounded, so that it ends when the cap is missing; on a connection, the
      // system may take some megabytes first.
      for (let i = 0; i < 100_000; i++) a.send(frame);
    }, NetError);
    assertEquals(error.code, "SEND_BUFFER_FULL");
    assert(a.bufferedBytes <= 100_000 + 1004);
    a.abort();
    await ends.dispose();
  });
}

/** Whether a promise settles before the runtime has nothing else to do. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const mark = () => {
    done = true;
  };
  promise.then(mark, mark);
  for (let turn = 0; turn < 50 && !done; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return done;
}

/** An end whose writes are counted and can be held back. */
function countingEnd() {
  const writes: Uint8Array[] = [];
  let feed!: ReadableStreamDefaultController<Uint8Array>;
  const duplex = {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        feed = controller;
      },
    }),
    writable: new WritableStream<Uint8Array>({
      write: (chunk) => {
        writes.push(chunk);
      },
    }),
  };
  return { duplex, writes, feed };
}

test("send() writes once what is sent in the same turn", async () => {
  const { duplex, writes } = countingEnd();
  const frames = framed(duplex, lines());
  for (let i = 0; i < 100; i++) frames.send("x");
  await frames.closeWrite();
  assertEquals(writes.length, 1);
  assertEquals(writes[0]?.length, 200);
});

test("send() awaited in a loop writes once as well", async () => {
  const { duplex, writes } = countingEnd();
  const frames = framed(duplex, lines());
  for (let i = 0; i < 100; i++) await frames.send("x");
  await frames.closeWrite();
  assertEquals(writes.length, 1);
});

for (
  const [name, echo] of Object.entries({
    "forEach()": (frames: Framed<string>) =>
      frames.forEach((line) => frames.send(line)),
    "forEach() with a promise a frame": (frames: Framed<string>) =>
      frames.forEach(async (line) => {
        await frames.send(line);
      }),
    "for await": async (frames: Framed<string>) => {
      for await (const line of frames) await frames.send(line);
    },
  })
) {
  test(`${name} writes once for all the frames of a chunk`, async () => {
    const { duplex, writes, feed } = countingEnd();
    const frames = framed(duplex, lines());
    const echoing = echo(frames);
    const chunk = new TextEncoder().encode("line\n".repeat(200));
    feed.enqueue(chunk);
    feed.enqueue(chunk);
    feed.close();
    await echoing;
    await frames.closeWrite();
    // Two chunks that arrive in one task may be answered together.
    assert(writes.length <= 2, `${writes.length} writes`);
    assertEquals(writes.reduce((sum, { length }) => sum + length, 0), 2000);
  });
}

test("send() writes nothing of a frame that the format refuses", async () => {
  const { duplex, writes } = countingEnd();
  const frames = framed(duplex, lines());
  frames.send("one");
  const error = assertThrows(() => frames.send("t\nwo"), FrameError);
  assertEquals(error.code, "DELIMITER_IN_FRAME");
  frames.send("three");
  await frames.closeWrite();
  assertEquals(writes.map((w) => new TextDecoder().decode(w)), [
    "one\nthree\n",
  ]);
});

test("send() rejects all that wait when the write fails", async () => {
  const failure = new Error("broken");
  const frames = framed(
    {
      readable: new ReadableStream(),
      writable: new WritableStream({
        write: () => Promise.reject(failure),
      }),
    },
    lines(),
    { highWaterMark: 0 },
  );
  await assertRejects(async () => await frames.send("x"), Error, "broken");
  assertThrows(() => frames.send("y"), Error, "broken");
});

test("framed() counts the frames and the chunks they came in", async () => {
  const { duplex, feed } = countingEnd();
  const frames = framed(duplex, lines());
  feed.enqueue(new TextEncoder().encode("a\nb\nc"));
  feed.enqueue(new TextEncoder().encode("\nd\n"));
  feed.close();
  await frames.forEach(() => undefined);
  assertEquals(frames.framesReceived, 4);
  assertEquals(frames.chunksReceived, 2);
});

test("framed() refuses streams that are in use", () => {
  const [a] = streamPair();
  framed(a, lines());
  assertThrows(() => framed(a, lines()), TypeError);
});

test("framed() refuses a connection that is in use", async () => {
  const kind = duplexKinds[0]!;
  const ends = await kind.make();
  framed(ends.a, lines());
  assertThrows(() => framed(ends.a, lines()), TypeError);
  assertThrows(() => ends.a.readable, TypeError);
  void ends.b.readable;
  assertThrows(() => framed(ends.b, lines()), TypeError);
  await ends.dispose();
});

test("framed() gives a connection the addresses of its ends", async () => {
  const [a, b] = await connectedPair();
  assertEquals(framed(a, lines()).localAddress, a.localAddress);
  assertEquals(framed(b, lines()).remoteAddress, a.localAddress);
  a.abort();
  b.abort();
  await Promise.all([a.closed, b.closed]);
});

test("framed() takes any connection, not only ours", async () => {
  const [ours, theirs] = streamPair();
  const localAddress = { transport: "memory", name: "here" } as const;
  const remoteAddress = { transport: "memory", name: "there" } as const;
  const foreign: Connection = {
    ...ours,
    localAddress,
    remoteAddress,
    closed: Promise.resolve({ by: "local" }),
    closeWrite: () => Promise.resolve(),
    close: () => Promise.resolve(),
    abort: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const a = framed(foreign, lines());
  assertEquals(a.localAddress, localAddress);
  assertEquals(a.remoteAddress, remoteAddress);
  await a.send("hello");
  assertEquals(await framed(theirs, lines()).receive(), "hello");
});

testFramed(
  "switchCodec() goes on with another format and loses nothing",
  async (a, b) => {
    // All in one write: the second format's frames come with the first's.
    const codec = lengthPrefixed({ lengthBytes: 1 });
    await a.send("HELLO");
    const binary = a.switchCodec(codec);
    await binary.send(Uint8Array.of(10, 13, 10));
    await binary.send(Uint8Array.of());
    assertEquals(await b.receive(), "HELLO");
    const received = b.switchCodec(codec);
    assertEquals(await received.receive(), Uint8Array.of(10, 13, 10));
    assertEquals(await received.receive(), Uint8Array.of());
    await received.send(Uint8Array.of(7));
    assertEquals(await binary.receive(), Uint8Array.of(7));
    await binary.closeWrite();
    assertEquals(await received.receive(), undefined);
  },
);

testFramed(
  "switchCodec() refuses what is cut in the new format",
  async (a, b) => {
    await a.send("HELLO");
    await a.send("x");
    await a.closeWrite();
    const codec = lengthPrefixed({ lengthBytes: 2 });
    assertEquals(await b.receive(), "HELLO");
    const error = await assertRejects(
      () => b.switchCodec(codec).receive(),
      FrameError,
    );
    assertEquals(error.code, "FRAME_TRUNCATED");
  },
);

/** Bytes that tell their place. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

async function readBytes(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
      .arrayBuffer(),
  );
}

testFramed(
  "sendBytes() and receiveBytes() carry bodies between frames",
  async (a, b) => {
    const body = pattern(300_000);
    const sending = (async () => {
      for (const size of [1000, 70_000, 300_000]) {
        await a.send(`${body.length}`);
        await a.sendBytes(pieces(body, size), body.length);
      }
      await a.send("0");
      await a.sendBytes([], 0);
      await a.closeWrite();
    })();
    const lengths: number[] = [];
    for await (const line of b) {
      const received = await readBytes(b.receiveBytes(Number(line)));
      assertEquals(received, body.subarray(0, Number(line)));
      lengths.push(received.length);
    }
    assertEquals(lengths, [300_000, 300_000, 300_000, 0]);
    await sending;
  },
);

testFramed(
  "receiveBytes() lets the next frame wait until its bytes have been read",
  async (a, b) => {
    a.send("5");
    await a.send("12345after");
    assertEquals(await b.receive(), "5");
    const body = b.receiveBytes(5);
    let next: string | undefined;
    const waiting = b.receive().then((line) => next = line);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(next, undefined);
    assertEquals(await new Response(body).text(), "12345");
    await waiting;
    assertEquals(next, "after");
  },
);

testFramed(
  "receiveBytes() passes over what is left of its bytes when it is cancelled",
  async (a, b) => {
    const body = pattern(200_000);
    const sending = (async () => {
      await a.send("body");
      await a.sendBytes([body], body.length);
      await a.send("after");
    })();
    assertEquals(await b.receive(), "body");
    await b.receiveBytes(body.length).cancel();
    assertEquals(await b.receive(), "after");
    await sending;
  },
);

testFramed(
  "forEach() waits for the bytes that its function asked for",
  async (a, b) => {
    await a.send("3");
    await a.sendBytes([Uint8Array.of(1, 2, 3)], 3);
    await a.send("end");
    await a.closeWrite();
    const seen: unknown[] = [];
    await b.forEach((line) => {
      seen.push(line);
      if (line !== "3") return;
      // Not awaited on purpose.
      void collect(b.receiveBytes(3)).then((chunks) =>
        seen.push(...chunks.flatMap((chunk) => [...chunk]))
      );
    });
    assertEquals(seen, ["3", 1, 2, 3, "end"]);
  },
);

testFramed(
  "receiveBytes() errors where its bytes end too early, and receive() too",
  async (a, b) => {
    a.send("body");
    await a.send("abc");
    await a.closeWrite();
    assertEquals(await b.receive(), "body");
    for (
      const read of [
        () => readBytes(b.receiveBytes(100)),
        () => b.receive(),
      ]
    ) {
      const error = await assertRejects(read, FrameError);
      assertEquals(error.code, "FRAME_TRUNCATED");
    }
  },
);

testFramed(
  "sendBytes() aborts the connection where the length is wrong",
  async (a, b) => {
    const receiving = (async () => {
      for await (const _ of b) { /* until it fails or ends */ }
    })().catch(() => undefined);
    const error = await assertRejects(
      () => a.sendBytes([Uint8Array.of(1, 2)], 3),
      FrameError,
    );
    assertEquals(error.code, "LENGTH_INVALID");
    assertEquals((await a.closed).error, error);
    await receiving;
  },
);

testFramed(
  "send() refuses to come between bytes",
  async (a, b) => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => release = resolve);
    const sending = a.sendBytes(
      (async function* () {
        yield Uint8Array.of(97);
        await gate;
        yield Uint8Array.of(10);
      })(),
      2,
    );
    assertThrows(() => a.send("between"), TypeError);
    release();
    await sending;
    assertEquals(await b.receive(), "a");
  },
);

// Who receives

testFramed(
  "forEach() and receive() take turns, in the order asked",
  async (a, b) => {
    const got: string[] = [];
    const first = b.receive();
    const each = b.forEach((line) => void got.push(line));
    const between = b.receive();
    await a.send("one");
    assertEquals(await first, "one");
    for (const line of ["two", "three", "four"]) await a.send(line);
    await a.closeWrite();
    await each;
    const taken = await between;
    assert(taken !== undefined);
    assertEquals([...got, taken].sort(), ["four", "three", "two"]);
  },
);

testFramed(
  "calls of receive() made later do not overtake those that wait",
  async (a, b) => {
    const got: (string | undefined)[] = [];
    const receive = async () => void got.push(await b.receive());
    const early = [receive().then(receive), receive(), receive()];
    await a.send("1");
    await a.send("2");
    await a.send("3");
    await a.send("4");
    await Promise.all(early);
    assertEquals(got, ["1", "2", "3", "4"]);
  },
);

testFramed(
  "receiveBytes() that is cancelled while it waits leaves the next frame whole",
  async (a, b) => {
    const bytes = b.receiveBytes(10).getReader();
    const reading = bytes.read();
    // The stream asks for bytes in a microtask.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const cancelled = bytes.cancel("enough");
    // The rest of the bytes comes in one chunk with the next frame.
    const pieces = ["aaaaaa", "bbbbnext\n"].map((text) =>
      new TextEncoder().encode(text)
    );
    await a.sendBytes(pieces, 15);
    assertEquals(await b.receive(), "next");
    await cancelled;
    assertEquals((await reading).done, true);
  },
);

// Who sends

testFramed(
  "send() throws once close() or closeWrite() was called",
  async (a, b) => {
    await a.send("said");
    const closing = a.closeWrite();
    const error = assertThrows(() => a.send("lost"), NetError);
    assertEquals(error.code, "CONNECTION_CLOSED");
    await closing;
    assertEquals(await collect(b), ["said"]);
    const ending = b.close();
    assertThrows(() => b.send("lost"), NetError);
    await ending;
  },
);

testFramed(
  "sendBytes() ends with the connection, however silent its source",
  async (a) => {
    let ended = false;
    const silent: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          ended = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const sending = a.sendBytes(silent, 5);
    const reason = new Error("gone");
    a.abort(reason);
    assertEquals(await assertRejects(() => sending), reason);
    assertEquals(ended, true);
  },
);

test("abort() settles what waits for a sink that never takes anything", async () => {
  const { readable } = new TransformStream<Uint8Array, Uint8Array>();
  const writable = new WritableStream<Uint8Array>({
    write: () => new Promise(() => undefined),
  });
  const stuck = framed({ readable, writable }, lines(), { highWaterMark: 0 });
  const sending = Promise.resolve(stuck.send("x"));
  const receiving = stuck.receive();
  const reason = new Error("enough");
  await Promise.resolve();
  stuck.abort(reason);
  assertEquals(await assertRejects(() => sending), reason);
  assertEquals(await assertRejects(() => receiving), reason);
  assertEquals((await stuck.closed).error, reason);
  await stuck.close();
});

test("receive() rejects when the other side of a pair of streams has failed", async () => {
  const { readable } = new TransformStream<Uint8Array, Uint8Array>();
  const broken = new Error("broken");
  const writable = new WritableStream<Uint8Array>({
    write: () => Promise.reject(broken),
  });
  const ends = framed({ readable, writable }, lines());
  const receiving = ends.receive();
  ends.send("x");
  assertEquals(await assertRejects(() => receiving), broken);
  assertEquals((await ends.closed).error, broken);
});

test("receive() rejects with TypeError for chunks that are no bytes", async () => {
  for (const chunk of ["text", 7]) {
    const wrong = new ReadableStream<unknown>({
      start(controller) {
        controller.enqueue(chunk);
        controller.close();
      },
    }) as ReadableStream<Uint8Array>;
    const ends = framed(
      { readable: wrong, writable: new WritableStream() },
      lines(),
    );
    await assertRejects(() => ends.receive(), TypeError, "Uint8Array");
  }
});

test("send() gathers nothing of a frame that cannot be encoded", async () => {
  const [a, b] = streamPair();
  const sender = framed(a, lengthPrefixed());
  const wrong = "text" as unknown as Uint8Array;
  assertThrows(() => sender.send(wrong), TypeError, "Uint8Array");
  await sender.send(Uint8Array.of(1));
  assertEquals(
    await framed(b, lengthPrefixed()).receive(),
    Uint8Array.of(1),
  );
});

testFramed("sendBytes() that is refused harms nothing", async (a, b) => {
  let go: () => void = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  const first = a.sendBytes(
    (async function* () {
      yield new TextEncoder().encode("fi");
      await gone;
      yield new TextEncoder().encode("rst\n");
    })(),
    6,
  );
  await assertRejects(() => a.sendBytes([], 0), TypeError);
  go();
  await first;
  const closing = a.closeWrite();
  await assertRejects(() => a.sendBytes([], 0), NetError);
  await closing;
  assertEquals(await collect(b), ["first"]);
});
