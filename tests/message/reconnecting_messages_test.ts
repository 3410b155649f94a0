/** `reconnectingMessages()`, over the memory network and over real sockets. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  type Address,
  FrameError,
  NetError,
  type Network,
  serve,
} from "../../mod.ts";
import {
  type Commands,
  envelopes,
  MessageError,
  type MessageServer,
  type MessageServerOptions,
  reconnectingMessages,
  type ReconnectingMessagesOptions,
  type ReconnectingPeer,
  serveMessages,
} from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import { until } from "./support.ts";

type Options = ReconnectingMessagesOptions<Commands>;
type Server = MessageServer<Commands>;

/** Both kinds of network. */
const networks: readonly (readonly [name: string, network: () => World])[] = [
  ["memory", () => new World(memoryNetwork(), "memory:server")],
  ["sockets", () => new World(undefined, "tcp://127.0.0.1:0")],
];

/** A server that can be killed and started again, and clients of it. */
class World implements AsyncDisposable {
  /** What handlers were called with. */
  readonly handled: unknown[] = [];
  server: Server | undefined;
  readonly #network: { network?: Network };
  #address: Address | string;
  readonly #clients: ReconnectingPeer<Commands>[] = [];

  constructor(network: Network | undefined, address: string) {
    this.#network = network === undefined ? {} : { network };
    this.#address = address;
  }

  /** Listens, at the same address as the server before. */
  async start(
    options: Partial<MessageServerOptions<Commands>> = {},
  ): Promise<void> {
    const server = await serveMessages<Commands>({
      address: this.#address,
      ...this.#network,
      ...options,
    });
    this.server = server;
    this.#address = server.address;
    server.on("echo", (body) => {
      this.handled.push(body);
      return body;
    });
    server.on("never", (body) => {
      this.handled.push(body);
      return new Promise(() => undefined);
    });
    server.on("count", async function* (to: unknown) {
      for (let i = 0; i < Number(to); i++) yield await Promise.resolve(i);
    });
  }

