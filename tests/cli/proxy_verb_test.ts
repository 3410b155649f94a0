import { assert, assertEquals, assertMatch } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  connect,
  createClient,
  formatAddress,
  lines,
  serve,
} from "../../mod.ts";
import { parseRecording } from "../../src/testing/mod.ts";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import { RunningCommand } from "../support/command.ts";
import { ownProgram } from "../support/own_program.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-"));
after(() => rmSync(folder, { recursive: true }));

/** A server that answers each line. */
async function answering(): Promise<AsyncDisposable & { address: string }> {
  const server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
  );
  return {
    address: formatAddress(server.address),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Sends a line through an address, and returns the answer. */
async function ask(address: string, line: string): Promise<string | undefined> {
  await using client = await createClient({ address, codec: lines() });
  await client.send(line);
  return await client.receive();
}

test("proxy prints a line for each frame, and a summary at Ctrl-C", async () => {
  await using server = await answering();
  const proxy = new RunningCommand(
    ["proxy", "tcp://:0", server.address, "--frame", "lines"],
  );
  assertEquals(await ask(await proxy.address(), "a\x1b[1m"), "> a\x1b[1m");
  await proxy.until("stdout", /← +end/);
  proxy.interrupt();
  assertEquals(await proxy.exit, 0);
  const shown = proxy.stdout.replaceAll(/^ +\d+\.\d{3} /gm, "");
  assertEquals(
    shown.split("\n").toSorted().filter((line) => line !== ""),
    [
      "#1 ←      8 > a\\x1b[1m",
      "#1 ←    end",
      "#1 →      6 a\\x1b[1m",
      "#1 →    end",
    ],
  );
  assertMatch(
    proxy.stderr,
    /\n1 connection; → 1 frame, 6 bytes; ← 1 frame, 8 bytes\n$/,
  );
});

test("proxy records the same as it prints with --out frames", async () => {
  await using server = await answering();
  const file = join(folder, "recorded.jsonl");
  const proxy = new RunningCommand([
    ...["proxy", "tcp://:0", server.address, "--frame", "lines"],
    ...["--out", "frames", "--record", file],
  ]);
  await ask(await proxy.address(), "hello");
  await proxy.until("stdout", /toClient.*"length":0/);
  proxy.interrupt();
  assertEquals(await proxy.exit, 0);
  const timeless = (text: string) =>
    parseRecording(text).map((frame) => ({ ...frame, time: 0 }));
  const recorded = timeless(readFileSync(file, "utf8"));
  assertEquals(timeless(proxy.stdout), recorded);
  assertEquals(
    recorded.filter(({ direction }) => direction === "toClient")
      .map(({ offset, data }) => [offset, new TextDecoder().decode(data)]),
    [[0, "> hello\n"], [8, ""]],
  );
});

test("proxy tells which faults were done to a frame", async () => {
  await using server = await answering();
  const proxy = new RunningCommand([
    ...["proxy", "tcp://:0", server.address, "--frame", "lines"],
    ...["--fault", "toServer:dup=100%", "--seed", "5", "--out", "frames"],
  ]);
  await using client = await createClient({
    address: await proxy.address(),
    codec: lines(),
  });
  await client.send("a");
  assertEquals(await client.receive(), "> a");
  assertEquals(await client.receive(), "> a");
  proxy.interrupt();
  assertEquals(await proxy.exit, 0);
  assertMatch(proxy.stdout, /"data":"YQo=","faults":\["duplicate"\]}\n/);
  assertMatch(proxy.stderr, /; faults: 1 dup \(seed 5\)\n$/);
});

test("proxy prints what is passed on, in the notation of --out", async () => {
  await using server = await answering();
  const proxy = new RunningCommand([
    ...["proxy", "tcp://:0", server.address, "--frame", "lines"],
    ...["--fault", "toClient:drop=100%", "--out", "json"],
  ]);
  await using client = await createClient({
    address: await proxy.address(),
    codec: lines(),
  });
  await client.send("a");
  await client.closeWrite();
  assertEquals(await client.receive(), undefined);
  proxy.interrupt();
  assertEquals([await proxy.exit, proxy.stdout], [0, '"a"\n']);
});

test("proxy shows chunks when there is no --frame, and nothing with --quiet", async () => {
  await using server = await answering();
  for (const quiet of [[], ["--quiet"]]) {
    const proxy = new RunningCommand(
      ["proxy", "tcp://:0", server.address, ...quiet],
    );
    await ask(await proxy.address(), "hello");
    proxy.interrupt();
    assertEquals(await proxy.exit, 0);
    assertEquals(proxy.stdout.includes(" 6 hello\\n"), quiet.length === 0);
    assertMatch(proxy.stderr, /; → 1 chunk, 6 bytes; /);
  }
});

