/** What connections get that have subscribed to topics, on one server and on several. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  createClient,
  defineCodec,
  type FramedConnection,
  lines,
  NetError,
  serve,
  type ServeOptions,
  type ServerConnection,
  type TopicsOptions,
} from "../../mod.ts";
import {
  createBackplane,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { serveMessages } from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { turn } from "../support/scripted_transport.ts";

const codec = lines();
const network = memoryNetwork();
let addresses = 0;

type Options = Partial<ServeOptions<string>>;

/** Subscribes to what a client names behind a “+”, and unsubscribes behind a “-”. */
async function subscribing(connection: ServerConnection<string>) {
  for await (const line of connection) {
    const topic = line.slice(1);
    if (line.startsWith("+")) await connection.subscribe(topic);
    else connection.unsubscribe(topic);
    await connection.send(line);
  }
}

/** A server of lines in memory. */
function served(options: Options = {}) {
  const address = `memory:topics-${addresses++}`;
  return serve({ address, codec, network, ...options }, subscribing);
}

type Served = Awaited<ReturnType<typeof served>>;

/** What an engine is asked for topics. Its own node listens elsewhere. */
function spied(engine: MemoryEngine) {
  const spy = {
    /** What is listened to and watched now. */
    open: [] as string[],
    /** What has arrived, and where. */
    arrived: [] as string[],
    /** Called before something is listened to or watched. */
    before: (): Promise<void> => Promise.resolve(),
  };
  const { open, arrived } = spy;
  for (const method of ["listen", "watch"] as const) {
    const original = engine[method].bind(engine) as (
      name: string,
      on: (value: Uint8Array) => void,
    ) => Promise<() => void>;
    engine[method] = async (
      name: string,
      on: (value: never) => void,
    ) => {
      if (!name.includes("topics:")) return await original(name, on as never);
      await spy.before();
      const stop = await original(name, (value) => {
        arrived.push(name);
        on(value as never);
      });
      open.push(name);
      return () => {
        stop();
        const at = open.indexOf(name);
        if (at >= 0) open.splice(at, 1);
      };
    };
  }
  return spy;
}

/** A server that is a node of a system. */
async function servedOn(system: MemorySystem, options: Options = {}) {
  const engine = system.engine();
  const spy = spied(engine);
  const backplane = await createBackplane(engine);
  const server = await served({ ...options, backplane });
  return {
    engine,
    spy,
    backplane,
    server,
    async [Symbol.asyncDispose]() {
      await server.close();
      await backplane.close();
    },
  };
}

/** A client of a server that is subscribed to topics. */
async function subscribed({ address }: Served, ...topics: string[]) {
  const client = await createClient({ address, codec, network });
  for (const topic of topics) {
    await client.send(`+${topic}`);
    assertEquals(await client.receive(), `+${topic}`);
  }
  return client;
}

/** The next lines that a client gets. */
async function next(client: FramedConnection<string>, count: number) {
  const got: (string | undefined)[] = [];
  while (got.length < count) got.push(await client.receive());
  return got;
}

const deliveries = ["fast", "kept"] as const;

test("publish() reaches those that are subscribed, over sockets", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec },
    subscribing,
  );
  const { address } = server;
  await using one = await createClient({ address, codec });
  await using two = await createClient({ address, codec });
  for (const client of [one, two]) await client.send("+prices");
  await two.send("+weather");
  assertEquals(await one.receive(), "+prices");
  assertEquals(await next(two, 2), ["+prices", "+weather"]);
  await server.publish("prices", "1");
  await server.publish("weather", "rain");
  await server.publish("nobody", "hears this");
  await server.publish("prices", "2");
  assertEquals(await next(one, 2), ["1", "2"]);
  assertEquals(await next(two, 3), ["1", "rain", "2"]);
});

test("publish() sends a connection once what it has subscribed to twice", async () => {
  await using server = await served();
  await using client = await subscribed(server, "prices", "prices");
  await server.publish("prices", "1");
  await server.publish("prices", "2");
  assertEquals(await next(client, 2), ["1", "2"]);
});

test("unsubscribe() ends one subscription, and no other", async () => {
  await using server = await served();
  await using one = await subscribed(server, "prices", "weather");
  await using two = await subscribed(server, "prices");
  await one.send("-prices");
  assertEquals(await one.receive(), "-prices");
  await server.publish("prices", "1");
  await server.publish("weather", "rain");
  assertEquals(await one.receive(), "rain");
  assertEquals(await two.receive(), "1");
  await one.send("-never");
  assertEquals(await one.receive(), "-never");
  await one.send("+prices");
  assertEquals(await one.receive(), "+prices");
  await server.publish("prices", "2");
  assertEquals(await one.receive(), "2");
});

