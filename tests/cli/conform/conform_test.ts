import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
} from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Codec,
  type Decoder,
  formatAddress,
  type FramedConnection,
  lengthPrefixed,
  listen,
  type Listener,
  NetError,
  serve,
} from "../../../mod.ts";
import { parseFormat } from "../../../src/format/mod.ts";
import {
  type CommandResult,
  runCommand,
  RunningCommand,
} from "../../support/command.ts";

const SMALL = "length(1) | max 3";

/** Runs the command on a server whose clients are served so. */
async function conformTo<T>(
  codec: Codec<T>,
  handle: (peer: FramedConnection<T, T>) => Promise<void>,
  args: readonly string[],
): Promise<CommandResult> {
  await using server = await serve({
    address: { port: 0 },
    codec,
    // What is bad in its bytes is what is tested.
    onError: () => undefined,
  }, handle);
  return await runCommand(["conform", formatAddress(server.address), ...args]);
}

const echo = <T>(peer: FramedConnection<T, T>) =>
  peer.forEach((frame) => void peer.send(frame));

/** The cases that have failed, each with what was expected. */
function failed({ stdout }: CommandResult): string[] {
  return [...stdout.matchAll(/^FAIL {2}(.*)\n {6}(.*)$/gm)]
    .map(([, name, detail]) => `${name}: ${detail}`);
}

for (const expression of [SMALL, "length(1) | max 7 | json"]) {
  test(`an echo server of ${expression} passes all cases`, async () => {
    const result = await conformTo(parseFormat(expression), echo, [
      "--frame",
      expression,
      "--timeout",
      "30s",
    ]);
    assertEquals([failed(result), result.stderr, result.code], [[], "", 0]);
    assertMatch(
      result.stdout,
      /\n\d+ vectors?: [1-9]\d* passed, 0 failed, \d+ skipped\n[1-9]\d* generated cases: \d+ passed, 0 failed, 0 skipped\n$/,
    );
  });
}

test("a server that drops empty frames fails, and the case is named", async () => {
  const result = await conformTo(
    lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 }),
    (peer) =>
      peer.forEach((frame) => {
        if (frame.length > 0) void peer.send(frame);
      }),
    ["--frame", SMALL, "--timeout", "100ms"],
  );
  assertEquals(result.code, 1);
  const lines = failed(result);
  assert(
    lines.includes(
      "generated: a frame of 0 bytes: in one piece: expected 1 frame, got 0 frames in 100 ms",
    ),
    lines.join("\n"),
  );
});

test("a server whose limit is one off fails at the limit, either way", async () => {
  const withLimit = async (maxFrameLength: number) =>
    failed(
      await conformTo(
        lengthPrefixed({ lengthBytes: 1, maxFrameLength }),
        echo,
        ["--frame", SMALL, "--timeout", "100ms"],
      ),
    ).join("\n");
  assertMatch(
    await withLimit(2),
    /^generated: a frame of 3 bytes: in one piece: expected 1 frame, got 0 frames, and the connection is (closed|reset)$/m,
  );
  assertMatch(
    await withLimit(4),
    /^generated: a frame of one byte over the limit: in one piece: expected frames, got FRAME_TOO_LARGE/m,
  );
});

/** Runs the command on a server that answers each read, whatever is in it. */
async function conformToReads(
  answer: (
    chunk: Uint8Array,
    decoder: Decoder<Uint8Array>,
  ) => readonly Uint8Array[],
): Promise<{ code: number; lines: string[] }> {
  const listener = await listen({ port: 0 });
  const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 });
  const serving = serveReads(listener, () => {
    const decoder = codec.decoder();
    return (chunk) => answer(chunk, decoder);
  });
  const result = await runCommand([
    "conform",
    formatAddress(listener.address),
    "--frame",
    SMALL,
    "--timeout",
    "100ms",
  ]);
  await listener.close();
  await serving;
  return { code: result.code, lines: failed(result) };
}

async function serveReads(
  listener: Listener,
  client: () => (chunk: Uint8Array) => readonly Uint8Array[],
): Promise<void> {
  const clients: Promise<void>[] = [];
  for await (const { readable, writable } of listener) {
    const answer = client();
    const serving = async () => {
      const writer = writable.getWriter();
      for await (const chunk of readable) {
        for (const bytes of answer(chunk)) await writer.write(bytes);
      }
      await writer.close();
    };
    // The command resets the connections of cases that have failed.
    clients.push(serving().catch((error) => assertInstanceOf(error, NetError)));
  }
  await Promise.all(clients);
}

test("a server that takes a read for a frame fails where frames are cut or glued", async () => {
  const { code, lines } = await conformToReads((chunk) => [
    chunk.subarray(0, 1 + chunk[0]!),
  ]);
  assertEquals(code, 1);
  assertMatch(
    lines.join("\n"),
    /^generated: random frames, 1: in one piece: expected \d+ frames, got 1 frame in 100 ms$/m,
  );
});

