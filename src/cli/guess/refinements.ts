import { uintAt } from "../../format/hints/evidence.ts";
import { isProtobuf } from "../../format/hints/protobuf.ts";
import type { Cut } from "./cut.ts";
import type { Sample } from "./types.ts";

/** A format that says more of the same frames than a general one. */
interface Refinement {
  /** The general formats: some headers have zeros before the length. */
  readonly general: readonly string[];
  readonly special: string;
  readonly sentence: string;
  /** Whether the frames, with their headers, are of it. */
  fits(frames: readonly Uint8Array[]): boolean;
}

/** A format that the contents prove. */
export interface Refined {
  readonly expression: string;
  readonly evidence: string;
}

const POSTGRES_TYPES = new Set(
  Array.from(
    "1234ABCDEFGHIKNPQRSTVWXZcdfnpstv",
    (letter) => letter.charCodeAt(0),
  ),
);

const refinements: readonly Refinement[] = [
  {
    general: [
      "length(2, big, offset=4)",
      "length(3, big, offset=3)",
      "length(4, big, offset=2)",
    ],
    special: "preset:modbusTcp",
    sentence:
      "Each frame has 0 as its protocol, a length and a function of Modbus",
    fits: (frames) =>
      frames.every((frame) =>
        frame[2] === 0 && frame[3] === 0 && frame.length >= 8 &&
        frame.length <= 260 &&
        (frame[7]! & 0x7f) >= 1 && (frame[7]! & 0x7f) <= 43
      ),
  },
  ...[false, true].map((littleEndian): Refinement => ({
    general: [`length(4, ${littleEndian ? "little" : "big"}, adjustment=8)`],
    special: littleEndian ? "command(little)" : "command",
    sentence: "Behind each length stand a small number and a 0 or 1",
    fits: (frames) =>
      frames.every((frame) =>
        uintAt(frame, 4, 4, littleEndian) < 65_536 &&
        uintAt(frame, 8, 4, littleEndian) <= 1
      ),
  })),
  {
    general: [
      "length(2, big, offset=2, includes=frame)",
      "length(3, big, offset=1, includes=frame)",
    ],
    special: "preset:tpkt",
    sentence: "Each frame begins with 03 00",
    fits: (frames) => frames.every((frame) => frame[0] === 3 && frame[1] === 0),
  },
  {
    general: ["length(4, big, offset=1, includes=frame, adjustment=1)"],
    special: "preset:postgres",
    sentence: "Each frame has a type of PostgreSQL",
    fits: (frames) => frames.every((frame) => POSTGRES_TYPES.has(frame[0]!)),
  },
  {
    general: ["length(3, little, adjustment=1)"],
    special: "preset:mysqlPackets",
    sentence:
      "Each frame has a number that counts up, as packets of MySQL have",
    fits: (frames) =>
      frames.some((frame) => frame[3]! > 0) &&
      frames.every((frame, i) =>
        frame[3] === 0 || i === 0 && frame[3] === 1 ||
        i > 0 && frame[3] === (frames[i - 1]![3]! + 1 & 255)
      ),
  },
  {
    general: ["length(4, big)"],
    special: "preset:kafka",
    sentence:
      "Each frame has a key of Kafka's API, a version, and a number that counts up",
    fits: (frames) =>
      frames.length >= 3 &&
      frames.every((frame, i) =>
        frame.length >= 12 && uintAt(frame, 4, 2, false) < 100 &&
        uintAt(frame, 6, 2, false) < 20 &&
        // Another direction begins anew.
        (i === 0 || uintAt(frame, 8, 4, false) < 4 ||
          uintAt(frame, 8, 4, false) ===
            uintAt(frames[i - 1]!, 8, 4, false) + 1)
      ),
  },
  {
    general: ["length(4, big, offset=1)"],
    special: "preset:grpc",
    sentence:
      "Each frame begins with 0, and its content is a Protocol Buffers message",
    fits: (frames) =>
      isMessages(frames, 5) && frames.every((frame) => frame[0] === 0),
  },
  {
    general: ["length(2, big)"],
    special: "preset:dnsTcp",
    sentence: "Each frame is a DNS message with one question",
    fits: (frames) =>
      frames.every((frame) =>
        frame.length >= 19 && (frame[4]! & 0x78) === 0 &&
        (frame[5]! & 0x40) === 0 &&
        uintAt(frame, 6, 2, false) === 1 && uintAt(frame, 8, 2, false) < 64 &&
        uintAt(frame, 10, 2, false) < 64 && frame[14]! < 64
      ),
  },
  {
    general: ["content-length"],
    special: "preset:lsp",
    sentence: "Each frame is JSON-RPC, as the Language Server Protocol has it",
    fits: (frames) =>
      frames.every((frame) =>
        /"jsonrpc": ?"2\.0"/.test(
          String.fromCharCode(...frame.subarray(0, 4_096)),
        )
      ),
  },
  {
    general: ["varint"],
    special: "preset:protobufDelimited",
    sentence: "Each frame is a Protocol Buffers message",
    fits: (frames) =>
      isMessages(
        frames.map((frame) =>
          frame.subarray(frame.findIndex((byte) => byte < 0x80) + 1)
        ),
        0,
      ),
  },
];

/** The format that the contents of frames prove, if there is one. */
export function refine(
  general: string,
  { places }: Cut,
  streams: readonly Sample[],
): Refined | undefined {
  for (const one of refinements) {
    if (!one.general.includes(general)) continue;
    const frames = places.map(({ stream, start, end }) =>
      streams[stream]!.bytes.subarray(start, end)
    );
    if (frames.length < 2 || !one.fits(frames)) continue;
    return { expression: one.special, evidence: one.sentence };
  }
  return undefined;
}

/** Whether all contents are messages, which are not so short that much would do. */
function isMessages(frames: readonly Uint8Array[], header: number): boolean {
  const bodies = frames.map((frame) => frame.subarray(header));
  const long = bodies.filter(({ length }) => length >= 6);
  return long.length >= 3 && bodies.every(isProtobuf);
}
