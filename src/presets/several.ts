/** Streams of several framings, and messages of several frames. */

import { checkCount } from "../checks.ts";
import { MAX_FRAME_LENGTH } from "../defaults.ts";
import { FrameError } from "../codec/errors.ts";
import { delimited } from "../codec/formats/delimited.ts";
import type { Codec } from "../codec/types.ts";
import { choose } from "../codec/views/choose.ts";
import { joined, pieces } from "../codec/views/joined.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import { fixedHeader } from "./fixed_header.ts";
import { syslogOctetCounting } from "./syslog.ts";
import type { PresetOptions } from "./types.ts";

/**
 * Syslog over TCP, as the servers on port 514 read it: octet counting where a message
 * begins with a digit, and the non-transparent framing, which ends a message with a
 * line feed, where it begins with anything else. A sender may use both. Empty lines are
 * left out, and a message of several lines, such as a stack trace, comes as one frame
 * for each line. The encoder counts octets.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc6587#section-3.4>.
 *
 * @example
 * ```ts
 * import { syslogAny } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("5 <13>a<13>b\n");
 * assertEquals(
 *   syslogAny().decode(bytes),
 *   [new TextEncoder().encode("<13>a"), new TextEncoder().encode("<13>b")],
 * );
 * assertEquals(
 *   syslogAny().encode(new TextEncoder().encode("<13>a")),
 *   new TextEncoder().encode("5 <13>a"),
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and `LENGTH_INVALID` if
 * a length is none, or a message to encode is empty.
 *
 * @param options The limit.
 * @returns The codec.
 */
export function syslogAny(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("syslogAny", options, presetNames);
  const counted = syslogOctetCounting(options);
  const line = delimited({ ...options, delimiter: "\n", skipEmpty: true });
  return described(choose({ counted, line }, {
    decode([first]) {
      return /\d/.test(String.fromCharCode(first!)) ? "counted" : "line";
    },
    encode: () => "counted",
  }));
}

/**
 * Options of the presets for messages of several frames. `maxFrameLength` is the limit
 * of a whole message.
 */
export type JoinedPresetOptions = Pick<
  PresetOptions,
  "maxFrameLength" | "copy"
>;

/** Options of {@linkcode oncRpc}. */
export type OncRpcOptions = JoinedPresetOptions & {
  /**
   * The maximum length of the fragments that the encoder writes.
   *
   * @default {2_147_483_647}
   */
  readonly maxFragmentLength?: number;
};

const joinedNames: readonly string[] = ["maxFrameLength", "copy"];

const MOST_FRAGMENT = 0x7fff_ffff;

/**
 * The records of ONC RPC over TCP (NFS, portmapper): one or more fragments, each
 * behind four bytes, big-endian, whose highest bit says that it is the last one and
 * whose other bits are its length. The limit is on the whole record.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc5531#section-11>.
 *
 * @example
 * ```ts
 * import { oncRpc } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const record = new TextEncoder().encode("HI!");
 * const oneFragment = Uint8Array.of(0x80, 0, 0, 3, 0x48, 0x49, 0x21);
 * const twoFragments = Uint8Array.of(
 *   ...[0x00, 0, 0, 2, 0x48, 0x49],
 *   ...[0x80, 0, 0, 1, 0x21],
 * );
 * assertEquals(oncRpc().decode(oneFragment), [record]);
 * assertEquals(oncRpc().decode(twoFragments), [record]);
 * assertEquals(oncRpc().encode(record), oneFragment);
 * assertEquals(oncRpc({ maxFragmentLength: 2 }).encode(record), twoFragments);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, and `FRAME_TRUNCATED` also between two
 * fragments.
 *
 * @param options The limits.
 * @returns The codec.
 * @throws {RangeError} If a limit is not a whole number, or no fragment can have it.
 */
