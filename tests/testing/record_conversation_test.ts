import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  connect,
  type Connection,
  createClient,
  lengthPrefixed,
  lines,
  listen,
  NetError,
} from "../../mod.ts";
import {
  parseRecording,
  recordConversation,
  type RecordConversationOptions,
  type RecordedFrame,
  type Recording,
} from "../../src/testing/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { until } from "../support/until.ts";

/** Deno cannot reset a connection: the other side may see an end. */
const isDeno = "Deno" in globalThis;

interface Parts extends AsyncDisposable {
  readonly recording: Recording;
  /** Connects one more client, and accepts it. */
  connection(): Promise<{ client: Connection; server: Connection }>;
}

/** A server by hand, and a recording before it. */
async function parts(
  options: Omit<RecordConversationOptions, "to"> = {},
): Promise<Parts> {
  const listener = await listen({ port: 0 });
  const accepting = listener[Symbol.asyncIterator]();
  const opened: Connection[] = [];
  const recording = await recordConversation({
    to: listener.address,
    ...options,
  });
  return {
    recording,
    async connection() {
      const client = await connect(recording.address);
      const { value: server } = await accepting.next();
      opened.push(client, server!);
      return { client, server: server! };
    },
    async [Symbol.asyncDispose]() {
      for (const connection of opened) connection.abort();
      await recording.close();
      await listener.close();
    },
  };
}

/** Writes, and waits until the other end has got as many bytes. */
async function pass(from: Connection, to: Connection, bytes: string) {
  const writer = from.writable.getWriter();
  const reader = to.readable.getReader();
  await writer.write(utf8(bytes));
  let text = "";
  while (text.length < bytes.length) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  assertEquals(text, bytes);
  writer.releaseLock();
  reader.releaseLock();
}

async function read(connection: Connection): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of connection.readable) text += decoder.decode(chunk);
  return text;
}

const arrows = { toServer: ">", toClient: "<" } as const;

/** Frames in short: the connection, the direction, the offset and the text. */
function shown(frames: readonly RecordedFrame[]): string[] {
  return frames.map(({ connection, direction, offset, data }) =>
    `${connection}${arrows[direction]}${offset} ${
      new TextDecoder().decode(data)
    }`
  );
}

test("recordConversation() cuts frames as the codec does, however they arrive", async () => {
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "on");
  await pass(client, server, "e\ntwo\r\nth");
  await pass(server, client, "1\n");
  await pass(client, server, "ree\n");
  assertEquals(shown(all.recording.frames), [
    "1>0 one\n",
    "1>4 two\r\n",
    "1<0 1\n",
    "1>9 three\n",
  ]);
});

test("recordConversation() records chunks where there is no codec", async () => {
  await using all = await parts();
  const { client, server } = await all.connection();
  await pass(client, server, "on");
  await pass(server, client, "e\ntwo");
  await pass(client, server, "\n");
  assertEquals(shown(all.recording.frames), ["1>0 on", "1<0 e\ntwo", "1>2 \n"]);
});

test("recordConversation() takes a codec for each direction", async () => {
  const codec = { toServer: lines(), toClient: lengthPrefixed() };
  await using all = await parts({ codec });
  const { client, server } = await all.connection();
  await pass(client, server, "a\nb\n");
  await pass(server, client, "\0\0\0\x01a\0\0\0\x02\nb");
  assertEquals(shown(all.recording.frames), [
    "1>0 a\n",
    "1>2 b\n",
    "1<0 \0\0\0\x01a",
    "1<5 \0\0\0\x02\nb",
  ]);
});

test("recordConversation() passes on ends, and records them as frames without bytes", async () => {
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "one\nrest");
  await client.closeWrite();
  assertEquals(await read(server), "");
  await pass(server, client, "1\n");
  await server.closeWrite();
  assertEquals(await read(client), "");
  assertEquals(shown(all.recording.frames), [
    "1>0 one\n",
    "1>4 rest",
    "1>8 ",
    "1<0 1\n",
    "1<2 ",
  ]);
});

test("recordConversation() passes on a reset, and records what came before it", async () => {
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "one\nrest");
  server.abort();
  const ended = await read(client).catch((error) => error);
  assert(isDeno ? ended === "" : ended instanceof NetError, `${ended}`);
  client.abort();
  const sent = () =>
    shown(all.recording.frames).filter((one) => one[1] === ">");
  await until(() => sent().length >= 2);
  assertEquals(sent().slice(0, 2), ["1>0 one\n", "1>4 rest"]);
});

