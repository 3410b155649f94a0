/** A web worker that echoes what comes from the port it is sent. */

import { framed, lengthPrefixed } from "../../mod.ts";
import {
  messagePort,
  type MessagePortLike,
} from "../../src/net/adapters/message_port.ts";

globalThis.addEventListener("message", (event) => {
  const { data } = event as Event & { data: MessagePortLike };
  const main = framed(messagePort(data), lengthPrefixed());
  void main.forEach((frame) => main.send(frame)).then(() => main.close());
});
