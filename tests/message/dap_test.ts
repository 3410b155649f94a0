import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type { FrameError, JsonValue } from "../../mod.ts";
import {
  type Commands,
  dap,
  MessageError,
  type PeerOptions,
} from "../../src/message/mod.ts";
import { lsp } from "../../src/presets/mod.ts";
import { peerAndFrames } from "./support.ts";

const peerSpeakingDap = (options: PeerOptions<Commands> = {}) =>
  peerAndFrames(dap(lsp()), options);

test("dap() numbers all messages of a side, and finds the requests of responses", async () => {
  const events: unknown[] = [];
  await using pair = peerSpeakingDap({
    handlers: { runInTerminal: (body) => ({ ran: body }) },
    events: { stopped: (body) => void events.push(body) },
  });
  const { peer, other } = pair;
  const first = peer.request("threads", null);
  await peer.emit("hello", { a: 1 });
  const second = peer.request("evaluate", { expression: "1" });
  assertEquals(await other.receive(), {
    seq: 1,
    type: "request",
    command: "threads",
    arguments: null,
  });
  assertEquals(await other.receive(), {
    seq: 2,
    type: "event",
    event: "hello",
    body: { a: 1 },
  });
  assertEquals(await other.receive(), {
    seq: 3,
    type: "request",
    command: "evaluate",
    arguments: { expression: "1" },
  });
  const response = (request_seq: number, body: JsonValue) => ({
    seq: 100 + request_seq,
    type: "response",
    request_seq,
    success: true,
    command: "x",
    body,
  });
  await other.send({
    seq: 1,
    type: "event",
    event: "stopped",
    body: { at: 7 },
  });
  await other.send(response(3, { result: "1" }));
  await other.send(response(1, { threads: [] }));
  assertEquals(await Promise.all([first, second]), [
    { threads: [] },
    { result: "1" },
  ]);
  await other.send({
    seq: 4,
    type: "request",
    command: "runInTerminal",
    arguments: ["ls"],
  });
  assertEquals(await other.receive(), {
    seq: 4,
    type: "response",
    request_seq: 4,
    command: "runInTerminal",
    success: true,
    body: { ran: ["ls"] },
  });
  assertEquals(events, [{ at: 7 }]);
});

test("dap() maps errors both ways", async () => {
  await using pair = peerSpeakingDap({
    handlers: {
      fail: () => {
        throw new MessageError("notStopped", "It runs", { at: 1 });
      },
    },
  });
  const { peer, other } = pair;
  await other.send({ seq: 1, type: "request", command: "fail" });
  assertEquals(await other.receive(), {
    seq: 1,
    type: "response",
    request_seq: 1,
    command: "fail",
    success: false,
    message: "notStopped",
    body: { error: { id: 0, format: "It runs" }, data: { at: 1 } },
  });
  await other.send({ seq: 2, type: "request", command: "missing" });
  const missing = await other.receive() as { message: string };
  assertEquals(missing.message, "NO_HANDLER");

  const cases: [response: JsonValue, code: string, message: string][] = [
    [{ message: "notStopped" }, "notStopped", "notStopped"],
    [
      {
        message: "x",
        body: {
          error: { id: 1, format: "No {it}, {at}", variables: { it: "y" } },
        },
      },
      "x",
      "No y, {at}",
    ],
    [{ message: "cancelled" }, "CANCELLED", "cancelled"],
    [{}, "FAILED", "FAILED"],
  ];
  for (const [response, code, message] of cases) {
    const failing = assertRejects(() => peer.request("x", null), MessageError);
    const { seq } = await other.receive() as { seq: number };
    await other.send({
      ...response as Record<string, JsonValue>,
      seq: 9,
      type: "response",
      request_seq: seq,
      success: false,
      command: "x",
    });
    const error = await failing;
    assertEquals([error.code, error.message], [code, message]);
  }
});

test("dap() cancels a request only where the adapter has said that it can", async () => {
  await using pair = peerSpeakingDap();
  const { peer, other } = pair;
  const give = async (name: string) => {
    const stop = new AbortController();
    const given = assertRejects(() =>
      peer.request(name, null, { signal: stop.signal })
    );
    const { seq } = await other.receive() as { seq: number };
    stop.abort();
    await given;
    return seq;
  };
  await give("before");
  const initialized = peer.request("initialize", {});
  const { seq } = await other.receive() as { seq: number };
  await other.send({
    seq: 1,
    type: "response",
    request_seq: seq,
    success: true,
    command: "initialize",
    body: { supportsCancelRequest: true },
  });
  await initialized;
  const requestId = await give("after");
  assertEquals(await other.receive(), {
    seq: requestId + 1,
    type: "request",
    command: "cancel",
    arguments: { requestId },
  });
  // The answers to the cancelled request, and to its cancellation.
  const answer = (request_seq: number, success: boolean) => ({
    seq: 2,
    type: "response",
    request_seq,
    success,
    command: "x",
  });
  await other.send(answer(requestId, false));
  await other.send(answer(requestId + 1, true));
  await other.send(answer(77, true));
  const next = peer.request("next", null);
  await other.receive();
  await other.send(answer(requestId + 2, true));
  assertEquals(await next, null);
  assertEquals(peer.stats().strays, { late: 1, duplicate: 0, foreign: 1 });
});

test("dap() answers a request that is cancelled, and the cancellation", async () => {
  const aborted = Promise.withResolvers<void>();
  await using pair = peerSpeakingDap({
    handlers: {
      slow: (_, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            aborted.resolve();
            reject(signal.reason);
          })
        ),
    },
  });
  const { other } = pair;
  await other.send({ seq: 1, type: "request", command: "slow" });
  await other.send({
    seq: 2,
    type: "request",
    command: "cancel",
    arguments: { requestId: 1 },
  });
  const [first, second] = [await other.receive(), await other.receive()] as {
    request_seq: number;
    success: boolean;
    message?: string;
  }[];
  assertEquals([first!.request_seq, first!.message], [1, "cancelled"]);
  assertEquals([second!.request_seq, second!.success], [2, true]);
  await aborted.promise;
});

test("dap() has no streams, and ends where a message is none of its own", async () => {
  await using pair = peerSpeakingDap();
  const { peer, other } = pair;
  const error = await assertRejects(
    () => peer.stream("x", null).next(),
    MessageError,
  );
  assertEquals(error.code, "NOT_A_STREAM");
  await other.send({ jsonrpc: "2.0", method: "x" });
  const { error: why } = await peer.closed;
  assertEquals((why as FrameError).code, "MESSAGE_INVALID");
});