test("subscribe() leaves a connection out while it has another format", async () => {
  const switched = deferred<void>();
  const back = deferred<void>();
  await using server = await serve(
    { address: "memory:switching", codec, network },
    async (connection) => {
      await connection.subscribe("prices");
      connection.switchCodec(lines());
      switched.resolve();
      await back.promise;
      connection.switchCodec(codec);
      await connection.send("back");
      await connection.closeWrite();
    },
  );
  await using client = await subscribed(server);
  await switched.promise;
  await server.publish("prices", "1");
  back.resolve();
  assertEquals(await client.receive(), "back");
});

test("subscribe() does nothing for a connection that has ended", async () => {
  const gone = deferred<ServerConnection<string>>();
  const system = new MemorySystem();
  await using node = await servedOn(system);
  const client = await subscribed(node.server);
  const [connection] = node.server.connections.values();
  client.abort();
  void connection!.closed.then(() => gone.resolve(connection!));
  await (await gone.promise).subscribe("prices");
  await turn();
  assertEquals(node.spy.open, []);
});

for (const delivery of deliveries) {
  const topics: TopicsOptions<string> = { delivery };

  test(`publish() reaches those of another server: ${delivery}`, async () => {
    const system = new MemorySystem();
    await using one = await servedOn(system, { topics });
    await using two = await servedOn(system, { topics });
    await using ofOne = await subscribed(one.server, "prices");
    await using ofTwo = await subscribed(two.server, "prices");
    await one.server.publish("prices", "1");
    await two.server.publish("prices", "2");
    await two.server.publish("weather", "rain");
    await one.server.publish("prices", "3");
    for (const client of [ofOne, ofTwo]) {
      assertEquals(await next(client, 3), ["1", "2", "3"]);
    }
  });

  test(`subscribe() costs the backplane one subscription a topic: ${delivery}`, async () => {
    const system = new MemorySystem();
    await using one = await servedOn(system, { topics });
    await using two = await servedOn(system, { topics });
    const clients = await Promise.all(
      Array.from({ length: 3 }, () => subscribed(one.server, "prices", "news")),
    );
    assertEquals(one.spy.open.length, 2);
    await two.server.publish("prices", "1");
    assertEquals(one.spy.arrived.length, 1);
    for (const client of clients) assertEquals(await client.receive(), "1");
    // The other server has no readers.
    assertEquals([two.spy.open, two.spy.arrived], [[], []]);
    for (const client of clients) {
      assertEquals(one.spy.open.length, 2);
      client.abort();
      await turn();
    }
    assertEquals(one.spy.open, []);
    await two.server.publish("prices", "2");
    assertEquals(one.spy.arrived.length, 1);
  });

  test(`unsubscribe() of the last reader ends it on the backplane: ${delivery}`, async () => {
    await using node = await servedOn(new MemorySystem(), { topics });
    await using client = await subscribed(node.server, "prices", "news");
    await client.send("-prices");
    assertEquals(await client.receive(), "-prices");
    await turn();
    assertEquals(node.spy.open.length, 1);
    await client.send("+prices");
    assertEquals(await client.receive(), "+prices");
    await node.server.publish("prices", "1");
    assertEquals(await client.receive(), "1");
  });

  test(`subscribe() leaves nothing behind when the connection ends meanwhile: ${delivery}`, async () => {
    await using node = await servedOn(new MemorySystem(), { topics });
    const { spy, server } = node;
    const asked = deferred<void>();
    const go = deferred<void>();
    spy.before = () => {
      asked.resolve();
      return go.promise;
    };
    const client = await subscribed(server);
    await client.send("+prices");
    await asked.promise;
    client.abort();
    while (server.connections.size > 0) await turn();
    go.resolve();
    await turn();
    assertEquals(spy.open, []);
    await using other = await subscribed(server, "prices");
    await server.publish("prices", "1");
    assertEquals(await other.receive(), "1");
  });

  test(`subscribe() rejects for all that wait for it, and can be called again: ${delivery}`, async () => {
    await using node = await servedOn(new MemorySystem(), { topics });
    const { spy, server } = node;
    const problem = new Error("not now");
    const go = deferred<void>();
    spy.before = async () => {
      await go.promise;
      throw problem;
    };
    await using one = await subscribed(server);
    await using two = await subscribed(server);
    const connections = [...server.connections.values()];
    const outcomes = Promise.allSettled(
      connections.map((connection) => connection.subscribe("prices")),
    );
    go.resolve();
    for (const outcome of await outcomes) {
      assert(outcome.status === "rejected" && outcome.reason === problem);
    }
    spy.before = () => Promise.resolve();
    await connections[0]!.subscribe("prices");
    await server.publish("prices", "1");
    await server.broadcast("end");
    assertEquals(await next(one, 2), ["1", "end"]);
    assertEquals(await two.receive(), "end");
  });

  test(`publish() and subscribe() reject at once while the engine is away: ${delivery}`, async () => {
    await using node = await servedOn(new MemorySystem(), { topics });
    const { engine, server } = node;
    await using client = await subscribed(server, "prices");
    const [connection] = server.connections.values();
    engine.setState("down");
    const calls = {
      publish: () => server.publish("prices", "1"),
      "subscribe to what others have": () => connection!.subscribe("prices"),
      subscribe: () => connection!.subscribe("weather"),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error = await assertRejects(call, NetError);
      assertEquals(error.code, "UNAVAILABLE", name);
    }
    engine.setState("up");
    await connection!.subscribe("weather");
    await server.publish("weather", "rain");
    await server.publish("prices", "2");
    assertEquals(await next(client, 2), ["rain", "2"]);
  });

  test(`Server.close() ends its subscriptions, and not the backplane: ${delivery}`, async () => {
    await using node = await servedOn(new MemorySystem(), { topics });
    await using client = await subscribed(node.server, "prices", "weather");
    assertEquals(node.spy.open.length, 2);
    await client.close();
    await node.server.close();
    await turn();
    assertEquals([node.spy.open, node.backplane.state], [[], "up"]);
  });

  test(`publish() keeps frames of different codecs apart: ${delivery}`, async () => {
    const system = new MemorySystem();
    const named = (name: string): Codec<string> => ({
      ...codec,
      name,
      decoder: codec.decoder,
      encoder: codec.encoder,
    });
    const codecs = [
      codec,
      named("others"),
      named("lines:a"),
      named("lines%3Aa"),
    ];
    const nodes = await Promise.all(
      codecs.map((of) => servedOn(system, { topics, codec: of })),
    );
    const clients = await Promise.all(
      nodes.map(({ server }) =>
        createClient({ address: server.address, codec, network })
      ),
    );
    for (const [i, { server }] of nodes.entries()) {
      while (server.connections.size === 0) await turn();
      const [connection] = server.connections.values();
      // What is before one “:” for one is behind it for another.
      await connection!.subscribe(i < 2 ? "a:prices" : "prices");
    }
    for (const [i, { server }] of nodes.entries()) {
      await server.publish(i < 2 ? "a:prices" : "prices", `of ${i}`);
    }
    for (const { server } of nodes) server.broadcast("end");
    for (const [i, client] of clients.entries()) {
      assertEquals(await next(client, 2), [`of ${i}`, "end"]);
      client.abort();
    }
    for (const node of nodes) await node[Symbol.asyncDispose]();
  });
}

