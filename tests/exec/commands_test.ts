import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { createHash, randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  argumentList,
  CommandError,
  connectCommands,
  serveCommands,
} from "../../src/exec/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import { NetError } from "../../mod.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import {
  firstOutput,
  isRunning,
  pair,
  script,
  text,
  until,
} from "./support.ts";

/** A shell that waits for a child: prints the ids of both. */
const tree = "sleep 1000 & echo $$ $!; wait";

test("run() keeps standard output and error apart and gives the exit status", async () => {
  await using at = await pair({
    both: script("echo out; echo err >&2; exit 7"),
  });
  const { stdout, stderr, exit } = await at.client.run("both").collect();
  assertEquals([text(stdout), text(stderr)], ["out\n", "err\n"]);
  assertEquals([exit.code, exit.signal, exit.reason], [7, null, "exited"]);
  assertEquals([exit.stdoutLength, exit.stderrLength], [4, 4]);
  assertEquals(exit.truncated, false);
  const hash = createHash("sha256").update("out\n").digest("hex");
  assertEquals(exit.sha256.stdout, hash);
});

test("run() numbers the pieces of both streams in one sequence", async () => {
  await using at = await pair({
    turns: script("for i in 1 2 3; do echo $i; echo $i >&2; done"),
  });
  const sequences: number[] = [];
  for await (const piece of at.client.run("turns")) {
    sequences.push(piece.sequence);
  }
  assertEquals(sequences, sequences.map((_, i) => i));
  assert(sequences.length >= 2);
});

test("run() gives output as it appears", async () => {
  await using at = await pair({
    ask: script("echo first; read answer; echo $answer", { input: true }),
  });
  let answer = (_: string) => {};
  const answered = new Promise<string>((resolve) => answer = resolve);
  const input = (async function* () {
    yield await answered;
  })();
  const run = at.client.run("ask", [], { input });
  let printed = "";
  for await (const { data } of run) {
    printed += text(data);
    if (printed === "first\n") answer("second\n");
  }
  assertEquals(printed, "first\nsecond\n");
});

test("run() tells the signal that ended a program", async () => {
  await using at = await pair({ fall: script("kill -9 $$") });
  const { exit } = await at.client.run("fall").collect();
  assertEquals([exit.code, exit.signal], [null, "SIGKILL"]);
  assertEquals(exit.reason, "exited");
});

test("run() carries megabytes of input and output whole", async () => {
  await using at = await pair({ copy: { file: "/bin/cat", input: true } });
  const bytes = new Uint8Array(5_000_000).map((_, i) => i * 7 ^ i >> 9);
  const { stdout, exit } = await at.client
    .run("copy", [], { input: bytes }).collect();
  assertEquals(exit.code, 0);
  assertEquals(stdout.length, bytes.length);
  assertEquals(
    createHash("sha256").update(stdout).digest("hex"),
    createHash("sha256").update(bytes).digest("hex"),
  );
});

test("run() goes over a memory network in pieces of any size", async () => {
  const network = memoryNetwork({ seed: 3, maxChunkLength: 7 });
  await using server = await serveCommands({
    address: "memory:commands",
    network,
    secret: "0123456789abcdef",
    commands: { say: { file: "/bin/echo", args: argumentList() } },
  });
  await using client = await connectCommands({
    address: server.address,
    network,
    secret: "0123456789abcdef",
  });
  const { stdout } = await client.run("say", ["你好"]).collect();
  assertEquals(text(stdout), "你好\n");
});

test("run() runs several commands at once on a connection", async () => {
  await using at = await pair({
    copy: { file: "/bin/cat", input: true, maxConcurrent: 8 },
  });
  const outputs = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const input = `run ${i} `.repeat(40_000);
      const { stdout } = await at.client.run("copy", [], { input }).collect();
      return text(stdout) === input;
    }),
  );
  assertEquals(outputs, Array(8).fill(true));
});

