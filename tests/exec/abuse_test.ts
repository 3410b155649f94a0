// What somebody tries who wants more than was registered, and what they get.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import process from "node:process";
import {
  argumentList,
  type AuditRecord,
  type Command,
  type CommandClient,
  CommandError,
  connectCommands,
  type ConnectCommandsOptions,
  serveCommands,
} from "../../src/exec/mod.ts";
import { makeProof } from "../../src/exec/authentication.ts";
import {
  type Control,
  handshakeWire,
  isControl,
  wire,
  type WireFrame,
} from "../../src/exec/wire.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import {
  connect,
  framed,
  type FramedConnection,
  FrameError,
} from "../../mod.ts";
import {
  firstOutput,
  isRunning,
  pair,
  script,
  text,
  until,
} from "./support.ts";

const secret = "a secret of the tests";

const echo: Command = {
  file: "/bin/echo",
  args: argumentList({ max: 4 }),
};

/** The code with which a run is refused. */
async function refusal(run: { exit: Promise<unknown> }): Promise<string> {
  return (await assertRejects(() => run.exit, CommandError)).code;
}

/** A connection on which a test can say what no client would. */
async function raw(
  address: Parameters<typeof connect>[0],
): Promise<{ peer: FramedConnection<WireFrame>; hello: Control }> {
  const peer = framed(await connect(address), handshakeWire);
  return { peer, hello: control(await peer.receive()) };
}

function control(frame: WireFrame | undefined): Control {
  assert(frame !== undefined && isControl(frame));
  return frame;
}

/** What is said before the connection ends, if anything. */
async function lastWord(peer: FramedConnection<WireFrame>): Promise<unknown> {
  let last: unknown;
  try {
    for await (const frame of peer) {
      if (isControl(frame) && frame.type === "refused") last = frame["code"];
    }
  } catch {
    // A reset ends the connection as well.
  }
  peer.abort();
  return last;
}

test("a name that is not registered is refused", async () => {
  await using at = await pair({ echo });
  const names = [
    "",
    "ECHO",
    "echo ",
    "echo\0",
    "/bin/echo",
    "../echo",
    "../../bin/sh",
    "./echo",
    "echo;id",
    "sh",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
  ];
  for (const name of names) {
    assertEquals(await refusal(at.client.run(name)), "COMMAND_UNKNOWN", name);
  }
  assertEquals(at.audit.map(({ event }) => event), names.map(() => "refused"));
});

test("arguments with what a shell reads arrive as they are", async () => {
  await using at = await pair({ echo });
  for (
    const hostile of [
      "; id",
      "&& id",
      "| id",
      "$(id)",
      "`id`",
      "${PATH}",
      "> /tmp/x",
      "a\nid\n",
      "'\"\\",
      "*",
      "~",
      "!!",
      "\u202e",
      "%s%n",
    ]
  ) {
    const { stdout } = await at.client.run("echo", [hostile]).collect();
    assertEquals(text(stdout), `${hostile}\n`);
  }
});

test("arguments beyond the schema are refused", async () => {
  await using at = await pair({ echo, bare: { file: "/bin/echo" } });
  const beyond = [
    ["1", "2", "3", "4", "5"],
    "text",
    { 0: "a", length: 1 },
    [1],
    [["a"]],
    [null],
    [{ toString: "a" }],
    null,
    ["a\0b"],
  ];
  for (const args of beyond) {
    assertEquals(
      await refusal(at.client.run("echo", args)),
      "ARGUMENTS_INVALID",
    );
  }
  assertEquals(
    await refusal(at.client.run("bare", ["a"])),
    "ARGUMENTS_INVALID",
  );
  assertEquals(await refusal(at.client.run("bare", {})), "ARGUMENTS_INVALID");
});

test("arguments larger than a frame are not even sent", async () => {
  await using at = await pair({ echo });
  const run = at.client.run("echo", ["x".repeat(70_000)]);
  const error = await assertRejects(() => run.exit, FrameError);
  assertEquals(error.code, "FRAME_TOO_LARGE");
  const { stdout } = await at.client.run("echo", ["fine"]).collect();
  assertEquals(text(stdout), "fine\n");
});

test("options are refused unless the schema allows them", async () => {
  await using at = await pair({
    echo,
    free: {
      file: "/bin/echo",
      args: argumentList({ max: 2, allowOptions: true }),
    },
    fixed: { file: "/bin/echo", args: () => ["--"] },
  });
  for (const option of ["-n", "--help", "-", "--output=/etc/passwd"]) {
    assertEquals(
      await refusal(at.client.run("echo", [option])),
      "ARGUMENTS_INVALID",
    );
  }
  const { stdout } = await at.client.run("free", ["-n", "x"]).collect();
  assertEquals(text(stdout), "x");
  const fixed = await at.client.run("fixed", ["-n"]).collect();
  assertEquals(text(fixed.stdout), "--\n");
});

