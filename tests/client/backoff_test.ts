import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type Connection,
  lines,
  listen,
  NetError,
  type Network,
  reconnecting,
  serve,
} from "../../mod.ts";
import { mulberry, withVirtualTime } from "./virtual_time.ts";

const codec = lines();
const address = "memory:server";

/** A server that is there or not, and closes each connection after a time. */
class FakeServer implements Pick<Network, "connect"> {
  isUp = true;
  /** When it was called, in milliseconds. */
  readonly calls: number[] = [];
  readonly #lastsMs: () => number;

  constructor(lastsMs: () => number) {
    this.#lastsMs = lastsMs;
  }

  connect(): Promise<Connection> {
    this.calls.push(performance.now());
    if (!this.isUp) {
      return Promise.reject(new NetError("CONNECTION_REFUSED", "it is down"));
    }
    let end: () => void = () => {};
    const closed = new Promise<{ by: "remote" }>((resolve) => {
      end = () => resolve({ by: "remote" });
    });
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        setTimeout(() => {
          controller.close();
          end();
        }, this.#lastsMs());
      },
    });
    const place = { transport: "memory", name: "server" } as const;
    return Promise.resolve({
      readable,
      writable: new WritableStream<Uint8Array>(),
      localAddress: place,
      remoteAddress: place,
      closed,
      closeWrite: () => Promise.resolve(),
      close: () => Promise.resolve(),
      abort: end,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }
}

/** One client that reads each connection to its end, until it is stopped. */
async function client(
  network: FakeServer,
  signal: AbortSignal,
  options: { stableAfterMs?: number; maxDelayMs?: number } = {},
  onRetry: (delayMs: number) => void = () => undefined,
): Promise<void> {
  try {
    for await (
      const connection of reconnecting({
        address,
        codec,
        network,
        signal,
        ...options,
        onRetry: (_, delayMs) => onRetry(delayMs),
      })
    ) {
      await connection.receive();
    }
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
}

/** How many of the times fall into the fullest 100 ms. */
function fullest(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; to < sorted.length; to++) {
    while (sorted[to]! - sorted[from]! > 100) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

test("reconnecting() spreads 500 clients of a server that restarts", async () => {
  for (const downMs of [0, 3_000]) {
    for (let seed = 1; seed <= 2; seed++) {
      await withVirtualTime(mulberry(seed), async (time) => {
        const restart = 60_000;
        const server = new FakeServer(() => {
          const left = restart - performance.now();
          return left > 0 ? left : 1e9;
        });
        const stop = new AbortController();
        const clients = Array.from(
          { length: 500 },
          () => client(server, stop.signal),
        );
        await time.run(restart - 1);
        server.calls.length = 0;
        server.isUp = false;
        await time.run(restart + downMs);
        server.isUp = true;
        await time.run(restart + 20_000);
        stop.abort(new Error("enough"));
        await time.run(restart + 20_001);
        await Promise.all(clients);
        assert(server.calls.length >= 500, `${server.calls.length} calls`);
        const most = fullest(server.calls);
        assert(most <= 100, `${most} within 100 ms, seed ${seed}`);
      });
    }
  }
});

test("reconnecting() calls a server that greets and hangs up at most 12 times in 60 s", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    await withVirtualTime(mulberry(seed), async (time) => {
      const server = new FakeServer(() => 1);
      const stop = new AbortController();
      const ended = client(server, stop.signal);
      await time.run(60_000);
      stop.abort(new Error("enough"));
      await time.run(60_001);
      await ended;
      assert(
        server.calls.length >= 4 && server.calls.length <= 12,
        `${server.calls.length} calls, seed ${seed}`,
      );
    });
  }
});

test("reconnecting() doubles the limit of a random wait up to maxDelayMs", async () => {
  for (
    const [part, expected] of [
      [1, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]],
      [0.5, [500, 1_000, 2_000, 4_000, 5_000, 5_000]],
      [0, [0, 0, 0, 0, 0, 0]],
    ] as const
  ) {
    await withVirtualTime(() => part, async (time) => {
      const server = new FakeServer(() => 0);
      server.isUp = false;
      const delays: number[] = [];
      const stop = new AbortController();
      const ended = client(
        server,
        stop.signal,
        { maxDelayMs: 10_000 },
        (delayMs) => {
          delays.push(delayMs);
          if (delays.length === 6) stop.abort(new Error("enough"));
        },
      );
      await time.run(60_000);
      await ended;
      assertEquals(delays, [...expected]);
    });
  }
});

