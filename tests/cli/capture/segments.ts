/** Segments of one connection, for the tests of TCP. */

import { utf8 } from "../../support/bytes.ts";
import { type Segment, tcp } from "../../support/packets.ts";

export const CLIENT: string = "10.0.0.1:40000";
export const SERVER: string = "10.0.0.2:6379";
/** What is told first. */
export const OPEN: string = `1 open ${CLIENT} > ${SERVER}`;

/** A segment without its ends, and with its data as a text. */
export type Said = Partial<Omit<Segment, "data">> & { readonly data?: string };

/** A segment from one end to another. */
export const send = (
  from: string,
  to: string,
  { data = "", ...rest }: Said,
): Uint8Array => tcp({ from, to, ...rest, data: utf8(data) });
/** A segment of the client, whose stream begins at 1001. */
export const client = (said: Said): Uint8Array => send(CLIENT, SERVER, said);
/** A segment of the server, whose stream begins at 5001. */
export const server = (said: Said): Uint8Array => send(SERVER, CLIENT, said);

export const syn: Uint8Array = client({ flags: "S", sequence: 1_000 });
export const synAck: Uint8Array = server({
  flags: "SA",
  sequence: 5_000,
  acknowledged: 1_001,
});
export const handshake: readonly Uint8Array[] = [syn, synAck];
