import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { commandFrame, framed, FrameError, NetError } from "../../mod.ts";
import {
  commandMessages,
  connectMessages,
  MessageError,
  Peer,
  type PeerOptions,
  pipelinedCommands,
  serveMessages,
  typed,
} from "../../src/message/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";

const numbers = { inform: 1, request: 2, parameters: 3 };
const codec = commandMessages(commandFrame(), numbers);
const commands = {
  request: { input: typed<number>(), output: typed<number>() },
  parameters: { input: typed<string>(), output: typed<string>() },
};
type Api = typeof commands;

/** A peer, and the bare frames of its other side. */
function peerAndFrames(options: PeerOptions<Api> = {}) {
  const [here, there] = streamPair();
  const channel = pipelinedCommands(codec, { replyAs: "inform" })
    .open(framed(here, codec, quick));
  return { peer: new Peer<Api>(channel, options), other: framed(there, codec) };
}

function message(command: string, body: number | string, wantsReply = false) {
  return { command, wantsReply, body };
}

test("pipelinedCommands() answers in the order of the requests, whichever is done first", async () => {
  const finish: (() => void)[] = [];
  const { peer, other } = peerAndFrames({
    handlers: {
      request: (n) =>
        new Promise((resolve) => {
          finish.push(() => resolve(n * 10));
          if (finish.length === 4) finish.reverse().forEach((end) => end());
        }),
      parameters: (text) => text.toUpperCase(),
    },
  });
  for (const n of [1, 2, 3]) await other.send(message("request", n, true));
  await other.send(message("parameters", "now", true));
  await other.send(message("request", 4, true));
  const replies = [];
  for await (const reply of other) {
    replies.push(reply);
    if (replies.length === 5) break;
  }
  assertEquals(
    replies,
    [10, 20, 30, "NOW", 40].map((body) => message("inform", body)),
  );
  await peer.close();
});

test("pipelinedCommands() gives replies to the requests in their order", async () => {
  const { peer, other } = peerAndFrames();
  const replies = Promise.all([
    peer.request("request", 1),
    peer.request("parameters", "two"),
    peer.request("request", 3),
  ]);
  for (const body of [11, "12", 13]) await other.send(message("inform", body));
  assertEquals(await replies, [11, "12", 13]);
  assertEquals(await other.receive(), message("request", 1, true));
  assertEquals(await other.receive(), message("parameters", "two", true));
  assertEquals(await other.receive(), message("request", 3, true));
  await peer.close();
});

test("pipelinedCommands() drops the late reply to a request that was given up", async () => {
  const { peer, other } = peerAndFrames();
  const events: unknown[] = [];
  peer.onEvent("inform", (body) => void events.push(body));
  const error = await assertRejects(
    () => peer.request("request", 1, { timeoutMs: 20 }),
    NetError,
  );
  assertEquals(error.code, "TIMED_OUT");
  const second = peer.request("request", 2);
  await other.send(message("inform", 10));
  await other.send(message("inform", 20));
  assertEquals(await second, 20);
  assertEquals(events, []);
  await peer.close();
});

test("pipelinedCommands() takes for an event what is no reply", async () => {
  const { peer, other } = peerAndFrames();
  const events: unknown[] = [];
  for (const name of ["inform", "parameters", "request"]) {
    peer.onEvent(name, (body) => void events.push([name, body]));
  }
  const arrived = new Promise((resolve) => peer.onEvent("inform", resolve));
  await other.send(message("inform", "early"));
  await arrived;
  const sent = peer.request("request", 1);
  await other.send(message("parameters", "between"));
  // What wants no reply is not handed to what replies.
  await other.send(message("request", 5));
  await other.send(message("inform", 10));
  assertEquals(await sent, 10);
  await other.send(message("inform", "late"));
  await other.closeWrite();
  await peer.closed;
  assertEquals(events, [
    ["inform", "early"],
    ["parameters", "between"],
    ["request", 5],
    ["inform", "late"],
  ]);
});

test("pipelinedCommands() replies with the command of the request unless told otherwise", async () => {
  const [here, there] = streamPair();
  const asking = new Peer<Api>(
    pipelinedCommands(codec).open(framed(here, codec, quick)),
  );
  const answering = new Peer<Api>(
    pipelinedCommands(codec).open(framed(there, codec)),
    {
      handlers: { request: (n) => n + 1, parameters: (text) => `${text}!` },
    },
  );
  assertEquals(
    await Promise.all([
      asking.request("request", 1),
      asking.request("parameters", "x"),
    ]),
    [2, "x!"],
  );
  await asking.close();
  await answering.close();
});

test("pipelinedCommands() ends the connection where there is no reply, and says why", async () => {
  const failures: [PeerOptions<Api>, string][] = [
    [{}, "NO_HANDLER"],
    [{
      handlers: {
        request: () => {
          throw new RangeError("a fault");
        },
      },
      onError: () => undefined,
    }, "HANDLER_FAILED"],
    [{
      handlers: {
        request: () => {
          throw new MessageError("NOT_TODAY", "Come back later");
        },
      },
      onError: () => undefined,
    }, "NOT_TODAY"],
  ];
  for (const [options, code] of failures) {
    const { peer, other } = peerAndFrames(options);
    await other.send(message("request", 1, true));
    const { error } = await peer.closed;
    assert(error instanceof MessageError);
    assertEquals(error.code, code);
    assertEquals(await other.receive(), undefined);
  }
});

