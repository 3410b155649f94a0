import {
  type BackplaneTestBodies,
  bytesOf,
  ensureRefused,
  ensureSame,
  ODD_NAMES,
  textOf,
  until,
} from "./backplane_context.ts";
import { ensureBytes, listenTo, MESSAGES } from "./engine_context.ts";

/** What an engine promises of its channels. */
export const channelTests: BackplaneTestBodies = {
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
