import type { Engine, LiveMessage } from "../backplane/engine.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureRefused,
  ensureSame,
  ODD_NAMES,
  textOf,
  until,
} from "./backplane_context.ts";
import { ensure, pattern } from "./recorder.ts";

/** Messages with bytes of all values, and of lengths that may be special. */
const MESSAGES: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.from({ length: 256 }, (_, i) => i),
  bytesOf("\r\n.\r\n+OK $5 PUB MSG\r\n"),
  pattern(100_000, 1),
];

/** What an engine promises. */
export const engineTests: BackplaneTestBodies = {
  async "send() reaches the listeners of all engines, the sender's too"(
    { engine },
  ) {
    const engines = [await engine(), await engine(), await engine()];
    const heard = await Promise.all(
      [...engines, engines[0]!].map((one) => listenTo(one, "news")),
    );
    engines[0]!.send("news", bytesOf("hello"));
    await until(() => heard.every(({ length }) => length > 0), "all hear it");
    engines[1]!.send("news", bytesOf("end"));
    await until(() => heard.every((texts) => texts.at(-1) === "end"), "end");
    for (const texts of heard) ensureSame(texts, ["hello", "end"], "heard");
  },

  async "send() keeps the order of each sender"({ engine }) {
    const senders = [await engine(), await engine()];
    const heard = [
      await listenTo(senders[0]!, "news"),
      await listenTo(await engine(), "news"),
    ];
    for (let i = 0; i < 500; i++) {
      senders.forEach((sender, s) => sender.send("news", bytesOf(`${s} ${i}`)));
      if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const expected = Array.from({ length: 500 }, (_, i) => i);
    for (const texts of heard) {
      await until(() => texts.length >= 1_000, "all messages come");
      for (const s of [0, 1]) {
        const own = texts.map((text) => text.split(" "))
          .filter(([sender]) => sender === `${s}`).map(([, i]) => i);
        ensureSame(own, expected, `the messages of sender ${s}`);
      }
    }
  },

  async "send() reaches its channel only, whatever its name"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const heard = await Promise.all(
      ODD_NAMES.map((name) => listenTo(b, `channel:${name}`)),
    );
    ODD_NAMES.forEach((name, i) => a.send(`channel:${name}`, bytesOf(i)));
    // What was sent to others came before.
    for (const name of ODD_NAMES) a.send(`channel:${name}`, bytesOf("end"));
    for (const [i, texts] of heard.entries()) {
      const what = `the channel ${JSON.stringify(ODD_NAMES[i])}`;
      await until(() => texts.includes("end"), `${what} hears the end`);
      ensureSame(texts, [i, "end"], what);
    }
  },

  async "send() carries all bytes, and leaves them to its caller"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const heard: Uint8Array[] = [];
    await b.listen("bytes", (bytes) => void heard.push(bytes.slice()));
    for (const message of MESSAGES) {
      const mine = message.slice();
      a.send("bytes", mine);
      mine.fill(7);
    }
    await until(() => heard.length >= MESSAGES.length, "all messages come");
    heard.forEach((bytes, i) => ensureBytes(bytes, MESSAGES[i]!));
  },

  async "listen() misses nothing that is sent after it has resolved"(
    { engine },
  ) {
    const [a, b] = [await engine(), await engine()];
    for (let i = 0; i < 30; i++) {
      const texts = await listenTo(b, `channel ${i}`);
      a.send(`channel ${i}`, bytesOf(i));
      await until(() => texts.length > 0, `listener ${i} hears it`);
    }
  },

  async "listen() stops one listener only"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const stopped: string[] = [];
    const stop = await b.listen(
      "news",
      (bytes) => void stopped.push(textOf({ bytes })),
    );
    const texts = await listenTo(b, "news");
    a.send("news", bytesOf("one"));
    await until(() => texts.length > 0 && stopped.length > 0, "both hear it");
    stop();
    stop();
    a.send("news", bytesOf("two"));
    await until(() => texts.length > 1, "the other hears it");
    ensureSame(stopped, ["one"], "the listener that was stopped");
  },

  async "append() gives offsets that grow, from 1 on"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    let last = 0n;
    for (let i = 0; i < 20; i++) {
      const offset = await (i % 2 ? a : b).append("t", bytesOf(i), undefined);
      ensure(offset > last, `the offset ${offset} came after ${last}`);
      last = offset;
      await a.append("other", bytesOf(i), undefined);
    }
    const { messages, end } = await b.read("t", undefined, Infinity);
    ensureSame(messages.map(textOf), Array(20).keys(), "the messages");
    ensure(end.offset === last, `the end is ${end.offset}, not ${last}`);
  },

  async "append() adds a message with the same id once"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const texts = await watchOf(b, "t");
    const calls = [a, b, a, b].map((one, i) =>
      one.append("t", bytesOf(i), "the id")
    );
    const offsets = new Set(await Promise.all(calls));
    ensure(offsets.size === 1, `one id has the offsets ${[...offsets]}`);
    await a.append("t", bytesOf("other id"), "another id");
    await a.append("t", bytesOf("no id"), undefined);
    await a.append("t", bytesOf("no id"), undefined);
    const again = await b.append("t", bytesOf("again"), "the id");
    ensure(offsets.has(again), `the same id has the offset ${again} later`);
    await a.append("other topic", bytesOf("other topic"), "the id");
    const other = await a.read("other topic", undefined, Infinity);
    ensureSame(other.messages.map(textOf), ["other topic"], "another topic");
    const { messages } = await a.read("t", undefined, Infinity);
    const expected = ["other id", "no id", "no id"];
    ensureSame(messages.slice(1).map(textOf), expected, "the topic");
    await until(() => texts.length >= 4, "all messages are watched");
    ensureSame(texts.map(textOf).slice(1), expected, "watched");
  },

  async "append() carries all bytes, and keeps its topics apart"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const seen = await Promise.all(ODD_NAMES.map((name) => watchOf(b, name)));
    await Promise.all(
      ODD_NAMES.map((name, i) => a.append(name, bytesOf(i), undefined)),
    );
    for (const [i, name] of ODD_NAMES.entries()) {
      const what = `the topic ${JSON.stringify(name)}`;
      const { messages } = await b.read(name, undefined, Infinity);
      ensureSame(messages.map(textOf), [i], what);
      await until(() => seen[i]!.length > 0, `${what} is watched`);
      ensureSame(seen[i]!.map(textOf), [i], `${what}, watched`);
    }
    const watched = await watchOf(b, "bytes");
    for (const bytes of MESSAGES) await a.append("bytes", bytes, undefined);
    const { messages } = await b.read("bytes", undefined, Infinity);
    await until(() => watched.length >= MESSAGES.length, "all are watched");
    for (const [i, expected] of MESSAGES.entries()) {
      ensureBytes(messages[i]!.bytes, expected);
      ensureBytes(watched[i]!.bytes, expected);
    }
  },

  async "watch() sees all messages on all engines, when many append at once"(
    { engine },
  ) {
    const engines = [await engine(), await engine(), await engine()];
    const seen = await Promise.all(engines.map((one) => watchOf(one, "t")));
    const offsets = await Promise.all(
      Array.from(
        { length: 150 },
        (_, i) => engines[i % 3]!.append("t", bytesOf(i), undefined),
      ),
    );
    ensure(new Set(offsets).size === 150, "two messages have one offset");
    const { messages } = await engines[0]!.read("t", undefined, Infinity);
    ensure(messages.length === 150, `${messages.length} messages are kept`);
    const expected = messages.map(({ offset }) =>
      `${offset} ${offsets.indexOf(offset)}`
    );
    ensureSame(
      messages.map((one) => `${one.offset} ${textOf(one)}`),
      expected,
      "read",
    );
    for (const live of seen) {
      await until(() => live.length >= 150, "all messages are watched");
      // Two that are added at once may come the other way round.
      live.sort((one, other) => Number(one.offset - other.offset));
      ensureSame(
        live.map((one) => `${one.offset} ${textOf(one)}`),
        expected,
        "watched",
      );
      ensureSame(
        live.map(({ previous }) => previous),
        [0n, ...messages.slice(0, -1).map(({ offset }) => offset)],
        "the offsets before",
      );
    }
  },

  async "watch() sees in order what is added one after the other"({ engine }) {
    const engines = [await engine(), await engine()];
    const seen = await Promise.all(engines.map((one) => watchOf(one, "t")));
    for (let i = 0; i < 100; i++) {
      await engines[0]!.append("t", bytesOf(i), undefined);
    }
    for (const live of seen) {
      await until(() => live.length >= 100, "all messages are watched");
      ensureSame(live.map(textOf), Array(100).keys(), "watched");
    }
  },

  async "watch() stops one watcher only"({ engine }) {
    const one = await engine();
    const stopped: LiveMessage[] = [];
    const stop = await one.watch("t", (message) => void stopped.push(message));
    const live = await watchOf(one, "t");
    await one.append("t", bytesOf("one"), undefined);
    await until(() => live.length > 0 && stopped.length > 0, "both see it");
    stop();
    stop();
    await one.append("t", bytesOf("two"), undefined);
    await until(() => live.length > 1, "the other sees it");
    ensureSame(stopped.map(textOf), ["one"], "the watcher that was stopped");
  },

  async "read() gives what was added after a position"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const offsets: bigint[] = [];
    for (let i = 0; i < 10; i++) {
      offsets.push(await a.append("t", bytesOf(i), undefined));
    }
    const { end } = await b.read("t", undefined, Infinity);
    for (const count of [0, 1, 5, 9, 10]) {
      const offset = offsets[count - 1] ?? 0n;
      const since = { epoch: end.epoch, offset };
      const { messages, recovered } = await b.read("t", since, Infinity);
      const what = `after ${count} messages`;
      ensure(recovered, `${what}: recovered is false`);
      const expected = offsets.slice(count);
      ensureSame(messages.map((one) => one.offset), expected, what);
    }
  },

  async "read() says where the position is none of the topic"({ engine }) {
    const one = await engine();
    await one.append("t", bytesOf("message"), undefined);
    const { end } = await one.read("t", undefined, Infinity);
    for (
      const since of [
        { epoch: "another", offset: 0n },
        { epoch: "another", offset: end.offset },
        { epoch: "", offset: 0n },
        { epoch: end.epoch, offset: end.offset + 1_000n },
      ]
    ) {
      const { recovered, messages, end: now } = await one.read(
        "t",
        since,
        Infinity,
      );
      const what = `since ${since.epoch} ${since.offset}`;
      ensure(!recovered, `${what}: recovered is true`);
      ensureSame(messages.map(textOf), ["message"], what);
      ensureSame([now.epoch, now.offset], [end.epoch, end.offset], "the end");
    }
  },

  async "read() gives the last messages that fit into maxBytes"({ engine }) {
    const one = await engine();
    const begin = (await one.read("t", undefined, 0)).end;
    for (let i = 0; i < 10; i++) {
      await one.append("t", new Uint8Array(100).fill(i), undefined);
    }
    for (
      const [maxBytes, expected] of [
        [0, []],
        [99, []],
        [100, [9]],
        [350, [7, 8, 9]],
        [1_000, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
      ] as const
    ) {
      for (const since of [undefined, begin]) {
        const got = await one.read("t", since, maxBytes);
        const what = `${maxBytes} bytes since ${since && "the beginning"}`;
        ensureSame(got.messages.map(({ bytes }) => bytes[0]), expected, what);
        const last = got.messages.at(-1)?.offset ?? got.end.offset;
        ensure(got.end.offset === last, `${what}: the end is not the last`);
        if (since === undefined) continue;
        ensure(
          got.recovered === (expected.length === 10),
          `${what}: recovered is ${got.recovered}`,
        );
      }
    }
  },

  async "read() gives the end of an empty topic, from which one can go on"(
    { engine },
  ) {
    const [a, b] = [await engine(), await engine()];
    const { messages, end } = await a.read("t", undefined, Infinity);
    ensureSame(messages, [], "an empty topic");
    ensure(end.offset === 0n, `the end of an empty topic is ${end.offset}`);
    const still = await b.read("t", end, Infinity);
    ensureSame(still.messages, [], "an empty topic, since its end");
    ensure(still.recovered, "an empty topic, since its end: not recovered");
    await a.append("t", bytesOf("first"), undefined);
    const then = await b.read("t", end, Infinity);
    ensureSame(then.messages.map(textOf), ["first"], "since the end");
    ensure(then.recovered, "since the end of the empty topic: not recovered");
  },

  async "swap() has one winner, when many try at once"({ engine }) {
    const engines = [await engine(), await engine(), await engine()];
    for (let round = 0; round < 5; round++) {
      const values = await Promise.all(Array.from(
        { length: 12 },
        async (_, i) => {
          const one = engines[i % 3]!;
          return await one.swap(`name ${round}`, undefined, `value ${i}`);
        },
      ));
      ensure(new Set(values).size === 1, `the winners are ${values}`);
      const value = await engines[0]!.swap(
        `name ${round}`,
        undefined,
        undefined,
      );
      ensure(
        value === values[0],
        `the register has ${value}, not ${values[0]}`,
      );
    }
  },

  async "swap() loses no change"({ engine }) {
    const engines = [await engine(), await engine(), await engine()];
    const countUp = async (one: Engine, i: number) => {
      for (let count = 0; count < 15;) {
        const now = await one.swap("count", undefined, undefined);
        // With its own mark, so that it knows whether the change was its own.
        const next = `${parseInt(now ?? "0") + 1} by ${i}`;
        if (await one.swap("count", now, next) === next) count++;
      }
    };
    await Promise.all(engines.map(countUp));
    const value = await engines[0]!.swap("count", undefined, undefined);
    ensure(value?.split(" ")[0] === "45", `the count is ${value}, not 45`);
  },

  async "swap() changes and removes the value that it is told"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    const swap = async (
      one: Engine,
      from: string | undefined,
      to: string | undefined,
      expected: string | undefined,
    ) => {
      const value = await one.swap("name", from, to);
      ensure(
        value === expected,
        `swap(${from}, ${to}): expected ${expected}, got ${value}`,
      );
    };
    await swap(a, undefined, undefined, undefined);
    await swap(a, "x", "y", undefined);
    await swap(a, "x", undefined, undefined);
    await swap(a, undefined, "x", "x");
    await swap(b, undefined, "y", "x");
    await swap(b, undefined, undefined, "x");
    await swap(b, "y", "z", "x");
    await swap(b, "y", undefined, "x");
    await swap(b, "x", "x", "x");
    await swap(b, "x", "y", "y");
    await swap(a, "x", undefined, "y");
    await swap(a, "y", undefined, undefined);
    await swap(b, undefined, undefined, undefined);
    await swap(b, undefined, "x", "x");
  },

  async "registers() lists those that have a value"({ engine }) {
    const [a, b] = [await engine(), await engine()];
    ensureSame(await registersOf(a), [], "none has a value");
    const names = [...ODD_NAMES];
    for (let i = 0; i < 100; i++) names.push(`name ${i}`);
    const value = (name: string) => `the value of "${name}"\n😀`;
    await Promise.all(
      names.map((name) => a.swap(name, undefined, value(name))),
    );
    await a.swap("removed", undefined, "value");
    await b.swap("removed", "value", undefined);
    await a.swap("never", undefined, undefined);
    const expected = names.map((name) => `${name} ${value(name)}`).sort();
    ensureSame(await registersOf(b), expected, "all have a value");
    await Promise.all(
      names.map((name) => b.swap(name, value(name), undefined)),
    );
    ensureSame(await registersOf(a), [], "none has a value any more");
  },

  async "close() ends what listens and watches, on this engine only"(
    { engine },
  ) {
    const [a, b] = [await engine(), await engine()];
    const [closed, open] = [await listenTo(a, "c"), await listenTo(b, "c")];
    const [unwatched, live] = [await watchOf(a, "t"), await watchOf(b, "t")];
    await a.close();
    await a.close();
    b.send("c", bytesOf("hello"));
    await b.append("t", bytesOf("hello"), undefined);
    await until(() => open.length > 0 && live.length > 0, "b goes on");
    ensureSame([...closed, ...unwatched], [], "after close()");
    ensure(a.state === "down", `the state after close() is ${a.state}`);
    await ensureRefused(
      () => a.swap("n", undefined, "v"),
      "UNAVAILABLE",
      "swap()",
    );
  },
};

