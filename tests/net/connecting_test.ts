import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { type Connection, NetError } from "../../mod.ts";
import { networkOf } from "../../src/net/network.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";

/** The timers that are set and not yet called off while something runs. */
async function timersLeftBy(run: () => Promise<void>): Promise<number> {
  const { setTimeout, clearTimeout } = globalThis;
  const left = new Set<unknown>();
  Object.assign(globalThis, {
    setTimeout: (...given: Parameters<typeof setTimeout>) => {
      const timer = setTimeout(...given);
      left.add(timer);
      return timer;
    },
    clearTimeout: (timer: Parameters<typeof clearTimeout>[0]) => {
      left.delete(timer);
      clearTimeout(timer);
    },
  });
  try {
    await run();
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
  // A test that fails must not keep the process.
  for (const timer of left) clearTimeout(timer as number);
  return left.size;
}

/** A signal that counts its listeners. */
function countedSignal(): { signal: AbortSignal; listeners: Set<unknown> } {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_: string, listener: unknown) => {
    listeners.add(listener);
  };
  signal.removeEventListener = (_: string, listener: unknown) => {
    listeners.delete(listener);
  };
  return { signal, listeners };
}

test("connect() leaves no timer and no abort listener when it has connected [memory]", async () => {
  const network = memoryNetwork();
  await using _listener = await network.listen("memory:a");
  const { signal, listeners } = countedSignal();
  let client: Connection | undefined;
  const timers = await timersLeftBy(async () => {
    client = await network.connect("memory:a", { signal });
  });
  client?.abort();
  assertEquals(timers, 0);
  assertEquals(listeners.size, 0);
});

test("connect() leaves no timer and no abort listener when it fails [memory]", async () => {
  const { signal, listeners } = countedSignal();
  const timers = await timersLeftBy(async () => {
    await assertRejects(
      () => memoryNetwork().connect("memory:nobody", { signal }),
      NetError,
    );
  });
  assertEquals(timers, 0);
  assertEquals(listeners.size, 0);
});

test("Listener.close() aborts the connections that nobody has taken [memory]", async () => {
  const network = memoryNetwork();
  const listener = await network.listen("memory:a");
  const client = await network.connect("memory:a");
  await listener.close();
  const { by, error } = await client.closed;
  assertEquals(by, "remote");
  assertEquals((error as NetError).code, "CONNECTION_RESET");
});

test("connect() tells its adapter that it gives up after timeoutMs", async () => {
  let reason: unknown;
  const network = networkOf({
    connect: (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      }),
    listen: () => Promise.reject(new Error("not asked for")),
  });
  const error = await assertRejects(
    () => network.connect("memory:a", { timeoutMs: 1 }),
    NetError,
  );
  assertEquals(error.code, "TIMED_OUT");
  assertEquals(reason, error);
});
