/** Our client of PostgreSQL with PostgreSQL itself. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type PostgresClient,
  postgresClient,
} from "../../examples/conversations/postgres_client.ts";
import type { Login } from "../../examples/conversations/postgres_login.ts";
import { scramSha256 } from "../../examples/conversations/scram.ts";
import { NetError } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import {
  noPostgres as skip,
  postgresLogin,
  startPostgres,
} from "./servers/postgres.ts";
import { ways } from "./through.ts";

const rowsOf = (client: PostgresClient, sql: string) =>
  Array.fromAsync(client.query(sql));
const numbers = Array.from({ length: 100 }, (_, n) => n);

/** 104 queries, 100 of them under way at a time, every tenth of which fails. */
async function converse(client: PostgresClient): Promise<void> {
  await rowsOf(client, "DROP TABLE IF EXISTS t");
  await rowsOf(client, "CREATE TABLE t (n int, s text)");
  const asked = numbers.map(async (n) => {
    if (n % 10 === 9) {
      const error = await assertRejects(
        () => rowsOf(client, `SELECT ${n}; SELECT * FROM missing`),
        MessageError,
      );
      return assertEquals(error.code, "42P01");
    }
    const text = `'${n}\r\nZ\0'`.replace("\0", "ä");
    const rows = await rowsOf(
      client,
      `INSERT INTO t VALUES (${n}, ${text}), (NULL, NULL) RETURNING *`,
    );
    assertEquals(rows, [[`${n}`, `${n}\r\nZä`], [null, null]]);
  });
  await Promise.all(asked);
  assertEquals(await rowsOf(client, "SELECT count(*) FROM t"), [["180"]]);
  assertEquals(await rowsOf(client, ""), []);
  // A loop that is left in the middle
  for await (const [n] of client.query("SELECT generate_series(1, 500)")) {
    assertEquals(n, "1");
    break;
  }
  assertEquals(await rowsOf(client, "SELECT 7"), [["7"]]);
}

test("postgresClient() asks PostgreSQL, plain, cut and glued", {
  skip,
}, async () => {
  await using server = await startPostgres();
  for (const way of ways) {
    await using route = await way.to(server.address);
    const heard: string[] = [];
    await using client = await postgresClient(
      route.address,
      postgresLogin,
      (channel, payload) => heard.push(`${channel}: ${payload}`),
    );
    await converse(client);
    await rowsOf(client, "LISTEN news");
    const replies = numbers.map((n) =>
      rowsOf(client, `NOTIFY news, 'ü ${n}'; SELECT ${n}`)
    );
    assertEquals(await Promise.all(replies), numbers.map((n) => [[`${n}`]]));
    await until(() => heard.length >= numbers.length);
    assertEquals(heard, numbers.map((n) => `news: ü ${n}`));
  }
});

test(
  "postgresClient() logs in, or tells which step failed, and why",
  { skip },
  async () => {
    await using server = await startPostgres();
    const refused = async (change: Partial<Login>) => {
      const login = { ...postgresLogin, ...change };
      const error = await assertRejects(
        () => postgresClient(server.address, login),
        NetError,
      );
      assertEquals(error.code, "HANDSHAKE_FAILED");
      assert(error.message.includes("the password"), error.message);
      return (error.cause as MessageError).code;
    };
    assertEquals(await refused({ password: "wrong" }), "28P01");
    // The password was right, so this comes behind AuthenticationOk.
    assertEquals(await refused({ database: "none" }), "3D000");

    await using admin = await postgresClient(server.address, postgresLogin);
    const user = "ü=,".repeat(15);
    await rowsOf(admin, `CREATE ROLE "${user}" LOGIN PASSWORD 'secret'`);
    const login = { ...postgresLogin, user };
    await using client = await postgresClient(server.address, login);
    assertEquals(await rowsOf(client, "SELECT current_user"), [[user]]);
  },
);

test("postgresClient() holds PostgreSQL back while a loop over rows is slow", {
  skip,
}, async () => {
  await using server = await startPostgres();
  await using client = await postgresClient(server.address, postgresLogin);
  let count = 0;
  for await (const [n] of client.query("SELECT generate_series(1, 50000)")) {
    assertEquals(n, `${++count}`);
    if (count % 200 === 0) await new Promise((done) => setTimeout(done, 1));
  }
  assertEquals(count, 50_000);
});

test("postgresClient() rejects what is open when PostgreSQL is killed", {
  skip,
}, async () => {
  await using server = await startPostgres();
  await using client = await postgresClient(server.address, postgresLogin);
  await rowsOf(client, "CREATE TABLE kept AS SELECT 7");
  // The process of a connection outlives that of the server for a moment, in which it
  // would answer a query with an error, 57P01; while it sleeps, it does not.
  const sleeping = assertRejects(
    () => rowsOf(client, "SELECT pg_sleep(60)"),
    NetError,
  );
  await using watching = await postgresClient(server.address, postgresLogin);
  const sleepers =
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  await until(async () => (await rowsOf(watching, sleepers))[0]![0] === "1");
  await killWithOpen(server, (n) => rowsOf(client, `SELECT ${n}`));
  await sleeping;
  await using next = await postgresClient(server.address, postgresLogin);
  assertEquals(await rowsOf(next, "SELECT * FROM kept"), [["7"]]);
  await converse(next);
});

test("scramSha256() refuses a server that does not know the password", async () => {
  const logIn = (nonce: (own: string) => string, iterations: number) =>
    scramSha256("a", "secret", (message, isFirst) => {
      const r = nonce(message.split(",r=")[1]!);
      const challenge = `r=${r},s=${btoa("salt")},i=${iterations}`;
      return Promise.resolve(isFirst ? challenge : `v=${btoa("a guess")}`);
    });
  for (
    const [nonce, iterations, why] of [
      [(own: string) => `${own}x`, 4_096, "does not know the password"],
      [() => "x", 4_096, "the nonce"],
      [(own: string) => own, 1e9, "Too many iterations"],
    ] as const
  ) {
    await assertRejects(() => logIn(nonce, iterations), Error, why);
  }
});
