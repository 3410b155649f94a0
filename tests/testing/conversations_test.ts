/** What is recorded and replayed: random conversations, and those of real servers. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  type AddressLike,
  connect,
  createClient,
  lines,
  serve,
} from "../../mod.ts";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { resp, type RespValue } from "../../src/presets/mod.ts";
import {
  parseRecording,
  recordConversation,
  type RecordedFrame,
  replayConversation,
  ReplayError,
} from "../../src/testing/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { randomCut } from "../support/cuts.ts";
import { noRedis, RedisServer } from "../support/redis_server.ts";

/** What a client says: lines that go out glued and cut; whether it awaits the replies. */
interface Step {
  readonly lines: readonly {
    readonly replies: number;
    readonly text: string;
  }[];
  readonly seed: number;
  readonly waits: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    lines: fc.array(
      fc.record({
        replies: fc.integer({ min: 0, max: 3 }),
        text: fc.stringMatching(/^[a-z ]{0,12}$/),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    seed: fc.integer({ min: 1, max: 1_000 }),
    waits: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Says all of it, and returns what it got and what it sent. */
async function say(
  address: AddressLike,
  given: readonly Step[],
): Promise<{ sent: string; got: string }> {
  const connection = await connect(address);
  const writer = connection.writable.getWriter();
  const reader = connection.readable.getReader();
  let [sent, got, expected] = ["", "", 0];
  const read = async () => {
    const { value, done } = await reader.read();
    if (!done) got += new TextDecoder().decode(value);
    return !done;
  };
  for (const step of given) {
    const text = step.lines
      .map(({ replies, text }) => `${replies}${text}\n`).join("");
    for (const chunk of randomCut(utf8(text), step.seed)) {
      await writer.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    sent += text;
    for (const { replies, text } of step.lines) {
      expected += replies * (text.length + 3);
    }
    while (step.waits && got.length < expected && await read());
  }
  await writer.close();
  while (await read());
  assertEquals(got.length, expected + 3);
  return { sent, got };
}

/** Greets, and answers each line as often as it asks for. */
function startServer() {
  return serve({ address: { port: 0 }, codec: lines() }, async (connection) => {
    await connection.send("hi");
    await connection.forEach((line) => {
      for (let i = 0; i < Number(line[0]); i++) {
        void connection.send(`${i}${line}`);
      }
    });
  });
}

/** The bytes of one direction of the first connection, whose offsets must fit. */
function streamOf(
  frames: readonly RecordedFrame[],
  direction: RecordedFrame["direction"],
): string {
  let text = "";
  for (const frame of frames) {
    if (frame.direction !== direction) continue;
    assertEquals(frame.offset, text.length);
    text += new TextDecoder().decode(frame.data);
  }
  return text;
}

test("replayConversation() gives a client what recordConversation() recorded, however it cuts", async () => {
  await using server = await startServer();
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (given, isCut) => {
      await using recording = await recordConversation({
        to: server.address,
        ...isCut ? { codec: lines() } : {},
      });
      const { sent, got } = await say(recording.address, given);
      const { frames } = recording;
      assertEquals(streamOf(frames, "toServer"), sent);
      assertEquals(streamOf(frames, "toClient"), got);
      if (isCut) {
        const texts = frames.map(({ data }) => new TextDecoder().decode(data));
        assert(texts.every((one) => one === "" || /^[^\n]*\n$/.test(one)));
      }
      await using replay = await replayConversation(recording.text());
      const replayed = await say(
        replay.address,
        given.map((step) => ({ ...step, seed: step.seed + 1 })),
      );
      assertEquals(replayed.got, got);
      await replay.close();
    }),
    { numRuns: 40 },
  );
});

/** The ways in which the bytes of a client can be others. */
const mutation = fc.record({
  kind: fc.constantFrom("change", "remove", "add"),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  by: fc.integer({ min: 1, max: 255 }),
});

test("replayConversation() finds every byte and frame of a client that differs", async () => {
  await using server = await startServer();
  await fc.assert(
    fc.asyncProperty(steps, mutation, async (given, { kind, at, by }) => {
      await using recording = await recordConversation({
        to: server.address,
        codec: lines(),
      });
      await say(recording.address, given);
      const sent = recording.frames.filter(({ direction, data }) =>
        direction === "toServer" && data.length > 0
      );
      const index = Math.floor(at * sent.length);
      const mutated = sent.map(({ data }) => data.slice());
      if (kind === "remove") mutated.splice(index, 1);
      if (kind === "add") mutated.splice(index, 0, Uint8Array.of(by, 10));
      if (kind === "change") {
        const frame = mutated[index]!;
        const byte = Math.floor(at * frame.length);
        frame[byte] = (frame[byte]! + by) % 256;
      }
      const flat = (all: readonly Uint8Array[]) => all.flatMap((x) => [...x]);
      const expected = flat(sent.map(({ data }) => data));
      const got = flat(mutated);
      const differsAt = expected.findIndex((byte, i) => byte !== got[i]);
      const differing = differsAt < 0 ? expected.length : differsAt;
      await using replay = await replayConversation(recording.frames);
      const client = await connect(replay.address);
      const writer = client.writable.getWriter();
      await writer.write(Uint8Array.from(got));
      await writer.close().catch(() => undefined);
      const error = await assertRejects(() => replay.close(), ReplayError);
      client.abort();
      const line = recording.frames.findIndex(({ direction, offset, data }) =>
        direction === "toServer" && differing < offset + data.length
      );
      // A frame too many stands where the end was recorded.
      const end = recording.frames.findIndex(({ direction, data }) =>
        direction === "toServer" && data.length === 0
      );
      assertEquals(error.line, 1 + (line < 0 ? end : line));
    }),
    { numRuns: 40 },
  );
});

test("replayConversation() plays the side of serveMessages to its client", async () => {
  await using server = await serveMessages({
    address: { port: 0 },
    handlers: {
      add: (body) => (body as number[]).reduce((sum, one) => sum + one, 0),
    },
  });
  const ask = async (address: AddressLike, first = 1) => {
    const client = await connectMessages({ address });
    const failed = client.request("none", 0).catch((error) => String(error));
    const replies = await Promise.all([
      client.request("add", [first, 2]),
      failed,
      client.request("add", [3, 4]),
    ]);
    const last = await client.request("add", [5, 6]);
    await client.close();
    return [...replies, last];
  };
  await using recording = await recordConversation({ to: server.address });
  const replies = await ask(recording.address);
  assertEquals([replies[0], replies[2], replies[3]], [3, 7, 11]);
  {
    await using replay = await replayConversation(recording.text());
    assertEquals(await ask(replay.address), replies);
  }
  const replay = await replayConversation(recording.text());
  await ask(replay.address, 9).catch(() => undefined);
  const error = await assertRejects(() => replay.close(), ReplayError);
  assert(error.got.includes("[9,2]"), error.message);
  assert(error.expected.includes("[1,2]"), error.message);
});

test(
  "replayConversation() plays the side of a Redis server to a client of resp()",
  { skip: noRedis },
  async () => {
    await using redis = await RedisServer.start();
    const codec = resp();
    const command = (text: string): RespValue => ({
      type: "array",
      value: text.split(" ").map((word) => ({
        type: "bulk",
        value: utf8(word),
      })),
    });
    const talk = async (address: AddressLike, ...commands: string[]) => {
      await using client = await createClient({ address, codec });
      const replies: unknown[] = [];
      for (const text of commands) await client.send(command(text));
      for (const _ of commands) replies.push(await client.receive());
      await client.send(command("PING"));
      replies.push(await client.receive());
      return replies;
    };
    const commands = [
      "SET a 1",
      "INCR a",
      "LPUSH l x y",
      "LRANGE l 0 -1",
      "NO",
    ];
    await using recording = await recordConversation({
      to: { port: redis.port },
      codec,
    });
    const replies = await talk(recording.address, ...commands);
    assertEquals(replies.length, 6);
    const sent = parseRecording(recording.text())
      .filter(({ direction }) => direction === "toServer");
    assertEquals(sent.length, 7, "six commands and the end");
    {
      await using replay = await replayConversation(recording.text());
      assertEquals(await talk(replay.address, ...commands), replies);
    }
    const replay = await replayConversation(recording.text());
    const others = commands.with(1, "DECR a");
    // Where the runtime cannot reset, the replies end.
    await talk(replay.address, ...others).catch(() => undefined);
    const error = await assertRejects(() => replay.close(), ReplayError);
    assertEquals(error.offset, sent[1]!.offset);
    assert(error.expected.includes("INCR"), error.message);
  },
);