test("a schema or function that returns something else, or throws, refuses", async () => {
  await using at = await pair({
    number: { file: "/bin/echo", args: () => [1] as unknown as string[] },
    nothing: {
      file: "/bin/echo",
      args: () => undefined as unknown as string[],
    },
    throws: {
      file: "/bin/echo",
      args: () => {
        throw new RangeError("not today");
      },
    },
    late: {
      file: "/bin/echo",
      args: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: () => Promise.resolve({ value: ["a"] }),
        },
      },
    },
  });
  for (const name of ["number", "nothing", "throws", "late"]) {
    assertEquals(await refusal(at.client.run(name)), "ARGUMENTS_INVALID");
  }
});

test("nothing of the server's environment is inherited", async () => {
  process.env["FRAMEWIRE_TEST_SECRET"] = "hunter2";
  await using at = await pair({
    env: { file: "/usr/bin/env" },
    dump: { file: "/bin/cat", args: () => ["/proc/self/environ"] },
  });
  for (const name of ["env", "dump"]) {
    const { stdout } = await at.client.run(name).collect();
    assertEquals(text(stdout), "");
  }
  // Nor can a client add any: what it says beyond the protocol goes unread.
  const { peer } = await raw(at.server.address);
  const client = peer.switchCodec(wire);
  await client.send({
    type: "run",
    id: 1,
    command: "env",
    arguments: [],
    env: { LD_PRELOAD: "/tmp/evil.so" },
    cwd: "/tmp",
    shell: true,
    file: "/bin/sh",
  });
  assertEquals(control(await client.receive())["stdoutLength"], 0);
  client.abort();
});

test("input is refused where the command takes none", async () => {
  await using at = await pair({
    sh: { file: "/bin/sh" },
    cat: { file: "/bin/cat" },
  });
  const run = at.client.run("sh", [], { input: "id\n" });
  assertEquals(await refusal(run), "INPUT_REFUSED");
  // Without being announced, it reaches nobody.
  const { peer } = await raw(at.server.address);
  const client = peer.switchCodec(wire);
  await client.send({ type: "run", id: 1, command: "cat", arguments: [] });
  await client.send({
    stream: "stdin",
    id: 1,
    sequence: 0,
    data: Uint8Array.of(65),
  });
  const answers: WireFrame[] = [];
  for await (const frame of client) {
    answers.push(frame);
    if (isControl(frame) && frame.type === "exit") break;
  }
  assert(answers.every(isControl));
  client.abort();
});

test("an output bomb is cut at its limit, and nothing piles up", async () => {
  await using at = await pair({
    bomb: { file: "/usr/bin/yes", maxOutput: 1_000_000 },
  });
  const { stdout, exit } = await at.client.run("bomb").collect();
  assertEquals([stdout.length, exit.reason], [1_000_000, "output-limit"]);
});

test("a run ends in its time when its client does not read", async () => {
  const network = memoryNetwork();
  await using at = await pair(
    {
      flood: { file: "/usr/bin/yes", timeoutMs: 200, maxOutput: 1e9 },
    },
    { address: "memory:unread", network, killGraceMs: 200 },
    { network },
  );
  const silent = framed(await network.connect(at.server.address), wire);
  const hello = await silent.receive();
  assert(hello !== undefined);
  // More than the connection holds: some output cannot even be handed to it.
  for (let id = 0; id < 4; id++) {
    await silent.send({
      type: "run",
      id,
      command: "flood",
      arguments: [],
      input: false,
    });
  }
  const ended = () => at.audit.filter(({ event }) => event === "ended");
  const started = performance.now();
  await until(() => ended().length === 4 || performance.now() - started > 3e3);
  assertEquals(
    ended().map((end) => end.event === "ended" && end.exit.reason),
    Array(4).fill("timed-out"),
  );
  silent.abort();
});

test("a grandchild in the background does not survive", async () => {
  await using at = await pair({
    fork: script(
      "(sleep 1000 & echo $!) & wait; nohup sleep 1000 >/dev/null 2>&1 & echo $!",
    ),
  });
  const { stdout } = await at.client.run("fork").collect();
  const pids = text(stdout).split(/\s/).filter(Boolean).map(Number);
  assertEquals(pids.length, 2);
  await until(() => !pids.some(isRunning));
});

