import fc from "fast-check";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  fixedLength,
  framed,
  json,
  type JsonValue,
  lengthPrefixed,
  NetError,
} from "../../mod.ts";
import {
  correlated,
  type CorrelatedOptions,
  MessageError,
  Peer,
  type PeerOptions,
  typed,
} from "../../src/message/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { peerAndFrames, until } from "./support.ts";

/** A frame of a format with ids. */
interface Frame {
  readonly id?: number | string;
  readonly kind: "ask" | "answer" | "part" | "error" | "news";
  readonly body?: number;
}

const codec = json(lengthPrefixed(), {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({ value: value as Frame }),
  },
}) as Codec<Frame>;
const frame = typed<Frame>();
const commands = {
  ask: { input: frame, output: frame },
  news: { input: frame },
};
type Api = typeof commands;
const ask = (body: number): Frame => ({ kind: "ask", body });
const answer = (id: number | string | undefined, body: number): Frame => ({
  id: id!,
  kind: "answer",
  body,
});

/** A peer that speaks of such frames, and those of its other side. */
const peerAndOther = (
  options: PeerOptions<Api> = {},
  more: Partial<CorrelatedOptions<Frame, number | string>> = {},
) =>
  peerAndFrames(
    correlated<Frame, number | string>(codec, {
      idOf: ({ id }) => id,
      withId: (frame, id) => ({ ...frame, id }),
      isReply: ({ kind }) => kind !== "ask",
      errorOf: ({ kind, body }) =>
        kind === "error" ? new MessageError(`E${body}`, "refused") : undefined,
      nameOf: ({ kind }) => kind,
      ...more,
    }),
    options,
  );

/** Counts up to a number, and begins again. */
const upTo = (most: number) => (last: number | string | undefined) =>
  Number(last ?? 0) % most + 1;

test("correlated() finds the request of each reply, in any order", async () => {
  await using pair = peerAndOther();
  const { peer, other } = pair;
  const replies = [1, 2, 3].map((n) => peer.request("ask", ask(n)));
  const asked = [];
  for (let i = 0; i < 3; i++) asked.push((await other.receive())!);
  assertEquals(asked, [1, 2, 3].map((n) => ({ ...ask(n), id: n })));
  for (const { id, body } of asked.reverse()) {
    await other.send(answer(id, body! * 10));
  }
  assertEquals(
    (await Promise.all(replies)).map(({ body }) => body),
    [10, 20, 30],
  );
});

test("correlated() rejects with the error that a reply tells of, and takes frames without an id for events", async () => {
  const news: unknown[] = [];
  await using pair = peerAndOther({
    events: { news: (frame) => void news.push(frame) },
  });
  const { peer, other } = pair;
  const reply = assertRejects(() => peer.request("ask", ask(1)), MessageError);
  await other.receive();
  await other.send({ kind: "news", body: 7 });
  await other.send({ id: 1, kind: "error", body: 4 });
  assertEquals((await reply).code, "E4");
  assertEquals(news, [{ kind: "news", body: 7 }]);
  await peer.emit("news", { kind: "news", body: 8 });
  assertEquals(await other.receive(), { kind: "news", body: 8 });
});

test("correlated() answers requests whichever is done first, and what fails with failed()", async () => {
  const finish: (() => void)[] = [];
  await using pair = peerAndOther({
    handlers: {
      ask: ({ body = 0 }) => {
        if (body === 9) throw new MessageError("E9", "no");
        return new Promise((resolve) => {
          finish.push(() => resolve({ kind: "answer", body: body * 10 }));
          if (finish.length === 3) finish.reverse().forEach((end) => end());
        });
      },
    },
  }, {
    failed: ({ code }) => ({ kind: "error", body: Number(code.slice(1)) }),
  });
  const { other } = pair;
  await other.send({ ...ask(9), id: "x" });
  assertEquals(await other.receive(), { id: "x", kind: "error", body: 9 });
  for (const n of [1, 2, 3]) await other.send({ ...ask(n), id: `r${n}` });
  const replies = [];
  for (let i = 0; i < 3; i++) replies.push(await other.receive());
  assertEquals(replies, [2, 1, 3].map((n) => answer(`r${n}`, n * 10)));
});

test("correlated() ends the connection where a handler fails and the format has no errors", async () => {
  await using pair = peerAndOther();
  await pair.other.send({ ...ask(1), id: 1 });
  const { error } = await pair.peer.closed;
  assertEquals((error as MessageError).code, "NO_HANDLER");
});

