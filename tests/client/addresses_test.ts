/** Clients of several addresses. */

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type AddressLike,
  type Connection,
  createClient,
  formatAddress,
  lines,
  listen,
  NetError,
  type NetErrorCode,
  reconnecting,
  serve,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { withVirtualTime } from "./virtual_time.ts";

const codec = lines();
const three = ["memory:a", "memory:b", "memory:c"];

/** A network on which nobody answers, and what it was asked for. */
class NobodyThere {
  /** The addresses, and how long each attempt might have taken. */
  readonly attempts: [address: AddressLike, timeoutMs: number | undefined][] =
    [];
  readonly #answer: (address: AddressLike) => NetErrorCode;
  readonly #tookMs: number;

  constructor(answer: (address: AddressLike) => NetErrorCode, tookMs = 0) {
    this.#answer = answer;
    this.#tookMs = tookMs;
  }

  async connect(
    address: AddressLike,
    { timeoutMs }: { timeoutMs?: number } = {},
  ): Promise<Connection> {
    this.attempts.push([address, timeoutMs]);
    await new Promise<void>((resolve) => setTimeout(resolve, this.#tookMs));
    throw new NetError(this.#answer(address), `none at ${address}`);
  }
}

test("createClient() takes the first of its addresses that answers", async () => {
  const gone = await listen({ port: 0 });
  await gone.close();
  await using server = await serve(
    { address: { port: 0 }, codec },
    async (connection) => void await connection.send("hello"),
  );
  await using client = await createClient({
    address: [gone.address, formatAddress(server.address), gone.address],
    codec,
  });
  assertEquals(await client.receive(), "hello");
});

test("createClient() says what each of its addresses answered", async () => {
  const network = new NobodyThere((address) =>
    address === "memory:b" ? "TIMED_OUT" : "CONNECTION_REFUSED"
  );
  const error = await assertRejects(
    () => createClient({ address: three, codec, network }),
    NetError,
    "Cannot connect to any of 3 addresses: " +
      "memory:a: CONNECTION_REFUSED, none at memory:a; " +
      "memory:b: TIMED_OUT, none at memory:b; " +
      "memory:c: CONNECTION_REFUSED, none at memory:c",
  );
  assertEquals(error.code, "CONNECTION_REFUSED");
  const { errors } = error.cause as AggregateError;
  assertEquals(errors.map(({ code }) => code), [
    "CONNECTION_REFUSED",
    "TIMED_OUT",
    "CONNECTION_REFUSED",
  ]);
});

test("createClient() gives each address an equal share of the time that is left", async () => {
  for (
    const [tookMs, expected] of [
      // Each fails at once: the last has nearly all the time.
      [0, [3_000, 4_500, 9_000]],
      [3_000, [3_000, 3_000, 3_000]],
      // Even one that was given too little time is asked.
      [9_000, [3_000, 1, 1]],
    ] as const
  ) {
    await withVirtualTime(Math.random, async (time) => {
      const network = new NobodyThere(() => "TIMED_OUT", tookMs);
      const failed = assertRejects(
        () =>
          createClient({ address: three, codec, network, timeoutMs: 9_000 }),
        NetError,
      );
      await time.run(30_000);
      await failed;
      assertEquals(network.attempts, three.map((one, i) => [one, expected[i]]));
    });
  }
});

test("createClient() does not go on to the next address after its signal or a fault", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const aborting = {
    calls: 0,
    connect() {
      this.calls++;
      stop.abort(reason);
      return Promise.reject(reason);
    },
  };
  const { signal } = stop;
  const aborted = await assertRejects(() =>
    createClient({ address: three, codec, network: aborting, signal })
  );
  assertEquals(aborted, reason);
  assertEquals(aborting.calls, 1);

  const faulty = {
    calls: 0,
    connect() {
      this.calls++;
      return Promise.reject(new RangeError("a fault"));
    },
  };
  await assertRejects(
    () => createClient({ address: three, codec, network: faulty }),
    RangeError,
  );
  assertEquals(faulty.calls, 1);
});

test("Clients refuse a list of addresses with a bad one, or with none, before they connect", async () => {
  const network = new NobodyThere(() => "CONNECTION_REFUSED");
  const bad: [readonly AddressLike[], string][] = [
    [[], "expected at least one"],
    [["memory:a", "nonsense"], "nonsense"],
  ];
  for (const [address, told] of bad) {
    const options = { address, codec, network };
    await assertRejects(() => createClient(options), TypeError, told);
    assertThrows(() => reconnecting(options), TypeError, told);
  }
  const udp = { address: ["memory:a", "udp://127.0.0.1:1"], codec, network };
  assertThrows(() => reconnecting(udp), TypeError, "udp");
  assertEquals(network.attempts, []);
});

test("reconnecting() goes on with the next address at each attempt, and begins again", async () => {
  const network = new NobodyThere(() => "CONNECTION_REFUSED");
  await assertRejects(
    () =>
      reconnecting({
        address: three,
        codec,
        network,
        initialDelayMs: 1,
        maxDelayMs: 1,
        maxAttempts: 5,
      }).next(),
    NetError,
    "none at memory:b",
  );
  const asked = network.attempts.map(([address]) => address);
  assertEquals(asked, [...three, "memory:a", "memory:b"]);
});

test("reconnecting() goes on to the next address after the end of a connection", async () => {
  const network = memoryNetwork();
  const greet = (name: string) =>
    serve(
      { address: `memory:${name}`, codec, network },
      async (connection) => void await connection.send(name),
    );
  await using _a = await greet("a");
  await using _b = await greet("b");
  const heard: (string | undefined)[] = [];
  for await (
    const connection of reconnecting({
      address: ["memory:a", "memory:b"],
      codec,
      network,
      initialDelayMs: 1,
    })
  ) {
    heard.push(await connection.receive());
    if (heard.length === 3) break;
  }
  assertEquals(heard, ["a", "b", "a"]);
  assert(_a.address !== _b.address);
});
