import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { lines, NetError } from "../../mod.ts";
import {
  type Commands,
  MessageError,
  type PeerOptions,
  pipelined,
  type PipelinedOptions,
  typed,
} from "../../src/message/mod.ts";
import { peerAndFrames, until } from "./support.ts";

const text = typed<string>();
const commands = { ask: { input: text, output: text } } satisfies Commands;
type Api = typeof commands;

/** A peer, and the lines of its other side. */
const peerAndLines = (
  options: PeerOptions<Api>,
  form: PipelinedOptions<string>,
) => peerAndFrames(pipelined(lines(), form), options);

const client: PipelinedOptions<string> = {
  eventOf: (line) => line.startsWith(">") ? "push" : undefined,
  errorOf: (line) =>
    line.startsWith("-") ? new MessageError("ERR", line.slice(1)) : undefined,
};
const parts: PipelinedOptions<string> = {
  ...client,
  isLast: (line) => line.startsWith("END"),
};

test("pipelined() gives replies in order, tells events apart, and rejects with errors", async () => {
  const events: unknown[] = [];
  await using pair = peerAndLines({
    events: { push: (line) => void events.push(line) },
  }, client);
  const { peer, other } = pair;
  const replies = [1, 2, 3].map((n) => peer.request("ask", `${n}`));
  const failing = assertRejects(() => replies[1]!, MessageError);
  for (const line of [">before", "one", ">between", "-two", "three"]) {
    await other.send(line);
  }
  assertEquals(await replies[0], "one");
  assertEquals((await failing).message, "two");
  assertEquals(await replies[2], "three");
  assertEquals(events, [">before", ">between"]);
  for (const line of ["1", "2", "3"]) assertEquals(await other.receive(), line);
});

test("pipelined() counts replies that nobody has asked for, and late ones", async () => {
  const strays: unknown[] = [];
  await using pair = peerAndLines({
    onStray: (kind, line) => strays.push([kind, line]),
  }, client);
  const { peer, other } = pair;
  await other.send("nobody's");
  await until(() => strays.length === 1);
  await assertRejects(
    () => peer.request("ask", "1", { timeoutMs: 20 }),
    NetError,
  );
  await other.send("too late");
  const next = peer.request("ask", "2");
  await other.send("in time");
  assertEquals(await next, "in time");
  assertEquals(strays, [["foreign", "nobody's"], ["late", "too late"]]);
});

test("pipelined() answers in the order of the requests, with failed() where a handler fails", async () => {
  const finish: (() => void)[] = [];
  await using pair = peerAndLines({
    handlers: {
      ask: (line) => {
        if (line === "bad") throw new MessageError("BAD", "no");
        return new Promise((resolve) => {
          finish.push(() => resolve(line.toUpperCase()));
          if (finish.length === 2) finish.reverse().forEach((end) => end());
        });
      },
    },
  }, {
    requestOf: () => "ask",
    failed: ({ code }, request) => `-${code} ${request}`,
  });
  const { other } = pair;
  for (const line of ["a", "bad", "b"]) await other.send(line);
  for (const line of ["A", "-BAD bad", "B"]) {
    assertEquals(await other.receive(), line);
  }
});

test("pipelined() ends the connection where a handler fails and the format has no errors", async () => {
  await using pair = peerAndLines({}, { requestOf: () => "ask" });
  await pair.other.send("a");
  const { error } = await pair.peer.closed;
  assertEquals((error as MessageError).code, "NO_HANDLER");
});

test("pipelined() hands out several replies as a stream, no faster than they are read", async () => {
  await using pair = peerAndLines({}, parts);
  const { peer, other } = pair;
  const items = peer.stream("ask", "1");
  const first = items.next();
  const after = peer.stream("ask", "2").next();
  for (let n = 0; n < 500; n++) await other.send(`${n}`);
  await other.send("END 1");
  await other.send("of the second");
  const got = [(await first).value];
  assertEquals((await after).value, "of the second");
  for await (const item of items) got.push(item);
  assertEquals(got, [
    ...Array.from({ length: 500 }, (_, n) => `${n}`),
    "END 1",
  ]);
});

test("pipelined() passes over the rest of a stream that was left, and hands out an error behind its items", async () => {
  await using pair = peerAndLines({}, parts);
  const { peer, other } = pair;
  const left = peer.stream("ask", "1");
  const first = left.next();
  await other.send("a");
  await first;
  await left.return();
  const failing = peer.stream("ask", "2");
  const item = failing.next();
  for (const line of ["b", "c", "END", "d", "-why", "e", "END"]) {
    await other.send(line);
  }
  assertEquals((await item).value, "d");
  const error = await assertRejects(() => failing.next(), MessageError);
  assertEquals(error.message, "why");
  const last = peer.request("ask", "3");
  await other.send("END 3");
  assertEquals(await last, "END 3");
});

test("pipelined() ends the connection where a request for one reply gets several", async () => {
  await using pair = peerAndLines({}, parts);
  const { peer, other } = pair;
  const reply = assertRejects(() => peer.request("ask", "1"));
  await other.send("a");
  await reply;
  const { error } = await peer.closed;
  assertEquals((error as { code?: string }).code, "MESSAGE_INVALID");
});

test("pipelined() passes over what follows the error of a request, up to its last reply", async () => {
  await using pair = peerAndLines({}, parts);
  const { peer, other } = pair;
  const failing = assertRejects(() => peer.request("ask", "1"), MessageError);
  const next = peer.request("ask", "2");
  for (const line of ["-why", "-more", "END 1", "END 2"]) {
    await other.send(line);
  }
  assertEquals((await failing).message, "why");
  assertEquals(await next, "END 2");
  assertEquals(peer.stats().strays, { late: 0, duplicate: 0, foreign: 0 });
});
