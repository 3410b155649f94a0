/** A client of Redis: pipelined commands, and channels on the same connection. */

import type { AddressLike, StandardSchema } from "../../mod.ts";
import * as messages from "../../src/message/mod.ts";
import { resp, respCommand, type RespValue } from "../../src/presets/mod.ts";

type Bodies = Record<"input" | "output", StandardSchema<RespValue>>;

/** A connection. Errors have their first words as codes, such as `WRONGTYPE`. */
export interface RedisClient extends AsyncDisposable {
  /** Sends a command, such as `call("SET", "key", "value")`. */
  call(...words: (string | Uint8Array)[]): Promise<RespValue>;
  /** Listens to the channels that `call("SUBSCRIBE", "channel")` adds. */
  onMessage(listener: (channel: string, message: Uint8Array) => void): void;
}

const textOf = (value: RespValue | undefined) =>
  new TextDecoder().decode(value?.value as Uint8Array);

const dialect = messages.pipelined(resp(), {
  eventOf({ type, value }) {
    if (type !== "push") return undefined;
    // SUBSCRIBE is answered with a push, which stands where its reply would.
    const name = textOf(value[0]);
    return name.endsWith("subscribe") ? undefined : name;
  },
  errorOf({ type, value }) {
    if (type !== "error") return undefined;
    return new messages.MessageError(value.split(" ", 1)[0]!, value);
  },
});

/** Connects, and asks for RESP3, in which the messages of channels are pushes. */
export async function redisClient(address: AddressLike): Promise<RedisClient> {
  const peer = await messages
    .connectMessages<Record<string, Bodies>>({ address, dialect });
  const call: RedisClient["call"] = (...words) =>
    peer.request(String(words[0]), respCommand(...words));
  await call("HELLO", "3").catch(async (error) => {
    await peer.close();
    throw error;
  });
  return {
    call,
    onMessage(listener) {
      peer.onEvent("message", ({ value }) => {
        const [, channel, message] = value as RespValue[];
        listener(textOf(channel), message!.value as Uint8Array);
      });
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