test("pipelinedCommands() names an unknown command by its number", async () => {
  const [here, there] = streamPair();
  const peer = new Peer<Api>(
    pipelinedCommands(codec).open(framed(here, codec, quick)),
  );
  const other = framed(there, commandFrame());
  const body = new TextEncoder().encode("null");
  await other.send({ command: 77, wantsReply: true, body });
  const { error } = await peer.closed;
  assert(error instanceof MessageError);
  assertEquals(error.message, 'No handler for "77"');
});

test("pipelinedCommands() refuses streams, and commands without a number", async () => {
  const { peer } = peerAndFrames();
  const error = await assertRejects(
    () => peer.stream("request", 1).next(),
    MessageError,
  );
  assertEquals(error.code, "NOT_A_STREAM");
  const unknown = await assertRejects(
    async () => await peer.emit("news", null),
    FrameError,
  );
  assertEquals(unknown.code, "HEADER_INVALID");
  await peer.close();
});

test("commandMessages() refuses a number with two names, and bodies that are no JSON", () => {
  try {
    commandMessages(commandFrame(), { a: 1, b: 1 });
    assert(false);
  } catch (error) {
    assert(error instanceof TypeError);
  }
  const bytes = commandFrame().encode({
    command: 1,
    wantsReply: false,
    body: Uint8Array.of(0xff),
  });
  try {
    codec.decode(bytes);
    assert(false);
  } catch (error) {
    assert(error instanceof FrameError);
    assertEquals(error.code, "MESSAGE_INVALID");
    assertEquals(error.offset, 0);
  }
});

test("serveMessages() and connectMessages() speak a dialect", async () => {
  const dialect = pipelinedCommands(codec, { replyAs: "inform" });
  await using server = await serveMessages({
    address: { port: 0 },
    commands,
    dialect,
  });
  server.on("request", async (n) => {
    // The even ones are done after the odd ones.
    for (let i = n % 2 === 0 ? 50 : 0; i > 0; i--) await undefined;
    return n + 1;
  });
  const { address } = server;
  await using client = await connectMessages({ address, commands, dialect });
  const all = Array.from({ length: 500 }, (_, i) => i);
  assertEquals(
    await Promise.all(all.map((n) => client.request("request", n))),
    all.map((n) => n + 1),
  );
});

test("MessageServer.close() answers what a dialect carries first", async () => {
  const dialect = pipelinedCommands(codec);
  const server = await serveMessages({
    address: { port: 0 },
    commands,
    dialect,
  });
  let release: () => void = () => {};
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  server.on("parameters", () => {
    begun();
    return new Promise((resolve) => release = () => resolve("answered"));
  });
  const { address } = server;
  await using client = await connectMessages({ address, commands, dialect });
  const reply = client.request("parameters", "");
  await began;
  const closing = server.close();
  release();
  assertEquals(await reply, "answered");
  await closing;
});

test("pipelinedCommands() keeps replies that wait as they were when they were given", async () => {
  const shared = { n: 0 };
  let release: () => void = () => {};
  const [here, there] = streamPair();
  const peer = new Peer(
    pipelinedCommands(codec).open(framed(here, codec, quick)),
    {
      handlers: {
        request: () =>
          new Promise<string>((resolve) => release = () => resolve("first")),
        parameters: () => {
          shared.n++;
          return shared;
        },
      },
    },
  );
  const other = framed(there, codec);
  await other.send(message("request", 0, true));
  for (let i = 0; i < 3; i++) await other.send(message("parameters", i, true));
  await other.send(message("inform", "then"));
  await new Promise((resolve) => peer.onEvent("inform", resolve));
  release();
  assertEquals((await other.receive())?.body, "first");
  for (let n = 1; n <= 3; n++) {
    assertEquals((await other.receive())?.body, { n });
  }
  await peer.close();
});

test("pipelinedCommands() holds back one that asks on while the first is not answered", async () => {
  let release: () => void = () => {};
  let asked = 0;
  const { peer, other } = peerAndFrames({
    handlers: {
      request: (n) => {
        asked++;
        if (n > 0) return n;
        return new Promise((resolve) => release = () => resolve(0));
      },
    },
  });
  const sending = (async () => {
    for (let n = 0; n < 5_000; n++) {
      await other.send(message("request", n, true));
    }
  })();
  while (asked < 1_000) await new Promise((resolve) => setTimeout(resolve, 1));
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(asked, 1_000);
  release();
  for (let n = 0; n < 5_000; n++) {
    assertEquals((await other.receive())?.body, n);
  }
  await sending;
  await peer.close();
});

test("pipelinedCommands() answers those under way before it refuses one while closing", async () => {
  let release: () => void = () => {};
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  const { peer, other } = peerAndFrames({
    handlers: {
      request: (n) => {
        begun();
        return new Promise((resolve) => release = () => resolve(n));
      },
    },
  });
  await other.send(message("request", 1, true));
  await began;
  const closing = peer.close();
  await other.send(message("request", 2, true));
  await other.send(message("inform", "then"));
  await new Promise((resolve) => peer.onEvent("inform", resolve));
  release();
  assertEquals(await other.receive(), message("inform", 1));
  assertEquals(await other.receive(), undefined);
  await closing;
});

test("pipelinedCommands() tells those at work for one that is held back when it has gone", async () => {
  let asked = 0;
  let told = 0;
  const { peer, other } = peerAndFrames({
    maxRequests: 2_000,
    handlers: {
      request: (_, { signal }) => {
        asked++;
        return new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            told++;
            resolve(0);
          });
        });
      },
    },
  });
  for (let n = 0; n < 1_100; n++) {
    void other.send(message("request", n, true));
  }
  while (asked < 1_000) await new Promise((resolve) => setTimeout(resolve, 1));
  other.abort();
  await peer.closed;
  assert(told >= 1_000);
  assertEquals(told, asked);
});
