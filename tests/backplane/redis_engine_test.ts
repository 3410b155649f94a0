import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Redis } from "ioredis";
import { test } from "node:test";
import type { BackplaneState, Engine } from "../../src/backplane/mod.ts";
import {
  type RedisConnection,
  redisEngine,
  type RedisLike,
} from "../../src/backplane/redis/mod.ts";
import { REDIS_MAX_MESSAGE_LENGTH } from "../../src/defaults.ts";
import { NetError } from "../../src/net/errors.ts";
import { noRedis, RedisServer } from "../support/redis_server.ts";

const options = { skip: noRedis };

/** Names that a server or a client may take apart. */
const NAMES = ["", "a b", "a:b", "{a}b", "*?[x]", "\r\n\0", "\ufeff你好 👋"];

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const textsOf = (messages: readonly { readonly bytes: Uint8Array }[]) =>
  messages.map(({ bytes }) => decode(bytes));

/** An engine that is closed at the end of the block. */
async function engineOf(
  server: RedisServer,
  more: { maxTopicBytes?: number } = {},
): Promise<Engine & AsyncDisposable> {
  const engine = await redisEngine({ client: server.client(), ...more });
  return Object.assign(engine, {
    [Symbol.asyncDispose]: () => engine.close(),
  });
}

/** Resolves when an engine has a state. */
function reached(engine: Engine, state: BackplaneState): Promise<void> {
  if (engine.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = engine.onState((now) => {
      if (now !== state) return;
      stop();
      resolve();
    });
  });
}

/** Values that arrive, and can be waited for. */
class Arrivals<T> {
  readonly all: T[] = [];
  #arrived: () => void = () => {};

  readonly add = (value: T): void => {
    this.all.push(value);
    this.#arrived();
  };

  /** All values, when there are so many. */
  async first(count: number): Promise<readonly T[]> {
    while (this.all.length < count) {
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
    return this.all;
  }
}

const isUnavailable = (error: unknown) =>
  error instanceof NetError && error.code === "UNAVAILABLE";

async function assertUnavailable(promise: Promise<unknown>): Promise<void> {
  const error = await assertRejects(() => promise);
  assert(isUnavailable(error), String(error));
}

test(
  "redisEngine() sends bytes to all that listen, in order",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using a = await engineOf(server);
    await using b = await engineOf(server);
    assertEquals([a.state, b.state], ["up", "up"]);
    for (const name of NAMES) {
      const own = new Arrivals<Uint8Array>();
      const other = new Arrivals<Uint8Array>();
      await a.listen(name, own.add);
      await b.listen(name, other.add);
      const bytes = new Uint8Array(258).map((_, i) => i);
      a.send(name, bytes.subarray(1, 257));
      bytes.fill(0);
      for (let i = 0; i < 100; i++) a.send(name, new Uint8Array([i]));
      for (const arrivals of [own, other]) {
        const [first, ...rest] = await arrivals.first(101);
        assertEquals(first, new Uint8Array(256).map((_, i) => i + 1));
        assertEquals(rest.map(([i]) => i), [...Array(100).keys()], name);
      }
    }
  },
);

test(
  "redisEngine() stops listening when the last listener of a channel is removed",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    const client = server.client();
    const count = async () =>
      (await client.pubsub("NUMSUB", "framewire:channel:a"))[1];
    const kept = new Arrivals<string>();
    const removed = new Arrivals<string>();
    const stop = await engine.listen(
      "a",
      (bytes) => removed.add(decode(bytes)),
    );
    const stopKept = await engine.listen("a", (b) => kept.add(decode(b)));
    stop();
    stop();
    engine.send("a", encode("1"));
    assertEquals(await kept.first(1), ["1"]);
    assertEquals(removed.all, []);
    assertEquals(await count(), 1);
    stopKept();
    const again = new Arrivals<string>();
    await engine.listen("a", (bytes) => again.add(decode(bytes)));
    engine.send("a", encode("2"));
    assertEquals(await again.first(1), ["2"]);
    assertEquals(kept.all, ["1"]);
    (await engine.listen("b", () => {}))();
    // What is listened at after it shows that the end has reached the server.
    await engine.listen("c", () => {});
    const channels = await client.pubsub("CHANNELS") as string[];
    assertEquals(channels.sort(), [
      "framewire:channel:a",
      "framewire:channel:c",
    ]);
  },
);