test("a run whose output nobody takes holds up the program, and no other run", async () => {
  const progress = join(tmpdir(), `framewire-${randomUUID()}`);
  const count = 200;
  await using at = await pair({
    big: {
      file: "/bin/sh",
      env: { set: { PATH: "/usr/bin:/bin" } },
      args: () => [
        "-c",
        `i=0; while [ $i -lt ${count} ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i > "$1"; done`,
        "big",
        progress,
      ],
    },
    say: { file: "/bin/echo", args: argumentList() },
  });
  try {
    const run = at.client.run("big");
    // Until it stands still: in a time in which it could have written it all.
    let written = -1;
    let still = 0;
    while (still < 10) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      const now = Number(await readFile(progress, "utf8").catch(() => "0"));
      still = now === written && now > 0 ? still + 1 : 0;
      written = now;
    }
    // The window, the pipe, and what the runtime reads ahead.
    assertLess(written, 32, "64 KiB pieces written before anybody reads");
    const { stdout } = await at.client.run("say", ["hello"]).collect();
    assertEquals(text(stdout), "hello\n");
    const { stdout: all, exit } = await run.collect();
    assertEquals(all.length, count * 65_536);
    assertEquals([exit.code, exit.truncated], [0, false]);
  } finally {
    await rm(progress, { force: true });
  }
});

test("a run keeps all output of a program that has ended long before it is read", async () => {
  await using at = await pair({
    burst: script("head -c 300000 /dev/zero; echo end >&2"),
    nothing: script(":"),
  });
  const run = at.client.run("burst");
  const first = await run[Symbol.asyncIterator]().next();
  await until(() => at.audit.length > 0);
  // What was sent of it has arrived when what was sent later has.
  await at.client.run("nothing").exit;
  const { stdout, stderr, exit } = await run.collect();
  const length = stdout.length + stderr.length +
    (first.value?.data.length ?? 0);
  assertEquals(length, 300_004);
  assertEquals(exit.code, 0);
});

test("output that is discarded, or left, holds nothing up", async () => {
  await using at = await pair({
    big: script("head -c 3000000 /dev/zero"),
  });
  const discarded = at.client.run("big");
  discarded.discard();
  assertEquals((await discarded.exit).stdoutLength, 3_000_000);
  const left = at.client.run("big");
  for await (const _ of left) break;
  assertEquals((await left.exit).stdoutLength, 3_000_000);
});

test("collect() cancels a run with more output than it may keep", async () => {
  await using at = await pair({ flood: { file: "/usr/bin/yes" } });
  const run = at.client.run("flood");
  const error = await assertRejects(
    () => run.collect({ maxBytes: 100_000 }),
    CommandError,
  );
  assertEquals(error.code, "OUTPUT_TOO_LARGE");
  assertEquals((await run.exit).reason, "cancelled");
});

test("cancel() ends the whole group and exit says so", async () => {
  await using at = await pair({ tree: script(tree) });
  const run = at.client.run("tree");
  const pids = (await firstOutput(run)).split(/\s/).filter(Boolean).map(Number);
  assertEquals(pids.map(isRunning), [true, true]);
  run.cancel();
  const exit = await run.exit;
  assertEquals([exit.reason, exit.signal], ["cancelled", "SIGTERM"]);
  assertEquals(pids.map(isRunning), [false, false]);
});

test("cancel() kills those that do not heed SIGTERM", async () => {
  await using at = await pair(
    {
      deaf: script(
        "trap '' TERM; (trap '' TERM; sleep 1000) & echo $$ $!; while :; do wait; done",
      ),
    },
    { killGraceMs: 100 },
  );
  const run = at.client.run("deaf");
  const pids = (await firstOutput(run)).split(/\s/).filter(Boolean).map(Number);
  run.cancel();
  const exit = await run.exit;
  assertEquals([exit.reason, exit.signal], ["cancelled", "SIGKILL"]);
  await until(() => !pids.some(isRunning));
});

test("cancel() leaves a program its time to end in its own way", async () => {
  await using at = await pair({
    polite: script(
      "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.02; done 2>/dev/null",
    ),
  });
  const run = at.client.run("polite");
  let printed = "";
  for await (const { data } of run) {
    printed += text(data);
    run.cancel();
  }
  assertEquals(printed, "up\nbye\n");
  const exit = await run.exit;
  assertEquals([exit.code, exit.reason], [3, "cancelled"]);
});

