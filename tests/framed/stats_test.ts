import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { framed, lengthPrefixed, lines } from "../../mod.ts";
import { connectedPair, quick } from "../support/duplexes.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("stats() counts the frames and bytes of both ways", async () => {
  const [here, there] = await connectedPair();
  await using a = framed(here, lines(), quick);
  await using b = framed(there, lines(), quick);
  a.send("one");
  a.sendEncoded(bytesOf("two\n"));
  assertEquals(await b.receive(), "one");
  assertEquals(await b.receive(), "two");
  b.send("three");
  assertEquals(await a.receive(), "three");

  const nothingWaits = { unreadBytes: 0, queuedBytes: 0 };
  assertEquals(a.stats(), {
    framesReceived: 1,
    framesSent: 2,
    bytesReceived: 6,
    bytesSent: 8,
    ...nothingWaits,
  });
  assertEquals(b.stats(), {
    framesReceived: 2,
    framesSent: 1,
    bytesReceived: 8,
    bytesSent: 6,
    ...nothingWaits,
  });
});

test("stats() tells what waits from what is done", async () => {
  const transport = new ScriptedTransport();
  const connection = framed(transport, lines());
  transport.data(bytesOf("one\ntwo\nthr"));
  assertEquals(await connection.receive(), "one");
  assertEquals(connection.stats().bytesReceived, 4);
  assertEquals(connection.stats().unreadBytes, 7);

  transport.holds = true;
  const sent = connection.send("reply");
  assertEquals(connection.stats().framesSent, 1);
  assertEquals(connection.stats().queuedBytes, 6);
  assertEquals(connection.stats().bytesSent, 0);
  const closing = connection.closeWrite();
  transport.take(6);
  await Promise.all([sent, closing]);
  assertEquals(connection.stats().queuedBytes, 0);
  assertEquals(connection.stats().bytesSent, 6);
});

test("stats() counts no frame that could not be encoded", () => {
  const connection = framed(
    new ScriptedTransport(),
    lengthPrefixed({ maxFrameLength: 2 }),
  );
  try {
    connection.send(Uint8Array.of(1, 2, 3));
  } catch {
    // It says what is wrong, which other tests look at.
  }
  assertEquals(connection.stats().framesSent, 0);
});

test("stats() counts the bytes of bodies, and stays after the end", async () => {
  const [here, there] = await connectedPair();
  const a = framed(here, lengthPrefixed().header, quick);
  const b = framed(there, lengthPrefixed().header, quick);
  await a.send(3);
  await a.sendBytes([Uint8Array.of(1, 2, 3)], 3);
  assertEquals(await b.receive(), 3);
  for await (const chunk of b.receiveBytes(3)) void chunk;
  await Promise.all([a.close(), b.close()]);
  assertEquals(a.stats().bytesSent, 7);
  assertEquals(b.stats().bytesReceived, 7);
  assertEquals(b.stats().framesReceived, 1);
});
