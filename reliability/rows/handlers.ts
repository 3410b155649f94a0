import { connectMany, ms, Raw, until } from "../raw.ts";
import type { Finding, Row, Run } from "../row.ts";

const EACH = 30;
const LIMIT_MS = 500;

interface Report {
  readonly closes: Readonly<Record<number, string[]>>;
}

export const faultyHandlers: Row = {
  name: "handler throws or hangs",
  promise:
    "a handler throws, or never returns: its connection, or its request, alone ends; it times out",
  bar:
    `${EACH} that throw end at once, ${EACH} that hang within handlerTimeoutMs (${LIMIT_MS} ms) + 500 ms, ${EACH} others are answered; the same for ${EACH} requests of each kind on one connection, which goes on`,
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
    const requests = await askFaulty(run);
    return {
      figure: `throwing: ended after ${ms(longest(throwing))}; hanging: after ${
        ms(longest(hanging))
      }; ${answered} of ${EACH} others answered; ${
        Object.keys(closes).length
      } ended in all; requests: ${requests.figure}`,
      holds: longest(throwing) <= 500 && longest(hanging) <= LIMIT_MS + 500 &&
        answered === EACH && Object.keys(closes).length === 2 * EACH &&
        requests.holds && peer.unharmed,
    };
  },
};

/** Makes requests on one connection whose handlers throw, hang and answer. */
async function askFaulty(run: Run): Promise<Finding> {
  const peer = await run.start("messages", {
    options: { handlerTimeoutMs: run.either(LIMIT_MS, Infinity) },
  });
  const raw = await Raw.connect(peer.port);
  const start = performance.now();
  const commands = ["throw", "hang", "work"];
  for (let id = 0; id < 3 * EACH; id++) {
    raw.send(`["request",${id + 1},"${commands[id % 3]}",1]`);
  }
  const results = new Map<string, number>();
  const take = async (timeoutMs: number) => {
    const frame = await raw.frame(timeoutMs);
    if (frame === undefined) return;
    const [kind, id, code] = JSON.parse(frame.toString());
    const result = `${commands[(id - 1) % 3]}: ${kind} ${code}`;
    results.set(result, (results.get(result) ?? 0) + 1);
  };
  for (let i = 0; i < 3 * EACH; i++) {
    await take(LIMIT_MS + 500 - (performance.now() - start));
  }
  const after = performance.now() - start;
  raw.send(`["request",${3 * EACH + 3},"work",1]`);
  await take(1_000);
  const timedOut = results.get("hang: error HANDLER_TIMED_OUT") ?? 0;
  const failed = results.get("throw: error HANDLER_FAILED") ?? 0;
  const answered = results.get("work: reply 1") ?? 0;
  return {
    figure: `${failed} failed, ${timedOut} timed out after at most ${
      ms(after)
    }, ${answered} answered`,
    holds: failed === EACH && timedOut === EACH && answered === EACH + 1 &&
      peer.unharmed,
  };
}