test("a signal ends the run and rejects with its reason", async () => {
  await using at = await pair({ tree: script(tree) });
  const controller = new AbortController();
  const run = at.client.run("tree", [], { signal: controller.signal });
  const pids = (await firstOutput(run)).split(/\s/).filter(Boolean).map(Number);
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assertEquals(await assertRejects(() => run.exit), reason);
  await until(() => at.audit.length === 2);
  assertEquals(pids.map(isRunning), [false, false]);
  const late = at.client.run("tree", [], { signal: controller.signal });
  assertEquals(await assertRejects(() => late.exit), reason);
  assertEquals(at.audit.length, 2);
});

test("a run is ended after its time, with all that it started", async () => {
  await using at = await pair({ tree: script(tree, { timeoutMs: 200 }) });
  const { stdout, exit } = await at.client.run("tree").collect();
  assertEquals([exit.reason, exit.signal], ["timed-out", "SIGTERM"]);
  const pids = text(stdout).split(/\s/).filter(Boolean).map(Number);
  assertEquals(pids.length, 2);
  assertEquals(pids.map(isRunning), [false, false]);
});

test("a run whose output nobody takes is ended after its time", async () => {
  await using at = await pair(
    { flood: { file: "/usr/bin/yes", timeoutMs: 200 } },
    { killGraceMs: 100 },
  );
  const exit = await at.client.run("flood").exit;
  assertEquals([exit.reason, exit.truncated], ["timed-out", true]);
});

test("a run over the output limit is cut there", async () => {
  await using at = await pair({
    flood: { file: "/usr/bin/yes", maxOutput: 100_001 },
    exact: script("head -c 1000 /dev/zero", { maxOutput: 1_000 }),
  });
  const { stdout, exit } = await at.client.run("flood").collect();
  assertEquals(stdout.length, 100_001);
  assertEquals([exit.reason, exit.truncated], ["output-limit", true]);
  const exact = await at.client.run("exact").collect();
  assertEquals([exact.exit.reason, exact.exit.truncated], ["exited", false]);
});