test("a server that hangs at a bad frame fails", async () => {
  const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 3 });
  const { code, lines } = await conformToReads((chunk, decoder) => {
    decoder.push(chunk);
    const frames: Uint8Array[] = [];
    try {
      for (let frame; (frame = decoder.next()) !== undefined;) {
        frames.push(codec.encode(frame));
      }
    } catch {
      // It goes on reading.
    }
    return frames;
  });
  assertEquals(code, 1);
  assert(
    lines.includes(
      "generated: a frame of one byte over the limit: in one piece: expected the connection to be closed behind FRAME_TOO_LARGE at offset 2, got nothing in 100 ms",
    ),
    lines.join("\n"),
  );
});

test("a server that encodes otherwise fails where the bytes are known", async () => {
  const expression = "varint(overlong=accept) | max 64";
  const codec = parseFormat(expression) as Codec<Uint8Array>;
  const overlong: Codec<Uint8Array> = {
    ...codec,
    encoder: () => ({
      encode: (frame, output) => {
        output.write(Uint8Array.of(0x80 | frame.length, 0, ...frame));
      },
    }),
  };
  const folder = mkdtempSync(join(tmpdir(), "framewire-"));
  try {
    const file = join(folder, "own.json");
    writeFileSync(
      file,
      JSON.stringify({
        format: "varintPrefixed",
        about: "Of a user.",
        vectors: [{
          name: "bytes",
          expression,
          input: "01 'a' 02 'bc'",
          frames: ["'a'", "'bc'"],
          bothWays: true,
        }, {
          name: "frames",
          expression,
          input: "01 'a'",
          frames: ["'a'"],
        }],
      }),
    );
    const result = await conformTo(overlong, echo, [
      "--frame",
      "varint( overlong = accept ) | max 64",
      "--vectors",
      file,
    ]);
    assertEquals(failed(result).slice(0, 1), [
      `${file}: bytes: in one piece: expected the frames to be encoded as they were sent, got other bytes from offset 0 of what came back on`,
    ]);
    assert(result.stdout.includes(`pass  ${file}: frames\n`));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an expression without vectors has generated cases, and near ones are named", async () => {
  const expression = "fixed(5)";
  const { code, stdout, stderr } = await conformTo(
    parseFormat(expression),
    echo,
    ["--frame", expression, "--json", "--seed", "9", "--timeout", "30s"],
  );
  assertMatch(
    stderr,
    /^no vectors are of fixed\(5\); there are some of fixed\(\d\), /,
  );
  const report = JSON.parse(stdout);
  assertEquals([code, report.expression, report.seed], [0, expression, 9]);
  assertEquals(report.vectors, { pass: 0, fail: 0, skip: 0 });
  assertEquals(report.generated.fail, 0);
  assertEquals(report.results.length, report.generated.pass);
  assertEquals(report.results[0], {
    source: "generated",
    name: "a frame of 5 bytes",
    outcome: "pass",
  });
});

test("Ctrl-C ends the test of a silent server with what was found", async () => {
  await using listener = await listen({ port: 0 });
  const command = new RunningCommand([
    "conform",
    formatAddress(listener.address),
    "--frame",
    SMALL,
    "--timeout",
    "10m",
  ]);
  for await (const connection of listener) {
    command.interrupt();
    assertEquals(await command.exit, 0);
    connection.abort();
    break;
  }
  assertMatch(command.stderr, /^interrupted: \d+ of \d+ cases\n$/);
  assertMatch(command.stdout, /\n\d+ vectors?: /);
});

test("conform refuses what it cannot test", async () => {
  for (
    const [args, code, message] of [
      [["tcp://127.0.0.1:1"], 2, "expected --frame EXPRESSION"],
      [["-", "-f", "length"], 2, "Cannot test -: expected an address that"],
      [["udp://:1", "-f", "length"], 2, "Cannot test udp://:1"],
      [
        ["tcp://127.0.0.1:1", "--decoder", "-f", "length"],
        2,
        "Cannot use --decoder with tcp://127.0.0.1:1: expected exec:PROGRAM",
      ],
      [
        ["tcp://127.0.0.1:1", "-f", "length", "--vectors", "no.json"],
        2,
        "Cannot read no.json: there is no such file",
      ],
      [["tcp://127.0.0.1:1", "-f", "length(1)"], 3, "CONNECTION_REFUSED"],
      [["exec:no-such-program", "--decoder", "-f", SMALL], 3, "HOST_NOT_FOUND"],
    ] as const
  ) {
    const result = await runCommand(["conform", ...args]);
    assertEquals(result.code, code, result.stderr);
    assert(result.stderr.includes(message), result.stderr);
  }
});