test(
  "redisEngine() adds what two nodes append in one order for both",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using a = await engineOf(server);
    await using b = await engineOf(server);
    for (const topic of NAMES.slice(-2)) {
      const [atA, atB] = [new Arrivals<string>(), new Arrivals<string>()];
      for (const [engine, arrivals] of [[a, atA], [b, atB]] as const) {
        await engine.watch(topic, ({ bytes, offset, previous }) => {
          arrivals.add(`${previous} ${offset} ${decode(bytes)}`);
        });
      }
      const offsets = await Promise.all(
        Array.from({ length: 200 }, (_, i) => {
          return (i % 2 ? a : b).append(topic, encode(`${i}`), undefined);
        }),
      );
      assertEquals(await atA.first(200), await atB.first(200));
      const { messages, end, recovered } = await a.read(
        topic,
        undefined,
        Infinity,
      );
      assertEquals([end.offset, recovered], [200n, false]);
      const expected = messages.map(({ bytes, offset }) =>
        `${offset - 1n} ${offset} ${decode(bytes)}`
      );
      assertEquals(atA.all, expected);
      assertEquals(new Set(offsets).size, 200);
      // Those of one node are in the order in which it sent them.
      const odd = offsets.filter((_, i) => i % 2);
      assertEquals(odd, odd.toSorted((x, y) => x < y ? -1 : 1));
    }
  },
);

test("append() adds a message with the same id once", options, async () => {
  await using server = await RedisServer.start();
  await using a = await engineOf(server);
  await using b = await engineOf(server);
  for (const id of NAMES) {
    const offset = await a.append("ids", encode(id), id);
    assertEquals(await b.append("ids", encode("again"), id), offset);
    assertEquals(await b.append(`other ${id}`, encode("x"), id), 1n);
  }
  // A topic and an id that are the same text together.
  assertEquals(await a.append("p:q", encode("1"), "r"), 1n);
  assertEquals(await a.append("p", encode("2"), "q:r"), 1n);
  const { messages } = await a.read("ids", undefined, Infinity);
  assertEquals(textsOf(messages), NAMES.map((name) => decode(encode(name))));
  const client = server.client();
  const ttl = await client.pttl("framewire:id:1:p:q:r");
  assert(ttl > 100_000 && ttl <= 120_000, `${ttl}`);
});

test(
  "append() adds a message again when its topic is lost, and not its id",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    await engine.append("t", encode("0"), undefined);
    assertEquals(await engine.append("t", encode("1"), "id"), 2n);
    await server.client().del("framewire:topic:t");
    assertEquals(await engine.append("t", encode("1"), "id"), 1n);
  },
);

test("read() recovers what was added after a position", options, async () => {
  await using server = await RedisServer.start();
  await using engine = await engineOf(server);
  const { end: start, ...empty } = await engine.read("t", undefined, 100);
  assertEquals(empty, { messages: [], recovered: false });
  assertEquals(start.offset, 0n);
  for (const text of ["one", "two", "three"]) {
    await engine.append("t", encode(text), undefined);
  }
  const read = async (offset: bigint, maxBytes = 100, epoch = start.epoch) => {
    const history = await engine.read("t", { epoch, offset }, maxBytes);
    assertEquals(history.end, { epoch: start.epoch, offset: 3n });
    return [history.recovered, ...textsOf(history.messages)];
  };
  assertEquals(await read(0n), [true, "one", "two", "three"]);
  assertEquals(await read(2n), [true, "three"]);
  assertEquals(await read(3n), [true]);
  assertEquals(await read(3n, 0), [true]);
  assertEquals(await read(0n, 11), [true, "one", "two", "three"]);
  assertEquals(await read(0n, 10), [false, "two", "three"]);
  assertEquals(await read(1n, 8), [true, "two", "three"]);
  assertEquals(await read(0n, 0), [false]);
  assertEquals(await read(4n), [false, "one", "two", "three"]);
  assertEquals(await read(2n, 100, "other"), [false, "one", "two", "three"]);
  const all = await engine.read("t", undefined, 8);
  assertEquals([all.recovered, ...textsOf(all.messages)], [
    false,
    "two",
    "three",
  ]);
  assertEquals(all.messages.map(({ offset }) => offset), [2n, 3n]);
});

