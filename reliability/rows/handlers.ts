import { connectMany, ms, until } from "../raw.ts";
import type { Row } from "../row.ts";

const EACH = 30;
const LIMIT_MS = 500;

interface Report {
  readonly closes: Readonly<Record<number, string[]>>;
}

export const faultyHandlers: Row = {
  name: "handler throws or hangs",
  promise:
    "a handler throws, or never returns: its connection alone ends; it times out",
  bar:
    `${EACH} that throw end at once, ${EACH} that hang within handlerTimeoutMs (${LIMIT_MS} ms) + 500 ms, ${EACH} others are answered`,
  sabotage: "handlerTimeoutMs: Infinity",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: "faulty",
      options: { handlerTimeoutMs: run.either(LIMIT_MS, Infinity) },
    });
    const good = await connectMany(peer.port, EACH);
    const throwing = await connectMany(peer.port, EACH);
    const hanging = await connectMany(peer.port, EACH);
    const start = performance.now();
    for (const raw of throwing) raw.send("throw");
    for (const raw of hanging) raw.send("hang");
    const during = await Promise.all(good.map((raw) => raw.echo()));
    await until(
      () => throwing.every(({ overAt }) => overAt !== undefined),
      1_000,
    );
    await until(
      () => hanging.every(({ overAt }) => overAt !== undefined),
      LIMIT_MS + 1_000,
    );
    const after = await Promise.all(good.map((raw) => raw.echo()));
    const longest = (all: typeof good) =>
      Math.max(...all.map(({ overAt = Infinity }) => overAt - start));
    const answered =
      after.filter((time, i) =>
        Number.isFinite(time) && Number.isFinite(during[i]!)
      ).length;
    const { closes } = await peer.call<Report>("report");
    return {
      figure: `throwing: ended after ${ms(longest(throwing))}; hanging: after ${
        ms(longest(hanging))
      }; ${answered} of ${EACH} others answered; ${
        Object.keys(closes).length
      } ended in all`,
      holds: longest(throwing) <= 500 && longest(hanging) <= LIMIT_MS + 500 &&
        answered === EACH && Object.keys(closes).length === 2 * EACH &&
        peer.unharmed,
    };
  },
};
