// WebSocket after its handshake, and what runs over it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  createClient,
  json,
  lengthPrefixed,
  lines,
  type NetErrorCode,
  reconnecting,
  serve,
} from "../../../mod.ts";
import { connectMessages, serveMessages } from "../../../src/message/mod.ts";
import { memoryNetwork } from "../../../src/net/adapters/memory.ts";
import { roomsCodec, serveRooms } from "../../../src/rooms/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { HandTicker } from "../../support/hand_ticker.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { concat, frame } from "./raw_peer.ts";
import {
  byHand,
  bytes,
  closeCode,
  codeOf,
  echo,
  opened,
  place,
  rejectsWith,
} from "./place.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

test("serve() echoes messages, and gives back texts as bytes", async () => {
  await using at = await place();
  const peer = await opened(at);
  await peer.send(
    frame(TEXT, utf8("é"), { isLast: false }),
    frame(0, utf8("!")),
  );
  assertEquals(await peer.frame(), { opcode: BINARY, payload: utf8("é!") });
  await peer.send(frame(BINARY, bytes()));
  assertEquals(await peer.frame(), { opcode: BINARY, payload: bytes() });
  peer.abort();
});

test("serve() sends texts with the type text", async () => {
  await using at = await place({ type: "text" });
  const peer = await opened(at);
  await peer.send(frame(BINARY, utf8("hello")));
  assertEquals(await peer.frame(), { opcode: TEXT, payload: utf8("hello") });
  peer.abort();
});

test("a ping is answered in the middle of a message", async () => {
  await using at = await place();
  const peer = await opened(at);
  await peer.send(
    frame(BINARY, bytes(1), { isLast: false }),
    frame(PING, utf8("are you there")),
    frame(PONG, utf8("not asked for")),
  );
  assertEquals(await peer.frame(), {
    opcode: PONG,
    payload: utf8("are you there"),
  });
  await peer.send(frame(0, bytes(2)));
  assertEquals(await peer.frame(), { opcode: BINARY, payload: bytes(1, 2) });
  await peer.send(frame(BINARY, bytes(3)));
  assertEquals(await peer.frame(), { opcode: BINARY, payload: bytes(3) });
  peer.abort();
});

test("a peer that breaks a rule is told why, and `closed` says so", async () => {
  const cases: readonly [number, NetErrorCode, Uint8Array][] = [
    [1_002, "WS_PROTOCOL", frame(3, bytes())],
    [1_002, "WS_PROTOCOL", frame(BINARY, bytes(1), { isMasked: false })],
    [1_007, "WS_PROTOCOL", frame(TEXT, bytes(0xff))],
    [1_009, "MESSAGE_TOO_LARGE", frame(BINARY, new Uint8Array(101))],
  ];
  for (const [closing, code, wrong] of cases) {
    await using at = await place({ maxMessageLength: 100 });
    const peer = await opened(at);
    await peer.send(concat(frame(BINARY, bytes(1)), wrong));
    const first = await peer.frame();
    // What was sent before is answered, if there is the time.
    const got = first?.opcode === CLOSE
      ? first.payload[0]! * 256 + first.payload[1]!
      : await closeCode(peer);
    assertEquals(got, closing);
    assertEquals(await peer.frame(), undefined);
    await peer.end();
    const { by, error } = await at.closed[0]!;
    assertEquals([by, codeOf(error)], ["failure", code]);
  }
});

test("a client refuses a server that masks", async () => {
  const { listener, peer, client } = await byHand();
  await peer.send(frame(BINARY, bytes(1)));
  assertEquals(await closeCode(peer), 1_002);
  await peer.end();
  assertEquals(codeOf((await client.closed).error), "WS_PROTOCOL");
  await listener.close();
});

