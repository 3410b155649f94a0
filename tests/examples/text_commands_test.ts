// The formats of two tutorials, over real sockets.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { argumentList, type AuditRecord } from "../../src/exec/mod.ts";
import { md5 } from "../../src/algorithms/mod.ts";
import { encodeGbk } from "../../examples/remote_command/gbk.ts";
import {
  serveGbkCommands,
  serveJsonHeaderCommands,
  type ServeTextCommandsOptions,
} from "../../examples/remote_command/serve_text_commands.ts";
import {
  connect,
  type Connection,
  framed,
  jsonHeader,
  lengthPrefixed,
} from "../../mod.ts";
import { script, text, until } from "../exec/support.ts";

const codec = jsonHeader({
  endian: "little",
  lengthKey: "lenth",
  digest: md5,
  maxFrameLength: 16_777_216,
});

const commands = {
  echo: { file: "/bin/echo", args: argumentList({ max: 9 }) },
  silent: { file: "/usr/bin/true" },
  both: script("echo out; echo err >&2"),
  flood: { file: "/usr/bin/yes", maxOutput: 1_000 },
  wait: script("sleep 1000", { timeoutMs: 100 }),
  chinese: script("printf '你好😀'"),
} as const;

/** Serves, and connects in such a way that a test can write pieces of text. */
async function open(
  options: Partial<ServeTextCommandsOptions> = {},
): Promise<
  AsyncDisposable & {
    readonly audit: AuditRecord[];
    readonly connection: Connection;
    write(text: string | Uint8Array): Promise<void>;
    answer(): Promise<string>;
  }
> {
  const audit: AuditRecord[] = [];
  const server = await serveJsonHeaderCommands({
    address: { port: 0 },
    commands,
    killGraceMs: 200,
    audit: (record) => void audit.push(record),
    ...options,
  });
  const connection = await connect(server.address);
  const writer = connection.writable.getWriter();
  const { readable } = connection;
  const frames = framed(
    { readable, writable: new WritableStream<Uint8Array>() },
    codec,
  );
  return {
    audit,
    connection,
    write: (piece) =>
      writer.write(
        typeof piece === "string" ? new TextEncoder().encode(piece) : piece,
      ),
    async answer() {
      const frame = await frames.receive();
      if (frame === undefined) return "end";
      assertEquals(Object.keys(frame.header), ["ver", "md5", "lenth"]);
      return text(frame.body);
    },
    async [Symbol.asyncDispose]() {
      connection.abort();
      await server.close();
    },
  };
}

test("a bare command is answered by a frame with a JSON header", async () => {
  await using at = await open();
  await at.write("echo hello   world");
  assertEquals(await at.answer(), "hello world\n");
  await at.write("silent");
  assertEquals(await at.answer(), "ok");
  await at.write("both");
  assertEquals(await at.answer(), "err\n");
});

test("a line end ends a command, and so does silence", async () => {
  await using at = await open({ quietMs: 200 });
  await at.write("echo one\necho two\r\nec");
  assertEquals(await at.answer(), "one\n");
  assertEquals(await at.answer(), "two\n");
  await at.write("ho thr");
  await at.write("ee");
  assertEquals(await at.answer(), "three\n");
});

test("what is not registered, or not taken, is refused in words", async () => {
  await using at = await open();
  for (
    const line of ["rm -rf /\n", "/bin/echo a\n", "__proto__\n", ";\n", "\n"]
  ) {
    await at.write(line);
    assertEquals(await at.answer(), "refused: There is no such command\n");
  }
  await at.write("echo -n\n");
  assert((await at.answer()).startsWith("refused: The command does not take"));
  assertEquals(at.audit.map(({ event }) => event), Array(6).fill("refused"));
});

test("what a shell reads arrives as words", async () => {
  await using at = await open();
  await at.write("echo a; id && $(id) `id` | cat > /tmp/x\n");
  assertEquals(await at.answer(), "a; id && $(id) `id` | cat > /tmp/x\n");
});