test("correlated() counts late, duplicate and foreign replies, and hands them to nobody", async () => {
  const strays: unknown[] = [];
  await using pair = peerAndOther({
    onStray: (kind, reply) => strays.push([kind, (reply as Frame).body]),
  });
  const { peer, other } = pair;
  await assertRejects(
    () => peer.request("ask", ask(1), { timeoutMs: 5 }),
    NetError,
  );
  const second = peer.request("ask", ask(2));
  await other.send(answer(1, 11)); // late
  await other.send(answer(2, 22));
  await other.send(answer(2, 23)); // twice
  await other.send(answer(1, 12)); // late, and twice
  await other.send(answer(77, 0)); // never asked
  assertEquals((await second).body, 22);
  const third = peer.request("ask", ask(3));
  await other.send(answer(3, 33));
  assertEquals((await third).body, 33);
  assertEquals(strays, [
    ["late", 11],
    ["duplicate", 23],
    ["duplicate", 12],
    ["foreign", 0],
  ]);
  assertEquals(peer.stats().strays, { late: 1, duplicate: 2, foreign: 1 });
});

test("correlated() begins again from 1 behind 65,535, and passes over ids in use", async () => {
  await using pair = peerAndOther();
  const { peer, other } = pair;
  const answered = (async () => {
    // The first two are not answered before the ids have come round.
    const kept: Frame[] = [];
    const ids: unknown[] = [];
    for await (const asked of other) {
      if (asked.body! < 2) kept.push(asked);
      else await other.send(answer(asked.id, asked.body!));
      if (asked.body! >= 65_534) ids.push(asked.id);
      if (asked.body === 65_536) break;
    }
    for (const { id, body } of kept) await other.send(answer(id, body!));
    return ids;
  })();
  const kept = [0, 1].map((n) =>
    peer.request("ask", ask(n), { timeoutMs: Infinity })
  );
  for (let n = 2; n < 65_530; n += 256) {
    const all = Array.from(
      { length: Math.min(256, 65_530 - n) },
      (_, i) => peer.request("ask", ask(n + i)),
    );
    const replies = await Promise.all(all);
    assert(replies.every(({ body }, i) => body === n + i));
  }
  for (let n = 65_530; n <= 65_536; n++) {
    assertEquals((await peer.request("ask", ask(n))).body, n);
  }
  assertEquals(await answered, [65_535, 3, 4]);
  assertEquals((await Promise.all(kept)).map(({ body }) => body), [0, 1]);
});

test("correlated() keeps the id of a request that was given up until all others are in use", async () => {
  await using pair = peerAndOther({}, { nextId: upTo(4) });
  const { peer, other } = pair;
  const give = async (n: number) => {
    const stop = new AbortController();
    const given = assertRejects(() =>
      peer.request("ask", ask(n), { signal: stop.signal })
    );
    const { id } = (await other.receive())!;
    stop.abort();
    await given;
    return id;
  };
  const open = (n: number) => {
    const reply = peer.request("ask", ask(n));
    reply.catch(() => undefined);
    return reply;
  };
  const asked = async () => {
    const reply = peer.request("ask", ask(0));
    const { id } = (await other.receive())!;
    await other.send(answer(id, 0));
    await reply;
    return id;
  };
  assertEquals([await give(0), await give(0)], [1, 2]);
  assertEquals([await asked(), await asked(), await asked()], [3, 4, 3]);
  assertEquals(await asked(), 4);
  const first = open(3);
  assertEquals((await other.receive())!.id, 3);
  void open(4);
  assertEquals((await other.receive())!.id, 4);
  // No other is free: the one that was given up first is taken.
  void open(5);
  assertEquals((await other.receive())!.id, 1);
  void open(6);
  assertEquals((await other.receive())!.id, 2);
  const error = await assertRejects(
    () => peer.request("ask", ask(7)),
    MessageError,
  );
  assertEquals(error.code, "TOO_MANY_REQUESTS");
  await other.send(answer(3, 30));
  assertEquals((await first).body, 30);
  void open(8);
  assertEquals((await other.receive())!.id, 3);
});

test("correlated() hands out several replies as a stream, no faster than they are read", async () => {
  await using pair = peerAndOther({}, {
    isLast: ({ kind }) => kind !== "part",
  });
  const { peer, other } = pair;
  const items = peer.stream("ask", ask(1));
  const first = items.next();
  await other.receive();
  for (let body = 0; body < 500; body++) {
    await other.send({ id: 1, kind: "part", body });
  }
  await other.send(answer(1, 500));
  const bodies = [(await first).value?.body];
  for await (const { body } of items) bodies.push(body);
  assertEquals(bodies, Array.from({ length: 501 }, (_, i) => i));

  // One that is left, and one that fails.
  const left = peer.stream("ask", ask(2));
  const next = left.next();
  await other.receive();
  await other.send({ id: 2, kind: "part", body: 1 });
  await next;
  await left.return();
  for (let body = 2; body < 200; body++) {
    await other.send({ id: 2, kind: "part", body });
  }
  await other.send(answer(2, 200));
  const failing = assertRejects(() =>
    Array.fromAsync(peer.stream("ask", ask(3)))
  );
  await other.receive();
  await other.send({ id: 3, kind: "part", body: 1 });
  await other.send({ id: 3, kind: "error", body: 5 });
  assertEquals((await failing as MessageError).code, "E5");
  assertEquals(peer.stats().strays, { late: 1, duplicate: 0, foreign: 0 });
});