test("the peer's close is an end when its code is a good one", async () => {
  for (const payload of [bytes(), bytes(3, 232), bytes(3, 233)]) {
    await using at = await place();
    const peer = await opened(at);
    await peer.send(frame(BINARY, bytes(7)), frame(CLOSE, payload));
    await peer.frame();
    const answer = await peer.frame() ?? { opcode: 0 };
    assertEquals(answer, { opcode: CLOSE, payload });
    assertEquals(await peer.frame(), undefined);
    assertEquals(await at.closed[0], { by: "remote" });
  }
});

test("the peer's close with another code is the error of `closed`", async () => {
  await using at = await place();
  const peer = await opened(at);
  await peer.send(frame(CLOSE, concat(bytes(3, 240), utf8("go away"))));
  assertEquals(await closeCode(peer), 1_008);
  await peer.end();
  const { by, error } = await at.closed[0]!;
  assertEquals([by, codeOf(error)], ["remote", "WS_CLOSED"]);
  assertStringIncludes(String(error), '1008 "go away"');
});

test("an end without a close frame is WS_TRUNCATED, behind what has come", async () => {
  await using at = await place();
  const peer = await opened(at);
  await peer.send(frame(BINARY, bytes(7)));
  await peer.frame();
  await peer.end();
  const { by, error } = await at.closed[0]!;
  assertEquals([by, codeOf(error)], ["failure", "WS_TRUNCATED"]);
});

test("close() sends 1000, and reads on until the peer's close", async () => {
  const { listener, peer, client } = await byHand();
  const closing = client.closeWrite();
  assertEquals(await closeCode(peer), 1_000);
  await peer.send(frame(BINARY, utf8("late"), { isMasked: false }));
  assertEquals(await client.receive(), utf8("late"));
  await peer.send(frame(CLOSE, bytes(3, 232), { isMasked: false }));
  await closing;
  assertEquals(await client.receive(), undefined);
  assertEquals(await client.closed, { by: "local" });
  await listener.close();
});

test("send() is refused after the peer's close", async () => {
  const { listener, peer, client } = await byHand();
  await peer.send(frame(CLOSE, bytes(3, 232), { isMasked: false }));
  assertEquals(await client.receive(), undefined);
  await rejectsWith(
    "CONNECTION_CLOSED",
    (async () => {
      await client.send(bytes(1));
      await client.closeWrite();
    })(),
    "no half-close",
  );
  await client.close();
  await listener.close();
});

test("a silent peer is sent a ping, and cut when it does not answer", async () => {
  await using at = await place({ pingMs: 40 });
  const peer = await opened(at);
  assertEquals(await peer.frame(), { opcode: PING, payload: bytes() });
  await peer.send(frame(PONG, bytes()));
  assertEquals(await peer.frame(), { opcode: PING, payload: bytes() });
  await peer.frame().catch(() => undefined);
  assertEquals(codeOf((await at.closed[0])!.error), "TIMED_OUT");
});

test("a peer that is held back is not cut for its silence", async () => {
  using clock = new HandTicker(1_000);
  const { promise: gate, resolve: go } = Promise.withResolvers<void>();
  await using at = await place({ pingMs: 1_000 }, {}, async (connection) => {
    await gate;
    await echo(connection);
  });
  const peer = await opened(at);
  // More than what can be on its way.
  const sending = peer.send(
    ...Array(20).fill(frame(BINARY, new Uint8Array(10_000))),
  );
  // It is held back long before the first two seconds have passed.
  await clock.pass(10_000, 50);
  go();
  for (let i = 0; i < 20; i++) {
    assertEquals((await peer.frame())?.payload.length, 10_000);
  }
  await sending;
  peer.abort();
});

test("a handler that does not read holds the peer back, and loses nothing", async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => go = resolve);
  let received = 0;
  await using at = await place({}, {}, async (connection) => {
    await gate;
    for await (const message of connection) received += message.length;
  });
  const client = await createClient({
    address: "memory:place",
    network: at.network,
    codec: lengthPrefixed(),
    webSocket: {},
  });
  const message = new Uint8Array(100_000);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 200; sent++) await client.send(message);
    await client.close();
  })();
  // A plateau: the peer takes no more.
  for (let before = -1; before !== sent;) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(sent < 20, `${sent} messages were taken`);
  go();
  await sending;
  await at.closed[0];
  assertEquals(received, 200 * message.length);
});

