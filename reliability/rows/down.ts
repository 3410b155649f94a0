import { setTimeout as sleep } from "node:timers/promises";
import { connectMany, ms, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

const BUSY = 20;
const REQUESTS_EACH = 10;
const GRACE_MS = 3_000;
const NEWCOMERS = 10;

export const drain: Row = {
  name: "SIGTERM with requests",
  promise:
    "SIGTERM with 200 requests in flight: no reply lost, new connections refused, idle ones closed at once, exit within the grace time",
  bar:
    `200 replies, ${NEWCOMERS} of ${NEWCOMERS} new ones refused, 20 idle ones closed in 500 ms, exit with 0 in ${GRACE_MS} ms`,
  sabotage: "a grace time of 0",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("messages", {
      workMs: 1_000,
      graceMs: run.either(GRACE_MS, 0),
    });
    const idle = await connectMany(peer.port, 20);
    const busy = await connectMany(peer.port, BUSY);
    let replies = 0;
    for (const raw of busy) {
      for (let id = 1; id <= REQUESTS_EACH; id++) {
        raw.send(`["request",${id},"work",${id}]`);
      }
      void (async () => {
        for (let frame; (frame = await raw.frame()) !== undefined;) {
          if (frame.toString().startsWith('["reply"')) replies++;
        }
        // A client that was told to go, goes.
        raw.socket.end();
      })();
    }
    await until(
      async () =>
        (await peer.call<{ started: number }>("report")).started ===
          BUSY * REQUESTS_EACH,
      3_000,
    );
    for (const raw of idle) raw.socket.once("end", () => raw.socket.end());
    const start = performance.now();
    peer.kill("SIGTERM");
    const exit = peer.exited();
    await until(() => idle.every(({ overAt }) => overAt !== undefined), 500);
    const closed = idle.filter(({ overAt }) => overAt !== undefined).length;
    const refused = await countRefused(peer.port);
    const status = await Promise.race([exit, sleep(GRACE_MS + 500, "none")]);
    const exitMs = performance.now() - start;
    return {
      figure:
        `${replies} replies; ${refused} of ${NEWCOMERS} new ones refused; ${closed} of 20 idle ones closed; exit with ${status} after ${
          ms(exitMs)
        }`,
      holds: replies === BUSY * REQUESTS_EACH && refused === NEWCOMERS &&
        closed === 20 && status === 0 && exitMs <= GRACE_MS,
    };
  },
};

/** How many of some new connections nobody listens to any more. */
async function countRefused(port: number): Promise<number> {
  let refused = 0;
  for (let i = 0; i < NEWCOMERS; i++) {
    const taken = await Raw.connect(port).catch((error) => {
      if (error.code === "ECONNREFUSED") refused++;
    });
    taken?.socket.destroy();
  }
  return refused;
}