export function oncRpc(options: OncRpcOptions = {}): Codec<Uint8Array> {
  const described = describePreset("oncRpc", options, [
    "maxFragmentLength",
    ...joinedNames,
  ]);
  const {
    maxFragmentLength = MOST_FRAGMENT,
    maxFrameLength = MAX_FRAME_LENGTH,
    copy = false,
  } = options;
  checkCount("maxFragmentLength", maxFragmentLength, 1, MOST_FRAGMENT);
  const fragments = fixedHeader<Fragment>({
    name: "oncRpc",
    headerLength: 4,
    bodyLength: (header) => header.getUint32(0) & MOST_FRAGMENT,
    frame: (header, body) => ({ isLast: header.getInt32(0) < 0, body }),
    body: ({ body }) => body,
    writeHeader: (header, { isLast }, length) =>
      header.setUint32(0, (isLast ? 2 ** 31 : 0) + length),
  }, { maxFrameLength, copy });
  return described(joined(fragments, {
    maxFrameLength,
    more: ({ isLast }) => !isLast,
    payload: ({ body }) => body,
    split: (record: Uint8Array) =>
      pieces(record, maxFragmentLength).map((body, i, { length }) => ({
        isLast: i + 1 === length,
        body,
      })),
  }));
}

interface Fragment {
  readonly isLast: boolean;
  readonly body: Uint8Array;
}

/** A payload of {@linkcode mysqlPackets}. */
export interface MysqlPacket {
  /** The sequence number of its first packet, from 0 to 255. */
  readonly sequence: number;
  /** The payload, of all its packets. */
  readonly body: Uint8Array;
}

/** The length of a packet that another one continues. */
const FULL_PACKET = 0xff_ffff;

/**
 * MySQL's and MariaDB's packets, without compression: a little-endian length of three
 * bytes, a sequence number of one byte, and the body. A packet of 16,777,215 bytes is
 * continued by the next one, whose number is one higher and which may be empty. The
 * limit is on all of them together; its default, 16 MiB, is MariaDB's for
 * `max_allowed_packet`.
 *
 * Documentation of the peer:
 * <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html>.
 *
 * @example
 * ```ts
 * import { mysqlPackets } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // COM_QUIT
 * const bytes = Uint8Array.of(0x01, 0x00, 0x00, 0x00, 0x01);
 * const packet = { sequence: 0, body: Uint8Array.of(0x01) };
 * assertEquals(mysqlPackets().decode(bytes), [packet]);
 * assertEquals(mysqlPackets().encode(packet), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, and `FRAME_TRUNCATED` also between two
 * packets. The decoder does not check the sequence numbers.
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function mysqlPackets(
  options: JoinedPresetOptions = {},
): Codec<MysqlPacket> {
  const described = describePreset("mysqlPackets", options, joinedNames);
  const { maxFrameLength = 16 * 1_048_576, copy = false } = options;
  const packets = fixedHeader<MysqlPacket>({
    name: "mysqlPackets",
    headerLength: 4,
    bodyLength: (header) => header.getUint32(0, true) & FULL_PACKET,
    frame: (header, body) => ({ sequence: header.getUint8(3), body }),
    body: ({ body }) => body,
    writeHeader(header, { sequence }, length) {
      if (!Number.isInteger(sequence) || sequence < 0 || sequence > 255) {
        throw new FrameError("HEADER_INVALID", {
          reason: "The packet does not have a sequence number that fits",
          expected: "a whole number from 0 to 255",
          got: `${sequence}`,
        });
      }
      header.setUint32(0, length + sequence * 2 ** 24, true);
    },
  }, { maxFrameLength, copy });
  return described(joined(packets, {
    maxFrameLength,
    more: ({ body }) => body.length === FULL_PACKET,
    payload: ({ body }) => body,
    join: (body, { sequence }) => ({ sequence, body }),
    *split({ sequence, body }: MysqlPacket) {
      const count = Math.floor(body.length / FULL_PACKET) + 1;
      for (let i = 0; i < count; i++) {
        yield {
          sequence: i === 0 ? sequence : (sequence + i) % 256,
          body: body.subarray(i * FULL_PACKET, (i + 1) * FULL_PACKET),
        };
      }
    },
  }));
}