/** For systems in which a message can be too long. */
export const tooLongTests: BackplaneTestBodies = {
  async "send() and append() refuse a message that is too long"(
    { engine, tooLong },
  ) {
    const [a, b] = [await engine(), await engine()];
    const texts = await listenTo(b, "c");
    const code = "MESSAGE_TOO_LARGE";
    const bytes = new Uint8Array(tooLong);
    await ensureRefused(() => a.send("c", bytes), code, "send()");
    await ensureRefused(
      () => a.append("t", bytes, undefined),
      code,
      "append()",
    );
    a.send("c", bytesOf("short"));
    await a.append("t", bytesOf("short"), undefined);
    await until(() => texts.length > 0, "the engine goes on");
    ensureSame(texts, ["short"], "heard");
    const { messages } = await b.read("t", undefined, Infinity);
    ensureSame(messages.map(textOf), ["short"], "the topic");
  },
};

/** Listens at a channel; returns the texts that come. */
export async function listenTo(
  engine: Pick<Engine, "listen">,
  channel: string,
): Promise<string[]> {
  const texts: string[] = [];
  await engine.listen(channel, (bytes) => void texts.push(textOf({ bytes })));
  return texts;
}

/** Watches a topic; returns the messages that come, each once. */
export async function watchOf(
  engine: Engine,
  topic: string,
): Promise<LiveMessage[]> {
  const messages: LiveMessage[] = [];
  const offsets = new Set<bigint>();
  await engine.watch(topic, (message) => {
    if (offsets.has(message.offset)) return;
    offsets.add(message.offset);
    messages.push(message);
  });
  return messages;
}

async function registersOf(engine: Engine): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, value] of engine.registers()) {
    found.push(`${name} ${value}`);
  }
  return found.sort();
}

function ensureBytes(actual: Uint8Array, expected: Uint8Array): void {
  const same = actual.length === expected.length &&
    actual.every((byte, i) => byte === expected[i]);
  ensure(same, `other bytes came than the ${expected.length} that were sent`);
}
