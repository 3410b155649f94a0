import { NetError } from "../net/errors.ts";
import type { Transport } from "../net/transport.ts";
import {
  aFewTurns,
  ensureClosed,
  type TransportTestBodies,
} from "./context.ts";
import {
  awaitedLater,
  ensure,
  pattern,
  Recorder,
  rejection,
} from "./recorder.ts";

/** The calls that release a transport. */
const RELEASES = ["close", "abort"] as const;

/** How a connection ends: in good order, by a reset, by this side. */
export const endingTests: TransportTestBodies = {
  async "closeWrite() tells the peer of the end, once, after all bytes"(
    { a, b },
  ) {
    new Recorder(a);
    const atB = new Recorder(b);
    const bytes = pattern(300_000, 1);
    await a.write(bytes);
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(bytes);
    await aFewTurns();
    atB.verify();
  },

  async "closeWrite() without any bytes is an end"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(new Uint8Array(0));
  },

  async "closeWrite() lets a late reply through"({ a, b }) {
    const [atA, atB] = [new Recorder(a), new Recorder(b)];
    await a.write(pattern(10, 1));
    await a.closeWrite();
    await atB.until(() => atB.ended);
    await aFewTurns(); // in which nothing may close by itself
    await b.write(pattern(200_000, 2));
    await atA.until(() => atA.length >= 200_000);
    ensure(!atA.ended, "end() was called before the peer closed its side");
    await b.closeWrite();
    await atA.until(() => atA.ended);
    atA.ensureReceived(pattern(200_000, 2));
    await aFewTurns();
    for (const at of [atA, atB]) {
      at.verify();
      ensure(!at.failed, `fail() was called after a clean end: ${at.error}`);
    }
  },

  async "closeWrite() lets a late reply through to a paused peer"({ a, b }) {
    const [atA, atB] = [new Recorder(a), new Recorder(b)];
    await a.closeWrite();
    await atB.until(() => atB.ended);
    a.pause();
    await aFewTurns();
    const reply = pattern(100_000, 1);
    const sending = awaitedLater((async () => {
      await b.write(reply);
      await b.closeWrite();
    })());
    await aFewTurns();
    ensure(!atA.ended, "end() was called before the bytes were delivered");
    a.resume();
    await Promise.all([sending, atA.until(() => atA.ended)]);
    atA.ensureReceived(reply);
  },

  async "close() delivers what was written before"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    const bytes = pattern(100_000, 1);
    await a.write(bytes);
    a.close();
    await atB.until(() => atB.ended);
    atB.ensureReceived(bytes);
  },

  async "close() after both ends have closed their sides is quiet"({ a, b }) {
    const [atA, atB] = [new Recorder(a), new Recorder(b)];
    await Promise.all([a.closeWrite(), b.closeWrite()]);
    await Promise.all([
      atA.until(() => atA.ended),
      atB.until(() => atB.ended),
    ]);
    a.close();
    await aFewTurns();
    atB.verify();
    ensure(!atB.failed, `fail() was called after a clean end: ${atB.error}`);
    b.close();
  },

  ...forBoth(
    "makes write() and closeWrite() reject",
    (release) => async ({ a, b }) => {
      new Recorder(b);
      const atA = new Recorder(a);
      a[release]();
      atA.silence(`after ${release}()`);
      ensureClosed(await rejection(a.write(pattern(5, 1)), "write()"));
      ensureClosed(await rejection(a.closeWrite(), "closeWrite()"));
      await aFewTurns();
      atA.verify();
    },
  ),

  ...forBoth(
    "rejects a write under way",
    (release) => async ({ a, b, maxBytesInFlight }) => {
      new Recorder(a);
      new Recorder(b);
      b.pause();
      const writing = a.write(pattern(maxBytesInFlight + 65_536, 1));
      ensure(writing !== undefined, "write() took more than can be in flight");
      const failed = rejection(writing, "write()");
      await aFewTurns();
      a[release]();
      ensureClosed(await failed);
    },
  ),

  ...forBoth(
    "twice is harmless, before open() too",
    (release) => async ({ a, b }) => {
      const atB = new Recorder(b);
      a[release]();
      a[release]();
      for (const other of RELEASES) a[other]();
      await atB.untilOver();
      b[release]();
      atB.silence(`after ${release}()`);
      a.pause();
      a.resume();
      await aFewTurns();
      atB.verify();
    },
  ),

  ...forBoth(
    "inside data() is the last that is told",
    (release) => async ({ a, b }) => {
      new Recorder(a);
      const atB = new Recorder(b);
      atB.onCall = () => {
        b[release]();
        atB.silence(`after ${release}() inside data()`);
      };
      await writeUntilFailed(a, 1_000_000).catch(() => undefined);
      await atB.until(() => atB.length > 0);
      await aFewTurns();
      atB.verify();
    },
  ),

  ...forBoth(
    "inside end() is the last that is told",
    (release) => async ({ a, b }) => {
      new Recorder(a);
      const atB = new Recorder(b);
      atB.onCall = (name) => {
        if (name !== "end") return;
        b[release]();
        atB.silence(`after ${release}() inside end()`);
      };
      await a.write(pattern(100, 1));
      await a.closeWrite();
      await atB.until(() => atB.ended);
      await aFewTurns();
      atB.verify();
    },
  ),

  ...forBoth(
    "inside fail() is the last that is told",
    (release) => async ({ a, b }) => {
      new Recorder(a);
      const atB = new Recorder(b);
      atB.onCall = () => {
        b[release]();
        atB.silence(`after ${release}() inside a call`);
      };
      a.abort();
      await atB.untilOver();
      await aFewTurns();
      atB.verify();
    },
  ),

  async "abort() is noticed by a peer that writes nothing"({ a, b, resets }) {
    new Recorder(a);
    const atB = new Recorder(b);
    await aFewTurns();
    a.abort();
    await atB.untilOver();
    if (resets) ensureReset(atB.error);
    await aFewTurns();
    atB.verify();
  },

  async "abort() cuts what was written, and changes nothing of it"(
    { a, b, resets },
  ) {
    new Recorder(a);
    const atB = new Recorder(b);
    const bytes = pattern(1_000_000, 1);
    const writing = Promise.resolve(a.write(bytes)).catch(() => undefined);
    await atB.until(() => atB.length > 0);
    a.abort();
    await Promise.all([writing, atB.untilOver()]);
    if (resets) ensure(atB.failed, "abort() looks like an end to the peer");
    atB.ensurePrefix(bytes);
  },

  async "abort() of the peer ends a write that is held back"(
    { a, b, maxBytesInFlight },
  ) {
    const atA = new Recorder(a);
    new Recorder(b);
    b.pause();
    const writing = a.write(pattern(maxBytesInFlight + 65_536, 1));
    const failed = rejection(writing, "write()");
    await aFewTurns();
    b.abort();
    const error = await failed;
    ensure(error instanceof Error, `write() rejected with ${error}`);
    await atA.untilFailed();
    await rejection(a.write(pattern(1, 1)), "write() after fail()");
    await rejection(a.closeWrite(), "closeWrite() after fail()");
  },

  async "a failed write loses nothing that has arrived"({ a, b }) {
    const atA = new Recorder(a);
    const words = pattern(50_000, 1);
    new Recorder(b);
    a.pause();
    await aFewTurns();
    // Where nothing is held on the way, nothing can have arrived.
    if (!await isTaken(b.write(words))) return;
    b.close();
    await writeUntilFailed(a, 50_000_000).catch(() => undefined);
    await aFewTurns();
    a.resume();
    await atA.untilOver();
    atA.ensureReceived(words);
    await atA.untilFailed();
  },

  async "fail() comes after what the peer said last"({ a, b }) {
    const atA = new Recorder(a);
    const words = pattern(30_000, 1);
    new Recorder(b);
    b.pause();
    await aFewTurns();
    // Bytes that the peer does not read make most systems send a reset.
    await isTaken(a.write(pattern(1_000, 2)));
    await b.write(words);
    b.close();
    await atA.untilOver();
    atA.ensureReceived(words);
  },
};

/** The same test for `close` and for `abort`. */
function forBoth(
  title: string,
  body: (release: "close" | "abort") => TransportTestBodies[string],
): TransportTestBodies {
  return Object.fromEntries(
    RELEASES.map((release) => [`${release}() ${title}`, body(release)]),
  );
}

/** Whether a write is done while the other end delivers nothing. */
async function isTaken(writing: Promise<void> | undefined): Promise<boolean> {
  let taken = false;
  const done = () => {
    taken = true;
  };
  if (writing === undefined) return true;
  writing.then(done, () => undefined);
  await aFewTurns();
  return taken;
}

async function writeUntilFailed(
  transport: Transport,
  most: number,
): Promise<void> {
  const chunk = pattern(10_000, 1);
  for (let written = 0; written < most; written += chunk.length) {
    await transport.write(chunk);
    // The peer's answer has to arrive for a write to fail.
    if (written % 100_000 === 0) await aFewTurns();
  }
}

function ensureReset(error: unknown): void {
  const reset = error instanceof NetError && error.code === "CONNECTION_RESET";
  ensure(reset, `Expected CONNECTION_RESET, got ${error}`);
}
