/** The engine over NATS, on real servers. */

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  TopicHistory,
} from "../../src/backplane/engine.ts";
import {
  type JetStreamLike,
  type NatsConnectionLike,
  natsEngine,
} from "../../src/backplane/nats/mod.ts";
import { deferred } from "../../src/net/deferred.ts";
import { NetError, type NetErrorCode } from "../../src/net/errors.ts";
import { utf8 } from "../support/bytes.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";

/** Texts that are no names of subjects. */
const oddNames = [
  "",
  ".",
  "*",
  ">",
  "a b",
  "=",
  "=0041",
  "A",
  "a",
  "ü/\r\n",
  "\ud800",
  "\ufffd",
];

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const textsOf = ({ messages }: TopicHistory) =>
  messages.map(({ bytes }) => textOf(bytes));

async function assertCode(
  call: Promise<unknown>,
  code: NetErrorCode,
): Promise<void> {
  const error = await assertRejects(() => call, NetError);
  assertEquals(error.code, code);
}

/** Settles when an engine is in a state. */
async function untilState(
  engine: Engine,
  state: BackplaneState,
): Promise<void> {
  if (engine.state === state) return;
  const { promise, resolve } = deferred<void>();
  const stop = engine.onState((now) => {
    if (now === state) resolve();
  });
  await promise;
  stop();
}

/** Collects; `count(n)` settles when there are as many. */
class Collected<T> {
  readonly all: T[] = [];
  #wanted = Infinity;
  #reached: () => void = () => undefined;

  readonly add = (value: T): void => {
    this.all.push(value);
    if (this.all.length >= this.#wanted) this.#reached();
  };

  count(wanted: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = wanted;
      this.#reached = resolve;
      if (this.all.length >= wanted) resolve();
    });
  }
}

/** Adds messages to a topic. */
async function appendAll(
  engine: Engine,
  topic: string,
  texts: readonly string[],
): Promise<bigint[]> {
  const offsets: bigint[] = [];
  for (const text of texts) {
    offsets.push(await engine.append(topic, utf8(text), undefined));
  }
  return offsets;
}

async function registersOf(engine: Engine): Promise<[string, string][]> {
  const all: [string, string][] = [];
  for await (const [name, value] of engine.registers()) all.push([name, value]);
  return all.sort();
}

test("the types of NATS fit natsEngine()", () => {
  const check = (
    connection: Awaited<ReturnType<NatsServer["connect"]>>,
  ): [NatsConnectionLike, JetStreamLike] => [connection, jetstream(connection)];
  assertEquals(typeof check, "function");
});

test(
  "natsEngine() sends to all that listen, by any name",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const a = await server.engine();
    const b = await server.engine();
    const got = new Collected<string>();
    for (const [i, name] of oddNames.entries()) {
      await b.listen(name, (bytes) => got.add(`${i} ${textOf(bytes)}`));
    }
    for (const [i, name] of oddNames.entries()) a.send(name, utf8(String(i)));
    await got.count(oddNames.length);
    assertEquals(got.all, oddNames.map((_, i) => `${i} ${i}`));
  },
);

test("natsEngine() stops listening and watching", needsNats, async () => {
  await using server = await NatsServer.start();
  const engine = await server.engine();
  const got = new Collected<unknown>();
  const stopListening = await engine.listen("c", got.add);
  const stopWatching = await engine.watch("t", got.add);
  const rest = new Collected<unknown>();
  await engine.listen("c", rest.add);
  await engine.watch("t", rest.add);
  stopListening();
  stopWatching();
  engine.send("c", utf8("x"));
  await engine.append("t", utf8("x"), undefined);
  await rest.count(2);
  assertEquals(got.all, []);
});

test(
  "natsEngine() tells both nodes the messages of both, and what is before each",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engines = [await server.engine(), await server.engine()];
    const watched = engines.map(() => new Collected<LiveMessage>());
    for (const [i, engine] of engines.entries()) {
      await engine.watch("t", watched[i]!.add);
    }
    const appends: Promise<bigint>[] = [];
    for (let i = 0; i < 200; i++) {
      appends.push(engines[i % 2]!.append("t", utf8(String(i)), undefined));
      // Messages of other topics make gaps between the offsets.
      if (i % 5 === 0) {
        appends.push(
          engines[0]!.append("u", utf8("u"), undefined),
        );
      }
    }
    await Promise.all([...appends, ...watched.map((got) => got.count(200))]);
    // NATS 2.9 may tell those of two nodes the other way round than it has stored
    // them: the message before each is right all the same.
    const [one, other] = watched.map(({ all }) =>
      all.sort((a, b) => Number(a.offset - b.offset))
    );
    assertEquals(one, other);
    let previous = 0n;
    for (const message of one!) {
      assertEquals(message.previous, previous);
      assert(message.offset > previous);
      previous = message.offset;
    }
    const history = await engines[0]!.read("t", undefined, Infinity);
    assertEquals(textsOf(history), one!.map(({ bytes }) => textOf(bytes)));
    assertEquals(history.end.offset, previous);
  },
);