test("send() of a message over the limit says what may be wrong", async () => {
  await using at = await place();
  const { network } = at;
  const client = await createClient({
    address: "memory:place",
    network,
    codec: lines(),
    webSocket: {},
  });
  await rejectsWith(
    "MESSAGE_TOO_LARGE",
    (async () => {
      await client.send("not a length");
      await client.closeWrite();
    })(),
    'mode: "bytes"',
  );
  assertEquals(codeOf((await client.closed).error), "MESSAGE_TOO_LARGE");
});

test("createClient() speaks to serve() at ws://, whose address has the path", async () => {
  const codec = json(lengthPrefixed());
  const addresses: unknown[] = [];
  await using server = await serve(
    { address: "ws://127.0.0.1:0/chat", codec },
    (connection) => {
      addresses.push(connection.localAddress);
      return connection.forEach((message) => connection.send([message]));
    },
  );
  const { address } = server;
  assert(address.transport === "ws" && address.path === "/chat");
  await using client = await createClient({ address, codec });
  assertEquals(client.remoteAddress, address);
  await client.send({ hello: "world" });
  assertEquals(await client.receive(), [{ hello: "world" }]);
  assertEquals(addresses, [address]);
  const path = "/other";
  await rejectsWith(
    "WS_REFUSED",
    createClient({ address: { ...address, path }, codec }),
    "404 Not Found",
  );
  await client.close();
  assertEquals(await client.closed, { by: "local" });
});

test(
  "createClient() speaks to serve() at wss://",
  { skip: noOpenSsl },
  async () => {
    const { ca, server: tls } = makeCertificates();
    const codec = lengthPrefixed();
    await using server = await serve(
      { address: "wss://127.0.0.1:0", codec, tls },
      (connection) => connection.forEach((message) => connection.send(message)),
    );
    const { address } = server;
    assertEquals(address.transport, "wss");
    await using client = await createClient({
      address,
      codec,
      tls: { ca, serverName: "localhost" },
    });
    assert(client.tls !== undefined);
    const large = new Uint8Array(1_000_000).fill(7);
    await client.send(large);
    assertEquals((await client.receive())?.length, large.length);
    await client.close();
  },
);

test("any codec runs over the mode bytes, and rooms do", async () => {
  const webSocket = { mode: "bytes" } as const;
  const network = memoryNetwork();
  await using _server = await serve(
    {
      address: "memory:lines",
      network,
      codec: lines(),
      webSocket,
    },
    (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
  );
  await using client = await createClient({
    address: "memory:lines",
    network,
    codec: lines(),
    webSocket,
  });
  await client.send("hello");
  assertEquals(await client.receive(), "> hello");

  await using rooms = await serveRooms({ address: { port: 0 }, webSocket });
  const codec = roomsCodec();
  const { address } = rooms;
  await using member = await createClient({ address, codec, webSocket });
  await member.send({ type: "name", name: "Ann" });
  assertEquals((await member.receive())?.type, "named");
});

test("messages and reconnecting() run over WebSocket unchanged", async () => {
  await using server = await serveMessages({ address: "ws://127.0.0.1:0" });
  server.on("double", (n) => 2 * Number(n));
  const { address } = server;
  await using peer = await connectMessages({ address });
  assertEquals(await peer.request("double", 2), 4);

  await using greeting = await serve(
    { address: { port: 0 }, codec: lengthPrefixed(), webSocket: {} },
    (connection) => connection.send(bytes(1)),
  );
  let greetings = 0;
  const options = { address: greeting.address, codec: lengthPrefixed() };
  for await (
    const connection of reconnecting({ ...options, initialDelayMs: 1 })
  ) {
    await connection.forEach(() => void greetings++);
    if (greetings === 2) break;
  }
});