test("a client that disconnects leaves no process", async () => {
  await using at = await pair({ tree: script(tree) });
  const client = await connectCommands({ address: at.server.address });
  const run = client.run("tree");
  const pids = (await firstOutput(run)).split(/\s/).filter(Boolean).map(Number);
  assertEquals(pids.map(isRunning), [true, true]);
  await client.close();
  const error = await assertRejects(() => run.exit, NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
  await until(() => at.audit.length === 2);
  const [, end] = at.audit;
  assert(end?.event === "ended");
  assertEquals(end.exit.reason, "disconnected");
  assertEquals(pids.map(isRunning), [false, false]);
});

test("close() of the server ends all runs and says so", async () => {
  await using at = await pair({ tree: script(tree) });
  const run = at.client.run("tree");
  const pids = (await firstOutput(run)).split(/\s/).filter(Boolean).map(Number);
  await at.server.close();
  assertEquals(pids.map(isRunning), [false, false]);
  assertEquals((await run.exit).reason, "closing");
  const late = at.client.run("tree");
  assertInstanceOf(await assertRejects(() => late.exit), NetError);
});

test("what a program leaves behind in its group ends with it", async () => {
  await using at = await pair({ fork: script("sleep 1000 & echo $!") });
  const { stdout, exit } = await at.client.run("fork").collect();
  assertEquals([exit.code, exit.reason], [0, "exited"]);
  await until(() => !isRunning(Number(text(stdout))));
});

test("a process that left its group cannot hold the run past its time", async () => {
  await using at = await pair(
    {
      flee: script("setsid sh -c 'echo $$; exec sleep 3' & wait", {
        timeoutMs: 300,
      }),
    },
    { killGraceMs: 100 },
  );
  const { stdout, exit } = await at.client.run("flee").collect();
  assertEquals(exit.reason, "timed-out");
  // Beyond the group: the documentation says so.
  const pid = Number(text(stdout));
  assert(isRunning(pid));
  process.kill(pid, "SIGKILL");
});

test("input that a program does not read is no error", async () => {
  await using at = await pair({
    deaf: script("exit 4", { input: true }),
    closed: script("exec 0<&-; echo closed; sleep 0.2", { input: true }),
  });
  for (const name of ["deaf", "closed"]) {
    const input = new Uint8Array(2_000_000);
    const { exit } = await at.client.run(name, [], { input }).collect();
    assertEquals(exit.reason, "exited");
  }
});

test("a source of input that fails cancels the run", async () => {
  await using at = await pair({ copy: { file: "/bin/cat", input: true } });
  const input = (function* () {
    yield "some";
    throw new RangeError("no more");
  })();
  const run = at.client.run("copy", [], { input });
  await assertRejects(() => run.exit, RangeError, "no more");
  await until(() => at.audit.length === 2);
});

test("a program that cannot be started is refused without its path", async () => {
  const errors: unknown[] = [];
  await using at = await pair({
    missing: { file: "/nonexistent/program" },
    directory: { file: "/tmp" },
    nowhere: { file: "/bin/echo", cwd: "/nonexistent" },
  }, { onError: (error) => void errors.push(error) });
  for (const name of ["missing", "directory", "nowhere"]) {
    const run = at.client.run(name);
    const error = await assertRejects(() => run.exit, CommandError);
    assertEquals(error.code, "START_FAILED");
    assert(!error.message.includes("/"), error.message);
  }
  const [start, refusal] = at.audit;
  assertEquals(start?.event, "started");
  assert(refusal?.event === "refused");
  assertInstanceOf(refusal.cause, Error);
  // Whoever runs the server is told why.
  assertEquals(errors.length, 3);
  assertStrictEquals(errors[0], refusal.cause);
});

test("a command runs in its folder, with its environment", async () => {
  process.env["FRAMEWIRE_TEST_LANG"] = "inherited";
  await using at = await pair({
    env: {
      file: "/usr/bin/env",
      cwd: "/usr",
      env: { inherit: ["FRAMEWIRE_TEST_LANG", "NO_SUCH"], set: { A: "b c" } },
    },
    pwd: { ...script("pwd -P"), cwd: "/usr" },
  });
  const { stdout } = await at.client.run("env").collect();
  assertEquals(
    text(stdout).trim().split("\n").sort(),
    ["A=b c", "FRAMEWIRE_TEST_LANG=inherited"],
  );
  assertEquals(text((await at.client.run("pwd").collect()).stdout), "/usr\n");
});

test("the audit hook is told of runs and refusals, and of who asked", async () => {
  await using at = await pair({
    say: { file: "/bin/echo", args: argumentList() },
  });
  await at.client.run("say", ["a b"]).collect();
  await assertRejects(() => at.client.run("shout", ["a"]).exit, CommandError);
  const [start, end, refusal] = at.audit;
  assert(start?.event === "started" && end?.event === "ended");
  assert(refusal?.event === "refused");
  assertEquals([start.command, start.arguments], ["say", ["a b"]]);
  assertEquals([end.command, end.arguments], ["say", ["a b"]]);
  assertEquals(end.exit.code, 0);
  assertEquals([refusal.command, refusal.arguments], ["shout", ["a"]]);
  assertEquals(refusal.code, "COMMAND_UNKNOWN");
  for (const { caller, time } of at.audit) {
    assert(caller.address.transport === "tcp");
    assertEquals([caller.connection, caller.authenticated], [1, false]);
    assert(Date.now() - time.getTime() < 60_000);
  }
});

test("what cannot be recorded is not run", async () => {
  const marker = join(tmpdir(), `framewire-${randomUUID()}`);
  const errors: unknown[] = [];
  const full = new Error("disk full");
  await using at = await pair(
    { touch: { file: "/usr/bin/touch", args: () => [marker] } },
    {
      audit: () => {
        throw full;
      },
      onError: (error) => void errors.push(error),
    },
  );
  const error = await assertRejects(
    () => at.client.run("touch").exit,
    CommandError,
  );
  assertEquals(error.code, "AUDIT_FAILED");
  // The run, its refusal, and that without the arguments.
  assertEquals(errors, [full, full, full]);
  await assertRejects(() => readFile(marker));
});

test("serveCommands() refuses what is not well declared", async () => {
  const bad: [object, string][] = [
    [{ file: "echo" }, "absolute path as file"],
    [{ file: "../echo" }, "absolute path as file"],
    [{ file: "/bin/echo", cwd: "here" }, "absolute path as cwd"],
    [{}, "either file or dangerousShellScript"],
    [{ file: "/bin/sh", dangerousShellScript: "id" }, "either file or"],
    [{ file: "/bin/echo", timeoutMs: 0 }, "timeoutMs"],
    [{ file: "/bin/echo", maxOutput: -1 }, "maxOutput"],
    [{ file: "/bin/echo", maxConcurrent: 0 }, "maxConcurrent"],
  ];
  for (const [command, message] of bad) {
    await assertRejects(
      () =>
        serveCommands({
          address: { port: 0 },
          commands: { bad: command as { file: string } },
        }),
      Error,
      message,
    );
  }
});

test("a script gets arguments as parameters, not as text", async () => {
  await using at = await pair({
    count: {
      dangerousShellScript: 'printf "%s|" "$@"',
      args: argumentList({ max: 9 }),
    },
  });
  const args = ["$(id)", "a b", ";", "`id`"];
  const { stdout } = await at.client.run("count", args).collect();
  assertEquals(text(stdout), "$(id)|a b|;|`id`|");
});

test("a server that has nothing to run cuts idle clients", async () => {
  const errors: unknown[] = [];
  await using at = await pair({ wait: script("sleep 0.3; echo done") }, {
    idleTimeoutMs: 100,
    onError: (error) => void errors.push(error),
  });
  const { stdout } = await at.client.run("wait").collect();
  assertEquals(text(stdout), "done\n");
  await at.client.closed;
  await until(() => errors.length > 0);
  assertInstanceOf(errors[0], NetError);
  assert(errors[0].message.includes("idleTimeoutMs"));
});

const ways = ["exit", "error", "rejection", "Deno.exit()"];
for (const how of ways) {
  test(`processes end with the process that serves them: ${how}`, {
    skip: how === "Deno.exit()" && !("Deno" in globalThis),
  }, async () => {
    const { Child } = await import("../interop/child.ts");
    const program = projectFile("tests/exec/exiting_server.ts");
    await using child = new Child([...thisRuntime, program, how]);
    const { output, code } = await child.ended;
    assert(code !== 0, output);
    const pids = (await child.firstLine).split(" ").map(Number);
    assertEquals(pids.length, 2, output);
    await until(() => !pids.some(isRunning));
  });
}

/** A source of input that says when it was told to return. */
function endlessInput(): {
  source: AsyncIterable<string>;
  asked: Promise<void>;
  returned: Promise<void>;
} {
  const asked = deferred<void>();
  const returned = deferred<void>();
  const source: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        asked.resolve();
        return new Promise(() => {}); // never
      },
      return() {
        returned.resolve();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return { source, asked: asked.promise, returned: returned.promise };
}

test("run() returns its input when the command has ended while a piece is awaited", async () => {
  await using at = await pair({
    silent: { file: "/usr/bin/true", input: true },
  });
  const { source, returned } = endlessInput();
  const run = at.client.run("silent", [], { input: source });
  assertEquals((await run.exit).code, 0);
  await returned;
});

test("run() returns its input when the run is refused, aborted or never begun", async () => {
  await using at = await pair({ copy: { file: "/bin/cat", input: true } });
  const refused = endlessInput();
  const run = at.client.run("unknown", [], { input: refused.source });
  await assertRejects(() => run.exit, CommandError);
  await refused.returned;

  const aborted = endlessInput();
  const controller = new AbortController();
  const copying = at.client.run("copy", [], {
    input: aborted.source,
    signal: controller.signal,
  });
  await aborted.asked;
  controller.abort(new Error("enough"));
  await assertRejects(() => copying.exit, Error, "enough");
  await aborted.returned;

  const late = endlessInput();
  const { signal } = controller;
  await assertRejects(
    () => at.client.run("copy", [], { input: late.source, signal }).exit,
    Error,
    "enough",
  );
  await late.returned;
});

test("run() does not return an input that has ended or failed by itself", async () => {
  await using at = await pair({ copy: { file: "/bin/cat", input: true } });
  let returned = 0;
  const input = (fails: boolean): Iterable<string> => ({
    [Symbol.iterator]: () => ({
      next() {
        if (fails) throw new Error("no more");
        return { done: true, value: undefined };
      },
      return() {
        returned++;
        return { done: true, value: undefined };
      },
    }),
  });
  assertEquals(
    (await at.client.run("copy", [], { input: input(false) }).exit).code,
    0,
  );
  await assertRejects(
    () => at.client.run("copy", [], { input: input(true) }).exit,
    Error,
    "no more",
  );
  assertEquals(returned, 0);
});