test(
  "natsEngine() adds a message once for an id, in each topic",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    for (const id of oddNames) {
      const offset = await engine.append("t", utf8("1"), id);
      assertEquals(await engine.append("t", utf8("1"), id), offset);
      assert(await engine.append("u", utf8("1"), id) > offset);
    }
    const { messages } = await engine.read("t", undefined, Infinity);
    assertEquals(messages.length, oddNames.length);
  },
);

test(
  "natsEngine() keeps topics and registers of any name apart",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    for (const [i, name] of oddNames.entries()) {
      await engine.append(name, utf8(String(i)), undefined);
      assertEquals(await engine.swap(name, undefined, `v${i}`), `v${i}`);
    }
    for (const [i, name] of oddNames.entries()) {
      assertEquals(textsOf(await engine.read(name, undefined, Infinity)), [
        String(i),
      ]);
    }
    const expected = oddNames.map((
      name,
      i,
    ): [string, string] => [name, `v${i}`]);
    assertEquals(await registersOf(engine), expected.sort());
  },
);

test(
  "natsEngine() refuses names that are too long for NATS",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    await engine.append("t".repeat(1_500), utf8("x"), "i".repeat(1_500));
    await engine.watch("ü".repeat(300), () => undefined);
    await assertRejects(
      () => engine.append("ü".repeat(301), utf8("x"), undefined),
      RangeError,
    );
    assertThrows(() => engine.send("c".repeat(1_501), utf8("x")), RangeError);
    assertEquals(engine.state, "up");
  },
);

test(
  "natsEngine() reads what was added after a position",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine({ maxTopicMessages: 4 });
    const none = await engine.read("t", undefined, Infinity);
    assertEquals(none.messages, []);
    const { epoch } = none.end;
    await engine.append("u", utf8("u"), undefined);
    const before = (await engine.read("t", undefined, Infinity)).end;
    const offsets = await appendAll(engine, "t", ["1", "2", "3"]);
    const at = (offset: bigint) => ({ epoch, offset });
    const read = async (offset: bigint, maxBytes = Infinity) => {
      const history = await engine.read("t", at(offset), maxBytes);
      return [history.recovered, ...textsOf(history)];
    };
    // From the start, from the end of an empty topic, and from each message.
    assertEquals(await read(none.end.offset), [true, "1", "2", "3"]);
    assertEquals(await read(0n), [true, "1", "2", "3"]);
    assertEquals(await read(before.offset), [true, "1", "2", "3"]);
    assertEquals(await read(offsets[0]!), [true, "2", "3"]);
    assertEquals(await read(offsets[2]!), [true]);
    // Not all of them.
    assertEquals(await read(0n, 2), [false, "2", "3"]);
    assertEquals(await read(0n, 0), [false]);
    assertEquals(await read(offsets[0]!, 2), [true, "2", "3"]);
    // A position of another epoch, and one that is not there yet.
    const other = { epoch: "other", offset: offsets[0]! };
    const history = await engine.read("t", other, Infinity);
    assertEquals([history.recovered, textsOf(history)], [false, [
      "1",
      "2",
      "3",
    ]]);
    assertEquals(history.end, at(offsets[2]!));
    assertEquals(await read(offsets[2]! + 100n), [false, "1", "2", "3"]);
    // Two messages are removed.
    await appendAll(engine, "t", ["4", "5", "6"]);
    assertEquals(await read(offsets[0]!), [false, "3", "4", "5", "6"]);
    assertEquals(await read(offsets[2]!), [true, "4", "5", "6"]);
    // Nothing is missing after the second message, but the engine cannot know it.
    assertEquals(await read(offsets[1]!), [false, "3", "4", "5", "6"]);
  },
);

test("natsEngine() knows that messages have expired", needsNats, async () => {
  await using server = await NatsServer.start();
  const engine = await server.engine({ maxAgeMs: 1_000 });
  const [first] = await appendAll(engine, "t", ["1", "2"]);
  const { epoch } = (await engine.read("t", undefined, 0)).end;
  const position = { epoch, offset: first! };
  let history = await engine.read("t", position, Infinity);
  assertEquals([history.recovered, textsOf(history)], [true, ["2"]]);
  while (history.messages.length > 0) {
    history = await engine.read("t", position, Infinity);
  }
  assertEquals(history.recovered, false);
  const end = await engine.read("t", history.end, Infinity);
  assertEquals([end.recovered, textsOf(end)], [true, []]);
  const got = new Collected<LiveMessage>();
  await engine.watch("t", got.add);
  await engine.append("t", utf8("3"), undefined);
  await got.count(1);
  assertEquals(got.all[0]!.previous, 0n);
});

