// connect, listen, send and request, over sockets of this machine.

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lengthPrefixed, lines, text } from "../../src/codec/mod.ts";
import { type Address, formatAddress, listen } from "../../src/net/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import { runCommand, RunningCommand } from "../support/command.ts";
import { ownProgram } from "../support/own_program.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-cli-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a test with `listen`, and returns what it has printed and its exit code. */
async function withListener(
  args: readonly string[],
  run: (address: string, listener: RunningCommand) => Promise<void>,
  where = "tcp://:0",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const listener = new RunningCommand(["listen", where, ...args]);
  try {
    await run(await listener.address(), listener);
  } finally {
    listener.interrupt();
  }
  return await listener.result();
}

/** An input that says something and never ends. */
async function* never(text = ""): AsyncGenerator<Uint8Array, void> {
  if (text !== "") yield new TextEncoder().encode(text);
  await new Promise(() => undefined);
}

function portOf(address: Address): number {
  assert("port" in address);
  return address.port;
}

test("connect sends the frames of its input and prints those of the server", async () => {
  const frame = ["-f", "length(4, little) | json"];
  const { code, stdout } = await withListener(
    [...frame, "--echo"],
    async (address) => {
      assertEquals(
        await runCommand(["connect", address, ...frame], {
          stdin: ['{"a":', "1}\nplain\n"],
        }),
        { code: 0, stdout: '{"a":1}\nplain\n', stderr: "" },
      );
    },
  );
  assertEquals([code, stdout], [0, '{"a":1}\nplain\n']);
});

test("connect ends when the server does, though its input goes on", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => void await connection.send("bye"),
  );
  const running = new RunningCommand(
    ["connect", `tcp://127.0.0.1:${portOf(server.address)}`],
    { chunks: never("a\n") },
  );
  assertEquals((await running.result()).stdout, "bye\n");
});

test("connect stops after --limit frames", async () => {
  await withListener(["--echo"], async (address) => {
    const { stdout } = await runCommand(["connect", address, "-n", "2"], {
      stdin: ["1\n2\n3\n"],
    });
    assertEquals(stdout, "1\n2\n");
  });
});

test("connect writes frames as JSON Lines that send takes", async () => {
  const frame = ["-f", "length(2)"];
  await withListener([...frame, "--echo"], async (address) => {
    const { stdout } = await runCommand(
      ["connect", address, ...frame, "--out", "frames"],
      { stdin: ["ab\nc\n"] },
    );
    const frames = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      frames.map(({ time, ...rest }) => {
        assert(time >= 0);
        return rest;
      }),
      [
        {
          direction: "toClient",
          connection: 1,
          offset: 0,
          length: 4,
          data: "AAJhYg==",
        },
        {
          direction: "toClient",
          connection: 1,
          offset: 4,
          length: 3,
          data: "AAFj",
        },
      ],
    );
    const again = await runCommand(
      ["connect", address, ...frame, "--in", "frames"],
      { stdin: [stdout] },
    );
    assertEquals(again.stdout, "ab\nc\n");
  });
});

test("connect lets a person type frames, bytes and commands", async () => {
  const typed = [
    "hello",
    "two \\",
    "lines",
    "/hex 00 ff",
    "//slash",
    "/nonsense",
    "/hex 0",
    "/half",
  ];
  const frame = ["-f", "length(1)"];
  const { stdout } = await withListener(
    [...frame, "--echo", "--out", "hex"],
    async (address) => {
      const { code, stdout, stderr } = await runCommand(
        ["connect", address, ...frame],
        { typed, columns: 80 },
      );
      assertEquals(code, 0);
      assertEquals(stdout, "hello\ntwo \\nlines\n\\x00\\xff\n/slash\n");
      assertEquals(
        stderr,
        "There is no /nonsense; /help lists what there is\n" +
          'Cannot read a frame: expected hexadecimal, two digits a byte, got "0"\n' +
          "4 frames sent, 4 received\n",
      );
    },
  );
  assertEquals(
    stdout,
    "68656c6c6f\n74776f200a6c696e6573\n00ff\n2f736c617368\n",
  );
});

test("connect shows no control characters of the peer on a terminal", async () => {
  await withListener(["-f", "length(1)", "--echo"], async (address) => {
    const args = ["connect", address, "-f", "length(1)"];
    const stdin = ["\x1b[31mred\x07 粘包\n"];
    assertEquals(
      (await runCommand(args, { stdin, columns: 80 })).stdout,
      "\\x1b[31mred\\x07 粘包\n",
    );
    assertEquals((await runCommand(args, { stdin })).stdout, stdin[0]);
  });
});

