// The format of a tutorial's C# client and Python server, against Python that
// has nothing but socket and struct: a length, little-endian, that counts its
// own 4 bytes; the reply is "REP: " and the message.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  connect,
  createClient,
  type Framed,
  framed,
  lengthPrefixed,
  serve,
} from "../../mod.ts";
import { python } from "../support/programs.ts";
import { Child } from "./child.ts";

const peer = fileURLToPath(new URL("python_peer.py", import.meta.url));
const options = { skip: python === "" && "no Python 3 on this machine" };

const codec = lengthPrefixed({ endian: "little", lengthIncludes: "frame" });

test("serve() answers a client in Python", options, async () => {
  await using server = await serve(
    { address: { port: 0 }, codec },
    (connection) => connection.forEach((body) => connection.send(reply(body))),
  );
  assert(server.address.transport === "tcp");
  await using child = new Child([
    python,
    peer,
    "call",
    `${server.address.port}`,
  ]);
  const { code, output } = await child.ended;
  assertEquals(output.split(/\r?\n/), [
    "100 replies",
    "100 replies",
    "4 replies",
    "",
  ]);
  assertEquals(code, 0);
});

test("createClient() talks to a server in Python", options, async () => {
  await using child = new Child([python, peer, "serve"]);
  const address = { port: Number(await child.firstLine) };
  const sizes = [0, 1, 2, 3, 255, 256, 1_000, 65_535, 65_536, 300_000];
  const messages = Array.from(
    { length: 100 },
    (_, i) => new Uint8Array(sizes[i % sizes.length] ?? 0).fill(i),
  );
  await using client = await createClient({ address, codec });
  await checkReplies(client, messages);

  const few = ["", "a", "你好,世界", "z".repeat(500)]
    .map((text) => new TextEncoder().encode(text));
  const { readable, writable } = await connect(address);
  const cutter = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
    },
  });
  await Promise.all([
    cutter.readable.pipeTo(writable),
    checkReplies(framed({ readable, writable: cutter.writable }, codec), few),
  ]);

  const { code, output } = await child.stop("stdin");
  assertEquals(code, 0, output);
});

/** Sends all messages and checks that their replies, and no more, come back. */
async function checkReplies(
  client: Framed<Uint8Array>,
  messages: readonly Uint8Array[],
): Promise<void> {
  const replies: Uint8Array[] = [];
  await Promise.all([
    client.forEach((frame) => void replies.push(frame)),
    Promise.all(messages.map((message) => client.send(message)))
      .then(() => client.closeWrite()),
  ]);
  assertEquals(replies, messages.map(reply));
}

function reply(message: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode("REP: ");
  const bytes = new Uint8Array(prefix.length + message.length);
  bytes.set(prefix);
  bytes.set(message, prefix.length);
  return bytes;
}