test("a handler of correlated() answers with one reply or several, where the format has an end of them", async () => {
  await using pair = peerAndOther({
    handlers: {
      ask: ({ body }) =>
        body === 1 ? { kind: "answer", body: 1 } : (async function* () {
          yield { kind: "part" as const, body: 1 };
          yield { kind: "answer" as const, body: 2 };
        })(),
    },
  }, { isLast: ({ kind }) => kind !== "part" });
  const { other } = pair;
  await other.send({ ...ask(1), id: "a" });
  await other.send({ ...ask(2), id: "b" });
  const replies = [];
  for (let i = 0; i < 3; i++) replies.push(await other.receive());
  await other.send({ ...ask(1), id: "c" });
  replies.push(await other.receive());
  assertEquals(replies, [
    answer("a", 1),
    { id: "b", kind: "part", body: 1 },
    answer("b", 2),
    answer("c", 1),
  ]);
});

test("correlated() hands out the items that wait before the error that ends them", async () => {
  await using pair = peerAndOther({}, {
    isLast: ({ kind }) => kind !== "part",
  });
  const { peer, other } = pair;
  const items = peer.stream("ask", ask(1));
  const first = items.next();
  await other.receive();
  for (let body = 0; body < 200; body++) {
    await other.send({ id: 1, kind: "part", body });
  }
  await other.send({ id: 1, kind: "error", body: 5 });
  // All of them have arrived when the reply to this one has.
  const next = peer.request("ask", ask(2));
  await other.send(answer((await other.receive())!.id, 2));
  await next;
  const bodies = [(await first).value?.body];
  const error = await assertRejects(async () => {
    for await (const { body } of items) bodies.push(body);
  }, MessageError);
  assertEquals(error.code, "E5");
  assertEquals(bodies, Array.from({ length: 200 }, (_, i) => i));
});

test("correlated() hands a duplicate of the last reply to nobody while items wait", async () => {
  const strays: unknown[] = [];
  await using pair = peerAndOther({
    onStray: (_, reply) => strays.push((reply as Frame).body),
  }, { isLast: ({ kind }) => kind !== "part" });
  const { peer, other } = pair;
  const items = peer.stream("ask", ask(1));
  const first = items.next();
  await other.receive();
  for (let body = 0; body < 100; body++) {
    await other.send({ id: 1, kind: "part", body });
  }
  await other.send(answer(1, 100));
  await other.send(answer(1, 101));
  const next = peer.request("ask", ask(2));
  await other.send(answer((await other.receive())!.id, 2));
  await next;
  const bodies = [(await first).value?.body];
  for await (const { body } of items) bodies.push(body);
  assertEquals(bodies, Array.from({ length: 101 }, (_, i) => i));
  assertEquals(strays, [101]);
});

test("correlated() has the id back of a stream that failed, as its reader was slow", async () => {
  await using pair = peerAndOther({}, {
    isLast: ({ kind }) => kind !== "part",
    nextId: upTo(2),
  });
  const { peer, other } = pair;
  const items = peer.stream("ask", ask(1));
  const first = items.next();
  await other.receive();
  for (let body = 0; body <= 10_100; body++) {
    await other.send({ id: 1, kind: "part", body });
  }
  await until(() => peer.stats().framesReceived === 10_101);
  await first;
  const error = await assertRejects(async () => {
    for await (const _ of items);
  }, MessageError);
  assertEquals(error.code, "READER_TOO_SLOW");
  const replies = [2, 3].map((n) => peer.request("ask", ask(n)));
  for (const id of [2, 1]) {
    assertEquals((await other.receive())!.id, id);
    await other.send(answer(id, id));
  }
  assertEquals((await Promise.all(replies)).map(({ body }) => body), [2, 1]);
});

test("correlated() has no streams without isLast", async () => {
  await using pair = peerAndOther();
  const error = await assertRejects(
    () => pair.peer.stream("ask", ask(1)).next(),
    MessageError,
  );
  assertEquals(error.code, "NOT_A_STREAM");
});