  /** Ends the server and all its connections, without a word. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const peer of server?.peers ?? []) peer.abort(new Error("killed"));
    await server?.close({ graceMs: 0 });
  }

  client(options: Partial<Options> = {}): ReconnectingPeer {
    const client = reconnectingMessages<Commands>({
      address: this.#address,
      ...this.#network,
      initialDelayMs: 1,
      maxDelayMs: 2,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.abort();
    await Promise.all(this.#clients.map(({ closed }) => closed));
    await this.kill();
  }
}

/** How a promise was settled. */
function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

function codeOf(error: unknown): string {
  assert(
    error instanceof NetError || error instanceof MessageError ||
      error instanceof FrameError,
    `${error}`,
  );
  return error.code;
}

test("reconnectingMessages() sends again what was lost because of bad data", async () => {
  const network = memoryNetwork();
  let connections = 0;
  await using _server = await serve(
    { address: "memory:server", codec: envelopes(), network },
    async (connection) => {
      const isBad = ++connections === 1;
      for await (const [kind, id] of connection) {
        if (kind !== "request") continue;
        await connection.send(["reply", isBad ? 1_000 : Number(id), "fine"]);
      }
    },
  );
  const client = reconnectingMessages({
    address: "memory:server",
    network,
    initialDelayMs: 1,
  });
  const reply = client.request("any", 1, { repeatable: true });
  assertEquals(await reply, "fine");
  assertEquals(connections, 2);
  await client.close();
});

test("reconnectingMessages() goes on to the next server when one is killed under load", async () => {
  await using child = new Child([
    ...thisRuntime,
    projectFile("tests/message/killed_server.ts"),
  ]);
  await using next = await serveMessages({
    address: { port: 0 },
    handlers: { double: (n) => Number(n) * 2, die: () => null },
  });
  await using client = reconnectingMessages({
    address: [await child.firstLine, next.address],
    initialDelayMs: 1,
    maxRepeatsPercent: 100,
  });
  assertEquals(await client.request("double", 0), 0);
  const length = 200;
  const replies = Array.from(
    { length },
    (_, n) => client.request("double", n, { repeatable: true }),
  );
  await replies[5];
  const dying = outcomeOf(client.request("die", null));
  assertEquals(
    await Promise.all(replies),
    Array.from({ length }, (_, n) => n * 2),
  );
  assert(await dying instanceof NetError, "it is not sent to the next server");
  await child.ended;
});

for (const [name, world] of networks) {
  const check = (title: string, body: (world: World) => Promise<void>) =>
    test(`reconnectingMessages() ${title} [${name}]`, async () => {
      await using here = world();
      await here.start();
      await body(here);
    });

  check("answers requests over reconnects", async (world) => {
    const client = world.client();
    for (let i = 0; i < 3; i++) {
      assertEquals(await client.request("echo", i), i);
      assertEquals(client.state, "open");
      await world.kill();
      // A request that is sent before the end was noticed would be lost.
      await until(() => client.state !== "open");
      await world.start();
    }
    assertEquals(world.handled, [0, 1, 2]);
  });

  check(
    "keeps requests and events in order while there is no connection",
    async (world) => {
      const client = world.client();
      await client.request("echo", "first");
      await world.kill();
      await until(() => client.state !== "open");
      const heard: unknown[] = [];
      const replies = ["a", "b", "c"].map((one) => client.request("echo", one));
      const emitted = client.emit("news", 1);
      await world.start({ events: { news: (body) => void heard.push(body) } });
      assertEquals(await Promise.all(replies), ["a", "b", "c"]);
      await emitted;
      await client.request("echo", "last");
      assertEquals(heard, [1]);
      assertEquals(world.handled, ["first", "a", "b", "c", "last"]);
    },
  );

  check(
    "rejects what was sent when the connection ended, and sends it once",
    async (world) => {
      const client = world.client();
      const lost = outcomeOf(client.request("never", "once"));
      await until(() => world.handled.length === 1);
      await world.kill();
      await world.start();
      assert(await lost instanceof NetError, `${await lost}`);
      assertEquals(await client.request("echo", "next"), "next");
      assertEquals(world.handled, ["once", "next"]);
    },
  );

  check(
    "sends again what is repeatable, at most maxRepeats times",
    async (world) => {
      const client = world.client({ maxRepeats: 2 });
      const lost = outcomeOf(
        client.request("never", "again", { repeatable: true }),
      );
      for (let i = 1; i <= 3; i++) {
        await until(() => world.handled.length === i);
        await world.kill();
        await world.start();
      }
      assert(await lost instanceof NetError, `${await lost}`);
      assertEquals(await client.request("echo", "next"), "next");
      assertEquals(world.handled, ["again", "again", "again", "next"]);
    },
  );

  check("repeats no more than its budget", async (world) => {
    const client = world.client({ maxRepeatsPercent: 20 });
    const all = Array.from(
      { length: 100 },
      (_, i) => outcomeOf(client.request("never", i, { repeatable: true })),
    );
    await until(() => world.handled.length === 100);
    await world.kill();
    await world.start();
    const rejected = await Promise.all(all.slice(20));
    for (const error of rejected) {
      assert(error instanceof NetError);
      assert(error.message.includes("(maxRepeatsPercent)"), error.message);
    }
    await until(() => world.handled.length === 120);
    await client.request("echo", "last");
    assertEquals(world.handled.slice(100, 120), world.handled.slice(0, 20));
    assertEquals(world.handled.length, 121);
  });

  check(
    "refuses more requests than maxQueued, and gives each its own time",
    async (world) => {
      await world.kill();
      const client = world.client({ maxQueued: 2 });
      const late = outcomeOf(client.request("echo", 1, { timeoutMs: 30 }));
      const stop = new AbortController();
      const reason = new Error("enough");
      const { signal } = stop;
      const cancelled = outcomeOf(client.request("echo", 2, { signal }));
      const refused = outcomeOf(client.request("echo", 3));
      assertEquals(codeOf(await refused), "SEND_BUFFER_FULL");
      assertEquals(codeOf(await late), "TIMED_OUT");
      stop.abort(reason);
      assertEquals(await cancelled, reason);
      await world.start();
      assertEquals(await client.request("echo", 4), 4);
      assertEquals(world.handled, [4]);
    },
  );

  check("rejects at once what cannot be sent at all", async (world) => {
    const client = world.client();
    await client.request("echo", 1);
    const bad = 1n as unknown as string;
    const error = await assertRejects(() => client.request("echo", bad));
    assert(error instanceof FrameError || error instanceof TypeError);
    await assertRejects(
      () => client.request("echo", 1, { timeoutMs: 0 }),
      RangeError,
      "timeoutMs",
    );
    assertEquals(await client.request("echo", 2), 2);
  });

  check(
    "logs in at each connection, before anything else is sent",
    async (world) => {
      let logins = 0;
      const client = world.client({
        login: async (peer) => {
          logins++;
          await peer.request("echo", `login ${logins}`);
        },
      });
      assertEquals(await client.request("echo", "a"), "a");
      await world.kill();
      await until(() => client.state !== "open");
      const waiting = client.request("echo", "b");
      await world.start();
      assertEquals(await waiting, "b");
      assertEquals(world.handled, ["login 1", "a", "login 2", "b"]);
    },
  );

  check("ends when its login throws, and rejects what waits", async (world) => {
    const error = new MessageError("NOT_ALLOWED", "The password is wrong");
    const client = world.client({ login: () => Promise.reject(error) });
    const waiting = await outcomeOf(client.request("echo", 1));
    assertEquals(codeOf(waiting), "CONNECTION_CLOSED");
    assertEquals((waiting as NetError).cause, error);
    assertEquals(await client.closed, { by: "failure", error });
    assertEquals(client.state, "closed");
    assertEquals(
      codeOf(await outcomeOf(client.request("echo", 1))),
      "CONNECTION_CLOSED",
    );
    assertThrows(() => void client.emit("news", 1), NetError, "closed");
    assertEquals(world.handled, []);
  });

  check("logs in again where the server was closing", async (world) => {
    let logins = 0;
    const client = world.client({
      login: () => {
        if (++logins < 3) throw new MessageError("CLOSING", "not now");
      },
    });
    assertEquals(await client.request("echo", 1), 1);
    assertEquals(logins, 3);
  });

  check("keeps handlers and listeners over reconnects", async (world) => {
    const heard: unknown[] = [];
    const client = world.client({ handlers: { hidden: () => 0 } });
    client.on("who", () => "the client");
    client.onEvent("news", (body) => void heard.push(body));
    const remove = client.onEvent("news", () => void heard.push("removed"));
    for (let i = 0; i < 2; i++) {
      await client.request("echo", i);
      const [peer] = world.server!.peers;
      await peer!.emit("news", i);
      assertEquals(await peer!.request("who", null), "the client");
      if (i > 0) continue;
      remove();
      await peer!.emit("news", "without it");
      await peer!.request("who", null);
      await world.kill();
      await until(() => client.state !== "open");
      await world.start();
    }
    assertEquals(heard, [0, "removed", "without it", 1]);
  });

  check(
    "streams on the next connection, and never a second time",
    async (world) => {
      await world.kill();
      const client = world.client();
      const items: unknown[] = [];
      const reading = (async () => {
        for await (const item of client.stream("count", 3)) items.push(item);
      })();
      await world.start();
      await reading;
      assertEquals(items, [0, 1, 2]);
      const endless = client.stream("count", 1e9);
      await endless.next();
      await world.kill();
      await assertRejects(async () => {
        while ((await endless.next()).done !== true);
      });
    },
  );

  check(
    "takes another connection while the one before finishes",
    async (world) => {
      const client = world.client({ stableAfterMs: 0 });
      const slow = Promise.withResolvers<string>();
      const server = world.server!;
      server.on("slow", () => slow.promise);
      const reply = client.request("slow", null);
      await client.request("echo", 1);
      const [old] = world.server!.peers;
      client.reconnect();
      assertEquals(await client.request("echo", 2), 2);
      assertEquals(world.server!.peers.size, 2);
      slow.resolve("done");
      assertEquals(await reply, "done");
      assertEquals((await old!.closed).error, undefined);
      await until(() => world.server!.peers.size === 1);
    },
  );

  check(
    "takes another connection when the server is closing",
    async (world) => {
      const client = world.client({ stableAfterMs: 0 });
      let refusals = 1;
      const server = world.server!;
      const asked = new Set<unknown>();
      server.on("once", (_, { peer }) => {
        asked.add(peer);
        if (refusals-- > 0) throw new MessageError("CLOSING", "not any more");
        return true;
      });
      const once = () => client.request("once", null);
      assertEquals(codeOf(await outcomeOf(once())), "CLOSING");
      refusals = 1;
      const again = client.request("once", null, { repeatable: true });
      assertEquals(await again, true);
      assertEquals(asked.size, 3);
    },
  );

  check(
    "sends elsewhere what a server that closes has not handled",
    async (world) => {
      const client = world.client({ stableAfterMs: 0 });
      assertEquals(await client.request("echo", 0), 0);
      const closed = world.server!.close();
      // They meet the word of the server that it goes.
      const late = [1, 2, 3].map((n) => client.request("echo", n));
      await closed;
      await world.start();
      assertEquals(await Promise.all(late), [1, 2, 3]);
      assertEquals(world.handled, [0, 1, 2, 3]);
    },
  );

  check("closes when the requests under way are answered", async (world) => {
    const client = world.client();
    const slow = Promise.withResolvers<string>();
    const server = world.server!;
    server.on("slow", () => slow.promise);
    await client.request("echo", 1);
    const reply = client.request("slow", null);
    const closing = client.close();
    assertEquals(
      codeOf(await outcomeOf(client.request("echo", 2))),
      "CONNECTION_CLOSED",
    );
    slow.resolve("done");
    assertEquals(await reply, "done");
    await closing;
    assertEquals(await client.closed, { by: "local" });
    assertEquals(world.handled, [1]);
  });

  check(
    "closes after graceMs, whatever is under way or waits",
    async (world) => {
      const client = world.client();
      const lost = outcomeOf(client.request("never", 1));
      await until(() => world.handled.length === 1);
      await client.close({ graceMs: 10 });
      assert(await lost instanceof NetError);

      await world.kill();
      const offline = world.client();
      const waiting = outcomeOf(offline.request("echo", 2));
      await offline.close();
      assertEquals(codeOf(await waiting), "CONNECTION_CLOSED");
      assertEquals(await offline.closed, { by: "local" });
    },
  );

  check("ends when its signal aborts, in any state", async (world) => {
    const error = new Error("enough");
    const inState = async (
      prepare: (client: ReconnectingPeer) => Promise<unknown>,
      options: Partial<Options> = {},
    ) => {
      const stop = new AbortController();
      const client = world.client({ ...options, signal: stop.signal });
      await prepare(client);
      const waiting = outcomeOf(client.request("never", 1));
      stop.abort(error);
      assert(await waiting instanceof Error);
      assertEquals(await client.closed, { by: "local", error });
      assertEquals(client.state, "closed");
    };
    await inState((client) => client.request("echo", 1));
    await inState(() => Promise.resolve());
    await inState(
      (client) => until(() => client.state === "connecting"),
      { login: () => new Promise<void>(() => undefined) },
    );
    await world.kill();
    await inState(
      (client) => until(() => client.state === "waiting"),
      { initialDelayMs: 1e6, maxDelayMs: 1e6 },
    );
    const client = world.client({ signal: AbortSignal.abort(error) });
    assertEquals(await client.closed, { by: "local", error });
  });

  check("tells its states, and always the newest last", async (world) => {
    const client = world.client({ initialDelayMs: 20 });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const state of client.states()) seen.push(state);
    })();
    await client.request("echo", 1);
    await world.kill();
    await until(() => seen.includes("waiting"));
    await world.start();
    await client.request("echo", 2);
    await client.close();
    await reading;
    assertEquals(seen.slice(0, 3), ["connecting", "open", "waiting"]);
    assertEquals(seen.slice(-2), ["open", "closed"]);
    assertEquals(client.state, "closed");
  });

  check(
    "settles every request once while its server is killed 50 times under load",
    async (world) => {
      const client = world.client({
        maxRepeatsPercent: 100,
        maxRepeats: 1_000,
      });
      let isOver = false;
      /** How often each request was settled, and with what. */
      const settled = new Map<string, number>();
      let replies = 0;
      let errors = 0;
      const ask = async (user: number) => {
        for (let i = 0; !isOver; i++) {
          const repeatable = i % 2 === 0;
          const body = `${repeatable ? "safe" : "once"} ${user} ${i}`;
          settled.set(body, 0);
          await client.request("echo", body, { repeatable }).then(
            (reply) => {
              assertEquals(reply, body);
              replies++;
            },
            (error) => {
              assert(!repeatable, `${body}: ${error}`);
              errors++;
            },
          );
          settled.set(body, settled.get(body)! + 1);
        }
      };
      const users = Array.from({ length: 20 }, (_, user) => ask(user));
      for (let i = 0; i < 50; i++) {
        const before = world.handled.length;
        await until(() => world.handled.length > before + 20);
        await world.kill();
        await world.start();
      }
      isOver = true;
      await Promise.all(users);
      assert([...settled.values()].every((times) => times === 1));
      assert(
        replies > 1_000 && errors > 0,
        `${replies} replies, ${errors} errors`,
      );
      const handled = new Map<unknown, number>();
      for (const one of world.handled) {
        handled.set(one, (handled.get(one) ?? 0) + 1);
      }
      for (const [body, times] of handled) {
        if (times > 1) assert(String(body).startsWith("safe"), `${body}`);
      }
      for (const body of settled.keys()) {
        if (body.startsWith("safe")) assert(handled.has(body), body);
      }
    },
  );
}
