import type { Engine } from "../backplane/engine.ts";
import {
  type BackplaneTestBodies,
  bytesOf,
  ensureRefused,
  ensureSame,
  ODD_NAMES,
  until,
} from "./backplane_context.ts";
import { listenTo, watchOf } from "./engine_context.ts";
import { ensure } from "./recorder.ts";

/** What an engine promises of its registers, and of its end. */
export const registerTests: BackplaneTestBodies = {
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

async function registersOf(engine: Engine): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, value] of engine.registers()) {
    found.push(`${name} ${value}`);
  }
  return found.sort();
}
