/** The format of MNetSocket, for both sides. */

import { type Codec, fixedLength, mapCodec } from "../../mod.ts";
import {
  type CommandMessage,
  commandMessages,
  type Dialect,
  pipelinedCommands,
} from "../../src/message/mod.ts";
import { mnetSocket } from "../../src/presets/mod.ts";

/** The messages. The newest version writes numbers in the machine's own order. */
const messages: Codec<CommandMessage> = commandMessages(
  mnetSocket({ endian: "little" }),
  { inform: 1, request: 2, parameters: 3, exit: 4 },
);

/** Nobody answers an INFORM, even where its sender wants a reply. */
const codec: Codec<CommandMessage> = mapCodec(messages, {
  name: "mnetSocket",
  decode: (message) =>
    message.command === "inform" ? { ...message, wantsReply: false } : message,
  encode: (message: CommandMessage) => message,
});

/** Replies have no ids, and are sent as INFORM. */
export const dialect: Dialect<CommandMessage> = pipelinedCommands(codec, {
  replyAs: "inform",
});

/** The goodbye, `EXIT`, has no header: another format. */
export const goodbye: Codec<CommandMessage> = mapCodec(
  fixedLength({ frameLength: 4 }),
  {
    name: "goodbye",
    decode: (word) => ({
      command: "exit",
      wantsReply: false,
      body: new TextDecoder().decode(word),
    }),
    encode: ({ body }: CommandMessage) =>
      new TextEncoder().encode(String(body)),
  },
);
