/** The commands of MNetSocket, and its bodies in JSON. */

import type { Codec, CommandFrame, JsonValue } from "../../mod.ts";
import { mnetSocket } from "../../src/presets/mod.ts";

/** What a frame is for. Only requests and parameters are answered, if at all. */
export const command = {
  inform: 1,
  request: 2,
  parameters: 3,
  exit: 4,
} as const;

/** The format. Its newest version writes numbers in the machine's own order. */
export const codec: Codec<CommandFrame> = mnetSocket({ endian: "little" });

/** Makes a frame. */
export function frame(
  name: keyof typeof command,
  value: JsonValue,
  wantsReply = false,
): CommandFrame {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { command: command[name], wantsReply, body };
}

/** Reads the body of a frame. */
export function valueOf({ body }: CommandFrame): JsonValue {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
}
