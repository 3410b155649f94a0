import type { LiveMessage } from "../backplane/engine.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureSame,
  ODD_NAMES,
  textOf,
  until,
} from "./backplane_context.ts";
import { ensureBytes, MESSAGES, watchOf } from "./engine_context.ts";
import { ensure } from "./recorder.ts";

/** What an engine promises of its topics. */
export const topicTests: BackplaneTestBodies = {
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
};
