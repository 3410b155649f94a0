import { describeCodec, limitNames } from "../description.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { checkChoice } from "../../checks.ts";
import { frameLimit, tooLargeForField } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

/** The length of the header: three fields of four bytes. */
const HEADER_LENGTH = 12;
const LARGEST_FIELD = 0xffff_ffff;

/** A body with a command. */
export interface CommandFrame {
  /** What the body is for: a whole number from 0 to 4,294,967,295. */
  readonly command: number;
  /** Whether the sender waits for a reply. */
  readonly wantsReply: boolean;
  /**
   * The third number where it is neither 1, a reply is wanted, nor 0, none is: what
   * it means then, the two sides know. The name is that of MNetSocket.
   */
  readonly recv?: number;
  /** The body. */
  readonly body: Uint8Array;
}

/** Options of {@linkcode commandFrame}. */
export interface CommandFrameOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The byte order of the three fields. Peers that use their machine's own order
   * (`struct.pack("3I", ...)` in Python) are little-endian almost everywhere.
   *
   * | `endian` | on the wire: command 2, a reply wanted, the body `48 49` |
   * | --- | --- |
   * | `"big"` | `00 00 00 02 00 00 00 02 00 00 00 01 48 49` |
   * | `"little"` | `02 00 00 00 02 00 00 00 01 00 00 00 48 49` |
   *
   * @default {"big"}
   */
  endian?: "big" | "little";
}

/**
 * Frames with a header of three unsigned 32-bit numbers: the length of the body,
 * a command, and whether a reply is wanted. The limit is on the body.
 *
 * The third number is 1 if a reply is wanted. Peers that want none write 0, or a
 * number of their own, which the frame has as `recv`.
 *
 * @example
 * ```ts
 * import { commandFrame } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = commandFrame();
 * const frame = {
 *   command: 2,
 *   wantsReply: true,
 *   body: Uint8Array.of(0x48, 0x49),
 * };
 * const bytes = codec.encode(frame);
 * assertEquals(
 *   bytes,
 *   Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0x48, 0x49),
 * );
 * assertEquals(codec.decode(bytes), [frame]);
 * ```
 *
 * @example A peer that writes a third number of its own
 * ```ts
 * import { commandFrame } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0x48);
 * const body = Uint8Array.of(0x48);
 * assertEquals(
 *   commandFrame().decode(bytes),
 *   [{ command: 2, wantsReply: false, recv: 7, body }],
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `HEADER_INVALID` if the encoder is given a command or a `recv` that does not fit
 * 32 bits, or a `recv` that contradicts `wantsReply`.
 *
 * @param options The byte order and the limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 * @throws {TypeError} If an option has none of its values.
 */
export function commandFrame(
  options: CommandFrameOptions = {},
): Codec<CommandFrame> {
  const description = describeCodec("commandFrame", options, [
    ...limitNames,
    "copy",
    "endian",
  ]);
  const { endian = "big" } = options;
  checkChoice("endian", endian, ["big", "little"]);
  const littleEndian = endian === "little";
  const limit = frameLimit(options);
  return {
    ...readerCodec({
      name: "commandFrame",
      reader: () =>
        new HeadedReader(new CommandHeader(littleEndian), limit, options.copy),
      encoder: {
        encode(frame, output) {
          const { command, body } = frame;
          limit.checkEncoded(body.length);
          if (body.length > LARGEST_FIELD) {
            throw tooLargeForField(body.length, LARGEST_FIELD);
          }
          const recv = recvOf(frame);
          checkField("command", command);
          checkField("recv", recv);
          output.writeUint(body.length, 4, littleEndian);
          output.writeUint(command, 4, littleEndian);
          output.writeUint(recv, 4, littleEndian);
          output.write(body);
        },
      },
    }),
    description,
  };
}

/** The third number of a frame. */
function recvOf({ wantsReply, recv }: CommandFrame): number {
  if (recv === undefined) return wantsReply ? 1 : 0;
  if (wantsReply === (recv === 1)) return recv;
  throw new FrameError("HEADER_INVALID", {
    reason: "The header contradicts itself",
    expected: wantsReply ? "a recv of 1" : "a recv other than 1",
    got: `${recv}`,
  });
}

function checkField(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= LARGEST_FIELD) return;
  throw new FrameError("HEADER_INVALID", {
    reason: `The ${name} does not fit its field`,
    expected: `a whole number from 0 to ${LARGEST_FIELD}`,
    got: `${value}`,
  });
}

class CommandHeader implements FrameHeader<CommandFrame> {
  readonly #littleEndian: boolean;
  readonly length: number = HEADER_LENGTH;
  readonly missing: string = `a header of ${HEADER_LENGTH} bytes`;
  bodyLength = 0;
  #command = 0;
  #recv = 0;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  read(input: ByteQueue): boolean {
    if (input.length < HEADER_LENGTH) return false;
    this.bodyLength = input.uintAt(0, 4, this.#littleEndian);
    this.#command = input.uintAt(4, 4, this.#littleEndian);
    this.#recv = input.uintAt(8, 4, this.#littleEndian);
    return true;
  }

  frame(body: Uint8Array): CommandFrame {
    const command = this.#command;
    const recv = this.#recv;
    return recv > 1
      ? { command, wantsReply: false, recv, body }
      : { command, wantsReply: recv === 1, body };
  }
}