test("read() does not recover what was removed", options, async () => {
  await using server = await RedisServer.start();
  // Three messages, which count with 64 bytes more each.
  await using engine = await engineOf(server, { maxTopicBytes: 3 * 74 });
  const { end: { epoch } } = await engine.read("t", undefined, 0);
  for (let i = 0; i < 20; i++) {
    await engine.append("t", encode(`${i}`.padStart(10)), undefined);
  }
  const kept = async (offset: bigint) => {
    const { messages, recovered } = await engine.read(
      "t",
      { epoch, offset },
      1_000,
    );
    return [recovered, ...messages.map((message) => message.offset)];
  };
  assertEquals(await kept(16n), [false, 18n, 19n, 20n]);
  assertEquals(await kept(17n), [true, 18n, 19n, 20n]);
  await engine.append("t", new Uint8Array(1_000), undefined);
  assertEquals(await kept(20n), [true, 21n]);
  const fields = await server.client().hkeys("framewire:topic:t");
  assertEquals(fields.sort(), ["21", "bytes", "epoch", "first", "last"]);
});

test(
  "a topic that is lost begins anew with another epoch",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    const seen = new Arrivals<string>();
    await engine.watch("t", ({ offset, previous }) => {
      seen.add(`${previous} ${offset}`);
    });
    await engine.append("t", encode("old"), "id");
    await engine.append("t", encode("old"), undefined);
    const { end } = await engine.read("t", undefined, 100);
    const client = server.client();
    const ttl = await client.pttl("framewire:topic:t");
    assert(ttl > 86_000_000 && ttl <= 86_400_000, `${ttl}`);
    await client.flushall();
    assertEquals(await engine.append("t", encode("new"), "id"), 1n);
    const now = await engine.read("t", end, 100);
    assert(now.end.epoch !== end.epoch);
    assertEquals([now.recovered, ...textsOf(now.messages)], [false, "new"]);
    assertEquals(await seen.first(3), ["0 1", "1 2", "0 1"]);
  },
);

test("swap() gives a register to one of twenty nodes", options, async () => {
  await using server = await RedisServer.start();
  const engines = await Promise.all(
    Array.from({ length: 20 }, () => engineOf(server)),
  );
  for (const name of NAMES) {
    const values = await Promise.all(
      engines.map((engine, i) => engine.swap(name, undefined, `${i}`)),
    );
    assertEquals(new Set(values).size, 1, values.join());
    const next = await Promise.all(
      engines.map((engine, i) => engine.swap(name, values[0], `next ${i}`)),
    );
    assertEquals(new Set(next).size, 1, next.join());
    assertMatch(next[0]!, /^next/);
  }
  await Promise.all(engines.map((engine) => engine.close()));
});

test(
  "swap() leaves nothing behind of a register without a value",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    assertEquals(await engine.swap("r", undefined, ""), "");
    assertEquals(await engine.swap("r", undefined, "x"), "");
    assertEquals(await engine.swap("r", "", undefined), undefined);
    assertEquals(await engine.swap("r", "x", "y"), undefined);
    assertEquals(await engine.swap("r", undefined, undefined), undefined);
    assertEquals(await server.client().keys("*"), []);
  },
);

test("registers() has all that have a value", options, async () => {
  await using server = await RedisServer.start();
  await using engine = await engineOf(server);
  const expected = [
    ...NAMES,
    ...Array.from({ length: 2_000 }, (_, i) => `${i}`),
  ]
    .map((name) => [name, `value of ${name}`] as const);
  await Promise.all(
    expected.map(([name, value]) => engine.swap(name, undefined, value)),
  );
  const found: (readonly [string, string])[] = [];
  for await (const register of engine.registers()) found.push(register);
  assertEquals(found.length, expected.length);
  assertEquals(new Map(found), new Map(expected));
});

test("messages that are too long are refused", options, async () => {
  await using server = await RedisServer.start();
  await using engine = await engineOf(server);
  const longest = new Uint8Array(REDIS_MAX_MESSAGE_LENGTH).fill(7);
  const longer = new Uint8Array(REDIS_MAX_MESSAGE_LENGTH + 1);
  const arrivals = new Arrivals<Uint8Array>();
  await engine.listen("c", arrivals.add);
  engine.send("c", longest);
  assertEquals((await arrivals.first(1))[0]!.length, longest.length);
  await engine.append("t", longest, undefined);
  const error = assertThrows(() => engine.send("c", longer), NetError);
  assertEquals(error.code, "MESSAGE_TOO_LARGE");
  const rejected = await assertRejects(
    () => engine.append("t", longer, undefined),
    NetError,
  );
  assertEquals(rejected.code, "MESSAGE_TOO_LARGE");
  const { messages } = await engine.read("t", undefined, Infinity);
  assertEquals(messages.map(({ bytes }) => bytes.length), [longest.length]);
  assertEquals(engine.state, "up");
});

