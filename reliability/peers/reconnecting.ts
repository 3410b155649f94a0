/** A client of messages that connects again by itself, and asks all the time. */
import { reconnectingMessages } from "../../src/message/mod.ts";
import { answer, givenSettings } from "./control.ts";

interface Settings {
  /** Whether all requests are marked as repeatable, also those that are not. */
  readonly repeatsAll?: boolean;
}

const UNDER_WAY = 20;

const { repeatsAll = false } = givenSettings<Settings>();
/** What came of the requests: even numbers can be repeated, odd ones cannot. */
const report = { requests: 0, replies: 0, lost: 0, lostRepeatable: 0 };
const stop = new AbortController();
let atWork: Promise<unknown> = Promise.resolve();

async function ask(port: number): Promise<void> {
  await using client = reconnectingMessages({
    address: { port },
    initialDelayMs: 20,
    maxDelayMs: 100,
  });
  const loops = Array.from({ length: UNDER_WAY }, async () => {
    while (!stop.signal.aborted) {
      const number = report.requests++;
      const isRepeatable = number % 2 === 0;
      try {
        const repeatable = isRepeatable || repeatsAll;
        await client.request("work", number, { repeatable });
        report.replies++;
      } catch {
        report[isRepeatable ? "lostRepeatable" : "lost"]++;
      }
    }
  });
  await Promise.all(loops);
}

await answer({}, {
  ask: (port: number) => {
    atWork = ask(port);
  },
  finishAsking: async () => {
    stop.abort();
    await atWork;
    return report;
  },
});
