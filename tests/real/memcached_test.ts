/** Our client of memcached with memcached itself. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type MemcachedClient,
  memcachedClient,
} from "../../examples/conversations/memcached_client.ts";
import {
  connectMessages,
  MessageError,
  pipelined,
  typed,
} from "../../src/message/mod.ts";
import { memcached, type MemcachedMessage } from "../../src/presets/mod.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { noMemcached as skip, startMemcached } from "./servers/memcached.ts";
import { ways } from "./through.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** 320 commands, all of those of a step under way at a time. */
async function converse(client: MemcachedClient): Promise<void> {
  const keys = Array.from({ length: 40 }, (_, n) => `key-${n}`);
  // What ends a line, and what looks like a reply
  const value = (key: string) => bytes(`${key}\r\nEND\r\nVALUE x 0 1\r\n\0`);
  const all = <T>(ask: (key: string, n: number) => Promise<T>) =>
    Promise.all(keys.map(ask));
  assert((await all((key) => client.set(key, value(key)))).every(Boolean));
  const cached = await all((key) => client.get(key));
  cached.forEach((got, n) => assertEquals(got?.data, value(keys[n]!)));
  assertEquals(
    await all((key, n) => client.set(key, bytes(`${n}`), cached[n]!.version)),
    keys.map(() => true),
  );
  assertEquals(
    await all((key, n) => client.set(key, bytes("x"), cached[n]!.version)),
    keys.map(() => false),
  );
  assertEquals(
    await all((key, n) => client.add(key, n)),
    keys.map((_, n) => BigInt(2 * n)),
  );
  assertEquals(
    await all((key, n) =>
      n % 2 === 0 ? client.delete(key) : client.delete(`no-${key}`)
    ),
    keys.map((_, n) => n % 2 === 0),
  );
  const left = await all((key) => client.get(key));
  assertEquals(
    left.map((got) => got && new TextDecoder().decode(got.data)),
    keys.map((_, n) => n % 2 === 0 ? undefined : `${2 * n}`),
  );
  await client.set("text", bytes("no number"));
  const refused = await Promise.all(
    keys.map((_, n) =>
      n % 2 === 0
        ? client.add("no-key", 1)
        : assertRejects(() => client.add("text", 1), MessageError)
    ),
  );
  assertEquals(
    refused.map((got) => got instanceof MessageError ? got.code : got),
    keys.map((_, n) => n % 2 === 0 ? undefined : "CLIENT_ERROR"),
  );
}

for (const way of ways) {
  test(`memcachedClient() asks memcached ${way.name}`, { skip }, async () => {
    await using server = await startMemcached();
    await using route = await way.to(server.address);
    await using client = await memcachedClient(route.address);
    await converse(client);
  });
}

test("memcachedClient() rejects what is open when memcached is killed", {
  skip,
}, async () => {
  await using server = await startMemcached();
  await using client = await memcachedClient(server.address);
  await client.set("a", bytes("1"));
  await killWithOpen(server, () => client.get("a"));
  await using next = await memcachedClient(server.address);
  assertEquals(await next.get("a"), undefined);
});

test(
  "memcachedClient() goes on behind what memcached refuses, and sends no key that it misunderstands",
  {
    skip,
  },
  async () => {
    await using server = await startMemcached();
    await using client = await memcachedClient(server.address);
    // Its length, that of the key, and some 60 bytes more are over 1 MiB.
    const large = client.set("large", new Uint8Array(1_048_540));
    const counted = client.add("nothing", 1);
    const error = await assertRejects(() => large, MessageError);
    assertEquals(error.code, "SERVER_ERROR");
    assertEquals(error.message, "object too large for cache");
    assertEquals(await counted, undefined);
    for (const key of ["", "a b", "a\r\nflush_all", "é", "a".repeat(251)]) {
      await assertRejects(() => client.set(key, bytes("version")), RangeError);
      assertEquals(await client.add("nothing", 1), undefined);
    }
    const longest = "a".repeat(250);
    await client.set(longest, bytes("fits"));
    assertEquals((await client.get(longest))?.data, bytes("fits"));
  },
);

test("memcached() reads all statistics, and the meta commands", {
  skip,
}, async () => {
  await using server = await startMemcached();
  const body = typed<MemcachedMessage>();
  const commands = { request: { input: body, output: body } };
  const { address } = server;
  const dialect = pipelined(memcached());
  await using peer = await connectMessages({ address, dialect, commands });
  const ask = (line: string, data?: Uint8Array) => {
    const [name = "", ...words] = line.split(" ");
    return peer.request("request", { name, words, ...(data && { data }) });
  };
  const replies = await Promise.all([
    ask("stats"),
    ask("stats settings"),
    ask("ms key T0", bytes("value")),
    ask("mg key v f s"),
    ask("mg nothing v"),
    ask("md key"),
    ask("mn"),
    ask("version"),
  ]);
  const [stats, settings] = replies;
  assert(stats!.items!.some(({ words }) => words[0] === "curr_connections"));
  assert(settings!.items!.some(({ words }) => words[0] === "maxbytes"));
  assertEquals(replies.slice(2, 7), [
    { name: "HD", words: [] },
    { name: "VA", words: ["f0", "s5"], data: bytes("value") },
    { name: "EN", words: [] },
    { name: "HD", words: [] },
    { name: "MN", words: [] },
  ]);
  assertEquals(replies[7]?.name, "VERSION");
});