test(
  "an engine goes on after its server was killed and started again",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    const heard = new Arrivals<string>();
    const seen = new Arrivals<bigint>();
    const states: BackplaneState[] = [];
    engine.onState((state) => states.push(state));
    await engine.listen("c", (bytes) => heard.add(decode(bytes)));
    const stop = await engine.listen("stopped", (b) => heard.add(decode(b)));
    await engine.watch("t", ({ offset }) => seen.add(offset));
    await engine.append("t", encode("one"), undefined);
    const { end } = await engine.read("t", undefined, 0);
    await engine.append("t", encode("two"), "two");
    // Redis answers those who append before it tells those who watch.
    await seen.first(2);

    server.stop();
    const underWay = [
      engine.append("t", encode("lost"), undefined),
      engine.swap("r", undefined, "lost"),
      engine.read("t", undefined, 0),
      engine.listen("never", () => {}),
      engine.watch("never", () => {}),
    ];
    const refused = Promise.all(underWay.map(assertUnavailable));
    await server.kill();
    const killedAt = performance.now();
    await refused;
    await reached(engine, "down");
    assert(performance.now() - killedAt < 1_000);
    assert(isUnavailable(assertThrows(() => engine.send("c", encode("lost")))));
    const calls = [
      () => engine.append("t", encode("lost"), undefined),
      () => engine.swap("r", undefined, "lost"),
      () => engine.read("t", undefined, 0),
      () => engine.listen("never", () => {}),
      () => engine.watch("never", () => {}),
      () => engine.registers()[Symbol.asyncIterator]().next(),
    ];
    for (const call of calls) await assertUnavailable(call());
    stop();

    await server.start();
    await reached(engine, "up");
    assertEquals(states, ["down", "up"]);
    const history = await engine.read("t", end, 100);
    assertEquals([history.recovered, ...textsOf(history.messages)], [
      true,
      "two",
    ]);
    assertEquals(await engine.append("t", encode("two"), "two"), 2n);
    assertEquals(await engine.swap("r", undefined, "new"), "new");
    engine.send("stopped", encode("not heard"));
    engine.send("c", encode("heard"));
    await engine.append("t", encode("three"), undefined);
    assertEquals(await heard.first(1), ["heard"]);
    assertEquals(await seen.first(3), [1n, 2n, 3n]);
    const channels = await server.client().pubsub("CHANNELS") as string[];
    assertEquals(channels.sort(), ["framewire:channel:c", "framewire:topic:t"]);
  },
);

test("an engine is down while its server stands still", options, async () => {
  await using server = await RedisServer.start();
  await using engine = await engineOf(server);
  const heard = new Arrivals<string>();
  await engine.listen("c", (bytes) => heard.add(decode(bytes)));
  server.stop();
  const stoppedAt = performance.now();
  const append = assertUnavailable(engine.append("t", encode("x"), undefined));
  await reached(engine, "down");
  await append;
  const after = performance.now() - stoppedAt;
  assert(after < 2_500, `${after}`);
  server.resume();
  await reached(engine, "up");
  engine.send("c", encode("heard"));
  assertEquals(await heard.first(1), ["heard"]);
});

for (const type of ["normal", "pubsub"] as const) {
  test(
    `an engine connects again when its ${type} connection is lost`,
    options,
    async () => {
      await using server = await RedisServer.start();
      await using engine = await engineOf(server);
      const heard = new Arrivals<string>();
      await engine.listen("c", (bytes) => heard.add(decode(bytes)));
      await server.client().call("CLIENT", "KILL", "TYPE", type);
      await reached(engine, "down");
      await reached(engine, "up");
      engine.send("c", encode("heard"));
      assertEquals(await heard.first(1), ["heard"]);
    },
  );
}

test(
  "an engine runs its scripts when the server has forgotten them",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    await server.client().script("FLUSH");
    const offsets = await Promise.all(
      ["a", "b", "c"].map((text) =>
        engine.append("t", encode(text), undefined)
      ),
    );
    assertEquals(offsets, [1n, 2n, 3n]);
    assertEquals(engine.state, "up");
  },
);

