/** A client of PostgreSQL: logs in with SCRAM-SHA-256, then pipelines simple queries. */

import { type AddressLike, createClient, handshake } from "../../mod.ts";
import { Peer, pipelined, typed } from "../../src/message/mod.ts";
import { postgres, type PostgresMessage } from "../../src/presets/mod.ts";
import * as fields from "./postgres_fields.ts";
import { scramSha256 } from "./scram.ts";

/** Who logs in, and to which database. */
export type Login = Record<"user" | "password" | "database", string>;

/** A connection. Errors of the server have its codes, such as `42P01`. */
export interface PostgresClient extends AsyncDisposable {
  query(sql: string): AsyncIterable<(string | null)[]>;
}

const frame = typed<PostgresMessage>();
const commands = { query: { input: frame, output: frame } };
const dialect = pipelined(postgres(), {
  eventOf: ({ type }) => "NSA".includes(type) ? type : undefined,
  errorOf: fields.errorOf,
  isLast: ({ type }) => type === "Z", // behind an error as well
});

/** Connects and logs in. Any number of queries can be under way. */
export async function postgresClient(
  address: AddressLike,
  { user, password, database }: Login,
): Promise<PostgresClient> {
  const codec = postgres({ startup: true });
  const starting = await createClient({ address, codec });
  const connection = await handshake(starting, async (starting, step) => {
    step("the start-up");
    await starting.send(fields.startup({ user, database }));
    const started = starting.switchCodec(postgres());
    const expect = async (type: string) => {
      const message = await started.receive();
      if (message?.type === type) return message.body;
      throw message && fields.errorOf(message) || new Error(`No ${type}`);
    };
    if (!fields.isSasl(await expect("R"))) throw new Error("Not SCRAM-SHA-256");
    step("the password");
    await scramSha256(user, password, async (message, isFirst) => {
      await started.send(fields.sasl(message, isFirst));
      return fields.saslText(await expect("R"));
    });
    await expect("R"); // AuthenticationOk
    for await (const { type } of started) if (type === "Z") break;
    return started;
  });
  const peer = new Peer(dialect.open(connection), { commands });
  return {
    async *query(sql) {
      for await (const message of peer.stream("query", fields.query(sql))) {
        if (message.type === "D") yield fields.row(message.body);
      }
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
