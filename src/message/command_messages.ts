import { checkKind } from "../checks.ts";
import type { CommandFrame } from "../codec/formats/command_frame.ts";
import { FrameError } from "../codec/errors.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { readJson, writeJson } from "../codec/views/json_bytes.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import type { Codec } from "../codec/types.ts";

/** A message of a format with three parts: a command, a flag and a body. */
export interface CommandMessage {
  /** The name of the command. */
  readonly command: string;
  /** Whether the sender waits for a reply. */
  readonly wantsReply: boolean;
  /** The body, as JSON. */
  readonly body: JsonValue;
}

/**
 * Command frames with names for numbers, and bodies in JSON. A number without a
 * name is handed out in digits.
 *
 * @example
 * ```ts
 * import { commandFrame } from "@framewire/framewire/codec";
 * import { commandMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = commandMessages(commandFrame(), { inform: 1, request: 2 });
 * const message = { command: "request", wantsReply: true, body: [7] };
 * const bytes = codec.encode(message);
 * assertEquals(bytes.slice(0, 12), Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1));
 * assertEquals(codec.decode(bytes), [message]);
 * ```
 *
 * Errors of its frames: `MESSAGE_INVALID` for a body that is not JSON, and
 * `HEADER_INVALID` for a command to encode that has no number.
 *
 * @param codec The codec of the frames.
 * @param numbers The number of each command.
 * @returns The codec of the messages.
 * @throws {TypeError} If it is not a codec, or two commands have the same number.
 */
export function commandMessages(
  codec: Codec<CommandFrame>,
  numbers: Readonly<Record<string, number>>,
): Codec<CommandMessage> {
  checkKind("numbers", numbers, "object");
  const numberOf = new Map(Object.entries(numbers));
  const nameOf = new Map([...numberOf].map(([name, number]) => [number, name]));
  if (nameOf.size < numberOf.size) {
    throw new TypeError("Two commands have the same number");
  }
  return mapCodec(codec, {
    name: `commandMessages(${codec.name})`,
    decode({ command, wantsReply, body }, offset): CommandMessage {
      return {
        command: nameOf.get(command) ?? `${command}`,
        wantsReply,
        body: readJson(body, offset) as JsonValue,
      };
    },
    encode({ command, wantsReply, body }: CommandMessage) {
      const number = numberOf.get(command);
      if (number !== undefined) {
        return { command: number, wantsReply, body: writeJson(body) };
      }
      throw new FrameError("HEADER_INVALID", {
        reason: "The command has no number",
        expected: [...numberOf.keys()].join(", "),
        got: command,
      });
    },
  });
}