test("runs over maxConcurrent and maxRuns are refused at once", async () => {
  await using at = await pair({
    wait: { ...script("echo up; sleep 1000"), maxConcurrent: 3 },
    other: { ...script("echo up; sleep 1000"), maxConcurrent: 9 },
  }, { maxRuns: 5 });
  const runs = Array.from({ length: 50 }, () => at.client.run("wait"));
  const outcomes = await Promise.all(
    runs.map((run) => firstOutput(run).catch((error) => error.code)),
  );
  assertEquals(outcomes.filter((outcome) => outcome === "up\n").length, 3);
  assertEquals(
    outcomes.filter((outcome) => outcome === "TOO_MANY_RUNS").length,
    47,
  );
  const others = Array.from({ length: 4 }, () => at.client.run("other"));
  const more = await Promise.all(
    others.map((run) => firstOutput(run).catch((error) => error.code)),
  );
  assertEquals(more.sort(), ["TOO_MANY_RUNS", "TOO_MANY_RUNS", "up\n", "up\n"]);
  // The places are free again.
  for (const run of runs) run.cancel();
  await Promise.allSettled(runs.map((run) => run.exit));
  const again = at.client.run("wait");
  assertEquals(await firstOutput(again), "up\n");
});

test("without the secret nothing is run", async () => {
  await using at = await pair({ echo }, { secret }, { secret });
  const address = at.server.address;
  const wrong = await assertRejects(
    () => connectCommands({ address, secret: "another secret of the tests" }),
    CommandError,
  );
  assertEquals(wrong.code, "AUTHENTICATION_FAILED");
  const none = await assertRejects(
    () => connectCommands({ address }),
    CommandError,
  );
  assertEquals(none.code, "AUTHENTICATION_REQUIRED");
  const { peer } = await raw(address);
  await peer.send({ type: "run", id: 1, command: "echo", arguments: ["a"] });
  assertEquals(await lastWord(peer), "AUTHENTICATION_REQUIRED");
  await until(() => at.audit.length === 2);
  assertEquals(at.audit.map(({ event }) => event), ["refused", "refused"]);
  const { stdout } = await at.client.run("echo", ["in"]).collect();
  assertEquals(text(stdout), "in\n");
  assertEquals(at.audit.at(-1)?.caller.authenticated, true);
});

test("an authentication that was overheard is of no use", async () => {
  await using at = await pair({ echo }, { secret }, { secret });
  const bytes = new TextEncoder().encode(secret);
  const first = await raw(at.server.address);
  const nonce = "ab".repeat(32);
  const overheard: Control = {
    type: "authenticate",
    nonce,
    proof: makeProof(bytes, "client", String(first.hello["nonce"]), nonce),
  };
  await first.peer.send(overheard);
  assertEquals(control(await first.peer.receive()).type, "welcome");
  first.peer.abort();

  const second = await raw(at.server.address);
  assert(second.hello["nonce"] !== first.hello["nonce"]);
  await second.peer.send(overheard);
  assertEquals(await lastWord(second.peer), "AUTHENTICATION_FAILED");
});

test("a proof of the server is none of a client", async () => {
  await using at = await pair({ echo }, { secret }, { secret });
  const bytes = new TextEncoder().encode(secret);
  const { peer, hello } = await raw(at.server.address);
  const nonce = "ab".repeat(32);
  const proof = makeProof(bytes, "server", String(hello["nonce"]), nonce);
  await peer.send({ type: "authenticate", nonce, proof });
  assertEquals(await lastWord(peer), "AUTHENTICATION_FAILED");
});

test("proofs and nonces of every wrong form are refused", async () => {
  await using at = await pair({ echo }, { secret }, { secret });
  const nonce = "ab".repeat(32);
  const attempts: Control[] = [
    { type: "authenticate", nonce, proof: "" },
    { type: "authenticate", nonce, proof: "é".repeat(32) },
    { type: "authenticate", nonce: "", proof: "0".repeat(64) },
    { type: "authenticate", nonce, proof: ["0"] },
    { type: "authenticate", nonce },
    { type: "authenticate", proof: "0".repeat(64) },
    { type: "__proto__" },
  ];
  for (const attempt of attempts) {
    const { peer } = await raw(at.server.address);
    await peer.send(attempt);
    const word = String(await lastWord(peer));
    assert(/^AUTHENTICATION_|^PROTOCOL_ERROR$/.test(word), word);
  }
});

test("a short secret is refused on both sides", async () => {
  const address = { port: 0 };
  const short = "15 bytes, so few";
  await assertRejects(
    () => serveCommands({ address, commands: {}, secret: short.slice(1) }),
    RangeError,
    "secret",
  );
  await assertRejects(
    () => connectCommands({ address, secret: "x" }),
    RangeError,
    "secret",
  );
});

