import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { connect, type Connection, lines } from "../../mod.ts";
import {
  type RecordedFrame,
  RecordingError,
  type Replay,
  replayConversation,
  type ReplayConversationOptions,
  ReplayError,
} from "../../src/testing/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { singleBytes } from "../support/cuts.ts";
import { frames } from "../support/short_recording.ts";

/** A client by hand. */
class Client {
  readonly connection: Connection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #text = "";

  private constructor(connection: Connection) {
    this.connection = connection;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
    this.#writer.closed.catch(() => undefined);
  }

  static async of(replay: Replay): Promise<Client> {
    return new Client(await connect(replay.address));
  }

  /** Sends text, or chunks by themselves. */
  async send(...chunks: (string | Uint8Array)[]): Promise<void> {
    for (const chunk of chunks) {
      await this.#writer.write(typeof chunk === "string" ? utf8(chunk) : chunk);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  /** Expects text next, and nothing behind it that has come with it. */
  async gets(text: string): Promise<void> {
    while (this.#text.length < text.length) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      this.#text += new TextDecoder().decode(value);
    }
    assertEquals(this.#text, text);
    this.#text = "";
  }

  async end(): Promise<void> {
    await this.#writer.close();
  }

  /** Expects the end of the server. */
  async getsEnd(): Promise<void> {
    assert((await this.#reader.read()).done);
  }

  /** Waits until the connection has ended in whatever way. */
  async over(): Promise<void> {
    while (!(await this.#reader.read().catch(() => ({ done: true }))).done);
    this.connection.abort();
  }
}

test("replayConversation() sends frames when all that the client sent before them have come", async () => {
  await using replay = await replayConversation(
    frames("<hi\n", ">a\n", ">b\n", "<1\n", "<2\n", ">c\n", "<3\n", ">", "<"),
  );
  const client = await Client.of(replay);
  await client.gets("hi\n");
  await client.send("a\n");
  const early = client.gets("1\n2\n");
  const first = await Promise.race([
    early.then(() => "a reply"),
    new Promise((resolve) => setTimeout(resolve, 50, "nothing")),
  ]);
  assertEquals(first, "nothing");
  await client.send("b\n");
  await early;
  await client.send("c\n");
  await client.gets("3\n");
  await client.end();
  await client.getsEnd();
  await replay.close();
});

test("replayConversation() takes frames that come early, glued and in pieces", async () => {
  const all = frames(">a\n", "<1\n", ">b\n", "<2\n", ">c\n", "<3\n", ">", "<");
  const ways: (string | Uint8Array)[][] = [
    ["a\nb\nc\n"],
    singleBytes(utf8("a\nb\nc\n")),
    ["a", "\nb\n", "c\n"],
  ];
  for (const chunks of ways) {
    for (const compare of [undefined, (a: Uint8Array) => a.length > 0]) {
      const options = compare && { codec: lines(), compare };
      await using replay = await replayConversation(all, options);
      const client = await Client.of(replay);
      await client.send(...chunks);
      await client.end();
      await client.gets("1\n2\n3\n");
      await client.getsEnd();
      await replay.close();
    }
  }
});

test("replayConversation() plays the n-th recorded connection to the n-th client", async () => {
  await using replay = await replayConversation(
    frames("4>d\n", "2>a\n", "2<1\n", "4<4\n"),
  );
  const first = await Client.of(replay);
  const second = await Client.of(replay);
  await second.send("d\n");
  await second.gets("4\n");
  await first.send("a\n");
  await first.gets("1\n");
  await first.end();
  await second.end();
  await first.getsEnd();
  await second.getsEnd();
});

test("replayConversation() ends where the server did, before the client", async () => {
  await using replay = await replayConversation(
    frames(">a\n", "<1\n", "<", ">b\n", ">"),
  );
  const client = await Client.of(replay);
  await client.send("a\n");
  await client.gets("1\n");
  await client.getsEnd();
  await client.send("b\n");
  await client.end();
});

test("replayConversation() sends what was recorded behind the end of the client", async () => {
  await using replay = await replayConversation(
    frames(">a\n", ">", "<1\n", "<"),
  );
  const client = await Client.of(replay);
  await client.send("a\n");
  await client.end();
  await client.gets("1\n");
  await client.getsEnd();
});

/** A client that differs from the recording, and the error of `close`. */
async function differs(
  recorded: RecordedFrame[],
  run: (client: Client) => Promise<void>,
  options: ReplayConversationOptions = {},
): Promise<ReplayError> {
  await using replay = await replayConversation(recorded, {
    timeoutMs: 2_000,
    ...options,
  });
  const client = await Client.of(replay);
  await run(client);
  const error = await assertRejects(() => replay.close(), ReplayError);
  await client.over();
  return error;
}

const talk = frames("<hi\n", ">one\n", "<1\n", ">two\n", "<2\n", ">", "<");
const prefix = "The client differs from the recording";

test("replayConversation() finds a byte that differs", async () => {
  const error = await differs(talk, (client) => client.send("one\ntwx"));
  assertEquals(
    error.message,
    `${prefix} at line 4 (connection 1, byte offset 4): expected "two\\n", got "twx"`,
  );
  assertEquals(error.line, 4);
  assertEquals(error.connection, 1);
  assertEquals(error.offset, 4);
});

test("replayConversation() resets a client that differs at once", async () => {
  await using replay = await replayConversation(talk);
  const client = await Client.of(replay);
  await client.send("x");
  await client.over();
  await assertRejects(() => replay.close(), ReplayError);
});

test("replayConversation() finds a frame that is missing", async () => {
  const run = async (client: Client) => {
    await client.send("one\n");
    await client.end();
  };
  assertEquals(
    (await differs(talk, run)).message,
    `${prefix} at line 4 (connection 1, byte offset 4): expected "two\\n", got the end of the stream`,
  );
});

test("replayConversation() finds an end inside a frame", async () => {
  const run = async (client: Client) => {
    await client.send("one\ntw");
    await client.end();
  };
  assertEquals(
    (await differs(talk, run)).message,
    `${prefix} at line 4 (connection 1, byte offset 4): expected "two\\n", got "tw", then the end of the stream`,
  );
});

test("replayConversation() finds a frame too many", async () => {
  assertEquals(
    (await differs(talk, (client) => client.send("one\ntwo\nthree\n")))
      .message,
    `${prefix} at line 6 (connection 1, byte offset 8): expected the end of the stream, got "three\\n"`,
  );
  const open = talk.slice(0, 5);
  const error = await differs(open, (client) => client.send("one\ntwo\n3\n"));
  assertEquals(
    error.message,
    `${prefix} (connection 1, byte offset 8): expected nothing more, got "3\\n"`,
  );
  assertEquals(error.line, undefined);
});

test("replayConversation() finds a client that says nothing, or not all", async () => {
  const options = { timeoutMs: 50 };
  assertEquals(
    (await differs(talk, () => Promise.resolve(), options)).message,
    `${prefix} at line 2 (connection 1, byte offset 0): expected "one\\n", got nothing for 50 ms`,
  );
  assertEquals(
    (await differs(talk, (client) => client.send("one\nt"), options)).message,
    `${prefix} at line 4 (connection 1, byte offset 4): expected "two\\n", got "t", then nothing for 50 ms`,
  );
  assertEquals(
    (await differs(talk, (client) => client.send("one\ntwo\n"), options))
      .message,
    `${prefix} at line 6 (connection 1, byte offset 8): expected the end of the stream, got nothing for 50 ms`,
  );
});

test("replayConversation() counts the silence of a client from its last bytes", async () => {
  const recorded = frames(">0123456789\n", "<1\n");
  await using replay = await replayConversation(recorded, { timeoutMs: 500 });
  const client = await Client.of(replay);
  for (const byte of singleBytes(utf8("0123456789\n"))) {
    await client.send(byte);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await client.gets("1\n");
  await client.end();
});

test("replayConversation() finds a client that reads nothing", async () => {
  const bytes = new Uint8Array(33_554_432);
  const recorded = frames(">a\n", "<").map((frame) =>
    frame.direction === "toClient" ? { ...frame, data: bytes } : frame
  );
  const error = await differs(
    recorded,
    (client) => client.send("a\n"),
    { timeoutMs: 200 },
  );
  assertEquals(error.line, 2);
  assertEquals(error.got, "a client that reads nothing for 200 ms");
});

test("replayConversation() finds a client that is gone before its last frame", async () => {
  const error = await differs(talk, async (client) => {
    await client.send("one\n");
    await client.gets("hi\n1\n");
    client.connection.abort();
  });
  assert(
    error.message.startsWith(
      `${prefix} at line 4 (connection 1, byte offset 4): expected "two\\n", got `,
    ),
    error.message,
  );
  assert(/a reset|the end of the stream/.test(error.got), error.got);
});

test("replayConversation() takes a reset for the end of a client", async () => {
  await using replay = await replayConversation(talk);
  const client = await Client.of(replay);
  await client.send("one\ntwo\n");
  await client.gets("hi\n1\n2\n");
  client.connection.abort();
  await replay.close();
});

test("replayConversation() finds connections that are too many, and missing", async () => {
  const recorded = frames(">a\n", "<1\n", "2>b\n");
  const play = async (clients: number) => {
    await using replay = await replayConversation(recorded);
    for (const text of ["a\n", "b\n"].slice(0, clients)) {
      const client = await Client.of(replay);
      await client.send(text);
      await client.end();
      await client.over();
    }
    // On Node, even connecting may fail.
    const third = clients > 2 ? Client.of(replay) : undefined;
    await third?.then((client) => client.over(), () => undefined);
  };
  await play(2);
  const missing = await assertRejects(() => play(1), ReplayError);
  assertEquals(
    missing.message,
    `${prefix} at line 3 (connection 2): expected 2 connections, got 1`,
  );
  const more = await assertRejects(() => play(3), ReplayError);
  assertEquals(
    more.message,
    `${prefix} (connection 3): expected 2 connections, got one more`,
  );
});

test("replayConversation() shows both sides from shortly before the difference, escaped", async () => {
  const long = "0123456789".repeat(30);
  const error = await differs(
    frames(`>${long}\n`),
    (client) => client.send(`${long.slice(0, 200)}"\\\r\n\t\x7f\xff`),
  );
  assertEquals(
    error.expected,
    '"...456789012345678901234567890123456789012345678901..." (301 bytes)',
  );
  assertEquals(
    error.got,
    '"...4567890123456789\\"\\\\\\r\\n\\t\\x7f\\xc3\\xbf" (208 bytes)',
  );
});

test("replayConversation() compares frames as compare does", async () => {
  const recorded = frames(">at 10: a\n", "<1\n", ">at 20: b\n", "<2\n", ">");
  const word = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).split(": ")[1];
  const options = {
    codec: lines(),
    compare: (got: Uint8Array, expected: Uint8Array) =>
      word(got) === word(expected),
  };
  await using replay = await replayConversation(recorded, options);
  const client = await Client.of(replay);
  await client.send("at 7", "654321: a", "\nat 0: b\n");
  await client.end();
  await client.gets("1\n2\n");
  await replay.close();

  const differing = await differs(
    recorded,
    (client) => client.send("at 7: a\nat 7: c\n"),
    options,
  );
  assertEquals(
    differing.message,
    `${prefix} at line 3 (connection 1, byte offset 8): expected "at 20: b\\n", got "at 7: c\\n"`,
  );
  const cut = await differs(recorded, async (client) => {
    await client.send("at 7: a\nat 8");
    await client.end();
  }, options);
  assertEquals(cut.line, 3);
  const late = await differs(
    recorded,
    (client) => client.send("at 7: a\nat 8"),
    { ...options, timeoutMs: 50 },
  );
  assertEquals(late.got, '"at 8", then nothing for 50 ms');
  const more = await differs(
    recorded,
    (client) => client.send("at 7: a\nat 8: b\nat 9: c\n"),
    options,
  );
  assertEquals(more.expected, "the end of the stream");
  assertEquals(more.got, '"at 9: c\\n"');
});

test("replayConversation() compares bytes behind what is no frame of the codec", async () => {
  const recorded = frames(">ab\n", ">long", ">er\n", "<1\n");
  const options = {
    codec: lines({ maxFrameLength: 3 }),
    compare: (got: Uint8Array, expected: Uint8Array) =>
      got.length === expected.length,
  };
  await using replay = await replayConversation(recorded, options);
  const client = await Client.of(replay);
  await client.send("xy\nlo", "nger\n");
  await client.gets("1\n");
  await client.end();
  await replay.close();
  const error = await differs(
    recorded,
    (client) => client.send("xy\nlonger!"),
    options,
  );
  assertEquals([error.line, error.got], [3, '"er!"']);
});

test("replayConversation() rejects with what compare throws", async () => {
  await using replay = await replayConversation(frames(">a\n", "<1\n"), {
    codec: lines(),
    compare: () => {
      throw new SyntaxError("no such thing");
    },
  });
  const client = await Client.of(replay);
  await client.send("a\n");
  await client.over();
  await assertRejects(() => replay.close(), SyntaxError, "no such thing");
});

test("replayConversation() sends frames as they were timed where it is asked to", async () => {
  const recorded = frames("<hi\n", ">a\n", "<1\n", "<2\n").map((frame) => ({
    ...frame,
    time: frame.time * 10,
  }));
  for (const timing of ["immediate", "recorded"] as const) {
    await using replay = await replayConversation(recorded, { timing });
    const client = await Client.of(replay);
    const began = performance.now();
    await client.send("a\n");
    await client.gets("hi\n1\n2\n");
    const ms = performance.now() - began;
    if (timing === "recorded") assert(ms >= 195, `${ms}`);
    await client.end();
  }
});

test("replayConversation() stops waiting to send where the client differs", async () => {
  const recorded = frames(">a\n", "<1\n", ">b\n").map((frame, i) => ({
    ...frame,
    time: i * 1e9,
  }));
  await differs(recorded, (client) => client.send("a\nc\n"), {
    timing: "recorded",
  });
});

test("close() of a replay closes connections whose end was not recorded", async () => {
  await using replay = await replayConversation(frames(">a\n", "<1\n"), {
    timeoutMs: 100,
  });
  const client = await Client.of(replay);
  await client.send("a\n");
  await client.gets("1\n");
  const closing = replay.close();
  await client.getsEnd();
  // The client stays open, and is cut.
  await closing;
  await client.over();
});

test("close() of a replay reads what a client has sent before it", async () => {
  for (let i = 0; i < 20; i++) {
    const replay = await replayConversation(frames(">a\n", "<1\n"));
    const client = await Client.of(replay);
    await client.send("a\n");
    await client.gets("1\n");
    void client.send("b\n");
    void client.end();
    await assertRejects(() => replay.close(), ReplayError, "nothing more");
    await client.over();
  }
});

test("disposing of a replay rejects with the difference unless close() did", async () => {
  const play = async (closes: boolean) => {
    await using replay = await replayConversation(talk);
    const client = await Client.of(replay);
    await client.send("x");
    await client.over();
    if (closes) await assertRejects(() => replay.close(), ReplayError);
  };
  await play(true);
  await assertRejects(() => play(false), ReplayError);
});

test("replayConversation() takes no client where nothing was recorded", async () => {
  await using replay = await replayConversation("");
  await replay.close();
});

test("replayConversation() refuses what is no recording and no option", async () => {
  await assertRejects(
    () => replayConversation("hello\n"),
    RecordingError,
    "line 1",
  );
  type Wrong = readonly [object, ErrorConstructor, string];
  const wrong: readonly Wrong[] = [
    [{ delay: 1 }, TypeError, "replayConversation has no such option"],
    [{ compare: () => true }, TypeError, "codec"],
    [{ codec: 1 }, TypeError, "codec"],
    [{ timing: "slow" }, TypeError, "timing"],
    [{ timeoutMs: 0 }, RangeError, "timeoutMs"],
    [{ address: "nowhere" }, TypeError, "nowhere"],
  ];
  for (const [options, type, message] of wrong) {
    await assertRejects(() => replayConversation([], options), type, message);
  }
  await assertRejects(
    () => replayConversation({} as RecordedFrame[]),
    TypeError,
    "recording",
  );
});
