import { FrameError } from "../codec/errors.ts";
import type { Codec } from "../codec/types.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import { fixedHeader } from "./fixed_header.ts";
import type { PresetOptions } from "./types.ts";

/** The packets without data of {@linkcode gitPktLine}, by their lengths. */
const GIT_SPECIAL = ["flush", "delimiter", "response-end"] as const;

/** A packet of {@linkcode gitPktLine}: its data, or what it means without any. */
export type GitPacket =
  | Uint8Array
  | "flush"
  | "delimiter"
  | "response-end";

/** The most data of a packet: git sends 65,520 bytes with the length. */
const GIT_MAX_DATA = 65_516;

const noData = new Uint8Array(0);

/**
 * Git's pkt-lines: a length in four hexadecimal digits that counts itself, and data.
 * The lengths 0000, 0001 and 0002 are packets without data: flush, delimiter and
 * response end. A line of text keeps the line feed that it mostly has at its end.
 *
 * Documentation of the peer: <https://git-scm.com/docs/gitprotocol-common#_pkt_line_format>
 * and <https://git-scm.com/docs/gitprotocol-v2#_packet_line_framing>.
 *
 * @example
 * ```ts
 * import { gitPktLine } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // git 2.39.5: GIT_PROTOCOL=version=2 git upload-pack --advertise-refs
 * const bytes = new TextEncoder().encode("000eversion 2\n0000");
 * const [line, end] = gitPktLine().decode(bytes);
 * assertEquals(line, new TextEncoder().encode("version 2\n"));
 * assertEquals(end, "flush");
 * assertEquals(gitPktLine().encode("flush"), bytes.subarray(14));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and `LENGTH_INVALID` if a
 * length is 0003 or not in hexadecimal digits.
 *
 * @param options Another limit than git's, 65,516 bytes of data.
 * @returns The codec.
 */
export function gitPktLine(options: PresetOptions = {}): Codec<GitPacket> {
  const described = describePreset("gitPktLine", options, presetNames);
  return described(fixedHeader<GitPacket>({
    name: "gitPktLine",
    headerLength: 4,
    lengthField: { lengthEncoding: "hex" },
    maxBodyLength: 65_531,
    checkHeader(header, offset) {
      const digits = asciiOf(header);
      if (/^[\da-f]{4}$/i.test(digits) && digits !== "0003") return;
      throw new FrameError("LENGTH_INVALID", {
        reason: "The packet does not begin with a length",
        offset,
        expected: "four hexadecimal digits other than 0003",
        got: JSON.stringify(digits),
      });
    },
    bodyLength: (header) => Math.max(0, parseInt(asciiOf(header), 16) - 4),
    frame: (header, data) => GIT_SPECIAL[parseInt(asciiOf(header), 16)] ?? data,
    body: (packet) => typeof packet === "string" ? noData : packet,
    writeHeader(header, packet, length) {
      const value = typeof packet === "string"
        ? GIT_SPECIAL.indexOf(packet)
        : length + 4;
      if (value < 0) {
        throw new TypeError(
          `Cannot encode: expected bytes or one of ${
            GIT_SPECIAL.join(", ")
          }, got ${JSON.stringify(packet)}`,
        );
      }
      const digits = value.toString(16).padStart(4, "0");
      for (let i = 0; i < 4; i++) header.setUint8(i, digits.charCodeAt(i));
    },
  }, { maxFrameLength: GIT_MAX_DATA, ...options }));
}

function asciiOf(header: DataView): string {
  const { buffer, byteOffset, byteLength } = header;
  return String.fromCharCode(...new Uint8Array(buffer, byteOffset, byteLength));
}