test("proxy tells of bytes that are no frame with the likely cause, and exits with 1", async () => {
  await using server = await answering();
  const proxy = new RunningCommand(
    ["proxy", "tcp://:0", server.address, "--frame", "length(4)", "--quiet"],
  );
  assertEquals(
    await ask(await proxy.address(), "GET / HTTP/1.1"),
    "> GET / HTTP/1.1",
  );
  proxy.interrupt();
  assertEquals(await proxy.exit, 1);
  assertMatch(
    proxy.stderr,
    /#1: the client sends bytes that are no frame, .*FRAME_TOO_LARGE: .*\nlikely cause: .*HTTP/,
  );
  assertEquals(proxy.stderr.match(/the client sends/g)?.length, 1);
});

test("proxy goes from TLS to plain, and from plain to TLS", {
  skip: noOpenSsl,
}, async () => {
  const { ca, server: { cert, key } } = makeCertificates();
  const files = { ca, cert: `${cert}`, key: `${key}` };
  const named = Object.entries(files).map(([name, pem]) => {
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, pem);
    return [`--${name}`, file];
  });
  const [caFlags, ...ownFlags] = named;
  await using server = await answering();
  const inward = new RunningCommand(
    ["proxy", "tls://:0", server.address, ...ownFlags.flat()],
  );
  const secure = await inward.address();
  assertMatch(secure, /^tls:/);
  const outward = new RunningCommand(
    ["proxy", "tcp://:0", secure, ...caFlags!, "--server-name", "localhost"],
  );
  assertEquals(await ask(await outward.address(), "a"), "> a");
  outward.interrupt();
  inward.interrupt();
  assertEquals([await outward.exit, await inward.exit], [0, 0]);
});

test("proxy goes into a WebSocket and out of it", async () => {
  await using server = await answering();
  const outward = new RunningCommand(["proxy", "ws://:0/x", server.address]);
  const socket = await outward.address();
  assertMatch(socket, /^ws:.*\/x$/);
  const inward = new RunningCommand(["proxy", "tcp://:0", socket]);
  assertEquals(await ask(await inward.address(), "a"), "> a");
  inward.interrupt();
  outward.interrupt();
  assertEquals([await inward.exit, await outward.exit], [0, 0]);
});

test("proxy starts a program for each client", async () => {
  const echo = join(folder, "echo.mjs");
  writeFileSync(
    echo,
    'import process from "node:process"; process.stdin.pipe(process.stdout);',
  );
  const program = [...ownProgram, echo].map((word) => `"${word}"`).join(" ");
  const proxy = new RunningCommand(
    ["proxy", "tcp://:0", `exec:${program}`, "--quiet"],
  );
  const address = await proxy.address();
  assertEquals(
    await Promise.all([ask(address, "a"), ask(address, "b")]),
    ["a", "b"],
  );
  proxy.interrupt();
  assertEquals(await proxy.exit, 0);
});

test("proxy tells of a target that is not there, and goes on", async () => {
  const proxy = new RunningCommand(["proxy", "tcp://:0", "tcp://127.0.0.1:1"]);
  const address = await proxy.address();
  for (const number of [1, 2]) {
    const client = await connect(address);
    // A reset is an end on Deno.
    await client.readable.getReader().read().catch(() => undefined);
    client.abort();
    await proxy.until(
      "stderr",
      new RegExp(`#${number}: CONNECTION_REFUSED: `),
    );
  }
  proxy.interrupt();
  assertEquals(await proxy.exit, 0);
});

test("proxy refuses what cannot be done as it is written", async () => {
  const target = "tcp://127.0.0.1:1";
  const wrong = [
    [["tcp://:0", "-"], "Cannot connect clients to -"],
    [["tcp://:0", "udp://127.0.0.1:1"], "Cannot connect clients to udp"],
    [["tcp://:0", "nowhere"], "Cannot read the address"],
    [["exec:cat", target], "Cannot listen on exec:cat"],
    [["tcp://:0", target, "--fault", "drip=1%"], "at character 1: expected"],
    [["tcp://:0", target, "--rate", "0"], "Cannot pass 0 bytes a second"],
    [["tcp://:0", target, "--record", folder], `Cannot write ${folder}`],
  ] as const;
  for (const [args, message] of wrong) {
    const proxy = new RunningCommand(["proxy", ...args]);
    assertEquals(await proxy.exit, 2);
    assert(proxy.stderr.includes(message), proxy.stderr);
  }
});

test("record writes the conversation to a file, or to standard output", async () => {
  await using server = await answering();
  const file = join(folder, "conversation.jsonl");
  for (const name of [[file], []]) {
    const record = new RunningCommand(
      ["record", "tcp://:0", server.address, ...name, "--frame", "lines"],
    );
    assertEquals(await ask(await record.address(), "hello"), "> hello");
    record.interrupt();
    assertEquals(await record.exit, 0);
    const text = name.length > 0 ? readFileSync(file, "utf8") : record.stdout;
    const frames = parseRecording(text).map(({ direction, data }) =>
      `${direction} ${new TextDecoder().decode(data)}`
    );
    assertEquals(frames.slice(0, 2), [
      "toServer hello\n",
      "toClient > hello\n",
    ]);
  }
});