test("recordConversation() records no end of a connection that is cut by close()", async () => {
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "one\nrest");
  await all.recording.close();
  assertEquals(shown(all.recording.frames), ["1>0 one\n", "1>4 rest"]);
});

test("recordConversation() records in chunks from the first bytes that are no frame", async () => {
  const codec = lengthPrefixed({ maxFrameLength: 9 });
  await using all = await parts({ codec });
  const { client, server } = await all.connection();
  await pass(client, server, "\0\0\0\x01a\0\0");
  await pass(client, server, "\0\x20b");
  await pass(client, server, "\0\0\0\x01c");
  await pass(server, client, "\0\0\0\x01d");
  assertEquals(shown(all.recording.frames), [
    "1>0 \0\0\0\x01a",
    "1>5 \0\0\0\x20b",
    "1>10 \0\0\0\x01c",
    "1<0 \0\0\0\x01d",
  ]);
});

test("recordConversation() numbers connections as they are made", async () => {
  await using all = await parts({ codec: lines() });
  const first = await all.connection();
  const second = await all.connection();
  await pass(second.client, second.server, "b\n");
  await pass(first.client, first.server, "a\n");
  assertEquals(shown(all.recording.frames), ["2>0 b\n", "1>0 a\n"]);
});

test("recordConversation() gives the time in milliseconds, in order", async () => {
  const began = performance.now();
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "a\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await pass(client, server, "b\n");
  const [a, b] = all.recording.frames;
  assert(b!.time - a!.time >= 18, `${a!.time} ${b!.time}`);
  assert(b!.time <= performance.now() - began);
});

test("recordConversation() has text that parseRecording() reads", async () => {
  await using all = await parts({ codec: lines() });
  const { client, server } = await all.connection();
  await pass(client, server, "a\nb\n");
  assertEquals(parseRecording(all.recording.text()), [...all.recording.frames]);
});

test("recordConversation() gives frames to onFrame in place of keeping them", async () => {
  const frames: RecordedFrame[] = [];
  await using all = await parts({
    codec: lines(),
    onFrame: (frame) => void frames.push(frame),
  });
  const { client, server } = await all.connection();
  await pass(client, server, "a\n");
  assertEquals(shown(frames), ["1>0 a\n"]);
  assertEquals(all.recording.frames, []);
});

test("recordConversation() passes 1 MiB on unchanged in both directions", async () => {
  await using all = await parts();
  const { client, server } = await all.connection();
  const bytes = Uint8Array.from({ length: 1_048_576 }, (_, i) => i % 251);
  for (const [from, to] of [[client, server], [server, client]] as const) {
    const reading = new Response(to.readable).bytes();
    const writer = from.writable.getWriter();
    await writer.write(bytes);
    await writer.close();
    assertEquals((await reading).every((byte, i) => byte === i % 251), true);
  }
  for (const direction of ["toServer", "toClient"]) {
    let offset = 0;
    for (const frame of all.recording.frames) {
      if (frame.direction !== direction) continue;
      assertEquals(frame.offset, offset);
      assert(frame.data.every((byte, i) => byte === (offset + i) % 251));
      offset += frame.data.length;
    }
    assertEquals(offset, bytes.length);
  }
});

test("recordConversation() refuses what is no option, no codec and no address", async () => {
  const to = { port: 1 };
  const wrong: readonly (readonly [object, string])[] = [
    [{ to, codecs: lines() }, "recordConversation has no such option"],
    [{ to, codec: lines }, "codec: expected a codec"],
    [{ to, codec: { toServer: lines() } }, "codec.toClient"],
    [{ to, onFrame: 1 }, "onFrame"],
    [{ to: "nowhere" }, "nowhere"],
  ];
  for (const [options, message] of wrong) {
    await assertRejects(
      () => recordConversation(options as RecordConversationOptions),
      TypeError,
      message,
    );
  }
});

test("recordConversation() resets a client where nobody listens", async () => {
  const listener = await listen({ port: 0 });
  await listener.close();
  await using recording = await recordConversation({ to: listener.address });
  await using client = await createClient({
    address: recording.address,
    codec: lines(),
  });
  const received = await client.receive().catch((error) => error);
  assert(isDeno ? !received : received instanceof NetError, `${received}`);
  assertEquals(recording.frames, []);
});
