/** Our client of PostgreSQL with PostgreSQL itself. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type PostgresClient,
  postgresClient,
} from "../../examples/conversations/postgres_client.ts";
import { NetError } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
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
    await using client = await postgresClient(route.address, postgresLogin);
    await converse(client);
  }
});

test(
  "postgresClient() tells which step failed, and why",
  { skip },
  async () => {
    await using server = await startPostgres();
    const login = { ...postgresLogin, password: "wrong" };
    const error = await assertRejects(
      () => postgresClient(server.address, login),
      NetError,
    );
    assertEquals(error.code, "HANDSHAKE_FAILED");
    assert(error.message.includes("the password"), error.message);
    assertEquals((error.cause as MessageError).code, "28P01");
  },
);

test("postgresClient() rejects what is open when PostgreSQL is killed", {
  skip,
}, async () => {
  await using server = await startPostgres();
  await using client = await postgresClient(server.address, postgresLogin);
  await rowsOf(client, "SELECT 1");
  const asked = numbers.slice(0, 50).map(() =>
    rowsOf(client, "SELECT pg_sleep(10)")
  );
  const errors = Promise.all(
    asked.map((rows) => assertRejects(() => rows, NetError)),
  );
  await server.kill();
  assertEquals(new Set(await errors).size, 50);
});
