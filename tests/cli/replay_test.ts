import { assert, assertEquals, assertMatch } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatAddress, lines, serve } from "../../mod.ts";
import { formatRecording } from "../../src/testing/mod.ts";
import { RunningCommand } from "../support/command.ts";
import { frames } from "../support/short_recording.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes a recording to a file, and returns its name. */
function recorded(...given: string[]): string {
  const file = join(folder, `${files++}.jsonl`);
  writeFileSync(file, formatRecording(frames(...given)));
  return file;
}

/** Two connections, the second within the first. */
const TWO = recorded(
  ...[">a\n", "2>b\n", "2<> b\n", "2>", "2<", "<> a\n", ">c\n", "<> c\n"],
  ...[">", "<"],
);

/** A server that answers each line, and the lines that it has got. */
async function answering(mark: string): Promise<
  AsyncDisposable & { readonly address: string; readonly got: string[] }
> {
  const got: string[] = [];
  const server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) =>
      connection.forEach((line) => {
        got.push(line);
        return connection.send(`${mark} ${line}`);
      }),
  );
  return {
    address: formatAddress(server.address),
    got,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Runs the command to its end. */
async function run(
  ...args: string[]
): Promise<RunningCommand & { code: number }> {
  const running = new RunningCommand(["replay", ...args]);
  const code = await running.exit;
  return Object.assign(running, { code });
}

test("replay plays the clients, and finds no difference where there is none", async () => {
  for (const flags of [[], ["--expect"], ["--speed", "5"]]) {
    await using server = await answering(">");
    const { code, stdout, stderr } = await run(TWO, server.address, ...flags);
    assertEquals([code, stdout], [0, ""]);
    assertEquals(stderr, "2 connections; 0 differences\n");
    assertEquals(server.got, ["a", "b", "c"]);
  }
});

test("replay --expect prints each frame that differs, and exits with 1", async () => {
  await using server = await answering("!");
  const { code, stdout, stderr } = await run(
    ...[TWO, server.address, "--expect", "--frame", "lines"],
  );
  assertEquals(code, 1);
  const starts = "The server differs from the recording at line ";
  assertEquals(
    stdout.split("\n").toSorted(),
    [
      "",
      `${starts}3 (connection 2, byte offset 0): expected "> b\\n", got "! b\\n"`,
      `${starts}6 (connection 1, byte offset 0): expected "> a\\n", got "! a\\n"`,
      `${starts}8 (connection 1, byte offset 4): expected "> c\\n", got "! c\\n"`,
    ],
  );
  assertEquals(stderr, "2 connections; 3 differences\n");
});

test("replay prints only the first difference of a connection when there is no --frame", async () => {
  await using server = await answering("longer");
  const { code, stdout } = await run(
    ...[TWO, server.address, "--expect", "--connection", "1"],
    ...["--timeout", "5s"],
  );
  assertEquals(code, 1);
  assertMatch(
    stdout,
    /^The server .* at line 6 .*: expected "> a\\n", got "lo/,
  );
  // What comes behind is more than was recorded.
  assertEquals(stdout.split("\n").length, 3);
  assertEquals(server.got, ["a", "c"]);
});

test("replay goes on when the server says nothing for --timeout", async () => {
  const file = recorded(">a\n", "<1\n", ">b\n", "<2\n", ">", "<");
  const got: string[] = [];
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => connection.forEach((line) => void got.push(line)),
  );
  const { code, stdout, stderr } = await run(
    ...[file, formatAddress(server.address), "--frame", "lines"],
    ...["--timeout", "30ms"],
  );
  assertEquals([code, stdout], [0, ""]);
  assertEquals(stderr, "1 connection; 2 differences\n");
  assertEquals(got, ["a", "b"]);
});

test("replay goes on with the other connections when the server ends one", async () => {
  const file = recorded(
    ...[">a\n", "<1\n", ">b\n", "<2\n", ">", "<", "2>c\n", "2<3\n"],
  );
  const got: string[] = [];
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      got.push(`${await connection.receive()}`);
      if (got.length === 1) return;
      await connection.send("3");
    },
  );
  const { code, stderr } = await run(file, formatAddress(server.address));
  assertEquals([code, got], [0, ["a", "c"]]);
  assertEquals(stderr, "2 connections; 1 difference\n");
});

test("replay --as server plays the server to replay as a client", async () => {
  const server = new RunningCommand(
    ["replay", TWO, "tcp://:0", "--as", "server", "--expect"],
  );
  const { code, stdout } = await run(TWO, await server.address(), "--expect");
  assertEquals([code, stdout], [0, ""]);
  assertEquals([await server.exit, server.stdout], [0, ""]);
  assertMatch(server.stderr, /\n2 connections; 0 differences\n$/);
});

test("replay --as server finds what a client does otherwise", async () => {
  const file = recorded(">a\n", "<1\n", ">b\n", "<2\n", ">", "<");
  const server = new RunningCommand([
    ...["replay", file, "tcp://:0", "--as", "server", "--expect"],
    ...["--frame", "lines"],
  ]);
  const address = await server.address();
  const other = recorded(">a\n", "<1\n", ">bb\n", "<2\n", ">", "<");
  const { code } = await run(other, address, "--expect");
  assertEquals([await server.exit, code], [1, 0]);
  assertEquals(
    server.stdout,
    'The client differs from the recording at line 3 (connection 1, byte offset 2): expected "b\\n", got "bb\\n"\n',
  );
});

test("replay --as server ends at Ctrl-C", async () => {
  const server = new RunningCommand(
    ["replay", TWO, "tcp://:0", "--as", "server", "--expect"],
  );
  await server.address();
  server.interrupt();
  assertEquals([await server.exit, server.stdout], [0, ""]);
});

test("replay ends at Ctrl-C while the server is silent", async () => {
  const connected = Promise.withResolvers<void>();
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => connection.forEach(() => connected.resolve()),
  );
  const file = recorded(">a\n", "<1\n");
  const replay = new RunningCommand(
    ["replay", file, formatAddress(server.address), "--expect"],
  );
  await connected.promise;
  replay.interrupt();
  assertEquals([await replay.exit, replay.stdout], [0, ""]);
});

test("replay reads the recording from standard input with -", async () => {
  await using server = await answering(">");
  const replay = new RunningCommand(
    ["replay", "-", server.address, "--expect"],
    { stdin: [formatRecording(frames(">a\n", "<> a\n", ">", "<"))] },
  );
  assertEquals([await replay.exit, server.got], [0, ["a"]]);
});

test("replay refuses what it cannot play", async () => {
  const address = "tcp://127.0.0.1:1";
  const spoilt = join(folder, "spoilt.jsonl");
  writeFileSync(spoilt, "{}\n");
  const empty = join(folder, "empty.jsonl");
  writeFileSync(empty, "");
  const wrong = [
    [[TWO, address, "--connection", "3"], 2, "the recording has 1, 2"],
    [[empty, address], 2, "it has no frames"],
    [[spoilt, address], 1, "Cannot read line 1 of the recording"],
    [[join(folder, "nothing"), address], 2, "Cannot read"],
    [[TWO, address], 3, "CONNECTION_REFUSED"],
    [
      [TWO, address, "--timing", "immediate", "--speed", "2"],
      2,
      "expected --timing recorded",
    ],
  ] as const;
  for (const [args, code, message] of wrong) {
    const ended = await run(...args);
    assertEquals(ended.code, code);
    assert(ended.stderr.includes(message), ended.stderr);
  }
});
