/** Whose fault it was: what `onError` is told, and what goes on nevertheless. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test, type TestContext } from "node:test";
import {
  type Codec,
  connect,
  createClient,
  type FramedConnection,
  FrameError,
  lengthPrefixed,
  lines,
  listen,
  NetError,
  serve,
} from "../../mod.ts";
import { turn } from "../support/scripted_transport.ts";

const codec = lines({ maxFrameLength: 100 });
const address = { port: 0 } as const;

type Peer = FramedConnection<string>;

/** Runs a handler for one client, and returns what `console.error` was told. */
async function reported(
  context: TestContext,
  handler: (peer: Peer) => Promise<void>,
  act: (client: Peer) => unknown = (client) => client.send("go"),
  options: { maxSendBuffer?: number } = {},
): Promise<readonly unknown[]> {
  const mock = context.mock.method(console, "error", () => undefined);
  const server = await serve({ address, codec, ...options }, handler);
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  await act(client);
  await client.forEach(() => undefined).catch(() => undefined);
  client.abort();
  await server.close();
  mock.mock.restore();
  return mock.mock.calls.map(({ arguments: [, error] }) => error as unknown);
}

const own: Readonly<Record<string, (peer: Peer) => Promise<void>>> = {
  async "a reply over the limit"(peer) {
    await peer.receive();
    await peer.send("x".repeat(1_000));
  },
  async "a reply that the format cannot carry, from forEach()"(peer) {
    await peer.forEach((line) => peer.send(`${line}\n${line}`));
  },
  async "an upstream that is down"(peer) {
    await peer.receive();
    const listener = await listen({ port: 0 });
    await listener.close();
    await connect(listener.address);
  },
  async "a reply after the half-close"(peer) {
    await peer.closeWrite();
    await peer.send("late");
  },
  async "a frame of another connection"(peer) {
    await peer.receive();
    const other = codec.decoder();
    other.push(new TextEncoder().encode("x".repeat(1_000)));
    other.next();
  },
  async "a wait that was in vain"(peer) {
    await peer.receive();
    await peer.receive({ timeoutMs: 1 });
  },
};

for (const [name, handler] of Object.entries(own)) {
  test(`the default onError reports ${name}`, async (context) => {
    const errors = await reported(context, handler);
    assertEquals(errors.length, 1, name);
    assert(errors[0] instanceof FrameError || errors[0] instanceof NetError);
  });
}

test("the default onError reports SEND_BUFFER_FULL", async (context) => {
  const errors = await reported(
    context,
    async (peer) => {
      await peer.receive();
      while (true) void peer.send("x".repeat(100));
    },
    undefined,
    { maxSendBuffer: 1_000 },
  );
  assertEquals(errors.length, 1);
  assert(errors[0] instanceof NetError);
  assertEquals(errors[0].code, "SEND_BUFFER_FULL");
  assertEquals(errors[0].limit, "maxSendBuffer");
});

const peers: Readonly<Record<string, (client: Peer) => unknown>> = {
  "a frame over the limit": (client) => client.send("x".repeat(1_000)),
  "a reset": async (client) => {
    await client.send("go");
    client.abort();
  },
  "an end in order": (client) => client.closeWrite(),
};
const handlers: Readonly<Record<string, (peer: Peer) => Promise<void>>> = {
  "forEach()": (peer) => peer.forEach((line) => peer.send(line)),
  async "for await"(peer) {
    for await (const line of peer) await peer.send(line);
  },
  async "a handler that wraps what it catches"(peer) {
    try {
      for await (const line of peer) await peer.send(line);
    } catch (error) {
      throw new Error("The session failed", { cause: error });
    }
  },
};

for (const [what, act] of Object.entries(peers)) {
  for (const [how, handler] of Object.entries(handlers)) {
    test(`the default onError says nothing of ${what} [${how}]`, async (context) => {
      assertEquals(await reported(context, handler, act), []);
    });
  }
}

test("an onError of one's own is told of all of them", async () => {
  const errors: unknown[] = [];
  const server = await serve({
    address,
    codec,
    onError: (error) => void errors.push(error),
  }, (peer) => peer.forEach((line) => peer.send(line)));
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  await client.send("x".repeat(1_000));
  assertEquals(await client.receive(), undefined);
  await client.close();
  await server.close();
  assert(errors[0] instanceof FrameError);
  assertEquals(errors.length, 1);
});

// A FrameError ends what is received, and nothing else

test("after a FrameError a handler can answer; closed carries the error", async () => {
  let info: unknown;
  const server = await serve({ address, codec }, async (peer) => {
    void peer.closed.then((closed) => info = closed);
    const error = await assertRejects(() => peer.receive(), FrameError);
    await peer.send(`error: ${error.code}`);
  });
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  await client.send("x".repeat(1_000));
  assertEquals(await client.receive(), "error: FRAME_TOO_LARGE");
  assertEquals(await client.receive(), undefined);
  await client.close();
  await server.close();
  const { by, error } = info as { by: string; error: unknown };
  assertEquals(by, "local");
  assert(error instanceof FrameError);
});

// A codec that cannot be had

for (const half of ["decoder", "encoder"] as const) {
  test(`serve() lives on where ${half}() throws for a connection`, async () => {
    let faulty = true;
    const broken: Codec<string> = {
      ...codec,
      decoder: () => codec.decoder(),
      encoder: () => codec.encoder(),
      decode: (bytes) => codec.decode(bytes),
      encode: (frame) => codec.encode(frame),
    };
    const make = broken[half];
    Object.assign(broken, {
      [half]() {
        if (faulty) throw new RangeError("cannot be had");
        return make();
      },
    });
    const errors: unknown[] = [];
    await using server = await serve({
      address,
      codec: broken,
      onError: (error) => void errors.push(error),
    }, (peer) => peer.forEach((line) => peer.send(line)));
    // The reset may come before the runtime has said that it is connected.
    const refused = await connect(server.address).catch(() => undefined);
    await refused?.readable.getReader().read().catch(() => undefined);
    refused?.abort();
    while (errors.length === 0) await turn();
    assert(errors[0] instanceof RangeError);
    assertEquals(errors.length, 1);
    assertEquals(server.connections.size, 0);
    faulty = false;
    await using client = await createClient({ address: server.address, codec });
    await client.send("still here");
    assertEquals(await client.receive(), "still here");
  });
}

test("serve() takes noDelay and keepAlive for the connections it accepts", async () => {
  const seen: unknown[] = [];
  const network = {
    listen: (...[at, options]: Parameters<typeof listen>) => {
      seen.push(options?.noDelay, options?.keepAlive);
      return listen(at);
    },
  };
  const options = { address, codec: lengthPrefixed(), network };
  const servers = [
    await serve({ ...options, noDelay: false, keepAlive: true }, () => {}),
    await serve(options, () => {}),
  ];
  assertEquals(seen, [false, true, undefined, undefined]);
  for (const server of servers) await server.close();
  // And the sockets of the runtime do take them.
  const server = await serve({
    address,
    codec,
    noDelay: false,
    keepAlive: true,
  });
  await server.close();
});
