import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { type Address, type Connection, lines, listen } from "../../mod.ts";
import {
  formatRecording,
  RecordingError,
  replayClients,
  type ReplayClientsOptions,
  ReplayError,
} from "../../src/testing/mod.ts";
import { frames } from "../support/short_recording.ts";

/** The server's side of one connection, by hand. */
class Peer {
  readonly connection: Connection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #log: string[];

  constructor(connection: Connection, log: string[]) {
    this.connection = connection;
    this.#log = log;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
    this.#writer.closed.catch(() => undefined);
  }

  /** Reads until so many bytes have come, or the end. */
  async gets(text: string): Promise<void> {
    let got = "";
    while (got.length < text.length) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      got += new TextDecoder().decode(value);
    }
    this.#log.push(got);
    assertEquals(got, text);
  }

  async getsEnd(): Promise<void> {
    assert((await this.#reader.read()).done);
  }

  async sends(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  async ends(): Promise<void> {
    await this.#writer.close();
  }

  /** Waits until the connection has ended in whatever way. */
  async over(): Promise<void> {
    while (!(await this.#reader.read().catch(() => ({ done: true }))).done);
    this.connection.abort();
  }
}

/**
 * Replays to a server that handles each connection, and returns what the server has got
 * in its order.
 */
async function replayed(
  recording: Parameters<typeof replayClients>[0],
  handle: (peer: Peer, number: number) => Promise<void>,
  options: Partial<ReplayClientsOptions> = {},
): Promise<string[]> {
  const listener = await listen({ port: 0 });
  const log: string[] = [];
  const handling: Promise<void>[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      const peer = new Peer(connection, log);
      const one = handle(peer, handling.length + 1)
        .finally(() => peer.over());
      one.catch(() => undefined); // It is met below.
      handling.push(one);
    }
  })();
  try {
    await replayClients(recording, { to: listener.address, ...options });
  } finally {
    await listener.close();
    await serving;
  }
  await Promise.all(handling);
  return log;
}

async function talk(peer: Peer): Promise<void> {
  await peer.sends("hi\n");
  await peer.gets("a\nb\n");
  await peer.sends("1\n");
  await peer.gets("c\n");
  await peer.getsEnd();
  await peer.ends();
}

const conversation = frames(
  ...["<hi\n", ">a\n", ">b\n", "<1\n", ">c\n", ">", "<"],
);

test("replayClients() sends frames when all that the server sent before them have come", async () => {
  assertEquals(await replayed(conversation, talk), ["a\nb\n", "c\n"]);
  assertEquals(
    await replayed(formatRecording(conversation), talk, {
      timing: "recorded",
    }),
    ["a\nb\n", "c\n"],
  );
});

test("replayClients() keeps to the recorded times when it is told to", async () => {
  const began = performance.now();
  await replayed(conversation, talk, { timing: "recorded" });
  // From the first frame to the last of the client: a frame a 10 milliseconds.
  assert(performance.now() - began > 30);
});

const prefix = "The server differs from the recording";
const WRONG: readonly (readonly [
  string,
  (peer: Peer) => Promise<void>,
  string,
])[] = [
  [
    "sends something else",
    (peer) => peer.sends("ho\n"),
    ' at line 1 (connection 1, byte offset 0): expected "hi\\n", got "ho\\n"',
  ],
  [
    "sends more",
    async (peer) => {
      await peer.sends("hi\n");
      await peer.gets("a\nb\n");
      await peer.sends("1\n2\n");
    },
    ' at line 7 (connection 1, byte offset 5): expected the end of the stream, got "2\\n"',
  ],
  [
    "ends too early",
    async (peer) => {
      await peer.sends("h");
      await peer.ends();
    },
    ' at line 1 (connection 1, byte offset 0): expected "hi\\n", got "h", then the end of the stream',
  ],
  [
    "says nothing",
    async (peer) => {
      await peer.sends("hi\n");
      await peer.gets("a\nb\n");
    },
    ' at line 4 (connection 1, byte offset 3): expected "1\\n", got nothing for 60 ms',
  ],
];

for (const [what, handle, message] of WRONG) {
  test(`replayClients() rejects when the server ${what}`, async () => {
    const error = await assertRejects(
      () => replayed(conversation, handle, { timeoutMs: 60 }),
      ReplayError,
    );
    assertEquals(error.message.slice(0, prefix.length), prefix);
    const got = error.message.slice(prefix.length);
    assertEquals(got.slice(0, message.length), message);
    assertEquals(error.peer, "server");
  });
}

test("replayClients() compares frames as it is told to", async () => {
  const recording = frames(">a\n", "<at 12\n", ">b\n", ">", "<");
  const handle = async (peer: Peer) => {
    await peer.gets("a\n");
    await peer.sends("at 3456\n");
    await peer.gets("b\n");
    await peer.ends();
  };
  const compare = (got: Uint8Array, expected: Uint8Array) =>
    got[0] === expected[0];
  await replayed(recording, handle, { codec: lines(), compare });
  await assertRejects(() => replayed(recording, handle), ReplayError);
});

test("replayClients() makes connections one after the other that followed each other", async () => {
  const recording = frames(
    ...["5>a\n", "5<1\n", "5>", "5<", "2>b\n", "2<2\n", "2>", "2<"],
  );
  let open = 0;
  const log = await replayed(recording, async (peer, number) => {
    assertEquals(++open, 1);
    await peer.gets(number === 1 ? "a\n" : "b\n");
    await peer.sends(`${number}\n`);
    await peer.getsEnd();
    open--;
    await peer.ends();
  });
  assertEquals(log, ["a\n", "b\n"]);
});

test("replayClients() makes connections together that went on together", async () => {
  const recording = frames(
    ...["1>sub\n", "2>pub\n", "1<news\n", "2>", "2<", "1>", "1<"],
  );
  const subscriber = Promise.withResolvers<Peer>();
  await replayed(recording, async (peer, number) => {
    if (number === 1) {
      await peer.gets("sub\n");
      subscriber.resolve(peer);
    } else {
      await peer.gets("pub\n");
      await (await subscriber.promise).sends("news\n");
    }
    await peer.getsEnd();
    await peer.ends();
  });
});

test("replayClients() keeps to the recorded times between connections", async () => {
  const recording = frames("1>a\n", "1<1\n", "2>b\n", "2<2\n")
    .map((frame) => ({ ...frame, time: 10 * frame.time }));
  const times: number[] = [];
  await replayed(recording, async (peer, number) => {
    times.push(performance.now());
    await peer.gets(number === 1 ? "a\n" : "b\n");
    await peer.sends(`${number}\n`);
    await peer.getsEnd();
    await peer.ends();
  }, { timing: "recorded" });
  assert(times[1]! - times[0]! > 90);
});

test("replayClients() sends no frame before those of other connections", async () => {
  const recording = frames(
    ...["1>a\n", "2>b\n", "2<2\n", "1>c\n", "1>", "1<", "2>", "2<"],
  );
  const log: string[] = [];
  await replayed(recording, async (peer, number) => {
    if (number === 1) {
      await peer.gets("a\n");
      await peer.gets("c\n");
      log.push("c has come");
    } else {
      await peer.gets("b\n");
      await new Promise((resolve) => setTimeout(resolve, 10));
      log.push("2 is sent");
      await peer.sends("2\n");
    }
    await peer.getsEnd();
    await peer.ends();
  });
  assertEquals(log, ["2 is sent", "c has come"]);
});

test("replayClients() closes a client whose end was not recorded", async () => {
  await replayed(frames(">a\n", "<1\n"), async (peer) => {
    await peer.gets("a\n");
    await peer.sends("1\n");
    await peer.getsEnd();
    await peer.ends();
  });
});

test("replayClients() ends all connections when one differs", async () => {
  const recording = frames("1>a\n", "2>b\n", "1<1\n", "2<2\n", "1>", "2>");
  const handle = async (peer: Peer, number: number) => {
    if (number === 2) await peer.sends("?");
    await peer.over();
  };
  const { connection } = await assertRejects(
    () => replayed(recording, handle, { timeoutMs: Infinity }),
    ReplayError,
  );
  assertEquals(connection, 2);
});

test("replayClients() rejects what it cannot use", async () => {
  const to: Address = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  await assertRejects(() => replayClients("{}\n", { to }), RecordingError);
  await assertRejects(() => replayClients(5 as never, { to }), TypeError);
  for (
    const [options, type] of [
      [{ to: "nowhere" }, TypeError],
      [{ to, compare: () => true }, TypeError],
      [{ to, timing: "later" }, TypeError],
      [{ to, timeoutMs: 0 }, RangeError],
      [{ to, speed: 1 }, TypeError],
    ] as const
  ) {
    await assertRejects(
      () => replayClients(frames(">a"), options as never),
      type,
    );
  }
  await assertRejects(() => replayClients(frames(">a"), { to }), Error, "");
});