test("connect speaks to a program by its standard input and output", async () => {
  const file = join(folder, "upper.mjs");
  writeFileSync(
    file,
    'process.stdin.on("data", (d) => process.stdout.write(String(d).toUpperCase()));',
  );
  const program = [...ownProgram, file].map((word) => `'${word}'`).join(" ");
  assertEquals(
    await runCommand(["connect", `exec:${program}`], { stdin: ["hello\n"] }),
    { code: 0, stdout: "HELLO\n", stderr: "" },
  );
});

test("connect exits with 1 and the likely cause when the peer sends no frames", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => void await connection.send("SSH-2.0-OpenSSH_9.2"),
  );
  const { code, stderr } = await runCommand(
    [
      "connect",
      `tcp://127.0.0.1:${portOf(server.address)}`,
      "-f",
      "length(4)",
    ],
  );
  assertEquals(code, 1);
  assert(stderr.startsWith("framewire: FRAME_TOO_LARGE: "), stderr);
  assert(stderr.includes("\nlikely cause: The bytes "), stderr);
  assert(stderr.includes("the banner of an SSH peer"), stderr);
});

test("listen answers with a frame, to all, or with a registered command", async () => {
  await withListener(["--reply", "ok"], async (address) => {
    assertEquals((await runCommand(["request", address, "x"])).stdout, "ok\n");
  });
  await withListener(["--broadcast"], async (address, listener) => {
    const one = new RunningCommand(["connect", address], { chunks: never() });
    await listener.until("stderr", /connection 1 from/);
    const two = new RunningCommand(["connect", address], {
      chunks: never("from two\n"),
    });
    await one.until("stdout", /from two\n/);
    assertEquals(two.stdout, "");
    one.interrupt();
    two.interrupt();
    assertEquals([await one.exit, await two.exit], [0, 0]);
  });
  const echo = "say=echo 'two words'";
  await withListener(
    ["--exec", echo, "--exec", "no=false"],
    async (address) => {
      const ask = async (frame: string) =>
        (await runCommand(["request", address, frame])).stdout;
      assertEquals(await ask("say"), "two words\n");
      assertEquals(await ask("say; id"), "no such command; there is say,no\n");
      assertEquals(await ask("no"), "failed: status 1\n");
    },
  );
});

test("listen serves one connection, and exits with 1 when it was no frames", async () => {
  const { code, stdout, stderr } = await withListener(
    ["-f", "length(4)", "--once", "--max", "16"],
    async (address, listener) => {
      await runCommand(["send", address, "-f", "length(4)", "good"]);
      await listener.exit;
    },
  );
  assertEquals([code, stdout], [0, "good\n"]);
  assert(stderr.endsWith("1 frame of 1 peer\n"), stderr);
  const bad = await withListener(
    ["-f", "length(4)", "--once", "--max", "16"],
    async (address, listener) => {
      await runCommand(["send", address, "GET / HTTP/1.1"]);
      await listener.exit;
    },
  );
  assertEquals(bad.code, 1);
  assert(bad.stderr.includes("an HTTP request"), bad.stderr);
});

test("listen takes datagrams, and connect and request send them", async () => {
  const { stdout } = await withListener(["--echo"], async (address) => {
    assertEquals(
      (await runCommand(["request", address, "one"])).stdout,
      "one\n",
    );
    const { stdout } = await runCommand(
      ["connect", address, "-n", "2"],
      { stdin: ["two\nthree\n"] },
    );
    assertEquals(stdout, "two\nthree\n");
  }, "udp://:0");
  assertEquals(stdout, "one\ntwo\nthree\n");
});

test("send sends each operand, and nothing when one of them is no frame", async () => {
  const { stdout } = await withListener(
    ["-f", "length(2) | json"],
    async (address) => {
      const args = ["send", address, "-f", "length(2) | json", "--in", "json"];
      assertEquals((await runCommand([...args, "1", '{"two":2}'])).code, 0);
      const { code, stderr } = await runCommand([...args, "3", "{"]);
      assertEquals(code, 2);
      assertEquals(
        stderr,
        'framewire: Cannot read a frame: expected JSON, got "{"\n',
      );
    },
  );
  assertEquals(stdout, '1\n{"two":2}\n');
});

