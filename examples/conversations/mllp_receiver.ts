/** A receiver of HL7 messages over MLLP. */

import type { AddressLike } from "../../mod.ts";
import {
  MessageError,
  type MessageServer,
  serveMessages,
} from "../../src/message/mod.ts";
import { acknowledge, hl7, type Hl7Commands } from "./hl7.ts";

/**
 * Receives messages. Each is acknowledged with `AA` when `take` has returned, or the
 * promise that it returns has resolved, and not before: the sender then forgets the
 * message. Where `take` fails, the acknowledgement is `AE`, or `AR` where it throws a
 * `MessageError` with the code `APPLICATION_REJECT`: that message is never to come again.
 */
export function mllpReceiver(
  address: AddressLike,
  take: (message: string) => Promise<void> | void,
): Promise<MessageServer<Hl7Commands>> {
  return serveMessages<Hl7Commands>({
    address,
    dialect: hl7,
    handlers: {
      async request(message) {
        if (!message.startsWith("MSH")) {
          throw new MessageError("APPLICATION_ERROR", "No segment MSH");
        }
        await take(message);
        return acknowledge(message, "AA");
      },
    },
  });
}
