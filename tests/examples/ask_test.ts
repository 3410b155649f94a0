// How the examples over UDP ask, where the network does its worst.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { ask } from "../../examples/support/ask.ts";
import {
  bindDatagram,
  type Datagram,
  type DatagramSocket,
  formatAddress,
} from "../../mod.ts";

/** What a server does with the datagrams that it gets, in their order. */
type Behaviour = (datagram: Datagram, index: number) => Promise<void>;

/** Serves until the socket is closed. */
async function behave(
  socket: DatagramSocket,
  behaviour: Behaviour,
): Promise<void> {
  let index = 0;
  for await (const datagram of socket) await behaviour(datagram, index++);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

test("ask() does not take a late answer for that of the next request", async () => {
  await using server = await bindDatagram("udp://127.0.0.1:0");
  const address = formatAddress(server.address);
  const serving = behave(server, async ({ data, from }, index) => {
    if (index === 0) return; // asked again, it answers both times
    if (index === 1) await server.send(bytes(`re: ${text(data)}`), from);
    await server.send(bytes(`re: ${text(data)}`), from);
  });
  const answers: string[] = [];
  for (const request of ["a", "b", "c"]) {
    const answer = await ask(bytes(request), address, { timeoutMs: 200 });
    answers.push(text(answer));
  }
  assertEquals(answers, ["re: a", "re: b", "re: c"]);
  await server.close();
  await serving;
});

test("ask() does not take the answer of anybody else", async () => {
  await using server = await bindDatagram("udp://127.0.0.1:0");
  await using stranger = await bindDatagram("udp://127.0.0.1:0");
  const serving = behave(server, async ({ from }) => {
    await stranger.send(bytes("forged"), from);
    await server.send(bytes("true"), from);
  });
  const { port } = server.address;
  const answer = await ask(bytes("?"), `udp://localhost:${port}`);
  assertEquals(text(answer), "true");
  await server.close();
  await serving;
});

test("ask() gives up after so many attempts", async () => {
  await using server = await bindDatagram("udp://127.0.0.1:0");
  const address = formatAddress(server.address);
  const asked: string[] = [];
  const serving = behave(server, ({ data }) => {
    asked.push(text(data));
    return Promise.resolve();
  });
  await assertRejects(
    () => ask(bytes("?"), address, { timeoutMs: 20, attempts: 2 }),
    Error,
    "There is no answer",
  );
  await server.close();
  await serving;
  assertEquals(asked, ["?", "?"]);
});
