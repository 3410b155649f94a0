/** Hosts with several addresses (RFC 8305). */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { parseAddress, type Transport } from "../../src/net/mod.ts";
import {
  connectToFirst,
  interleaved,
  ipAddressesOf,
} from "../../src/net/adapters/happy_eyeballs.ts";
import { withVirtualTime } from "../client/virtual_time.ts";

/** What an attempt does after a time. */
type Outcome = readonly [afterMs: number, answers: boolean];

/** Attempts at places that answer, fail, or do nothing. */
class Attempts {
  /** What happened, with the time. */
  readonly events: string[] = [];
  readonly #outcomes: Readonly<Record<string, Outcome>>;

  constructor(outcomes: Readonly<Record<string, Outcome>>) {
    this.#outcomes = outcomes;
  }

  get places(): string[] {
    return Object.keys(this.#outcomes);
  }

  readonly attempt = (place: string, signal: AbortSignal) =>
    new Promise<Transport>((resolve, reject) => {
      this.#tell("begun", place);
      const [afterMs, answers] = this.#outcomes[place]!;
      setTimeout(() => {
        if (signal.aborted) return;
        if (!answers) return reject(new Error(`none at ${place}`));
        const abort = () => this.#tell("released", place);
        resolve({ place, abort } as unknown as Transport);
      }, afterMs);
      signal.addEventListener("abort", () => {
        this.#tell("stopped", place);
        reject(signal.reason);
      });
    });

  #tell(what: string, place: string): void {
    this.events.push(`${performance.now()}: ${what} ${place}`);
  }
}

/** Runs the attempts in virtual time. */
async function race(
  outcomes: Readonly<Record<string, Outcome>>,
  delayMs: number,
): Promise<{ events: string[]; outcome: string }> {
  const attempts = new Attempts(outcomes);
  let outcome = "nothing yet";
  await withVirtualTime(Math.random, async (time) => {
    const { places, attempt } = attempts;
    const { signal } = new AbortController();
    const connecting = connectToFirst(places, delayMs, signal, attempt).then(
      (transport) =>
        outcome = (transport as unknown as { place: string }).place,
      (error) => outcome = error.message,
    );
    await time.run(5_000);
    void connecting;
  });
  return { events: attempts.events, outcome };
}

test("connectToFirst() tries the next address as well after the delay, and stops the loser", async () => {
  const { events, outcome } = await race(
    { silent: [Infinity, false], slow: [400, true], third: [10_000, true] },
    250,
  );
  assertEquals(outcome, "slow");
  assertEquals(events, [
    "0: begun silent",
    "250: begun slow",
    "500: begun third",
    "650: stopped silent",
    "650: stopped slow",
    "650: stopped third",
  ]);
});

test("connectToFirst() goes on with an address that is slower than the delay", async () => {
  const { outcome } = await race(
    { slow: [400, true], refused: [10, false] },
    250,
  );
  assertEquals(outcome, "slow");
});

test("connectToFirst() tries the next address at once when one has failed", async () => {
  const { events, outcome } = await race(
    { refused: [10, false], second: [10, true], third: [10, true] },
    250,
  );
  assertEquals(outcome, "second");
  assertEquals(events, [
    "0: begun refused",
    "10: begun second",
    "20: stopped refused",
    "20: stopped second",
  ]);
});

test("connectToFirst() has one attempt at a time without a delay", async () => {
  const { events, outcome } = await race(
    { slow: [4_000, false], second: [10, true] },
    Infinity,
  );
  assertEquals(outcome, "second");
  assertEquals(events.slice(0, 2), ["0: begun slow", "4000: begun second"]);
});

test("connectToFirst() releases a connection that comes at the same moment as another", async () => {
  const { events, outcome } = await race(
    { first: [300, true], second: [50, true] },
    250,
  );
  assertEquals(outcome, "first");
  const released = events.filter((event) => event.includes("released"));
  assertEquals(released, ["300: released second"]);
});

test("connectToFirst() rejects with the last failure when no address answers", async () => {
  const { outcome } = await race(
    { slow: [400, false], refused: [10, false] },
    250,
  );
  assertEquals(outcome, "none at slow");
});

test("connectToFirst() stops all attempts when its signal aborts", async () => {
  const attempts = new Attempts({ a: [Infinity, true], b: [Infinity, true] });
  const reason = new Error("enough");
  await withVirtualTime(Math.random, async (time) => {
    const stop = new AbortController();
    const { places, attempt } = attempts;
    const failed = assertRejects(() =>
      connectToFirst(places, 250, stop.signal, attempt)
    );
    await time.run(300);
    stop.abort(reason);
    assertEquals(await failed, reason);
  });
  assertEquals(attempts.events.slice(2), ["300: stopped a", "300: stopped b"]);
});

test("interleaved() takes the addresses of both families in turn", () => {
  const of = (...given: string[]) =>
    given.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
  assertEquals(interleaved(of("::1", "::2", "::3", "1.1.1.1")), [
    "::1",
    "1.1.1.1",
    "::2",
    "::3",
  ]);
  assertEquals(interleaved(of("1.1.1.1", "1.1.1.2", "::1", "::2")), [
    "1.1.1.1",
    "::1",
    "1.1.1.2",
    "::2",
  ]);
  assertEquals(interleaved(of("::1")), ["::1"]);
});

test("ipAddressesOf() resolves a name, and takes an address as it is", async () => {
  const { signal } = new AbortController();
  const to = parseAddress({ port: 1 });
  assertEquals(await ipAddressesOf(to, "::1", signal), ["::1"]);
  const found = await ipAddressesOf(to, "localhost", signal);
  assert(found.includes("127.0.0.1"), `${found}`);
  const reason = new Error("enough");
  const stop = new AbortController();
  const looking = ipAddressesOf(to, "localhost", stop.signal);
  stop.abort(reason);
  assertEquals(await assertRejects(() => looking), reason);
});
