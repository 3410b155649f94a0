import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Codec,
  formatAddress,
  json,
  lengthPrefixed,
  lines,
  serve,
} from "../../mod.ts";
import {
  type CommandResult,
  runCommand,
  RunningCommand,
} from "../support/command.ts";

const at = ["--warm-up", "0ms", "--duration"];
const short = [...at, "50ms"];

/** Runs the command on a server that answers each frame. */
async function benchOn<T>(
  codec: Codec<T>,
  answer: (frame: T) => T,
  args: readonly string[],
): Promise<CommandResult> {
  await using server = await serve(
    { address: { port: 0 }, codec },
    (peer) => peer.forEach((frame) => void peer.send(answer(frame))),
  );
  const address = formatAddress(server.address);
  return await runCommand(["bench", address, ...short, ...args]);
}

const same = <T>(frame: T) => frame;

test("bench prints a report with corrected latencies when there is a rate", async () => {
  const { code, stdout, stderr } = await benchOn(lines(), same, [
    "--rate",
    "1000",
  ]);
  assertEquals([code, stderr], [0, ""]);
  assert(
    /^50 requests of 65 B in 0\.\d s\n10 connections, 1 in flight each, 1,000 a second due\n/
      .test(stdout),
    stdout,
  );
  assert(
    /\nlatency {8}corrected {3}uncorrected\np50 +[\d.]+ ms +[\d.]+ ms\n/.test(
      stdout,
    ),
    stdout,
  );
  assert(stdout.endsWith("\nerrors      none\n"), stdout);
});

test("bench sends as fast as replies come when there is no rate", async () => {
  const { code, stdout } = await benchOn(lengthPrefixed(), same, [
    "--frame",
    "length(4)",
    "--connections",
    "3",
    "--in-flight",
    "16",
    "--json",
  ]);
  assertEquals(code, 0);
  const data = JSON.parse(stdout);
  assertEquals([data.corrected, data.rate], [null, null]);
  assertEquals([data.connections, data.inFlight], [3, 16]);
  assertEquals(data.requestBytes, 68);
  assert(data.requests >= 48 && data.uncorrected.max > 0);
});

test("bench prints CSV, and the distribution of HdrHistogram", async () => {
  const rate = ["--rate", "400"];
  const csv = await benchOn(lines(), same, [...rate, "--csv"]);
  const [names, values, end] = csv.stdout.split("\n");
  assertEquals(names!.split(",").length, values!.split(",").length);
  assertEquals([csv.code, csv.stderr, end], [0, "", ""]);

  const hdr = await benchOn(lines(), same, [...rate, "--hdr"]);
  assert(hdr.stdout.startsWith("       Value     Percentile TotalCount"));
  assert(hdr.stdout.includes("Total count    =           20]"), hdr.stdout);
  assert(hdr.stderr.startsWith("20 requests of 65 B"), hdr.stderr);
});

test("bench writes a picture", async () => {
  const folder = mkdtempSync(join(tmpdir(), "framewire-"));
  try {
    const file = join(folder, "latency.svg");
    const { code } = await benchOn(lines(), same, ["--svg", file]);
    assertEquals(code, 0);
    assert(readFileSync(file, "utf8").startsWith("<svg "));
    const missing = join(folder, "none", "latency.svg");
    const { code: failed, stderr } = await benchOn(lines(), same, [
      "--svg",
      missing,
    ]);
    assertEquals(failed, 2);
    assert(stderr.includes(`Cannot write ${missing}`), stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("bench makes a request of the size that is asked for", async () => {
  const seen = new Set<unknown>();
  const see = <T>(frame: T) => {
    seen.add(frame instanceof Uint8Array ? String(frame) : frame);
    return frame;
  };
  const size = ["--size", "4"];
  await benchOn(lines(), see, size);
  await benchOn(lengthPrefixed(), see, [...size, "--frame", "length(4)"]);
  await benchOn(json(lengthPrefixed()), see, [
    ...size,
    "--frame",
    "length(4) | json",
  ]);
  assertEquals([...seen], ["aaaa", "97,97,97,97", "aa"]);
});

test("bench sends the given frame in its notation", async () => {
  const seen = new Set<unknown>();
  const see = <T>(frame: T) => {
    seen.add(JSON.stringify(frame));
    return frame;
  };
  await benchOn(lines(), see, ["hello"]);
  await benchOn(json(lengthPrefixed()), see, [
    "--frame",
    "length(4) | json",
    "--in",
    "json",
    '{"n":1}',
  ]);
  await benchOn(lines(), see, ["--in", "hex", "68 69"]);
  await benchOn(lines(), see, [
    "--in",
    "frames",
    '{"time":0,"direction":"toServer","connection":1,"offset":0,"length":3,"data":"aGkK"}',
  ]);
  assertEquals([...seen], ['"hello"', '{"n":1}', '"hi"']);
});

test("bench exits with 3 when there is no server, and with 1 when replies are bad", async () => {
  const refused = await runCommand(["bench", "tcp://127.0.0.1:1", ...short]);
  assertEquals([refused.code, refused.stdout], [3, ""]);
  assert(refused.stderr.includes("Cannot connect"), refused.stderr);

  const bad = await benchOn(lengthPrefixed(), same, [
    "--frame",
    "length(4) | json",
    "--in",
    "frames",
    '{"time":0,"direction":"toServer","connection":1,"offset":0,"length":6,"data":"AAAAAnt7"}',
  ]);
  assertEquals([bad.code, bad.stdout], [1, ""]);
  assert(bad.stderr.includes("MESSAGE_INVALID"), bad.stderr);
});

test("bench exits with 1 and a report when some requests fail", async () => {
  let count = 0;
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (peer) =>
      peer.forEach(() =>
        ++count === 20 ? peer.abort() : void peer.send("pong")
      ),
  );
  const address = formatAddress(server.address);
  const { code, stdout } = await runCommand(["bench", address, ...short]);
  assertEquals(code, 1);
  assert(stdout.includes("10 connections, 1 lost"), stdout);
  // On Deno, an abort is the end of the stream for the other side.
  assert(/errors\n {2}(reset|closed by the server) +1\n/.test(stdout), stdout);
});

test("bench reports what it has measured when it is interrupted", async () => {
  let count = 0;
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (peer) =>
      peer.forEach((frame) => {
        if (++count === 100) running.interrupt();
        void peer.send(frame);
      }),
  );
  const running = new RunningCommand(
    ["bench", formatAddress(server.address), ...at, "1h"],
  );
  const { code, stdout } = await running.result();
  assertEquals(code, 0);
  assert(
    /^\d+ requests of 65 B in 0\.\d s, interrupted\n/.test(stdout),
    stdout,
  );
});

test("bench refuses what it cannot measure", async () => {
  const refusals: [string[], string][] = [
    [["--json", "--csv"], "expected one of --json, --csv and --hdr"],
    [["--duration", "0s"], "expected --duration of more than 0"],
    [["--size", "9", "hello"], "Cannot use --size: the request is given"],
    [["--frame", "length(1)", "--size", "1KiB"], "Cannot make a request"],
    [["--frame", "lines", "--in", "hex", "6"], "expected hexadecimal"],
  ];
  for (const [args, message] of refusals) {
    const { code, stdout, stderr } = await runCommand([
      "bench",
      "tcp://127.0.0.1:1",
      ...args,
    ]);
    assertEquals([code, stdout], [2, ""], stderr);
    assert(stderr.includes(message), stderr);
  }
  for (const address of ["-", "udp://127.0.0.1:1"]) {
    const { code, stderr } = await runCommand(["bench", address]);
    assertEquals(code, 2, stderr);
  }
});