test(
  "natsEngine() reads long topics, and leaves no consumer",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    const body = "x".repeat(20_000);
    const all: Promise<bigint>[] = [];
    for (let i = 0; i < 600; i++) {
      all.push(engine.append("t", utf8(`${i} ${body}`), undefined));
    }
    await Promise.all(all);
    const history = await engine.read("t", undefined, Infinity);
    const expected = Array.from(all, (_, i) => `${i} ${body}`);
    assertEquals(textsOf(history), expected);
    const last = await engine.read("t", undefined, 100_000);
    assertEquals(textsOf(last), expected.slice(-4));
    await registersOf(engine);
    const jsm = await jetstreamManager(await server.connect());
    for (const stream of ["framewire-topics", "framewire-registers"]) {
      const { state } = await jsm.streams.info(stream);
      assertEquals(state.consumer_count, 0);
    }
  },
);

test(
  "swap() gives a register to one of twenty engines",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engines = await Promise.all(
      Array.from({ length: 20 }, () => server.engine()),
    );
    for (const round of [1, 2, 3]) {
      const held = await Promise.all(
        engines.map((engine, i) =>
          engine.swap("r", undefined, `${round} ${i}`)
        ),
      );
      const winners = held.filter((value, i) => value === `${round} ${i}`);
      assertEquals(winners.length, 1);
      assertEquals(new Set(held).size, 1);
      const value = winners[0]!;
      assertEquals(await engines[0]!.swap("r", undefined, undefined), value);
      assertEquals(await engines[0]!.swap("r", "other", "new"), value);
      assertEquals(await engines[0]!.swap("r", value, value), value);
      const removed = engines.map((engine) =>
        engine.swap("r", value, undefined)
      );
      assertEquals(new Set(await Promise.all(removed)), new Set([undefined]));
    }
    const jsm = await jetstreamManager(await server.connect());
    const { state } = await jsm.streams.info("framewire-registers");
    assertEquals(state.messages, 0);
  },
);

test("swap() never removes the value of another node", needsNats, async () => {
  await using server = await NatsServer.start();
  const [a, b] = [await server.engine(), await server.engine()];
  for (let i = 0; i < 50; i++) {
    await a.swap("r", undefined, "old");
    await Promise.all([
      a.swap("r", "old", undefined),
      b.swap("r", "old", "new"),
    ]);
    // Either of them was first.
    const value = await a.swap("r", undefined, undefined);
    assert(value === undefined || value === "new", value);
    await a.swap("r", value, undefined);
  }
});

test(
  "natsEngine() refuses messages that are too long, and stays up",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    const got = new Collected<LiveMessage>();
    await engine.watch("t", got.add);
    const long = new Uint8Array(1_048_577);
    assertThrows(() => engine.send("c", long), NetError, "longer");
    await assertCode(engine.append("t", long, "id"), "MESSAGE_TOO_LARGE");
    await assertCode(
      engine.swap("r", undefined, "x".repeat(1_048_577)),
      "MESSAGE_TOO_LARGE",
    );
    // The longest that there can be, with the longest headers.
    const most = long.subarray(0, 1_048_576 - 8_192);
    await engine.append("t", most, "i".repeat(1_500));
    engine.send("c", long.subarray(1));
    await got.count(1);
    assertEquals(got.all[0]!.bytes.length, most.length);
    assertEquals(engine.state, "up");
  },
);

test(
  "natsEngine() refuses at once what needs a server that was killed",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    const got = new Collected<LiveMessage>();
    await engine.watch("t", got.add);
    const heard = new Collected<Uint8Array>();
    await engine.listen("c", heard.add);
    const [first] = await appendAll(engine, "t", ["1"]);
    const { end } = await engine.read("t", undefined, 0);
    assertEquals(end.offset, first);

    server.stop();
    const underWay = [
      engine.append("t", utf8("2"), "2"),
      engine.read("t", undefined, Infinity),
      engine.swap("r", undefined, "1"),
    ];
    const refused = Promise.all(
      underWay.map((call) => assertCode(call, "UNAVAILABLE")),
    );
    const began = performance.now();
    await server.kill();
    await untilState(engine, "down");
    await refused;
    assert(performance.now() - began < 1_000);
    assertThrows(() => engine.send("c", utf8("x")), NetError, "away");
    await assertCode(engine.append("t", utf8("x"), undefined), "UNAVAILABLE");
    await assertCode(engine.listen("c", () => undefined), "UNAVAILABLE");
    await assertCode(registersOf(engine), "UNAVAILABLE");

    await server.start();
    await untilState(engine, "up");
    const history = await engine.read("t", end, Infinity);
    assertEquals(history.recovered, true);
    await engine.append("t", utf8("3"), undefined);
    engine.send("c", utf8("again"));
    await Promise.all([got.count(2), heard.count(1)]);
    const texts = got.all.map(({ bytes }) => textOf(bytes));
    assertEquals([texts[0], texts.at(-1)], ["1", "3"]);
  },
);