test("output that was cut says so", async () => {
  await using at = await open();
  await at.write("flood\n");
  const answer = await at.answer();
  assert(answer.endsWith("\n[ended: too much output]\n"), answer.slice(-60));
  await at.write("wait\n");
  assertEquals(await at.answer(), "\n[ended: it took too long]\n");
});

test("a command that is no text is refused, and one that is too long ends the connection", async () => {
  await using at = await open();
  await at.write(Uint8Array.of(0xff, 0xfe, 0x0a));
  assertEquals(
    await at.answer(),
    "refused: The command is not text in UTF-8\n",
  );
  await at.write("x".repeat(2_000));
  assertEquals(await at.answer(), "end");
  assertEquals(at.audit.map(({ event }) => event), ["refused", "refused"]);
});

test("a connection ends unserved when it speaks HTTP", async () => {
  for (
    const head of [
      "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "Host: 127.0.0.1\r\n\r\n",
      "get /echo HTTP/1.0\r\n",
    ]
  ) {
    await using at = await open();
    await at.write(`${head}echo from a web page\n`);
    assertEquals(await at.answer(), "end");
    const [record] = at.audit;
    assert(record?.event === "refused");
    assertEquals([at.audit.length, record.code], [1, "PROTOCOL_ERROR"]);
  }
});

test("a client that is gone leaves no process", async () => {
  for (const how of ["close", "abort"] as const) {
    await using at = await open({
      commands: { tree: script("sleep 1000 & echo $$ $!; wait") },
    });
    await at.write("tree\n");
    await until(() => at.audit.length === 1);
    await at.connection[how]();
    await until(() => at.audit.length === 2);
    const end = at.audit[1];
    assert(end?.event === "ended");
    assertEquals(end.exit.reason, "cancelled");
    // The caller is the client outside, not the one that the gateway is.
    assertEquals(end.caller.address, at.connection.localAddress);
  }
});

test("a server of bare commands is for this machine only", async () => {
  for (const serve of [serveJsonHeaderCommands, serveGbkCommands]) {
    await assertRejects(
      () => serve({ address: "tcp://0.0.0.0:0", commands }),
      TypeError,
      "no authentication",
    );
  }
});

test("serveGbkCommands() answers in GBK and ends the stream", async () => {
  await using server = await serveGbkCommands({
    address: { port: 0 },
    commands,
  });
  const answers: string[] = [];
  for (const line of ["silent", "chinese", "rm", "echo 你好"]) {
    const connection = await connect(server.address);
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(line));
    const frames = framed(
      {
        readable: connection.readable,
        writable: new WritableStream<Uint8Array>(),
      },
      lengthPrefixed({ endian: "little" }),
    );
    const frame = await frames.receive();
    assert(frame !== undefined);
    if (line === "silent") {
      assertEquals(
        [...frame].map((byte) => byte.toString(16)).join(""),
        "d6b4d0d0b3c9b9a6",
      );
    }
    answers.push(new TextDecoder("gbk").decode(frame));
    assertEquals(await frames.receive(), undefined);
    connection.abort();
  }
  assertEquals(answers, [
    "执行成功",
    "你好?",
    "refused: There is no such command\n",
    "你好\n",
  ]);
});

test("encodeGbk() writes what the runtime's decoder reads", () => {
  const decoder = new TextDecoder("gbk");
  const sample = "ASCII 执行成功 龍 ー ㈱ ·—…";
  assertEquals(decoder.decode(encodeGbk(sample)), sample);
  // Runtimes have these, as GB 18030 does; other readers of GBK do not.
  for (const beyond of ["€", "ḿ", "〾", "⺁", "︐", "\ue4c6"]) {
    assertEquals([...encodeGbk(beyond)], [0x3f], beyond);
  }
  assertEquals(
    encodeGbk("😀é\ud800").filter((b) => b === 0x3f).length >= 2,
    true,
  );
});
