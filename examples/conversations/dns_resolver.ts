/** A resolver that asks a server of DNS over TCP (RFC 7766). */

import type { AddressLike } from "../../mod.ts";
import {
  correlated,
  MessageError,
  reconnectingMessages,
  typed,
} from "../../src/message/mod.ts";
import { dnsTcp } from "../../src/presets/mod.ts";
import { answersOf, queryOf, types } from "./dns_message.ts";

/** What became of a query, and the codes of errors. */
const results = ["", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

const dialect = correlated(dnsTcp(), {
  idOf: ([high = 0, low = 0]) => high << 8 | low,
  withId: (message, id) =>
    Uint8Array.of(id >> 8, id & 0xff, ...message.subarray(2)),
  errorOf([, , , flags = 0]) {
    const result = results[flags & 15] ?? `RCODE_${flags & 15}`;
    return result === "" ? undefined : new MessageError(result, "No answer");
  },
});
const message = typed<Uint8Array>();
const commands = { request: { input: message, output: message } };

/** A connection to a server, made when it is needed. */
export interface DnsResolver extends AsyncDisposable {
  /** Resolves to addresses, names or texts; rejects with codes such as `NXDOMAIN`. */
  resolve(name: string, type: keyof typeof types): Promise<string[]>;
}

/**
 * Makes a resolver. Servers close connections after some queries, or some silence;
 * what they have not answered then is asked again (RFC 7766, section 6.2.4).
 */
export function dnsResolver(
  address: AddressLike,
  timeoutMs = 5_000,
): DnsResolver {
  const peer = reconnectingMessages({
    ...{ address, dialect, commands, maxRepeatsPercent: 100 },
    ...{ initialDelayMs: 10, stableAfterMs: 0 },
  });
  return {
    async resolve(name, type) {
      const query = queryOf(name, types[type]);
      const options = { repeatable: true, timeoutMs };
      const answer = await peer.request("request", query, options);
      // RFC 5452, section 9.1: the answer has the question.
      if (query.subarray(12).every((byte, i) => byte === answer[12 + i])) {
        return answersOf(answer, types[type]);
      }
      throw new MessageError("ANSWER_INVALID", `No answer for ${name}`);
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
