import type { Transport } from "../net/transport.ts";
import { aFewTurns, type TransportTestBodies } from "./context.ts";
import { awaitedLater, ensure, pattern, Recorder } from "./recorder.ts";

const MiB = 1_048_576;

/** What is delivered, and what holds it back. */
export const deliveryTests: TransportTestBodies = {
  async "write() delivers bytes both ways"({ a, b }) {
    const [atA, atB] = [new Recorder(a), new Recorder(b)];
    await a.write(pattern(100, 1));
    await atB.until(() => atB.length >= 100);
    await b.write(pattern(70, 2));
    await atA.until(() => atA.length >= 70);
    atB.ensureReceived(pattern(100, 1));
    atA.ensureReceived(pattern(70, 2));
  },

  async "write() delivers what was written before the peer's open()"({ a, b }) {
    const bytes = pattern(1_000, 1);
    const atA = new Recorder(a);
    const writing = awaitedLater(a.write(bytes));
    await aFewTurns();
    const atB = new Recorder(b);
    await writing;
    await atB.until(() => atB.length >= bytes.length);
    atB.ensureReceived(bytes);
    atA.verify();
  },

  async "write() delivers pieces of all sizes in order"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    const bytes = pattern(600_000, 3);
    for (let offset = 0, i = 0; offset < bytes.length; i++) {
      const length = i % 10 === 9 ? 70_000 : (i * 37) % 600;
      await a.write(bytes.subarray(offset, offset + length));
      offset += length;
    }
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(bytes);
  },

  async "write() delivers 8 MiB each way at once"({ a, b }) {
    const [atA, atB] = [new Recorder(a), new Recorder(b)];
    const [up, down] = [pattern(8 * MiB, 1), pattern(8 * MiB, 2)];
    const sending = [sendAll(a, up), sendAll(b, down)].map(awaitedLater);
    await Promise.all([
      ...sending,
      atA.until(() => atA.ended),
      atB.until(() => atB.ended),
    ]);
    atB.ensureReceived(up);
    atA.ensureReceived(down);
  },

  async "write() leaves the bytes alone, and gives them back"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    const buffer = new Uint8Array(200_000);
    const expected = new Uint8Array(20 * buffer.length);
    for (let i = 0; i < 20; i++) {
      const bytes = pattern(buffer.length, i);
      buffer.set(bytes);
      expected.set(bytes, i * buffer.length);
      await a.write(buffer);
      const changed = buffer.findIndex((byte, at) => byte !== bytes[at]);
      ensure(changed === -1, "write() changed the bytes it was given");
      buffer.fill(0);
    }
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(expected);
  },

  async "write() takes no bytes without an effect"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    await a.write(new Uint8Array(0));
    await a.write(pattern(3, 1));
    await a.write(new Uint8Array(0));
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(pattern(3, 1));
  },

  async "write() leaves the memory around a view alone"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    const around = pattern(1_000, 1);
    await a.write(around.subarray(100, 900));
    await a.closeWrite();
    await atB.until(() => atB.ended);
    atB.ensureReceived(around.slice(100, 900));
  },

  async "bytesTaken counts all that was written"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    ensure(a.bytesTaken === 0, `bytesTaken began with ${a.bytesTaken}`);
    let written = 0;
    for (const length of [1, 1_000, 3_000_000]) {
      const writing = awaitedLater(a.write(pattern(length, length)));
      const under = a.bytesTaken;
      ensure(
        under >= written && under <= written + length,
        `bytesTaken was ${under} in the write from ${written} on`,
      );
      await writing;
      written += length;
      ensure(
        a.bytesTaken === written,
        `bytesTaken was ${a.bytesTaken} after ${written} bytes were written`,
      );
    }
    await atB.until(() => atB.length >= written);
    ensure(b.bytesTaken === 0, "bytesTaken counted what was received");
  },

  async "data() is given chunks to keep"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    let written = 0;
    for (let i = 0; i < 100; i++) {
      const bytes = pattern(1 + i * 300, i);
      await a.write(bytes);
      written += bytes.length;
      // One at a time, so that they are read one at a time.
      if (i % 3 === 0) await atB.until(() => atB.length >= written);
    }
    await a.closeWrite();
    await atB.until(() => atB.ended);
    ensure(atB.length === written, `${atB.length} of ${written} bytes came`);
  },

  async "pause() holds back a writer that is faster"(
    { a, b, maxBytesInFlight },
  ) {
    new Recorder(a);
    const atB = new Recorder(b);
    b.pause();
    await aFewTurns();
    const chunksBefore = atB.chunks.length;
    const chunk = pattern(65_536, 1);
    const chunks = Math.ceil(maxBytesInFlight / chunk.length) + 16;
    let written = 0;
    const writing = awaitedLater((async () => {
      for (; written < chunks; written++) await a.write(chunk);
      await a.closeWrite();
    })());
    // A plateau that is seen too early does no harm.
    let seen: number;
    do {
      seen = written;
      for (let i = 0; i < 5; i++) await aFewTurns();
    } while (seen !== written);
    ensure(
      written * chunk.length <= maxBytesInFlight,
      `${written * chunk.length} bytes were taken while the peer was paused`,
    );
    ensure(
      atB.chunks.length - chunksBefore <= 1,
      `${atB.chunks.length} chunks were delivered after pause()`,
    );
    b.resume();
    await Promise.all([writing, atB.until(() => atB.ended)]);
    const total = chunks * chunk.length;
    ensure(atB.length === total, `${atB.length} of ${total} bytes came`);
  },

  async "pause() inside data() stops after one chunk more"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    const bytes = pattern(2 * MiB, 1);
    const sending = awaitedLater(sendAll(a, bytes));
    let late = 0;
    let paused = false;
    atB.onCall = () => {
      if (paused) late++;
      paused = true;
      b.pause();
    };
    while (!atB.ended) {
      await atB.until(() => paused);
      await aFewTurns();
      ensure(late <= 1, `${late} chunks were delivered after pause()`);
      if (atB.length > 300_000) atB.onCall = undefined;
      late = 0;
      paused = false;
      const before = atB.chunks.length;
      b.resume();
      ensure(
        atB.chunks.length === before,
        "resume() delivered from inside the call",
      );
      if (atB.onCall === undefined) await atB.until(() => atB.ended);
    }
    await sending;
    atB.ensureReceived(bytes);
  },

  async "pause() and resume() twice are harmless"({ a, b }) {
    new Recorder(a);
    const atB = new Recorder(b);
    b.resume();
    b.pause();
    b.pause();
    b.resume();
    b.resume();
    await a.write(pattern(10, 1));
    await atB.until(() => atB.length >= 10);
    atB.ensureReceived(pattern(10, 1));
  },
};

async function sendAll(transport: Transport, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 100_000) {
    await transport.write(bytes.subarray(offset, offset + 100_000));
  }
  await transport.closeWrite();
}
