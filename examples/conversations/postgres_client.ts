/** A client of PostgreSQL: pipelined simple queries, and notifications among them. */

import { type AddressLike, createClient } from "../../mod.ts";
import { Peer, pipelined, typed } from "../../src/message/mod.ts";
import { postgres, type PostgresMessage } from "../../src/presets/mod.ts";
import * as fields from "./postgres_fields.ts";
import { type Login, logIn } from "./postgres_login.ts";

/** A connection. Errors of the server have its codes, such as `42P01`. */
export interface PostgresClient extends AsyncDisposable {
  /** The rows. A query does not wait for those before it. */
  query(sql: string): AsyncIterable<(string | null)[]>;
}

const frame = typed<PostgresMessage>();
const commands = {
  query: { input: frame, output: frame },
  A: { input: frame },
};
const dialect = pipelined(postgres(), {
  eventOf: ({ type }) => "NSA".includes(type) ? type : undefined,
  errorOf: fields.errorOf,
  isLast: ({ type }) => type === "Z", // behind an error as well
});

/** Connects and logs in; `take` gets the notifications of `LISTEN`. */
export async function postgresClient(
  address: AddressLike,
  login: Login,
  take: (channel: string, payload: string) => void = () => undefined,
): Promise<PostgresClient> {
  const codec = postgres({ startup: true });
  const connection = await logIn(await createClient({ address, codec }), login);
  const peer = new Peer(dialect.open(connection), { commands });
  peer.onEvent("A", ({ body }) => take(...fields.notification(body)));
  return {
    async *query(sql) {
      for await (const message of peer.stream("query", fields.query(sql))) {
        if (message.type === "D") yield fields.row(message.body);
      }
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
