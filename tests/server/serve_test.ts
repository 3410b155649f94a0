import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  connect,
  type Connection,
  createClient,
  FrameError,
  lengthPrefixed,
  lines,
  NetError,
  serve,
  type ServeOptions,
  type Server,
} from "../../mod.ts";

const at = { address: { port: 0 } } as const;

/** An echo server of lines. */
function echo(
  options: Partial<ServeOptions<string>> = {},
): Promise<Server<string>> {
  return serve(
    { ...at, codec: lines(), ...options },
    (connection) => connection.forEach((line) => connection.send(line)),
  );
}

/** What a peer sees until the connection ends: text, and the error, if any. */
async function readAll(connection: Connection): Promise<[string, unknown]> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of connection.readable) {
      text += decoder.decode(chunk, { stream: true });
    }
    return [text, undefined];
  } catch (error) {
    return [text, error];
  }
}

async function write(connection: Connection, text: string): Promise<void> {
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

test("serve() answers many clients at once", async () => {
  await using server = await echo();
  await Promise.all(Array.from({ length: 20 }, async (_, i) => {
    await using client = await createClient({
      address: server.address,
      codec: lines(),
    });
    for (let k = 0; k < 50; k++) {
      await client.send(`client ${i} line ${k}`);
      assertEquals(await client.receive(), `client ${i} line ${k}`);
    }
  }));
});

test("serve() listens on the loopback interface where no host is given", async () => {
  await using server = await echo();
  assert(server.address.transport === "tcp");
  assertEquals(server.address.hostname, "127.0.0.1");
  assert(server.address.port > 0);
});

test("serve() closes a connection when its handler returns", async () => {
  await using server = await serve({ ...at, codec: lines() }, (connection) => {
    void connection.send("bye");
  });
  const connection = await connect(server.address);
  assertEquals(await readAll(connection), ["bye\n", undefined]);
  await connection.close();
});

test("serve() ends only the connection whose handler throws", async () => {
  const errors: unknown[] = [];
  await using server = await serve(
    { ...at, codec: lines(), onError: (error) => void errors.push(error) },
    async (connection) => {
      for await (const line of connection) {
        if (line === "crash") throw new RangeError("crashed");
        await connection.send(line);
      }
    },
  );
  const options = { address: server.address, codec: lines() };
  await using good = await createClient(options);
  await using bad = await createClient(options);
  await bad.send("crash");
  assertEquals(await bad.receive(), undefined);
  await good.send("still here");
  assertEquals(await good.receive(), "still here");
  assertEquals(errors.length, 1);
  assertInstanceOf(errors[0], RangeError);
});

test("serve() answers the frames before a bad one, then ends that connection", async () => {
  const errors: unknown[] = [];
  await using server = await serve(
    {
      ...at,
      codec: lines({ maxFrameLength: 5 }),
      onError: (error) => void errors.push(error),
    },
    (connection) => connection.forEach((line) => connection.send(line)),
  );
  const connection = await connect(server.address);
  await write(connection, "one\ntwo\nmuch too long\nfour\n");
  assertEquals(await readAll(connection), ["one\ntwo\n", undefined]);
  await connection.close();
  assertEquals(errors.length, 1);
  assertInstanceOf(errors[0], FrameError);
  assertEquals(errors[0].code, "FRAME_TOO_LARGE");
});

test("serve() refuses an announced length without keeping anything", async () => {
  const errors: unknown[] = [];
  await using server = await serve(
    {
      ...at,
      codec: lengthPrefixed(),
      onError: (error) => void errors.push(error),
    },
    (connection) => connection.forEach(() => undefined),
  );
  const connection = await connect(server.address);
  const writer = connection.writable.getWriter();
  await writer.write(Uint8Array.of(255, 255, 255, 255));
  writer.releaseLock();
  assertEquals(await readAll(connection), ["", undefined]);
  await connection.close();
  assertInstanceOf(errors[0], FrameError);
});

test("serve() cuts a peer that does not end its frame", async () => {
  const errors: unknown[] = [];
  await using server = await echo({
    frameTimeoutMs: 60,
    onError: (error) => void errors.push(error),
  });
  const connection = await connect(server.address);
  await write(connection, "no line end");
  await readAll(connection);
  assertInstanceOf(errors[0], NetError);
  assertEquals(errors[0].code, "TIMED_OUT");
  assert(errors[0].message.includes("frameTimeoutMs"));
  connection.abort();
});

test("serve() cuts a peer that sends a byte now and then", async () => {
  const errors: unknown[] = [];
  await using server = await echo({
    frameTimeoutMs: 100,
    onError: (error) => void errors.push(error),
  });
  const connection = await connect(server.address);
  const ended = readAll(connection);
  const drip = setInterval(() => {
    // Once cut, what is still written goes nowhere.
    write(connection, "x").catch(() => clearInterval(drip));
  }, 10);
  await ended;
  clearInterval(drip);
  assertInstanceOf(errors[0], NetError);
  assert(errors[0].message.includes("frameTimeoutMs"));
  connection.abort();
});

test("serve() cuts a peer that says nothing", async () => {
  const errors: unknown[] = [];
  await using server = await echo({
    idleTimeoutMs: 60,
    onError: (error) => void errors.push(error),
  });
  const connection = await connect(server.address);
  await readAll(connection);
  assertInstanceOf(errors[0], NetError);
  assert(errors[0].message.includes("idleTimeoutMs"));
  connection.abort();
});

test("serve() cuts a peer that does not read its replies", async () => {
  const errors: unknown[] = [];
  await using server = await serve({
    ...at,
    codec: lengthPrefixed({ maxFrameLength: 64 * 1024 * 1024 }),
    writeTimeoutMs: 100,
    onError: (error) => void errors.push(error),
  }, async (connection) => {
    await connection.send(new Uint8Array(32 * 1024 * 1024));
  });
  const connection = await connect(server.address);
  const [held] = await Promise.all([
    // The handler waits for room that never comes.
    new Promise<NetError>((resolve) => {
      const poll = setInterval(() => {
        if (!(errors[0] instanceof NetError)) return;
        clearInterval(poll);
        resolve(errors[0]);
      }, 10);
    }),
  ]);
  assertEquals(held.limit, "writeTimeoutMs");
  connection.abort();
});

test("serve() refuses connections over maxConnections and tells it once", async () => {
  const errors: unknown[] = [];
  await using server = await echo({
    maxConnections: 1,
    onError: (error) => void errors.push(error),
  });
  const options = { address: server.address, codec: lines() };
  await using first = await createClient(options);
  await first.send("in");
  assertEquals(await first.receive(), "in");
  for (let i = 0; i < 3; i++) {
    // The reset may come before the runtime has said that it is connected.
    const refused = await connect(server.address).catch(() => undefined);
    if (refused === undefined) continue;
    assertEquals((await readAll(refused))[0], "");
    refused.abort();
  }
  assertEquals(errors.length, 1);
  assertEquals((errors[0] as NetError).limit, "maxConnections");
  await first.close();
  while (server.connections.size > 0) await turn();
  await using second = await createClient(options);
  await second.send("in again");
  assertEquals(await second.receive(), "in again");
});

test("Server.close() lets handlers finish and writes their replies", async () => {
  let began = () => {};
  const handling = new Promise<void>((resolve) => began = resolve);
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const server = await serve({ ...at, codec: lines() }, async (connection) => {
    for await (const line of connection) {
      began();
      await finished;
      await connection.send(`done ${line}`);
    }
  });
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  client.send("one");
  await client.send("two");
  await handling;
  const closing = server.close();
  await assertRejects(() => connect(server.address), NetError);
  finish();
  assertEquals(await client.receive(), "done one");
  assertEquals(await client.receive(), "done two");
  assertEquals(await client.receive(), undefined);
  await client.close();
  await closing;
  await server.closed;
  assertEquals(server.connections.size, 0);
});

test("Server.close() closes idle connections at once", async () => {
  const server = await echo();
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  await client.send("x");
  assertEquals(await client.receive(), "x");
  const closing = server.close({ graceMs: 60_000 });
  assertEquals(await client.receive(), undefined);
  await client.close();
  await closing;
});

test("Server.close() aborts what has not ended in time", async () => {
  const server = await serve(
    { ...at, codec: lines() },
    () => new Promise<void>(() => {}),
  );
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  while (server.connections.size === 0) await turn();
  const ended = client.receive().then((line) => line, () => undefined);
  await server.close({ graceMs: 20 });
  assertEquals(await ended, undefined);
  client.abort();
});

test("serve() closes when its signal aborts", async () => {
  const stop = new AbortController();
  const server = await echo({ signal: stop.signal });
  stop.abort();
  await server.closed;
  await assertRejects(() => connect(server.address), NetError);
});

test("serve() rejects with ADDRESS_IN_USE where somebody listens", async () => {
  await using server = await echo();
  const error = await assertRejects(
    () => echo({ address: server.address }),
    NetError,
  );
  assertEquals(error.code, "ADDRESS_IN_USE");
});

test("a handler may close its connection and read on", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serve(
    { ...at, codec: lines() },
    async (connection) => {
      seen.push(await connection.receive());
      await connection.close();
      seen.push(await connection.receive().catch(() => undefined));
    },
  );
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  await client.send("only");
  assertEquals(await client.receive(), undefined);
  await client.close();
  await server.close();
  assertEquals(seen, ["only", undefined]);
});