test("a server that does not know the secret is refused by the client", async () => {
  await using open = await pair({ echo });
  const unasked = await assertRejects(
    () => connectCommands({ address: open.server.address, secret }),
    CommandError,
  );
  assertEquals(unasked.code, "AUTHENTICATION_REQUIRED");

  const { serve } = await import("../../mod.ts");
  await using impostor = await serve(
    { address: { port: 0 }, codec: handshakeWire },
    async (peer) => {
      await peer.send({
        type: "hello",
        protocol: "framewire-exec/1",
        authentication: "hmac-sha-256",
        nonce: "cd".repeat(32),
      });
      await peer.receive();
      await peer.send({ type: "welcome", proof: "00".repeat(32) });
      await peer.receive();
    },
  );
  const failed = await assertRejects(
    () => connectCommands({ address: impostor.address, secret }),
    CommandError,
  );
  assertEquals(failed.code, "AUTHENTICATION_FAILED");
});

test("others than this machine are not served without a secret", async () => {
  for (
    const hostname of ["0.0.0.0", "::", "192.0.2.1", "127.evil.example", ""]
      .filter(Boolean)
  ) {
    await assertRejects(
      () => serveCommands({ address: { hostname, port: 0 }, commands: {} }),
      TypeError,
      "without a secret",
    );
  }
  await using server = await serveCommands({
    address: { hostname: "0.0.0.0", port: 0 },
    commands: {},
    secret,
  });
  assert(server.address.transport === "tcp");
});

test("large frames before authentication end the connection unread", async () => {
  await using at = await pair({ echo }, { secret }, { secret });
  const { peer } = await raw(at.server.address);
  const large = peer.switchCodec(wire);
  await large.send({ type: "authenticate", padding: "x".repeat(2_000) });
  assertEquals(await lastWord(large), "PROTOCOL_ERROR");
  await until(() => at.audit.length === 1);
  const [record] = at.audit;
  assert(record?.event === "refused");
  assert(record.message.includes("1024"), record.message);
});

test("who does not authenticate in time is cut", async () => {
  await using at = await pair({ echo }, { secret, handshakeTimeoutMs: 80 }, {
    secret,
  });
  const { peer } = await raw(at.server.address);
  assertEquals(await lastWord(peer), undefined);
});

test("what breaks the protocol ends the connection and its runs only", async () => {
  await using at = await pair({
    echo,
    wait: { ...script("echo $$; sleep 1000"), maxConcurrent: 99, input: true },
  }, { killGraceMs: 100 });
  const run = { type: "run", id: 1, command: "wait", arguments: [] };
  const attacks: (WireFrame | Uint8Array)[] = [
    { ...run },
    { ...run, id: -1 },
    { ...run, id: 1.5 },
    { ...run, id: "1" },
    { ...run, id: 2 ** 32 },
    { type: "run", id: 2 },
    { type: "nonsense", id: 1 },
    { type: "more", id: 1, bytes: 1_000_000 },
    { type: "more", id: 1, bytes: -1 },
    { stream: "stdout", id: 1, sequence: 0, data: Uint8Array.of(1) },
  ];
  for (const attack of attacks) {
    const { peer } = await raw(at.server.address);
    const client = peer.switchCodec(wire);
    await client.send(run);
    const first = await client.receive();
    assert(first !== undefined && !isControl(first));
    await client.send(attack as WireFrame);
    assertEquals(await lastWord(client), "PROTOCOL_ERROR");
    await until(() => !isRunning(Number(text(first.data))));
  }
  const { stdout } = await at.client.run("echo", ["fine"]).collect();
  assertEquals(text(stdout), "fine\n");
});

test("more input than was asked for ends the connection", async () => {
  await using at = await pair({
    wait: { ...script("sleep 1000"), input: true },
  }, { killGraceMs: 100 });
  const { peer } = await raw(at.server.address);
  const client = peer.switchCodec(wire);
  await client.send({
    type: "run",
    id: 1,
    command: "wait",
    arguments: [],
    input: true,
  });
  const data = new Uint8Array(65_536);
  for (let sequence = 0; sequence < 8; sequence++) {
    await client.send({ stream: "stdin", id: 1, sequence, data });
  }
  assertEquals(await lastWord(client), "PROTOCOL_ERROR");
});

