/** Our client of Redis with Redis itself. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type RedisClient,
  redisClient,
} from "../../examples/conversations/redis_client.ts";
import { connect, framed } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { resp, type RespValue } from "../../src/presets/mod.ts";
import { noRedis as skip, RedisServer } from "../support/redis_server.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { ways } from "./through.ts";

const numbers = (length: number) => Array.from({ length }, (_, n) => n);
const bytes = (text: string) => new TextEncoder().encode(text);
const bulk = (text: string): RespValue => ({
  type: "bulk",
  value: bytes(text),
});
const integer = (value: number): RespValue => ({ type: "integer", value });
const ok: RespValue = { type: "string", value: "OK" };

/** 290 commands, all of them under way at a time, and 40 messages among the replies. */
async function converse(redis: RedisClient): Promise<void> {
  const heard: string[] = [];
  redis.onMessage((channel, message) => {
    heard.push(`${channel}: ${new TextDecoder().decode(message)}`);
  });
  const asked: Promise<void>[] = [];
  const ask = (expected: RespValue, ...words: (string | Uint8Array)[]) => {
    const reply = redis.call(...words);
    asked.push(reply.then((value) => assertEquals(value, expected)));
  };
  const askInVain = (code: string, ...words: string[]) => {
    const reply = redis.call(...words);
    asked.push(
      assertRejects(() => reply, MessageError)
        .then((error) => assertEquals(error.code, code)),
    );
  };
  ask(ok, "FLUSHALL");
  for (const n of numbers(40)) {
    // What ends a line, and a reply within a value
    const value = Uint8Array.of(n, 13, 10, 0, 255, ...bytes("-ERR\r\n+OK\r\n"));
    ask(ok, "SET", `key ${n}`, value);
    ask(integer(n + 1), "INCR", "count");
    ask({ type: "bulk", value }, "GET", `key ${n}`);
    ask({ type: "null", value: null }, "GET", `no key ${n}`);
    askInVain("WRONGTYPE", "LPUSH", `key ${n}`, "a");
    askInVain("ERR", "INCR", `key ${n}`);
    if (n === 10) {
      ask(
        { type: "push", value: [bulk("subscribe"), bulk("news"), integer(1)] },
        ...["SUBSCRIBE", "news"],
      );
    }
    if (n >= 10 && n < 30) ask(integer(1), "PUBLISH", "news", `${n}`);
    if (n === 30) {
      ask(
        {
          type: "push",
          value: [bulk("unsubscribe"), bulk("news"), integer(0)],
        },
        ...["UNSUBSCRIBE", "news"],
      );
      ask(integer(0), "PUBLISH", "news", "nobody hears it");
    }
  }
  ask(integer(2), "HSET", "hash", "a", "1", "b", "2");
  ask({
    type: "map",
    value: [[bulk("a"), bulk("1")], [bulk("b"), bulk("2")]],
  }, ...["HGETALL", "hash"]);
  ask(integer(1), "SADD", "set", "member");
  ask({ type: "set", value: [bulk("member")] }, "SMEMBERS", "set");
  ask(integer(1), "ZADD", "sorted", "1.5", "member");
  ask({ type: "double", value: 1.5 }, "ZSCORE", "sorted", "member");
  ask(ok, "MULTI");
  ask({ type: "string", value: "QUEUED" }, "INCR", "count");
  ask({ type: "string", value: "QUEUED" }, "LPUSH", "count", "a");
  const wrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
  ask({
    type: "array",
    value: [integer(41), { type: "error", value: wrongType }],
  }, "EXEC");
  // From here on, writing a key that was read pushes "invalidate".
  ask(ok, "CLIENT", "TRACKING", "ON");
  for (const n of numbers(10)) {
    ask(bulk(`${41 + n}`), "GET", "count");
    ask(integer(42 + n), "INCR", "count");
  }
  await Promise.all(asked);
  assert(asked.length > 290);
  assertEquals(heard, numbers(20).map((n) => `news: ${10 + n}`));
}

for (const way of ways) {
  test(`redisClient() asks Redis ${way.name}`, { skip }, async () => {
    await using server = await RedisServer.start();
    await using route = await way.to(server.address);
    await using redis = await redisClient(route.address);
    await converse(redis);
  });
}

test("redisClient() hears what other clients publish", { skip }, async () => {
  await using server = await RedisServer.start();
  await using redis = await redisClient(server.address);
  await using other = await redisClient(server.address);
  const heard: string[] = [];
  redis.onMessage((channel, message) =>
    heard.push(`${channel} ${new TextDecoder().decode(message)}`)
  );
  await Promise.all(["a", "b"].map((name) => redis.call("SUBSCRIBE", name)));
  const expected = numbers(200).map((n) => `${n % 2 === 0 ? "a" : "b"} ${n}`);
  const receivers = await Promise.all(
    expected.map((line) => other.call("PUBLISH", ...line.split(" "))),
  );
  assertEquals(receivers, expected.map(() => integer(1)));
  await until(() => heard.length >= expected.length);
  assertEquals(heard, expected);
});

test("redisClient() rejects what is open when Redis is killed", {
  skip,
}, async () => {
  await using server = await RedisServer.start();
  await using redis = await redisClient(server.address);
  await redis.call("SET", "kept", "value");
  await killWithOpen(server, (n) => redis.call("INCR", `count ${n}`));
  await using next = await redisClient(server.address);
  assertEquals(await next.call("GET", "kept"), bulk("value"));
  await converse(next);
});

test(
  "redisClient() closes a connection that is refused",
  { skip },
  async () => {
    await using server = await RedisServer.start("--requirepass", "secret");
    const error = await assertRejects(
      () => redisClient(server.address),
      MessageError,
    );
    assertEquals(error.code, "NOAUTH");
    await using admin = framed(await connect(server.address), resp());
    const ask = async (...words: string[]) => {
      await admin.send({ type: "array", value: words.map(bulk) });
      const reply = await admin.receive();
      return reply?.type === "bulk"
        ? new TextDecoder().decode(reply.value!)
        : "";
    };
    await ask("AUTH", "secret");
    const isAlone = async () =>
      (await ask("INFO", "clients")).includes("connected_clients:1\r\n");
    await until(isAlone);
  },
);