test("publish() encodes a frame once for the readers of all servers", async () => {
  const system = new MemorySystem();
  let encoded = 0;
  const { encode } = codec.encoder();
  const encoder = {
    encode: (...[frame, output]: Parameters<typeof encode>) => {
      encoded++;
      encode(frame, output);
    },
  };
  const counted: Codec<string> = {
    ...codec,
    encoder: () => encoder,
    encode: (frame) => {
      encoded++;
      return codec.encode(frame);
    },
  };
  await using one = await servedOn(system, { codec: counted });
  await using two = await servedOn(system, { codec: counted });
  const clients: FramedConnection<string>[] = [];
  for (const { server } of [one, one, two, two]) {
    clients.push(await subscribed(server, "prices"));
  }
  encoded = 0;
  await one.server.publish("prices", "1");
  for (const client of clients) {
    assertEquals(await client.receive(), "1");
    client.abort();
  }
  assertEquals(encoded, 1);
});

test("publish() is heard in one order on all servers with kept delivery", async () => {
  const system = new MemorySystem();
  const topics = { delivery: "kept" } as const;
  await using one = await servedOn(system, { topics });
  await using two = await servedOn(system, { topics });
  await using ofOne = await subscribed(one.server, "prices");
  await using ofTwo = await subscribed(two.server, "prices");
  // Each hears what it has missed behind what the other has published meanwhile.
  const publishing: Promise<void>[] = [];
  for (let i = 0; i < 200; i++) {
    if (i === 50) two.engine.setState("down");
    if (i === 150) two.engine.setState("up");
    publishing.push(one.server.publish("prices", `one ${i}`));
    if (i < 50 || i >= 150) {
      publishing.push(two.server.publish("prices", `two ${i}`));
    }
    if (i % 20 === 0) await turn();
  }
  await Promise.all(publishing);
  const heard = await next(ofOne, publishing.length);
  assertEquals(await next(ofTwo, publishing.length), heard);
  assertEquals(new Set(heard).size, publishing.length);
});