/** Lets everything else that is ready go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

// Broadcasts

test("broadcast() leaves out those that are closing, and cuts none of them", async () => {
  const replies = Array.from({ length: 100 }, (_, i) => `reply ${i}`);
  await using server = await serve({ ...at, codec: lines() }, async (peer) => {
    for (const reply of replies) await peer.send(reply);
    await peer.closeWrite();
    heard(await peer.receive());
  });
  let heard: (line: string | undefined) => void = () => {};
  const hearing = new Promise((resolve) => heard = resolve);
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  const got: string[] = [];
  await client.forEach((line) => {
    got.push(line);
    if (got.length === replies.length) server.broadcast("too late");
  });
  assertEquals(got, replies);
  server.broadcast("too late");
  await client.send("still heard");
  assertEquals(await hearing, "still heard");
  await client.close();
  assertEquals(await client.closed, { by: "remote" });
});

test("broadcast() comes behind the bytes that are being sent", async () => {
  const codec = lines();
  let go: () => void = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  await using server = await serve({ ...at, codec }, async (peer) => {
    await peer.sendBytes(
      (async function* () {
        yield new TextEncoder().encode("01234");
        await gone;
        yield new TextEncoder().encode("56789");
      })(),
      10,
    );
    await peer.receive();
  });
  await using client = await createClient({ address: server.address, codec });
  const reader = client.receiveBytes(10).getReader();
  const first = await reader.read();
  server.broadcast("news");
  go();
  let text = new TextDecoder().decode(first.value);
  while (text.length < 10) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  assertEquals(text, "0123456789");
  assertEquals(await client.receive(), "news");
});

test("broadcast() leaves out those that have changed their format", async () => {
  const codec = lines();
  await using server = await serve({ ...at, codec }, async (peer) => {
    const changed = peer.switchCodec(lengthPrefixed());
    await changed.send(Uint8Array.of(1));
    for await (const frame of changed) {
      server.broadcast("not in this format");
      await changed.send(frame);
    }
  });
  await using client = await createClient({
    address: server.address,
    codec: lengthPrefixed(),
  });
  assertEquals(await client.receive(), Uint8Array.of(1));
  await client.send(Uint8Array.of(2));
  assertEquals(await client.receive(), Uint8Array.of(2));
});

// What must not end a server, or hold it

test("an onError that throws harms nobody else", async (context) => {
  const errors = context.mock.method(console, "error", () => undefined);
  await using server = await serve({
    ...at,
    codec: lines(),
    onError: () => {
      throw new Error("its own fault");
    },
  }, (peer) =>
    peer.forEach((line) => {
      if (line === "throw") throw new Error("a fault");
      return peer.send(line);
    }));
  const codec = lines();
  await using bad = await createClient({ address: server.address, codec });
  await bad.send("throw");
  assertEquals(await bad.receive(), undefined);
  await using good = await createClient({ address: server.address, codec });
  await good.send("hello");
  assertEquals(await good.receive(), "hello");
  assertEquals(errors.mock.callCount(), 1);
});

test("close() lets a handler finish with the frames that have arrived meanwhile", async () => {
  const codec = lines();
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  let go: () => void = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  const server = await serve({ ...at, codec }, async (peer) => {
    for await (const line of peer) {
      begun();
      await gone;
      await peer.send(`re ${line}`);
    }
  });
  await using client = await createClient({ address: server.address, codec });
  await client.send("one");
  await began;
  await client.send("two");
  const closing = server.close();
  // Until nobody is taken any more.
  const attempt = () =>
    connect(server.address).then((late) => late.abort() ?? true, () => false);
  while (await attempt());
  await new Promise((resolve) => setTimeout(resolve, 0));
  go();
  assertEquals(await client.receive(), "re one");
  assertEquals(await client.receive(), "re two");
  await client.close();
  await closing;
});

test("frameTimeoutMs cuts a peer that dawdles within a frame that is passed over", async () => {
  const errors: unknown[] = [];
  await using server = await serve({
    ...at,
    codec: lengthPrefixed({ onOversize: "skip" }),
    frameTimeoutMs: 60,
    onError: (error) => void errors.push(error),
  }, (peer) => peer.forEach(() => undefined));
  await using peer = await connect(server.address);
  const writer = peer.writable.getWriter();
  await writer.write(Uint8Array.of(255, 255, 255, 255));
  let cut = false;
  void peer.closed.then(() => cut = true);
  while (!cut) {
    await writer.write(Uint8Array.of(0)).catch(() => cut = true);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertInstanceOf(errors[0], NetError);
  assertEquals((errors[0] as NetError).code, "TIMED_OUT");
});

test("time limits can be Infinity", async () => {
  const codec = lines();
  const server = await serve({ ...at, codec }, async (peer) => {
    await peer.send(await peer.receive() ?? "");
  });
  const client = await createClient({
    address: server.address,
    codec,
    timeoutMs: Infinity,
  });
  const closing = server.close({ graceMs: Infinity });
  await client.close();
  await closing;
});
