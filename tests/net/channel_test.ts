/** The table of ends in `src/net/channel.ts`, row by row. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Channel } from "../../src/net/channel.ts";
import type { ChannelUser } from "../../src/net/channel_user.ts";
import { type CloseInfo, NetError } from "../../src/net/mod.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import {
  resetError,
  ScriptedTransport,
  turn,
} from "../support/scripted_transport.ts";

/** Keeps what it is told, and writes its last words when it is to finish. */
class User implements ChannelUser {
  readonly told: string[] = [];
  info: CloseInfo | undefined;
  readonly #channel: Channel;
  readonly #lastWords: string;

  constructor(channel: Channel, lastWords = "last words") {
    this.#channel = channel;
    this.#lastWords = lastWords;
  }

  data(chunk: Uint8Array): void {
    this.told.push(new TextDecoder().decode(chunk));
  }

  end(): void {
    this.told.push("end");
  }

  cut(): void {
    this.told.push("cut");
  }

  closed(info: CloseInfo): void {
    this.told.push("closed");
    this.info = info;
  }

  async finish(): Promise<void> {
    if (this.#lastWords === "") return;
    await this.#channel.write(new TextEncoder().encode(this.#lastWords));
  }
}

function make() {
  const wire = new ScriptedTransport();
  const channel = new Channel(wire);
  const user = new User(channel);
  channel.use(user);
  return { wire, channel, user };
}

const timedOut = (info: CloseInfo, what: string) => {
  const { error } = info;
  assert(error instanceof NetError && error.code === "TIMED_OUT");
  assert(error.message.includes(what), error.message);
  assertEquals(error.limit, "closeTimeoutMs");
  assertEquals(info.by, "local");
};

test("Channel: the peer's FIN, then closeWrite(), is closed by the peer", async () => {
  const { wire, channel, user } = make();
  wire.data("hello");
  wire.end();
  await channel.closeWrite();
  assertEquals(wire.written, "last words");
  assertEquals(user.told, ["hello", "end", "closed"]);
  assertEquals(await channel.closed, { by: "remote" });
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

test("Channel: closeWrite(), then the peer's FIN, is closed here", async () => {
  const { wire, channel, user } = make();
  await channel.closeWrite();
  await channel.closeWrite();
  wire.data("reply");
  wire.end();
  assertEquals(user.told, ["reply", "end", "closed"]);
  assertEquals(await channel.closed, { by: "local" });
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

for (const first of ["the peer's FIN, then close()", "close(), then the FIN"]) {
  test(`Channel: ${first} is an end, told once`, async () => {
    using time = new HandTicker(2_000);
    const { wire, channel, user } = make();
    const isPeer = first.startsWith("the peer");
    if (isPeer) wire.end();
    const closing = channel.close();
    assertEquals(channel.close(), closing);
    await turn();
    wire.data(isPeer ? "" : "reply");
    if (!isPeer) wire.end();
    await closing;
    assertEquals(await channel.closed, { by: isPeer ? "remote" : "local" });
    assertEquals(user.told.slice(-2), ["end", "closed"]);
    assert(!user.told.includes("cut"));
    assertEquals(wire.written, "last words");
    assertEquals(wire.ends, ["closeWrite", "close"]);
    assertEquals(time.members.size, 0);
  });
}

test("Channel: close() and a peer that is silent for 2 s is a clean end", async () => {
  using time = new HandTicker(2_000);
  const { wire, channel, user } = make();
  const closing = channel.close();
  await turn();
  await time.pass(1_900, 100);
  assertEquals(channel.info, undefined);
  // Each word counts anew.
  wire.data("wait");
  await time.pass(2_000, 100);
  assertEquals(channel.info, undefined);
  await time.pass(200, 100);
  await closing;
  assertEquals(channel.info, { by: "local" });
  assertEquals(user.told, ["wait", "cut", "closed"]);
  assertEquals(wire.ends, ["closeWrite", "close"]);
  assertEquals(time.members.size, 0);
});

test("Channel: close() and a peer that goes on sending is cut, and told of", async () => {
  using time = new HandTicker(2_000);
  const { wire, channel, user } = make();
  const closing = channel.close();
  await turn();
  while (channel.info === undefined) {
    wire.data("more");
    await time.pass(1_000);
  }
  await closing;
  timedOut(channel.info, "went on sending for 30000 ms");
  assertEquals(wire.ends, ["closeWrite", "abort"]);
  // 30 seconds: none of it is thrown away before.
  assertEquals(user.told.filter((told) => told === "more").length, 31);
  assertEquals(user.told.slice(-2), ["more", "closed"]);
  assertEquals(time.members.size, 0);
});

test("Channel: close() and a peer that takes nothing is cut, and told of", async () => {
  using time = new HandTicker(2_000);
  const { wire, channel, user } = make();
  wire.holds = true;
  const closing = channel.close();
  await turn();
  await time.pass(29_000, 1_000);
  // A single byte is progress.
  wire.take(1);
  await time.pass(30_000, 1_000);
  assertEquals(channel.info, undefined);
  await time.pass(2_000, 1_000);
  await closing;
  assert(channel.info !== undefined);
  timedOut(channel.info, "took none of our bytes for 30000 ms");
  assertEquals(user.told, ["closed"]);
  assertEquals(wire.ends, ["abort"]);
});

test("Channel: close() has a bound where the half-close hangs", async () => {
  using time = new HandTicker(400);
  const { wire, channel } = make();
  channel.closeTimeoutMs = 400;
  wire.holdsEnd = true;
  const closing = channel.close();
  await turn();
  await time.pass(500, 50);
  await closing;
  timedOut(await channel.closed, "closeTimeoutMs");
  assertEquals(wire.ends, ["closeWrite", "abort"]);
});

test("Channel: abort() resets at once, with its reason, once", async () => {
  for (const before of ["nothing", "close", "closeWrite"]) {
    using time = new HandTicker(2_000);
    const { wire, channel, user } = make();
    if (before === "close") void channel.close();
    if (before === "closeWrite") await channel.closeWrite();
    await turn();
    const reason = new Error("enough");
    channel.abort(reason);
    channel.abort(new Error("again"));
    wire.data("late");
    assertEquals(user.told, ["closed"]);
    assertEquals(await channel.closed, { by: "local", error: reason });
    assertEquals(wire.ends.filter((end) => end !== "closeWrite"), ["abort"]);
    const error = await assertRejects(async () => {
      await channel.write(Uint8Array.of(1));
    });
    assertEquals(error, reason);
    assertEquals(time.members.size, 0);
    await channel.close();
  }
});

for (
  const [by, error] of [
    ["remote", resetError()],
    ["failure", new NetError("NETWORK_ERROR", "The network is down")],
  ] as const
) {
  test(`Channel: a connection that breaks (${error.code}) tells of what arrived first`, async () => {
    for (const before of ["nothing", "close", "closeWrite"]) {
      using time = new HandTicker(2_000);
      const { wire, channel, user } = make();
      if (before === "close") void channel.close();
      if (before === "closeWrite") await channel.closeWrite();
      await turn();
      wire.data("last");
      wire.fail(error);
      assertEquals(user.told, ["last", "closed"]);
      assertEquals(user.info, { by, error });
      assertEquals(await channel.closed, { by, error });
      assertEquals(wire.ends.filter((end) => end !== "closeWrite"), ["abort"]);
      // A half-close that was done before is no failure.
      const ending = channel.closeWrite();
      if (before !== "nothing") await ending;
      else assertEquals(await assertRejects(() => ending), error);
      await channel.close();
      assertEquals(time.members.size, 0);
    }
  });
}

// Without a user

test("Channel: what arrives before there is a user is kept, up to 64 KiB and a chunk", () => {
  const wire = new ScriptedTransport();
  const channel = new Channel(wire);
  wire.data("a");
  assert(!wire.paused);
  wire.data("b".repeat(65_536));
  assert(wire.paused);
  wire.data("c");
  wire.end();
  const user = new User(channel);
  channel.use(user);
  assert(!wire.paused);
  assertEquals(user.told.map((told) => told.length), [1, 65_536, 1, 3]);
  assertThrows(() => channel.use(user), TypeError);
});

test("Channel: a peer that is gone is noticed without a user", async () => {
  const wire = new ScriptedTransport();
  const channel = new Channel(wire);
  const error = resetError();
  wire.data("last");
  wire.fail(error);
  assertEquals(await channel.closed, { by: "remote", error });
  assertEquals(wire.ends, ["abort"]);
});

for (const error of [undefined, resetError()]) {
  test(`Channel: what arrived before ${error?.code ?? "a clean end"} is there for a user that comes later`, async () => {
    const wire = new ScriptedTransport();
    const channel = new Channel(wire);
    wire.data("last words");
    if (error === undefined) {
      await channel.closeWrite();
      wire.end();
    } else wire.fail(error);
    await channel.closed;
    const user = new User(channel, "");
    channel.use(user);
    const ends = error === undefined ? ["end", "closed"] : ["closed"];
    assertEquals(user.told, ["last words", ...ends]);
    assertEquals(user.info?.error, error);
  });
}

test("Channel: abort() without a user leaves nothing for one that comes later", () => {
  const wire = new ScriptedTransport();
  const channel = new Channel(wire);
  const reason = new Error("enough");
  wire.data("unread");
  channel.abort(reason);
  const user = new User(channel, "");
  channel.use(user);
  assertEquals(user.told, ["closed"]);
  assertEquals(user.info, { by: "local", error: reason });
});

test("Channel: a user that comes after close() is told that it was cut", async () => {
  for (const moment of ["while it closes", "when it has closed"]) {
    using time = new HandTicker(2_000);
    const wire = new ScriptedTransport();
    const channel = new Channel(wire);
    // So much that it is thrown away.
    wire.data("b".repeat(65_537));
    const closing = channel.close();
    await turn();
    const isOver = moment === "when it has closed";
    if (isOver) await time.pass(3_000, 500);
    const user = new User(channel, "");
    channel.use(user);
    if (!isOver) await time.pass(3_000, 500);
    await closing;
    assertEquals(user.told, ["cut", "closed"]);
  }
});

test("Channel: close() without a user reads on, and keeps nothing", async () => {
  const wire = new ScriptedTransport();
  const channel = new Channel(wire);
  wire.data("b".repeat(65_537));
  assert(wire.paused);
  const closing = channel.close();
  assert(!wire.paused);
  await turn();
  wire.end();
  await closing;
  assertEquals(wire.ends, ["closeWrite", "close"]);
});

test("Channel: note() keeps an error for an end that is clean otherwise", async () => {
  const noted = new Error("no frame");
  const clean = make();
  clean.channel.note(noted);
  clean.wire.end();
  await clean.channel.closeWrite();
  assertEquals(await clean.channel.closed, { by: "remote", error: noted });
  assertEquals(clean.wire.ends, ["closeWrite", "close"]);

  const broken = make();
  const error = resetError();
  broken.channel.note(noted);
  broken.wire.fail(error);
  assertEquals(await broken.channel.closed, { by: "remote", error });
});

test("Channel: a half-close that fails ends it with the error", async () => {
  const { wire, channel } = make();
  const error = resetError();
  const ending = channel.closeWrite();
  wire.failWrite(error);
  assertEquals(await assertRejects(() => ending), error);
  await turn();
  assertEquals(await channel.closed, { by: "remote", error });
});
