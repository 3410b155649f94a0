/** A sender of HL7 messages over MLLP. */

import type { AddressLike } from "../../mod.ts";
import { connectMessages, type Peer } from "../../src/message/mod.ts";
import { hl7, type Hl7Commands } from "./hl7.ts";

/** A connection to a receiver. */
export interface MllpSender extends AsyncDisposable {
  /**
   * Sends a message, which has a control id (MSH-10) that no other has. Resolves to
   * the acknowledgement, and rejects with `APPLICATION_ERROR` or `APPLICATION_REJECT`
   * where the receiver refuses the message. Messages do not wait for one another.
   */
  send(message: string): Promise<string>;
  /** The connection, as a peer. */
  readonly peer: Peer<Hl7Commands>;
}

/** Connects to a receiver. */
export async function mllpSender(address: AddressLike): Promise<MllpSender> {
  const peer = await connectMessages<Hl7Commands>({ address, dialect: hl7 });
  return {
    peer,
    send: (message) => peer.request("request", message),
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