test("an engine is down while its server is a replica", options, async () => {
  await using server = await RedisServer.start();
  await using engine = await engineOf(server);
  const client = server.client();
  await client.replicaof("127.0.0.1", 1);
  await assertUnavailable(engine.swap("r", undefined, "x"));
  await reached(engine, "down");
  const error = await assertRejects(() => engineOf(server), NetError);
  assertEquals(error.code, "UNAVAILABLE");
  assertMatch(error.message, /it is a replica/);
  await client.replicaof("NO", "ONE");
  await reached(engine, "up");
  assertEquals(await engine.swap("r", undefined, "x"), "x");
});

test(
  "an error reply of Redis is UNAVAILABLE, with its cause",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    await server.client().set("framewire:topic:t", "not a topic");
    const error = await assertRejects(
      () => engine.append("t", encode("x"), undefined),
      NetError,
    );
    assertEquals(error.code, "UNAVAILABLE");
    assertMatch(String(error.cause), /WRONGTYPE/);
    assertEquals(engine.state, "up");
  },
);

test(
  "engines with another prefix know nothing of each other",
  options,
  async () => {
    await using server = await RedisServer.start();
    await using engine = await engineOf(server);
    const other = await redisEngine({
      client: server.client().duplicate({ keyPrefix: "p:", protocol: 2 }),
      prefix: "other",
    });
    const heard = new Arrivals<string>();
    await engine.listen("c", (bytes) => heard.add(decode(bytes)));
    await other.listen("c", (bytes) => heard.add(`other: ${decode(bytes)}`));
    other.send("c", encode("1"));
    await heard.first(1);
    engine.send("c", encode("2"));
    assertEquals(await heard.first(2), ["other: 1", "2"]);
    await other.append("t", encode("x"), undefined);
    assertEquals(await server.client().keys("*"), ["other:topic:t"]);
    await other.close();
  },
);

test("close() ends what the engine has opened", options, async () => {
  await using server = await RedisServer.start();
  const client = server.client();
  const clients = async () =>
    String(await client.client("LIST")).trim().split("\n").length;
  const before = await clients();
  const engine = await redisEngine({ client });
  assertEquals(await clients(), before + 2);
  await engine.listen("c", () => {});
  const closed = engine.close();
  assertEquals(engine.state, "down");
  await assertUnavailable(engine.read("t", undefined, 0));
  await closed;
  await engine.close();
  while (await clients() > before);
  assertEquals(await client.ping(), "PONG");
});

test("close() sends what was given to send()", options, async () => {
  await using server = await RedisServer.start();
  await using listening = await engineOf(server);
  const heard = new Arrivals<Uint8Array>();
  await listening.listen("c", heard.add);
  const engine = await engineOf(server);
  for (let i = 0; i < 20; i++) engine.send("c", new Uint8Array(100_000));
  await engine.close();
  assertEquals((await heard.first(20)).length, 20);
});

test("close() ends an engine that is down", options, async () => {
  await using server = await RedisServer.start();
  const engine = await engineOf(server);
  await server.kill();
  await reached(engine, "down");
  await engine.close();
  assertEquals(engine.state, "down");
});

test("redisEngine() says why it cannot connect", options, async () => {
  await using server = await RedisServer.start("--requirepass", "secret");
  const denied = await assertRejects(() => engineOf(server), NetError);
  assertEquals(denied.code, "UNAVAILABLE");
  assertMatch(denied.message, /Cannot connect to Redis: .*NOAUTH/);
  await server.kill();
  const refused = await assertRejects(() => engineOf(server), NetError);
  assertEquals(refused.code, "UNAVAILABLE");
  assertMatch(refused.message, /Cannot connect to Redis: .*ECONNREFUSED/);
});

test("a client of ioredis is a RedisLike", options, () => {
  const client: RedisLike = new Redis({ lazyConnect: true });
  const connection: RedisConnection = new Redis({ lazyConnect: true });
  assertEquals([client.isCluster, connection.status], [false, "wait"]);
});

test("redisEngine() refuses options that it cannot use", async () => {
  const client: RedisLike = { duplicate: () => assert(false) as never };
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{}, /Cannot use client/],
    [{ client: {} }, /Cannot use client/],
    [{ client: { ...client, isCluster: true } }, /Redis Cluster/],
    [{ client, prefix: 1 }, /Cannot use prefix/],
    [{ client, maxTopicBytes: 0 }, /Cannot use maxTopicBytes/],
    [{ client, retentionMs: 119_999 }, /Cannot use retentionMs/],
    [{ client, retention: 1 }, /did you mean retentionMs/],
  ];
  for (const [given, message] of refused) {
    const error = await assertRejects(() =>
      redisEngine(given as { client: RedisLike })
    );
    assertMatch(String(error), message);
  }
});