test("publish() loses and doubles nothing with kept delivery when the engine was away", async () => {
  const system = new MemorySystem();
  const topics = { delivery: "kept" } as const;
  await using one = await servedOn(system, { topics });
  await using two = await servedOn(system, { topics });
  await using client = await subscribed(two.server, "prices");
  await one.server.publish("prices", "1");
  two.engine.setState("down");
  await one.server.publish("prices", "2");
  await one.server.publish("prices", "3");
  assertEquals(await client.receive(), "1");
  two.engine.setState("up");
  await two.server.publish("prices", "4");
  await two.server.publish("prices", "end");
  assertEquals(await next(client, 4), ["2", "3", "4", "end"]);
});

test("publish() adds a message once that is published twice with an id", async () => {
  const topics = { delivery: "kept" } as const;
  await using one = await servedOn(new MemorySystem(), { topics });
  await using client = await subscribed(one.server, "prices");
  for (const id of ["a", "a", "b"]) {
    await one.server.publish("prices", `1 ${id}`, { id });
  }
  assertEquals(await next(client, 2), ["1 a", "1 b"]);
});

test("publish() is missed with fast delivery while the engine is away", async () => {
  const system = new MemorySystem();
  await using one = await servedOn(system);
  await using two = await servedOn(system);
  await using client = await subscribed(two.server, "prices");
  two.engine.setState("down");
  await one.server.publish("prices", "1");
  two.engine.setState("up");
  await one.server.publish("prices", "2");
  assertEquals(await client.receive(), "2");
});

test("topics.onGap tells the readers that messages are lost", async () => {
  const system = new MemorySystem({ maxTopicBytes: 20 });
  const errors: unknown[] = [];
  const problem = new Error("no such frame");
  await using one = await servedOn(system, { topics: { delivery: "kept" } });
  await using two = await servedOn(system, {
    onError: (error) => void errors.push(error),
    topics: {
      delivery: "kept",
      onGap: (topic) => {
        if (topic === "weather") throw problem;
        return `some of ${topic} are lost`;
      },
    },
  });
  await using client = await subscribed(two.server, "prices");
  two.engine.setState("down");
  for (let i = 0; i < 10; i++) await one.server.publish("prices", `price ${i}`);
  two.engine.setState("up");
  assertEquals(await next(client, 3), [
    "some of prices are lost",
    "price 8",
    "price 9",
  ]);
  const codes = () =>
    errors.map((error) => error instanceof NetError ? error.code : error);
  assertEquals(codes(), ["MESSAGES_LOST"]);

  await client.send("+weather");
  assertEquals(await client.receive(), "+weather");
  two.engine.setState("down");
  for (let i = 0; i < 10; i++) await one.server.publish("weather", `rain ${i}`);
  two.engine.setState("up");
  assertEquals(
    await next(client, 2),
    ["rain 8", "rain 9"],
  );
  assertEquals(codes(), ["MESSAGES_LOST", "MESSAGES_LOST", problem]);
});

/** So long that a few dozens fill the buffers of the system. */
const FILLING = "x".repeat(100_000);

/** A reader of a topic that does not read. */
async function stalledAt({ address }: Served, topic: string) {
  const stalled = await network.connect(address);
  const writer = stalled.writable.getWriter();
  await writer.write(codec.encode(`+${topic}`));
  writer.releaseLock();
  return stalled;
}