test("reconnecting() starts the waits anew after a connection that has lasted stableAfterMs", async () => {
  for (
    const [stableAfterMs, expected] of [
      [undefined, [1_000, 2_000, 1_000, 2_000, 4_000]],
      [100, [1_000, 1_000, 1_000, 1_000, 1_000]],
      [Infinity, [1_000, 2_000, 4_000, 8_000, 16_000]],
    ] as const
  ) {
    await withVirtualTime(() => 1, async (time) => {
      // The third lasts long enough for the default.
      const lasts = [100, 9_999, 10_000, 100, 100];
      const server = new FakeServer(() => lasts.shift() ?? 100);
      const delays: number[] = [];
      const stop = new AbortController();
      const ended = client(
        server,
        stop.signal,
        stableAfterMs === undefined ? {} : { stableAfterMs },
        (delayMs) => {
          delays.push(delayMs);
          if (delays.length === 5) stop.abort(new Error("enough"));
        },
      );
      await time.run(100_000);
      await ended;
      assertEquals(delays, [...expected]);
    });
  }
});

test("reconnecting() comes back spread to a real server that restarts", async () => {
  let arrivals: number[] = [];
  const count = 100;
  const handler = (connection: { receive(): Promise<unknown> }) => {
    arrivals.push(performance.now());
    return connection.receive().then(() => undefined);
  };
  const first = await serve({ address: { port: 0 }, codec }, handler);
  const stop = new AbortController();
  const reason = new Error("enough");
  const clients = Array.from({ length: count }, async () => {
    const error = await assertRejects(async () => {
      for await (
        const connection of reconnecting({
          address: first.address,
          codec,
          signal: stop.signal,
        })
      ) {
        await connection.receive().catch(() => undefined);
      }
    });
    assertEquals(error, reason);
  });
  await waitUntil(() => arrivals.length === count);
  arrivals = [];
  await first.close({ graceMs: 10 });
  const second = await serve({ address: first.address, codec }, handler);
  await waitUntil(() => arrivals.length === count);
  const took = Math.max(...arrivals) - Math.min(...arrivals);
  assert(took > 500, `all came back within ${took} ms`);
  stop.abort(reason);
  await Promise.all(clients);
  await second.close();
});

test("reconnecting() throws at once where connecting is not allowed", async () => {
  const denied = new NetError("PERMISSION_DENIED", "not allowed");
  let calls = 0;
  const connections = reconnecting({
    address,
    codec,
    network: { connect: () => (calls++, Promise.reject(denied)) },
  });
  await assertRejects(() => connections.next(), NetError, "not allowed");
  assertEquals(calls, 1);
});

test("reconnecting() throws at once for what can never work", async () => {
  const port = 1;
  const bad: [Record<string, unknown>, string][] = [
    [{ address: "tcp://127.0.0.1:99999" }, "99999"],
    [{ address: { port: 99_999 } }, "99999"],
    [{ address: { port: 0 } }, "port"],
    [{ address: "nonsense" }, "nonsense"],
    [{ address: "udp://127.0.0.1:1" }, "udp"],
    [{ address: undefined }, "address"],
    [{ address: 2_000 }, ""],
    [{ codec: undefined }, "codec"],
    [{ codec: lines }, "codec"],
  ];
  for (const [options, word] of bad) {
    assertThrows(
      () => open({ address: { port }, codec, ...options }),
      TypeError,
      word,
    );
  }
  for (const name of ["initialDelayMs", "maxDelayMs", "stableAfterMs"]) {
    for (const value of [NaN, -1]) {
      assertThrows(
        () => open({ address: { port }, codec, [name]: value }),
        RangeError,
        name,
      );
    }
  }
  for (
    const [name, value] of [
      ["initialDelayMs", 0],
      ["initialDelayMs", Infinity],
      ["maxDelayMs", 0],
      ["maxAttempts", 0],
      ["maxAttempts", 1.5],
      ["maxAttempts", NaN],
    ] as const
  ) {
    assertThrows(
      () => open({ address: { port }, codec, [name]: value }),
      RangeError,
      name,
    );
  }
  // What is first seen while connecting is not retried either.
  const faults = [
    { codec: { ...codec, decoder: () => fail(new TypeError("a fault")) } },
    { network: { connect: () => Promise.reject(new RangeError("a fault")) } },
    { network: { connect: () => fail(new TypeError("a fault")) } },
  ];
  await using listener = await listen({ port: 0 });
  for (const fault of faults) {
    let retries = 0;
    const connections = open({
      address: listener.address,
      codec,
      ...fault,
      onRetry: () => retries++,
    });
    const error = await assertRejects(() => connections.next());
    assert(error instanceof TypeError || error instanceof RangeError);
    assertEquals(retries, 0);
  }
});

test("reconnecting() tells onRetry why", async () => {
  const listener = await listen({ port: 0 });
  const gone = listener.address;
  await listener.close();
  const reasons: unknown[] = [];
  await assertRejects(() =>
    reconnecting({
      address: gone,
      codec,
      initialDelayMs: 1,
      maxAttempts: 2,
      onRetry: (error) => reasons.push(error),
    }).next()
  );
  assertEquals(reasons.length, 1);
  assertInstanceOf(reasons[0], NetError);
});

/** Takes options that the types would refuse. */
function open(options: object): AsyncGenerator<unknown, void, void> {
  return reconnecting(options as Parameters<typeof reconnecting>[0]);
}

function fail(error: Error): never {
  throw error;
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
