/** Logs in to PostgreSQL with SCRAM-SHA-256. */

import { type FramedConnection, handshake } from "../../mod.ts";
import { postgres, type PostgresMessage } from "../../src/presets/mod.ts";
import { bytesOf, errorOf, textOf } from "./postgres_fields.ts";
import { scramSha256 } from "./scram.ts";

/** Who logs in, and to which database. */
export type Login = Record<"user" | "password" | "database", string>;

type Connection = FramedConnection<PostgresMessage>;

/** Returns the connection in the format of what follows the StartupMessage. */
export function logIn(
  connection: Connection,
  { user, password, database }: Login,
): Promise<Connection> {
  return handshake(connection, async (starting, step) => {
    step("the start-up");
    const parameters = `user\0${user}\0database\0${database}\0\0`;
    await starting.send({ type: "", body: bytesOf(`\0\x03\0\0${parameters}`) });
    const started = starting.switchCodec(postgres());
    const expect = async (type: string) => {
      for await (const message of started) {
        const error = errorOf(message);
        if (error !== undefined) throw error;
        if (message.type === type) return message.body;
      }
      throw new Error(`No ${type}`);
    };
    if (!isSasl(await expect("R"))) throw new Error("Not SCRAM-SHA-256");
    step("the password");
    await scramSha256(user, password, async (message, isFirst) => {
      await started.send(sasl(message, isFirst));
      return textOf((await expect("R")).subarray(4));
    });
    await expect("Z"); // behind AuthenticationOk, or an error after it
    return started;
  });
}

/** Whether AuthenticationSASL offers SCRAM-SHA-256. */
function isSasl(body: Uint8Array): boolean {
  return body[3] === 10 && textOf(body).includes("SCRAM-SHA-256\0");
}

/** SASLInitialResponse, which begins with the mechanism, or SASLResponse. */
function sasl(message: string, isFirst: boolean): PostgresMessage {
  const text = bytesOf(message);
  const length = [0, 0, text.length >> 8, text.length];
  const head = isFirst ? [...bytesOf("SCRAM-SHA-256\0"), ...length] : [];
  return { type: "p", body: Uint8Array.of(...head, ...text) };
}