test("publish() cuts a slow reader, and delays no other", async () => {
  const system = new MemorySystem();
  const errors: unknown[] = [];
  await using one = await servedOn(system);
  await using two = await servedOn(system, {
    maxSendBuffer: 1_000_000,
    onError: (error) => void errors.push(error),
  });
  const stalled = await stalledAt(two.server, "prices");
  await using ofOne = await subscribed(one.server, "prices");
  await using ofTwo = await subscribed(two.server, "prices");
  while (two.spy.open.length < 1) await turn();
  for (let i = 0; i < 60; i++) {
    await one.server.publish("prices", `${FILLING}${i}`);
    for (const client of [ofOne, ofTwo]) {
      assertEquals(await client.receive(), `${FILLING}${i}`);
    }
  }
  assertEquals(two.server.connections.size, 1);
  const [error] = errors;
  assert(error instanceof NetError && error.limit === "maxSendBuffer");
  stalled.abort();
});

test('publish() waits for the readers of its server with slowReaders "wait"', async () => {
  await using server = await served({ slowReaders: "wait" });
  await using reader = await subscribed(server, "prices", "weather");
  const stalled = await stalledAt(server, "prices");
  while (server.connections.size < 2) await turn();
  await turn();
  let heard = 0;
  const hearing = reader.forEach(() => void heard++);
  let isWaiting = true;
  let publishing: Promise<unknown> = Promise.resolve();
  let sent = 0;
  do {
    isWaiting = true;
    publishing = server.publish("prices", FILLING)
      .then(() => isWaiting = false);
    sent++;
    while (heard < sent) await turn();
    await turn();
  } while (!isWaiting && sent < 300);
  assert(isWaiting, "the reader that stands still is waited for");
  // Those of another topic are not.
  await server.publish("weather", "rain");
  void stalled.readable.pipeTo(new WritableStream()).catch(() => undefined);
  await publishing;
  stalled.abort();
  await reader.close();
  await hearing;
});

test("publish() tells a slow reader how much it has lost with drop", async () => {
  await using node = await servedOn(new MemorySystem(), {
    slowReaders: { drop: (count) => `${count} lost` },
  });
  const { server, spy } = node;
  const stalled = await stalledAt(server, "prices");
  while (spy.open.length < 1) await turn();
  for (let i = 0; i < 60; i++) {
    await server.publish("prices", FILLING);
    await turn();
  }
  const [connection] = server.connections.values();
  assert(connection!.bufferedBytes < 300_000, `${connection!.bufferedBytes}`);
  const decoder = codec.decoder();
  let told: string | undefined;
  for await (const chunk of stalled.readable) {
    decoder.push(chunk);
    for (
      let line = decoder.next();
      line !== undefined;
      line = decoder.next()
    ) told = line;
    if (told?.endsWith(" lost")) break;
  }
  assert(parseInt(told!) > 30, told);
  stalled.abort();
});

test("maxTotalBuffer counts once what is published to many", async () => {
  using ticker = new HandTicker(2_048);
  await using server = await served({
    codec: lines({ maxFrameLength: 8_000_000 }),
    maxTotalBuffer: 20_000_000,
  });
  const stalled = await Promise.all(
    Array.from({ length: 10 }, () => stalledAt(server, "prices")),
  );
  while (server.connections.size < 10) await turn();
  await turn();
  await server.publish("prices", "x".repeat(4_000_000));
  await turn();
  for (const { bufferedBytes } of server.connections.values()) {
    assert(bufferedBytes > 3_500_000, `${bufferedBytes}`);
  }
  await ticker.pass(512);
  assertEquals(server.connections.size, 10);
  for (const connection of stalled) connection.abort();
});

test("publish() and subscribe() refuse a codec whose encoders have a state", async () => {
  const counting = defineCodec<string, string>({
    name: "counting",
    reader: () => ({ read: () => undefined, finish: () => undefined }),
    encoder() {
      let count = 0;
      const { encode } = codec.encoder();
      return {
        encode: (frame, output) => encode(`${++count} ${frame}`, output),
      };
    },
  });
  await using server = await served({ codec: counting });
  await using _client = await subscribed(server);
  while (server.connections.size === 0) await turn();
  const [connection] = server.connections.values();
  const calls = {
    publish: () => server.publish("prices", "1"),
    subscribe: () => connection!.subscribe("prices"),
  };
  for (const [name, call] of Object.entries(calls)) {
    await assertRejects(
      call,
      TypeError,
      `Cannot ${name}: the encoders of counting have a state`,
    );
  }
});

test("publish() rejects with what the codec throws", async () => {
  await using server = await served({ codec: lines({ maxFrameLength: 5 }) });
  const error = await server.publish("prices", "too long")
    .then(() => undefined, (error) => error);
  assertEquals(error?.code, "FRAME_TOO_LARGE");
});

