// vscode-jsonrpc, which VS Code and most language servers in JavaScript use. Its
// streams in one process: once is enough.

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { lsp } from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const messages = [
  { jsonrpc: "2.0", method: "exit" },
  { jsonrpc: "2.0", id: 1, method: "你好", params: ["\0", "\r\n\r\n", "😀"] },
  { jsonrpc: "2.0", id: 1, result: "a".repeat(200) },
];
const bytes = concat(messages.map((message) => lsp().encode(message)));

test("lsp() writes what vscode-jsonrpc writes, and reads it", async () => {
  const stream = new PassThrough();
  const writer = new StreamMessageWriter(stream);
  for (const message of messages) await writer.write(message);
  writer.dispose();
  stream.end();
  const theirs: Uint8Array[] = [];
  for await (const chunk of stream) theirs.push(Uint8Array.from(chunk));
  assertEquals(concat(theirs), bytes);
  assertDecodes(() => lsp(), bytes, { frames: messages });
});

test("vscode-jsonrpc reads what lsp() writes", async () => {
  for (const chunks of [[bytes], singleBytes(bytes), randomCut(bytes, 1)]) {
    assertEquals(await read(chunks, 3), { messages, errors: 0 });
  }
});

test("vscode-jsonrpc and lsp() take the same variants of the header", async () => {
  for (
    const header of [
      "content-length:7",
      "Content-Length: 07",
      "Content-Length:\t7",
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" +
      "Content-Length: 7",
    ]
  ) {
    const one = utf8(`${header}\r\n\r\n{"a":1}`);
    assertEquals(await read([one], 1), { messages: [{ a: 1 }], errors: 0 });
    assertEquals(lsp().decode(one), [{ a: 1 }]);
  }
});

test("vscode-jsonrpc takes lengths that lsp() refuses", async () => {
  for (
    const [header, code] of [
      ["Content-Length: 5\r\nContent-Length: 7", "HEADER_INVALID"],
      ["Content-Length: +7", "LENGTH_INVALID"],
      ["Content-Length: 7x", "LENGTH_INVALID"],
      ["Content-Length: 7.9", "LENGTH_INVALID"],
      ["Content-Length: 0x7", "LENGTH_INVALID"],
    ] as const
  ) {
    const one = utf8(`${header}\r\n\r\n{"a":1}`);
    assertEquals(await read([one], 1), { messages: [{ a: 1 }], errors: 0 });
    assertEquals(frameError(() => lsp().decode(one)).code, code, header);
  }
});

test("vscode-jsonrpc waits where lsp() knows that no message will come", async () => {
  for (
    const [text, code] of [
      // No end of the header, as it sees it.
      ['Content-Length: 7\n\n{"a":1}', "HEADER_INVALID"],
      // Any length is waited for.
      ["Content-Length: 999999999999\r\n\r\n", "FRAME_TOO_LARGE"],
      // The end of the stream is not an error.
      ['Content-Length: 9\r\n\r\n{"a":1}', "FRAME_TRUNCATED"],
    ] as const
  ) {
    assertEquals(await read([utf8(text)], 0), { messages: [], errors: 0 });
    assertEquals(frameError(() => lsp().decode(utf8(text))).code, code);
  }
});

test("vscode-jsonrpc goes on behind a message that is not JSON, lsp() ends there", async () => {
  const text = 'Content-Length: 2\r\n\r\n{]Content-Length: 7\r\n\r\n{"a":1}';
  assertEquals(await read([utf8(text)], 2), {
    messages: [{ a: 1 }],
    errors: 1,
  });
  assertEquals(
    frameError(() => lsp().decode(utf8(text))).code,
    "MESSAGE_INVALID",
  );
});

/** What its reader makes of chunks and the end: `count` messages and errors. */
async function read(
  chunks: readonly Uint8Array[],
  count: number,
): Promise<{ messages: unknown[]; errors: number }> {
  const stream = new PassThrough();
  const reader = new StreamMessageReader(stream);
  // Its timer would outlive a message that does not come.
  reader.partialMessageTimeout = 0;
  const got: unknown[] = [];
  let errors = 0;
  reader.onError(() => errors++);
  const closed = new Promise<void>((resolve) => reader.onClose(resolve));
  reader.listen((message) => got.push(message));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await closed;
  // It decodes in promises of its own, which go on after the end of the stream.
  do {
    await new Promise((resolve) => setTimeout(resolve, 10));
  } while (got.length + errors < count);
  reader.dispose();
  return { messages: got, errors };
}
