import type { Engine } from "../backplane/engine.ts";
import { NetError } from "../net/errors.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureCode,
  ensureRefused,
  ensureSame,
  textOf,
  until,
} from "./backplane_context.ts";
import { listenTo, watchOf } from "./engine_context.ts";
import {
  serveNever,
  textsOf,
  untilKnown,
  untilServes,
} from "./node_context.ts";
import { awaitedLater, ensure, rejection } from "./recorder.ts";

/** Longer than a node may be silent, in milliseconds. */
const LONG_MS = 6_000;

/** How soon what is under way rejects, in milliseconds. */
const AT_ONCE_MS = 1_000;

/** What happens while the system is away, and after that. */
export const outageTests: BackplaneTestBodies = {
  async "state follows the system, and onState() tells"(
    { engine, cut, restore },
  ) {
    const engines = [await engine(), await engine()];
    const [told, stopped]: string[][] = [[], []];
    engines[0]!.onState((state) => void told!.push(state));
    const stop = engines[0]!.onState((state) => void stopped!.push(state));
    ensureSame(engines.map(({ state }) => state), ["up", "up"], "the states");
    await cut();
    await untilState(engines, "down");
    stop();
    await restore();
    await untilState(engines, "up");
    ensureSame(told!, ["down", "up"], "what onState() told");
    ensureSame(stopped!, ["down"], "what it told until it was stopped");
  },

  async "an engine that is down refuses all at once"({ engine, cut }) {
    const one = await engine();
    await cut();
    await untilState([one], "down");
    const calls: Record<string, () => unknown> = {
      send: () => one.send("c", bytesOf("lost")),
      listen: () => one.listen("c", () => undefined),
      append: () => one.append("t", bytesOf("lost"), undefined),
      watch: () => one.watch("t", () => undefined),
      read: () => one.read("t", undefined, Infinity),
      swap: () => one.swap("name", undefined, "value"),
      async registers() {
        for await (const register of one.registers()) void register;
      },
    };
    for (const [name, call] of Object.entries(calls)) {
      await ensureRefused(call, "UNAVAILABLE", `${name}()`);
    }
  },

  async "what is under way when an engine goes down settles at once"(
    { engine, cut, restore },
  ) {
    const one = await engine();
    const calls: Promise<unknown>[] = [];
    let wentDown = Infinity;
    one.onState((state) => {
      if (state === "down") wentDown = performance.now();
    });
    const errors: unknown[] = [];
    const ended: number[] = [];
    // More and more, until the engine refuses them.
    for (let i = 0; one.state === "up"; i++) {
      const started = [
        one.append("t", bytesOf(i), undefined),
        one.swap(`name ${i}`, undefined, "value"),
        one.read("t", undefined, 100),
      ];
      calls.push(
        ...started.map((call) =>
          call.catch((error) => void errors.push(error)).finally(() =>
            void ended.push(performance.now())
          )
        ),
      );
      if (i === 3) void awaitedLater(Promise.resolve(cut()));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(calls);
    for (const error of errors) ensureCode(error, "UNAVAILABLE", "a call");
    const ms = Math.max(...ended) - wentDown;
    ensure(ms < AT_ONCE_MS, `a call settled ${ms} ms after the state was down`);
    await restore();
    await untilState([one], "up");
  },

  async "an engine that is up again listens and watches on, and has kept all"(
    { engine, cut, restore },
  ) {
    const engines = [await engine(), await engine()];
    const [a, b] = engines as [Engine, Engine];
    const [texts, live] = [await listenTo(b, "c"), await watchOf(b, "t")];
    await a.append("t", bytesOf("before"), undefined);
    await a.swap("name", undefined, "value");
    const { end } = await a.read("t", undefined, Infinity);
    await until(() => live.length > 0, "the first message is watched");
    await cut();
    await untilState(engines, "down");
    await ensureRefused(
      () => a.append("t", bytesOf("lost"), undefined),
      "UNAVAILABLE",
      "append()",
    );
    await ensureRefused(
      () => a.send("c", bytesOf("lost")),
      "UNAVAILABLE",
      "send()",
    );
    await restore();
    await untilState(engines, "up");
    ensure(
      await b.swap("name", undefined, undefined) === "value",
      "a register",
    );
    await a.append("t", bytesOf("after"), undefined);
    const { messages, recovered } = await b.read("t", end, Infinity);
    ensureSame(messages.map(textOf), ["after"], "read since the cut");
    ensure(recovered, "the position before the cut is not recovered");
    // The other engine may be up, and not listen again yet.
    await until(() => {
      a.send("c", bytesOf("after"));
      return texts.length > 0;
    }, "b listens again");
    ensureSame(new Set(texts), ["after"], "heard");
    await until(async () => {
      await a.append("t", bytesOf("after"), undefined);
      return live.length > 1;
    }, "b watches again");
    ensureSame(new Set(live.map(textOf)), ["before", "after"], "watched");
  },

  async "subscribe() gives each message once, in one order, over an outage"(
    { node, cut, restore },
  ) {
    const nodes = [await node(), await node(), await node()];
    const seen = await Promise.all(nodes.map((one) => textsOf(one, "t")));
    const [accepted, refused, unsure]: Set<string>[] = [
      new Set(),
      new Set(),
      new Set(),
    ];
    let done = false;
    const publish = async (by: number) => {
      const one = nodes[by]!;
      for (let i = 0; !done; i++) {
        const text = `${by} ${i}`;
        const wasDown = one.state === "down";
        try {
          await one.publish("t", bytesOf(text));
          accepted!.add(text);
        } catch (error) {
          ensureCode(error, "UNAVAILABLE", "publish()");
          (wasDown ? refused! : unsure!).add(text);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const publishing = awaitedLater(Promise.all([publish(0), publish(1)]));
    for (let outage = 1; outage <= 2; outage++) {
      const before = accepted!.size;
      await until(() => accepted!.size > before + 20, "messages are published");
      await cut();
      await untilState(nodes, "down");
      const { size } = refused!;
      await until(() => refused!.size > size + 10, "messages are refused");
      await restore();
      await untilState(nodes, "up");
    }
    const before = accepted!.size;
    await until(() => accepted!.size > before + 20, "messages are published");
    done = true;
    await publishing;
    await nodes[2]!.publish("t", bytesOf("end"));
    for (const texts of seen) {
      await until(() => texts.includes("end"), "the last message comes");
      ensureSame(texts, seen[0]!, "what two nodes were given");
      const given = new Set(texts);
      ensure(given.size === texts.length, "a message was given twice");
      for (const text of accepted!) {
        ensure(given.has(text), `the message ${text} was not given`);
      }
      for (const text of refused!) {
        ensure(!given.has(text), `the message ${text} was refused, and given`);
      }
    }
  },

  async "request() rejects when the system goes away"(
    { node, cut, restore },
  ) {
    const nodes = [await node(), await node()];
    const [a, b] = [nodes[0]!, nodes[1]!];
    const { contexts } = serveNever(b);
    await untilServes(a, "never", b);
    const asked = rejection(
      a.request("never", bytesOf(""), { timeoutMs: 30_000 }),
      "a request when the system goes away",
    );
    await until(() => contexts.length > 0, "the handler is called");
    await cut();
    await untilState(nodes, "down");
    const since = performance.now();
    ensureCode(await asked, "UNAVAILABLE", "request()");
    ensure(performance.now() - since < AT_ONCE_MS, "it rejects late");
    ensure(contexts[0]!.signal.aborted, "the signal of the handler aborts");
    await ensureRefused(
      () => a.request("never", bytesOf("")),
      "UNAVAILABLE",
      "request()",
    );
    await restore();
    await untilState(nodes, "up");
    b.serve("echo", (bytes) => bytes);
    await untilServes(a, "echo", b);
    const bytes = await a.request("echo", bytesOf("again"));
    ensure(textOf({ bytes }) === "again", "another reply");
  },

  async "no node dies, and no name is lost, in a long outage"(
    { node, cut, restore },
  ) {
    const nodes = [await node(), await node(), await node()];
    const [a, b] = [nodes[0]!, nodes[1]!];
    await untilKnown(nodes, nodes);
    const claim = await a.claim("name", "note");
    const released = await a.claim("released");
    ensure(claim !== undefined && released !== undefined, "no claim");
    const gone: string[] = [];
    for (const one of nodes) {
      one.onNode((id, isAlive) => void (isAlive || gone.push(id)));
    }
    await cut();
    await untilState(nodes, "down");
    await ensureRefused(() => a.claim("new"), "UNAVAILABLE", "claim()");
    await ensureRefused(() => a.holder("name"), "UNAVAILABLE", "holder()");
    await ensureRefused(() => released.release(), "UNAVAILABLE", "release()");
    // Nobody may die in this time.
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    await restore();
    await untilState(nodes, "up");
    await until(
      async () => await holderOf(b, "released") === undefined,
      "the name is free that was released in the outage",
    );
    const holder = await b.holder("name");
    ensureSame(
      [holder?.nodeId, holder?.note],
      [a.nodeId, "note"],
      "the holder",
    );
    ensure(await b.claim("name") === undefined, "b gets the name of a");
    ensure(!claim.lost.aborted, "the claim is lost");
    await untilKnown(nodes, nodes);
    ensureSame(gone, [], "the nodes that seemed dead");
    ensure(await b.claim("new") !== undefined, "a name that nobody has");
  },
};

/** Who has a name; asked again where the system goes away meanwhile. */
async function holderOf(
  node: { holder(name: string): Promise<unknown> },
  name: string,
): Promise<unknown> {
  try {
    return await node.holder(name);
  } catch (error) {
    ensure(error instanceof NetError, `holder() rejected with ${error}`);
    return error;
  }
}

async function untilState(
  all: readonly { readonly state: string }[],
  state: "up" | "down",
): Promise<void> {
  await until(
    () => all.every((one) => one.state === state),
    `the state is ${state}`,
    30_000,
  );
}