test("topics.maxPerConnection bounds what one connection is subscribed to", async () => {
  await using node = await servedOn(new MemorySystem(), {
    topics: { maxPerConnection: 2 },
  });
  const { server, spy } = node;
  await using client = await subscribed(server, "a", "b", "a");
  const [connection] = server.connections.values();
  const error = await assertRejects(
    () => connection!.subscribe("c"),
    NetError,
  );
  assertEquals(error.code, "TOO_MANY_TOPICS");
  assertEquals(error.limit, "topics.maxPerConnection");
  assertEquals(spy.open.length, 2);
  // Each connection has its own.
  await using other = await subscribed(server, "c", "d");
  connection!.unsubscribe("a");
  await connection!.subscribe("c");
  await server.publish("c", "1");
  assertEquals(await client.receive(), "1");
  assertEquals(await other.receive(), "1");
});

test("topics.maxPerConnection is 1,000 by default", async () => {
  await using server = await served();
  await using _client = await subscribed(server);
  while (server.connections.size === 0) await turn();
  const [connection] = server.connections.values();
  for (let i = 0; i < 1_000; i++) await connection!.subscribe(`topic ${i}`);
  await assertRejects(() => connection!.subscribe("another"), NetError);
});

test("publish() and subscribe() refuse topics that are none", async () => {
  await using server = await served();
  await using _client = await subscribed(server);
  while (server.connections.size === 0) await turn();
  const [connection] = server.connections.values();
  const long = "x".repeat(1_025);
  const none = 5 as unknown as string;
  await assertRejects(() => server.publish(long, ""), RangeError);
  await assertRejects(() => connection!.subscribe(long), RangeError);
  await assertRejects(() => server.publish(none, ""), TypeError);
  await assertRejects(() => connection!.subscribe(none), TypeError);
  await connection!.subscribe(long.slice(1));
});

test("a server without topics asks nothing of its backplane", async () => {
  await using node = await servedOn(new MemorySystem());
  await using client = await subscribed(node.server);
  await client.send("-prices");
  assertEquals(await client.receive(), "-prices");
  node.server.broadcast("news");
  assertEquals(await client.receive(), "news");
  assertEquals([node.spy.open, node.spy.arrived], [[], []]);
});

test("ServerEvent has connections that can subscribe", async () => {
  await using server = await serve({
    address: "memory:events-topics",
    network,
    codec,
  });
  const { address } = server;
  await using client = await createClient({ address, codec, network });
  for await (const event of server.events()) {
    if (event.type !== "open") continue;
    await event.connection.subscribe("prices");
    break;
  }
  await server.publish("prices", "1");
  assertEquals(await client.receive(), "1");
});

test("serve() takes a handler of framed connections", async () => {
  const echo = (connection: FramedConnection<string>) =>
    connection.forEach((line) => connection.send(line));
  await using server = await serve(
    { address: "memory:framed-handler", network, codec },
    echo,
  );
  await using client = await createClient({
    address: server.address,
    codec,
    network,
  });
  await client.send("hello");
  assertEquals(await client.receive(), "hello");
});

test("serve() refuses topics and a backplane that are none", async () => {
  const backplane = createBackplane(new MemorySystem().engine());
  const wrong: Record<string, Record<string, unknown>> = {
    "TypeError: Cannot use topics.delivery: expected one of fast, kept, got slow":
      { topics: { delivery: "slow" } },
    "RangeError: Cannot use topics.maxPerConnection: expected a whole number from 1, or Infinity, got 0":
      { topics: { maxPerConnection: 0 } },
    "TypeError: Cannot use onGap: expected a function, got 5": {
      topics: { onGap: 5 },
    },
    "TypeError: Cannot use deliver: topics has no such option, did you mean delivery?":
      { topics: { deliver: "kept" } },
    "TypeError: Cannot use backplane: expected an object with send(), listen(), publish(), subscribe(), got an object (Promise); await it first":
      { backplane },
  };
  for (const [told, options] of Object.entries(wrong)) {
    const error = await served(options as Options).then(() => "", String);
    assertEquals(error, told);
  }
  await (await backplane).close();
  // Messages and rooms have no topics.
  for (const serving of [serveMessages, serveRooms]) {
    const options = { address: "memory:none", network, topics: {} };
    const refusing = serving(options as never) as Promise<unknown>;
    await assertRejects(() => refusing, TypeError, "no such option");
  }
});