test("request exits with 1 when the reply is not the expected one", async () => {
  const frame = ["-f", "length(4) | json"];
  await withListener(
    [...frame, "--reply", '{"b":1,"a":2}'],
    async (address) => {
      const args = ["request", address, ...frame, "1", "--expect"];
      assertEquals((await runCommand([...args, '{"a":2,"b":1}'])).code, 0);
      const { code, stdout, stderr } = await runCommand([...args, '{"a":3}']);
      assertEquals([code, stdout], [1, '{"b":1,"a":2}\n']);
      assertEquals(
        stderr,
        'framewire: The reply differs: expected {"a":3}, got {"b":1,"a":2}\n',
      );
    },
  );
});

test("request exits with 3 when nobody listens, 4 when there is no reply in time", async () => {
  const silent = await listen({ port: 0 });
  const address = `tcp://127.0.0.1:${portOf(silent.address)}`;
  const late = await runCommand(["request", address, "x", "--timeout", "50ms"]);
  assertEquals(late.code, 4);
  assert(late.stderr.startsWith("framewire: TIMED_OUT: "), late.stderr);
  await silent.close();
  const refused = await runCommand(["request", address, "x"]);
  assertEquals(refused.code, 3);
  assert(refused.stderr.startsWith("framewire: CONNECTION_REFUSED: "));
});

test(
  "TLS is verified, and its failures exit with 5",
  { skip: noOpenSsl },
  async () => {
    const { ca, server, client } = makeCertificates();
    const file = (name: string, text: unknown) => {
      const path = join(folder, name);
      writeFileSync(path, String(text));
      return path;
    };
    const cert = file("cert.pem", server.cert);
    const key = file("key.pem", server.key);
    const caFile = file("ca.pem", ca);
    await withListener(
      ["--cert", cert, "--key", key, "--client-ca", caFile, "--echo"],
      async (address) => {
        const untrusted = await runCommand(["request", address, "x"]);
        assertEquals(untrusted.code, 5);
        assert(untrusted.stderr.startsWith("framewire: TLS_UNTRUSTED: "));
        const { code, stdout } = await runCommand([
          "request",
          address,
          "hello",
          "--ca",
          caFile,
          "--cert",
          file("client.pem", client.cert),
          "--key",
          file("client.key", client.key),
        ]);
        assertEquals([code, stdout], [0, "hello\n"]);
        const stranger = await runCommand(
          ["request", address, "hello", "--ca", caFile],
        );
        assertEquals(stranger.code, 5);
      },
      "tls://:0",
    );
  },
);

test("WebSockets and Unix sockets are addresses as all others", async () => {
  for (const where of ["ws://127.0.0.1:0/x", `unix:${folder}/s`]) {
    await withListener(["--echo"], async (address) => {
      assertEquals(
        (await runCommand(["request", address, "hi"])).stdout,
        "hi\n",
      );
    }, where);
  }
});

test("a frame over a WebSocket is a message when the format has no other", async () => {
  await using server = await serve(
    { address: "ws://127.0.0.1:0/", codec: text(lengthPrefixed()) },
    (connection) =>
      connection.forEach((message) => connection.send(`> ${message}`)),
  );
  const address = formatAddress(server.address);
  for (const frame of [[], ["-f", "length | text"], ["-f", "length"]]) {
    const { stdout } = await runCommand(["request", address, "hi", ...frame]);
    assertEquals(stdout, "> hi\n");
  }
});

test("Ctrl-C ends the command while it connects", async () => {
  const silent = await listen({ port: 0 });
  const address = `tls://127.0.0.1:${portOf(silent.address)}`;
  const running = new RunningCommand(["connect", address]);
  // It is in its handshake then.
  const accepted = await silent[Symbol.asyncIterator]().next();
  running.interrupt();
  assertEquals(await running.result(), { code: 0, stdout: "", stderr: "" });
  accepted.value?.abort();
  await silent.close();
});

test("--frame takes the codec of a program that is allowed", async () => {
  const file = join(folder, "format.mjs");
  const codec = new URL("../../src/codec/mod.ts", import.meta.url).href;
  writeFileSync(
    file,
    `import { lengthPrefixed } from ${JSON.stringify(codec)};
export default lengthPrefixed({ lengthBytes: 1 });`,
  );
  await using server = await serve(
    { address: { port: 0 }, codec: lengthPrefixed({ lengthBytes: 1 }) },
    (connection) => connection.forEach((frame) => connection.send(frame)),
  );
  const { code, stdout } = await runCommand([
    "request",
    `tcp://127.0.0.1:${portOf(server.address)}`,
    "hi",
    "--frame",
    file,
    "--allow-code",
  ]);
  assertEquals([code, stdout], [0, "hi\n"]);
});
