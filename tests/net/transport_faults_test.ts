/** Transports that break a rule each: the tests of transports must notice. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type { Transport, TransportSink } from "../../src/net/mod.ts";
import { type TransportPair, transportTests } from "../../src/testing/mod.ts";
import { Pipe } from "../support/pipe.ts";

/** A way to break one end of a connection. */
type Fault = (end: Pipe) => Transport;

/** Lets a sink be changed on its way to the transport. */
function withSink(change: (sink: TransportSink) => TransportSink): Fault {
  return (end) => {
    const open = end.open.bind(end);
    end.open = (sink) => open(change(sink));
    return end;
  };
}

/** A sink like another, but for some of its methods. */
function like(
  sink: TransportSink,
  change: Partial<TransportSink>,
): TransportSink {
  return {
    data: (chunk) => sink.data(chunk),
    end: () => sink.end(),
    fail: (error) => sink.fail(error),
    ...change,
  };
}

const faults: Readonly<Record<string, Fault>> = {
  "tells the end twice": withSink((sink) =>
    like(sink, {
      end() {
        sink.end();
        sink.end();
      },
    })
  ),
  "delivers after the end": withSink((sink) =>
    like(sink, {
      end() {
        sink.end();
        sink.data(Uint8Array.of(1));
      },
    })
  ),
  "tells the end after a failure": withSink((sink) =>
    like(sink, {
      fail(error) {
        sink.fail(error);
        sink.end();
      },
    })
  ),
  "delivers empty chunks": withSink((sink) =>
    like(sink, {
      data(chunk) {
        sink.data(new Uint8Array(0));
        sink.data(chunk);
      },
    })
  ),
  "writes to chunks again": withSink((sink) => {
    let before: Uint8Array | undefined;
    return like(sink, {
      data(chunk) {
        before?.fill(0);
        before = chunk;
        sink.data(chunk);
      },
    });
  }),
  "swallows the end": withSink((sink) => like(sink, { end() {} })),
  "swallows a failure": withSink((sink) => like(sink, { fail() {} })),
  "takes a reset for an end": withSink((sink) => {
    let ended = false;
    return like(sink, {
      end() {
        ended = true;
        sink.end();
      },
      fail() {
        if (!ended) sink.end();
      },
    });
  }),
  "calls the sink inside open()"(end) {
    const open = end.open.bind(end);
    end.open = (sink) => {
      sink.data(Uint8Array.of(0));
      open(sink);
    };
    return end;
  },
  "does not pause"(end) {
    end.pause = () => {};
    return end;
  },
  "loses the last byte of a large write"(end) {
    const write = end.write.bind(end);
    end.write = (bytes) =>
      write(bytes.length > 50_000 ? bytes.subarray(0, -1) : bytes);
    return end;
  },
  "does not take the bytes before it says so"(end) {
    const write = end.write.bind(end);
    end.write = (bytes) => {
      setTimeout(() => write(bytes)?.catch(() => {}), 0);
      return undefined;
    };
    return end;
  },
  "never fails a write"(end) {
    const write = end.write.bind(end);
    end.write = (bytes) => write(bytes)?.catch(() => {});
    return end;
  },
  "does not count what it takes"(end) {
    Object.defineProperty(end, "bytesTaken", { get: () => 0, set() {} });
    return end;
  },
  "goes on telling after close()"(end) {
    end.close = () => void end.closeWrite().catch(() => {});
    return end;
  },
  "tells nobody of abort()"(end) {
    end.abort = () => {};
    return end;
  },
  "closes both ways at closeWrite()"(end) {
    const closeWrite = end.closeWrite.bind(end);
    end.closeWrite = async () => {
      await closeWrite();
      end.close();
    };
    return end;
  },
};

function pairOf(fault: Fault): TransportPair {
  const [a, b] = [new Pipe(), new Pipe()];
  a.peer = b;
  b.peer = a;
  return { a: fault(a), b: fault(b) };
}

/** Which test notices a fault, and what it says. */
const noticed: Readonly<Record<string, readonly [string, string]>> = {
  "tells the end twice": [
    "closeWrite() without any bytes is an end",
    "end() was called twice",
  ],
  "delivers after the end": [
    "closeWrite() without any bytes is an end",
    "after end()",
  ],
  "tells the end after a failure": [
    "abort() is noticed by a peer that writes nothing",
    "after fail()",
  ],
  "delivers empty chunks": [
    "write() delivers bytes both ways",
    "an empty chunk",
  ],
  "writes to chunks again": [
    "data() is given chunks to keep",
    "was written to",
  ],
  "swallows the end": [
    "closeWrite() without any bytes is an end",
    "not done in",
  ],
  "swallows a failure": [
    "abort() is noticed by a peer that writes nothing",
    "not done in",
  ],
  "takes a reset for an end": [
    "abort() cuts what was written, and changes nothing of it",
    "looks like an end",
  ],
  "calls the sink inside open()": [
    "write() delivers bytes both ways",
    "before open() returned",
  ],
  "does not pause": [
    "pause() inside data() stops after one chunk more",
    "after pause()",
  ],
  "loses the last byte of a large write": [
    "write() delivers 8 MiB each way at once",
    "not those written",
  ],
  "does not take the bytes before it says so": [
    "write() leaves the bytes alone, and gives them back",
    "bytes were delivered",
  ],
  "never fails a write": [
    "abort() rejects a write under way",
    "did not reject",
  ],
  "does not count what it takes": [
    "bytesTaken counts all that was written",
    "bytesTaken was 0",
  ],
  "goes on telling after close()": [
    "close() makes write() and closeWrite() reject",
    "did not reject",
  ],
  "tells nobody of abort()": [
    "abort() is noticed by a peer that writes nothing",
    "not done in",
  ],
  "closes both ways at closeWrite()": [
    "closeWrite() lets a late reply through",
    "broken",
  ],
};

for (const [title, fault] of Object.entries(faults)) {
  test(`transportTests() notices a transport that ${title}`, async () => {
    const [name = "", message = ""] = noticed[title] ?? [];
    const runOn = (fault: Fault, timeoutMs: number) => {
      const options = { resets: true, timeoutMs };
      const tests = transportTests(() => pairOf(fault), options);
      const found = tests.find((test) => test.name === name);
      assert(found !== undefined, `there is no test ${name}`);
      return found.run();
    };
    await runOn((end) => end, 20_000);
    const hangs = message === "not done in";
    await assertRejects(
      () => runOn(fault, hangs ? 300 : 20_000),
      Error,
      message,
    );
  });
}

test("transportTests() disposes of each connection, also of a broken one", async () => {
  let made = 0;
  let disposed = 0;
  const tests = transportTests(() => {
    made++;
    const pair = pairOf(withSink((sink) => like(sink, { data() {} })));
    return { ...pair, dispose: () => void disposed++ };
  }, { timeoutMs: 100 });
  await Promise.allSettled(tests.map(({ run }) => run()));
  assert(made >= 20);
  assertEquals(disposed, made);
});