test("correlated() takes ids of the program, and one that was given up again", async () => {
  await using pair = peerAndOther({}, {
    nextId: (_, { body }) => `m${body}`,
  });
  const { peer, other } = pair;
  const give = async (n: number) => {
    const stop = new AbortController();
    const given = assertRejects(() =>
      peer.request("ask", ask(n), { signal: stop.signal })
    );
    await other.receive();
    stop.abort();
    await given;
  };
  await give(1);
  await give(2);
  // Not the id of the first one, which was given up before.
  const again = peer.request("ask", ask(2));
  assertEquals((await other.receive())!.id, "m2");
  const third = peer.request("ask", ask(3));
  assertEquals((await other.receive())!.id, "m3");
  const error = await assertRejects(
    () => peer.request("ask", ask(3)),
    MessageError,
  );
  assertEquals(error.code, "TOO_MANY_REQUESTS"); // its id is that of an open one
  await other.send(answer("m3", 30));
  await other.send(answer("m2", 20));
  assertEquals((await again).body, 20);
  assertEquals((await third).body, 30);
});

test("correlated() tells ids apart that are a bigint each", async () => {
  const first = 2n ** 64n - 1n;
  const dialect = correlated<Uint8Array, bigint>(
    fixedLength({ frameLength: 9 }),
    {
      idOf: (bytes) => view(bytes).getBigUint64(0),
      withId(bytes, id) {
        const copy = bytes.slice();
        view(copy).setBigUint64(0, id);
        return copy;
      },
      nextId: (last) => last === undefined ? first : last - 1n,
    },
  );
  const [here, there] = streamPair();
  const peer = new Peer(dialect.open(framed(here, dialect.codec, quick)));
  const other = framed(there, dialect.codec);
  const request = (n: number) =>
    peer.request("ask", frameOf(n) as unknown as JsonValue);
  const replies = [request(1), request(2)];
  const asked = [(await other.receive())!, (await other.receive())!];
  // As numbers, both would be 2 ** 64.
  assertEquals(asked.map((bytes) => view(bytes).getBigUint64(0)), [
    first,
    first - 1n,
  ]);
  for (const bytes of asked.reverse()) await other.send(bytes);
  assertEquals(
    (await Promise.all(replies)).map((bytes) => (bytes as Uint8Array)[8]),
    [1, 2],
  );
  assertEquals(peer.stats().strays, { late: 0, duplicate: 0, foreign: 0 });
  peer.abort();
  other.abort();
  await peer.closed;
});

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset);

/** A frame with the id 0. */
const frameOf = (body: number): Uint8Array =>
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, body);

/** What the other side does with one request. */
interface Fate {
  readonly givenUp: boolean;
  readonly replies: number;
  readonly order: number;
}

const fates: fc.Arbitrary<Fate[]> = fc.array(
  fc.record({
    givenUp: fc.boolean(),
    replies: fc.integer({ min: 0, max: 3 }),
    order: fc.integer(),
  }),
  { minLength: 1, maxLength: 12 },
);

test("correlated() settles every request once, with its own reply, however replies come", async () => {
  await fc.assert(
    fc.asyncProperty(fates, async (fates) => {
      await using pair = peerAndOther({}, { nextId: upTo(16) });
      const { peer, other } = pair;
      const stops = fates.map(() => new AbortController());
      const settled = fates.map(() => 0);
      const outcomes = fates.map((_, n) =>
        peer.request("ask", ask(n), { signal: stops[n]!.signal }).then(
          ({ body }) => body,
          (error) => error,
        ).finally(() => settled[n]!++)
      );
      const asked: Frame[] = [];
      for (const _ of fates) asked.push((await other.receive())!);
      const reason = new Error("enough");
      fates.forEach(({ givenUp }, n) => givenUp && stops[n]!.abort(reason));
      const replies = fates.flatMap(({ replies, order }, n) =>
        Array.from(
          { length: replies },
          (_, i) => ({ order: order * (i + 1), n }),
        )
      ).sort((a, b) => a.order - b.order);
      for (const { n } of replies) await other.send(answer(asked[n]!.id, n));
      await other.closeWrite();
      const got = await Promise.all(outcomes);
      fates.forEach(({ givenUp, replies }, n) => {
        if (givenUp) assertEquals(got[n], reason);
        else if (replies > 0) assertEquals(got[n], n);
        else assertEquals((got[n] as NetError).code, "CONNECTION_CLOSED");
      });
      assertEquals(settled, fates.map(() => 1));
      const late = fates.filter((f) => f.givenUp && f.replies > 0).length;
      const all = fates.reduce((sum, { replies }) => sum + replies, 0);
      const wanted = fates.filter((f) => !f.givenUp && f.replies > 0).length;
      assertEquals(peer.stats().strays, {
        late,
        duplicate: all - late - wanted,
        foreign: 0,
      });
    }),
    { numRuns: 60 },
  );
});
