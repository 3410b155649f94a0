/** What `connect` and `listen` leave behind, whatever the adapter. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { createClient, lines, NetError } from "../../mod.ts";
import type { Adapter } from "../../src/net/adapter.ts";
import { networkOf } from "../../src/net/network.ts";
import type { Transport } from "../../src/net/transport.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

/** An adapter that does what the test says, and the timers and listeners there are. */
function scripted() {
  let accept: (transport: Transport) => void = () => {};
  const made: ScriptedTransport[] = [];
  let answer: "connected" | "refused" | "silent" = "connected";
  const adapter: Adapter = {
    connect(_to, { signal }) {
      if (answer === "refused") {
        return Promise.reject(new NetError("CONNECTION_REFUSED", "refused"));
      }
      if (answer === "silent") {
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      }
      const transport = new ScriptedTransport();
      made.push(transport);
      return Promise.resolve(transport);
    },
    listen(address, _settings, onConnection) {
      accept = onConnection;
      return Promise.resolve({ address, close: () => Promise.resolve() });
    },
  };
  return {
    network: networkOf(adapter),
    made,
    set answer(value: typeof answer) {
      answer = value;
    },
    accept(): ScriptedTransport {
      const transport = new ScriptedTransport();
      accept(transport);
      return transport;
    },
  };
}

/** Counts the timers of a length that are set, while a test runs. */
async function withTimers(
  ms: number,
  run: (timers: ReadonlySet<unknown>) => Promise<void>,
): Promise<void> {
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Set<unknown>();
  Object.assign(globalThis, {
    setTimeout(call: () => void, length?: number) {
      const timer = setTimeout(call, length);
      if (length === ms) timers.add(timer);
      return timer;
    },
    clearTimeout(timer: number) {
      timers.delete(timer);
      clearTimeout(timer);
    },
  });
  try {
    await run(timers);
  } finally {
    for (const timer of timers) clearTimeout(timer as number);
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

/** A signal that counts its listeners. */
function countedSignal() {
  const stop = new AbortController();
  const { signal } = stop;
  const { addEventListener, removeEventListener } = signal;
  const counted = { signal, stop, listeners: 0 };
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      counted.listeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      counted.listeners--;
      removeEventListener.apply(signal, args);
    },
  });
  return counted;
}

for (const answer of ["connected", "refused", "silent"] as const) {
  test(`connect() leaves no timer and no abort listener when it is ${answer}`, async () => {
    const timeoutMs = 123_456;
    await withTimers(timeoutMs, async (timers) => {
      const host = scripted();
      host.answer = answer;
      const counted = countedSignal();
      const { signal, stop } = counted;
      const connecting = host.network.connect("memory:x", {
        signal,
        timeoutMs,
      });
      assertEquals([timers.size, counted.listeners], [1, 1]);
      if (answer === "silent") stop.abort(new Error("changed my mind"));
      const result = await connecting.catch((error: unknown) => error);
      assertEquals(result instanceof Error, answer !== "connected");
      assertEquals([timers.size, counted.listeners], [0, 0]);
      if (answer !== "connected") return;
      // The signal was for connecting only.
      stop.abort();
      await turn();
      assertEquals(host.made[0]?.ends, []);
    });
  });
}

test("connect() gives up after timeoutMs, and tells the adapter", async () => {
  const host = scripted();
  host.answer = "silent";
  const error = await assertRejects(
    () => host.network.connect("memory:x", { timeoutMs: 1 }),
    NetError,
  );
  assertEquals(error.code, "TIMED_OUT");
});

for (const how of ["close()", "its signal"] as const) {
  test(`${how} of a listener aborts the connections that nobody has taken`, async () => {
    const host = scripted();
    const counted = countedSignal();
    const { signal, stop } = counted;
    const listener = await host.network.listen("memory:x", { signal });
    assertEquals(counted.listeners, 1);
    const waiting = [host.accept(), host.accept(), host.accept()];
    const connections = listener[Symbol.asyncIterator]();
    const taken = await connections.next();
    if (how === "close()") await listener.close();
    else stop.abort();
    await turn();
    assertEquals(waiting.map(({ ends }) => ends), [[], ["abort"], ["abort"]]);
    assertEquals(counted.listeners, 0);
    assertEquals((await connections.next()).done, true);
    assertEquals(host.accept().ends, ["abort"]);
    taken.value?.abort();
  });
}

test("listen() aborts connections above 512 that nobody takes", async () => {
  const host = scripted();
  const listener = await host.network.listen("memory:x");
  const all = Array.from({ length: 520 }, () => host.accept());
  const aborted = all.filter(({ ends }) => ends.includes("abort"));
  assertEquals(aborted, all.slice(512));
  await listener.close();
  assert(all.every(({ ends }) => ends.length === 1));
});

test("createClient() aborts its connection where it cannot put the format on it", async () => {
  const codec = lines();
  const fault = new Error("cannot be had");
  for (const half of ["decoder", "encoder"]) {
    const host = scripted();
    const broken = {
      ...codec,
      decoder: () => codec.decoder(),
      encoder: () => codec.encoder(),
      [half]() {
        throw fault;
      },
    };
    const { network } = host;
    const attempt = () =>
      createClient({ address: "memory:x", codec: broken, network });
    assertEquals(await assertRejects(attempt), fault);
    assertEquals(host.made.map(({ ends }) => ends), [["abort"]]);
  }
  const host = scripted();
  const { network } = host;
  for (const option of ["idleTimeoutMs", "maxSendBuffer"]) {
    await assertRejects(
      () => createClient({ address: "memory:x", codec, network, [option]: -1 }),
      RangeError,
      option,
    );
  }
  assert(host.made.every(({ ends }) => ends.join() === "abort"));
});