test("natsEngine() notices a server that stands still", needsNats, async () => {
  await using server = await NatsServer.start();
  const engine = await server.engine();
  server.stop();
  const began = performance.now();
  await untilState(engine, "down");
  assert(performance.now() - began < 2_000);
  await assertCode(engine.append("t", utf8("x"), undefined), "UNAVAILABLE");
  server.resume();
  await untilState(engine, "up");
  await engine.append("t", utf8("x"), undefined);
});

test(
  "natsEngine() makes the streams again where a server has lost them",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    const got = new Collected<LiveMessage>();
    await engine.watch("t", got.add);
    await appendAll(engine, "t", ["1", "2"]);
    const { end } = await engine.read("t", undefined, 0);
    const down = untilState(engine, "down");
    await server.kill();
    await down;
    server.loseStore();
    await server.start();
    await untilState(engine, "up");
    await engine.append("t", utf8("3"), undefined);
    const history = await engine.read("t", end, Infinity);
    assertEquals([history.recovered, textsOf(history)], [false, ["3"]]);
    assert(history.end.epoch !== end.epoch);
    await got.count(3);
    assertEquals(got.all[2]!.previous, 0n);
  },
);

test(
  "natsEngine() makes the streams again where somebody has removed them",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const engine = await server.engine();
    const jsm = await jetstreamManager(await server.connect());
    await jsm.streams.delete("framewire-topics");
    await assertCode(engine.append("t", utf8("1"), undefined), "UNAVAILABLE");
    await untilState(engine, "up");
    await engine.append("t", utf8("1"), undefined);
  },
);

test("natsEngine() says that there is no JetStream", needsNats, async () => {
  await using server = await NatsServer.start({ jetStream: false });
  const error = await assertRejects(() => server.engine(), NetError);
  assertEquals(error.code, "UNAVAILABLE");
  assertEquals(
    error.message,
    "JetStream is not enabled: start nats-server with -js",
  );
});

test(
  "natsEngine() refuses a stream that it cannot use",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const jsm = await jetstreamManager(await server.connect());
    await jsm.streams.add({ name: "mine-topics", subjects: ["mine.t.>"] });
    await assertRejects(
      () => server.engine({ prefix: "mine" }),
      TypeError,
      "another republish",
    );
    await assertRejects(() => server.engine({ prefix: "a.b" }), RangeError);
  },
);

test("natsEngine() uses streams with other limits", needsNats, async () => {
  await using server = await NatsServer.start();
  await server.engine({ maxTopicMessages: 2 });
  const engine = await server.engine();
  const [first] = await appendAll(engine, "t", ["1", "2", "3"]);
  const { end } = await engine.read("t", undefined, 0);
  const history = await engine.read("t", { ...end, offset: 0n }, Infinity);
  assertEquals([history.recovered, textsOf(history)], [false, ["2", "3"]]);
  assertEquals(first, 1n);
});

test(
  "close() of natsEngine() ends what it has opened, and not the connection",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const connection = await server.connect();
    const engine = await natsEngine({
      connection,
      jetstream: jetstream(connection),
    });
    const got = new Collected<unknown>();
    await engine.listen("c", got.add);
    const other = await server.engine();
    const rest = new Collected<unknown>();
    await other.listen("c", rest.add);
    await engine.close();
    assertEquals(engine.state, "down");
    await assertCode(engine.append("t", utf8("x"), undefined), "UNAVAILABLE");
    other.send("c", utf8("x"));
    await rest.count(1);
    await connection.flush();
    assertEquals(got.all, []);
    assertEquals(connection.isClosed(), false);
  },
);

test(
  "natsEngine() is down for good when the connection is closed",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    const connection = await server.connect();
    const engine = await natsEngine({
      connection,
      jetstream: jetstream(connection),
    });
    const underWay = assertCode(
      engine.swap("r", undefined, "1"),
      "UNAVAILABLE",
    );
    await connection.close();
    await untilState(engine, "down");
    await underWay;
    assertThrows(() => engine.send("c", utf8("x")), NetError);
  },
);
