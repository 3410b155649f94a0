// examples/transports/web_transport.ts over a mock of WebTransport.

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  answerAll,
  ask,
  type Session,
} from "../../examples/transports/web_transport.ts";
import { type ByteDuplex, NetError } from "../../mod.ts";
import { streamPair } from "../support/duplexes.ts";

/** Two sessions: what one opens comes in at the other. */
function sessionPair(): [Session, Session] {
  const there = new TransformStream<ByteDuplex, ByteDuplex>();
  const back = new TransformStream<ByteDuplex, ByteDuplex>();
  const session = (
    out: WritableStreamDefaultWriter<ByteDuplex>,
    incomingBidirectionalStreams: ReadableStream<ByteDuplex>,
  ): Session => ({
    incomingBidirectionalStreams,
    async createBidirectionalStream() {
      const [ours, theirs] = streamPair();
      await out.write(theirs);
      return ours;
    },
  });
  return [
    session(there.writable.getWriter(), back.readable),
    session(back.writable.getWriter(), there.readable),
  ];
}

test("ask() gets its answer while another stream waits for one", async () => {
  const [client, server] = sessionPair();
  let answerSlow = (_answer: string) => {};
  const slow = new Promise<string>((resolve) => answerSlow = resolve);
  void answerAll(
    server,
    (question) =>
      question === "slow" ? slow : Promise.resolve(question.toUpperCase()),
  );
  const waiting = ask(client, "slow");
  assertEquals(await ask(client, "fast"), "FAST");
  answerSlow("late");
  assertEquals(await waiting, "late");
});

test("ask() rejects when answering fails, and the next question is answered", async () => {
  const [client, server] = sessionPair();
  void answerAll(server, (question) => {
    if (question === "bad") throw new TypeError("No answer");
    return Promise.resolve("good");
  });
  await assertRejects(() => ask(client, "bad"), NetError);
  assertEquals(await ask(client, "any"), "good");
});