test("what is neither data nor JSON, or too large, ends the connection", async () => {
  await using at = await pair({ echo });
  const { lengthPrefixed } = await import("../../mod.ts");
  const encoder = new TextEncoder();
  const attacks = [
    new Uint8Array(0),
    Uint8Array.of(1, 0, 0),
    Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    encoder.encode("[]"),
    encoder.encode("{"),
    encoder.encode('{"type":1}'),
    encoder.encode('{"__proto__":{"type":"run"}}'),
    Uint8Array.of(0x7b, 0xff),
    new Uint8Array(70_000),
    encoder.encode("[".repeat(60_000)),
  ];
  for (const attack of attacks) {
    const { peer } = await raw(at.server.address);
    const client = framedBytes(peer, lengthPrefixed());
    await client.send(attack);
    for await (const _ of client.switchCodec(wire));
    client.abort();
  }
  await until(() => at.audit.length === attacks.length);
  const { stdout } = await at.client.run("echo", ["fine"]).collect();
  assertEquals(text(stdout), "fine\n");
});

function framedBytes<T>(
  peer: FramedConnection<WireFrame>,
  codec: Parameters<typeof framed<T, T>>[1],
): FramedConnection<T> {
  return peer.switchCodec(codec);
}

test("a connection that is reset in a run leaves no process", async () => {
  await using at = await pair({
    tree: script("sleep 1000 & echo $$ $!; wait"),
    flood: { file: "/usr/bin/yes" },
  });
  for (const command of ["tree", "flood"]) {
    const { peer } = await raw(at.server.address);
    const client = peer.switchCodec(wire);
    await client.send({ type: "run", id: 1, command, arguments: [] });
    const first = await client.receive();
    assert(first !== undefined && !isControl(first));
    client.abort();
    const count = command === "tree" ? 2 : 4;
    await until(() => at.audit.length === count);
    const end = at.audit.at(-1);
    assert(end?.event === "ended");
    assertEquals(end.exit.reason, "disconnected");
    if (command === "flood") continue;
    const pids = text(first.data).split(/\s/).filter(Boolean).map(Number);
    assertEquals(pids.map(isRunning), [false, false]);
  }
});

test("strangers who do not authenticate cannot keep out who knows the secret", async () => {
  const network = memoryNetwork();
  const errors: unknown[] = [];
  await using server = await serveCommands({
    address: "memory:commands",
    network,
    commands: { echo },
    secret,
    maxConnections: 2,
    maxUnauthenticated: 3,
    onError: (error) => void errors.push(error),
  });
  const { address } = server;
  const strangers = [];
  for (let i = 0; i < 10; i++) {
    strangers.push(await network.connect(address));
    await using client = await connectCommands({ address, network, secret });
    assertEquals((await client.run("echo", ["hi"]).exit).code, 0);
  }
  // One was cut for each that came: strangers and clients alike.
  await until(() => errors.length >= 7);
  assertEquals(
    errors.slice(0, 7).map((error) =>
      `${error}`.includes("maxUnauthenticated")
    ),
    Array(7).fill(true),
  );
  for (const stranger of strangers) stranger.abort();
});

test("maxConnections counts the clients that have authenticated, and refuses those over it", async () => {
  const network = memoryNetwork();
  const audit: AuditRecord[] = [];
  await using server = await serveCommands({
    address: "memory:commands",
    network,
    commands: { echo },
    secret,
    maxConnections: 2,
    audit: (record) => void audit.push(record),
  });
  const { address } = server;
  const options = { address, network, secret };
  await using first = await connectCommands(options);
  const second = await connectCommands(options);
  const error = await assertRejects(
    () => connectCommands(options),
    CommandError,
  );
  assertEquals(error.code, "TOO_MANY_CONNECTIONS");
  assert(audit[0]?.event === "refused" && audit[0].caller.authenticated);
  await second.close();
  // The place of one that has left is free again.
  await using third = await connected(options);
  for (const client of [first, third]) {
    assertEquals((await client.run("echo", ["hi"]).exit).code, 0);
  }
});

/** Connects as soon as there is a place. */
async function connected(
  options: ConnectCommandsOptions,
): Promise<CommandClient> {
  while (true) {
    try {
      return await connectCommands(options);
    } catch (error) {
      const full = error instanceof CommandError &&
        error.code === "TOO_MANY_CONNECTIONS";
      if (!full) throw error;
    }
  }
}

test("a refusal has no longer a reason than fits into a frame", async () => {
  await using at = await pair({
    echo: {
      file: "/bin/echo",
      args: () => {
        throw new Error("x".repeat(1_000_000));
      },
    },
  });
  assertEquals(await refusal(at.client.run("echo")), "ARGUMENTS_INVALID");
});
