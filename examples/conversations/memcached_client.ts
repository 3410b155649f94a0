/** A client of memcached: pipelined commands of its text protocol. */

import type { AddressLike, StandardSchema } from "../../mod.ts";
import * as messages from "../../src/message/mod.ts";
import { memcached, type MemcachedMessage } from "../../src/presets/mod.ts";

type Bodies = Record<"input" | "output", StandardSchema<MemcachedMessage>>;

/** A value, and what `cas` compares. */
export type Cached = { readonly data: Uint8Array; readonly version: string };

/** A connection. Refusals have codes such as `CLIENT_ERROR`. */
export interface MemcachedClient extends AsyncDisposable {
  get(key: string): Promise<Cached | undefined>;
  /** Sets a value; with a version, only where it is still that. */
  set(key: string, data: Uint8Array, version?: string): Promise<boolean>;
  /** Deletes a key; returns whether it was there. */
  delete(key: string): Promise<boolean>;
  /** Adds to a number in digits that is there. */
  add(key: string, n: number): Promise<bigint | undefined>;
}

const dialect = messages.pipelined(memcached(), {
  errorOf({ name, words }) {
    if (!/^(CLIENT_|SERVER_)?ERROR$/.test(name)) return undefined;
    return new messages.MessageError(name, words.join(" "));
  },
});

/** Connects. Any number of commands can be under way. */
export async function memcachedClient(
  address: AddressLike,
): Promise<MemcachedClient> {
  const peer = await messages
    .connectMessages<Record<string, Bodies>>({ address, dialect });
  async function call(name: string, words: string[], data?: Uint8Array) {
    // memcached would take the data behind a key that it refuses for a command.
    if (!/^[!-~]{1,250}$/.test(words[0]!)) {
      throw new RangeError("A key has 1 to 250 characters of ASCII");
    }
    return await peer.request(name, { name, words, ...(data && { data }) });
  }
  return {
    async get(key) {
      const [value] = (await call("gets", [key])).items ?? [];
      return value && { data: value.data!, version: value.words[2]! };
    },
    async set(key, data, version) {
      const name = version === undefined ? "set" : "cas";
      const words = [key, "0", "0"].concat(version ?? []);
      return (await call(name, words, data)).name === "STORED";
    },
    delete: async (key) => (await call("delete", [key])).name === "DELETED",
    async add(key, n) {
      const { name } = await call("incr", [key, `${n}`]);
      return name === "NOT_FOUND" ? undefined : BigInt(name);
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
