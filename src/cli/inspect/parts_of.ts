import { TransportConnection } from "../../net/connection.ts";
import {
  parseRecordedFrame,
  RecordingError,
} from "../../testing/recorded_frame.ts";
import { connectTo, isAddress } from "../addresses.ts";
import { isCapture } from "../capture/mod.ts";
import { inputOf } from "../inputs.ts";
import type { Program } from "../program.ts";
import {
  captureParts,
  type PartReader,
  plainParts,
  recordingParts,
  type StreamPart,
} from "./stream_parts.ts";

/** The streams of an input. */
export interface Parts {
  /** Whether the parts are as they came, and not pieces of a file. */
  readonly areReads: boolean;
  /** Whether there can be several streams. */
  readonly areNamed: boolean;
  /** The parts of each chunk of the input together. */
  readonly batches: AsyncIterable<readonly StreamPart[]>;
}

/** Pieces of a file are shown one after another. */
const PIECE_LENGTH = 65_536;

/**
 * The streams of a file, of standard input for `-` and where there is no name, or of a
 * connection to an address. Captures and recordings are known by their first bytes.
 */
export async function partsOf(
  name: string | undefined,
  program: Program,
): Promise<Parts> {
  if (name !== undefined && isAddress(name)) {
    const made = await connectTo(name, program);
    const connection = "readable" in made
      ? made
      : new TransportConnection(made);
    program.signal.addEventListener("abort", () => connection.abort());
    return partsIn(connection.readable, undefined, plainParts());
  }
  const chunks = inputOf(name, program)[Symbol.asyncIterator]();
  const { value: first, done } = await chunks.next();
  const rest = { [Symbol.asyncIterator]: () => chunks };
  if (done === true) return partsIn(rest, undefined, plainParts());
  const isFile = name !== undefined && name !== "-";
  return isCapture(first)
    ? partsIn(rest, first, captureParts(), { areNamed: true })
    : isRecording(first)
    ? partsIn(rest, first, recordingParts(), { areNamed: true })
    : isFile
    ? partsIn(rest, first, plainParts(PIECE_LENGTH), { areReads: false })
    : partsIn(rest, first, plainParts());
}

function partsIn(
  rest: AsyncIterable<Uint8Array>,
  first: Uint8Array | undefined,
  reader: PartReader,
  kind: Partial<Parts> = {},
): Parts {
  return {
    areReads: true,
    areNamed: false,
    ...kind,
    batches: batchesOf(rest, first, reader),
  };
}

async function* batchesOf(
  rest: AsyncIterable<Uint8Array>,
  first: Uint8Array | undefined,
  reader: PartReader,
): AsyncGenerator<StreamPart[], void> {
  if (first !== undefined) yield reader.push(first);
  for await (const chunk of rest) yield reader.push(chunk);
  yield reader.end();
}

/** Whether bytes begin as `formatRecording` writes a line, or are a whole one. */
function isRecording(first: Uint8Array): boolean {
  const text = new TextDecoder().decode(first.subarray(0, PIECE_LENGTH));
  if (/^\{"time":[\d.]+,"direction":"to(Server|Client)",/.test(text)) {
    return true;
  }
  const [line = "", ...others] = text.split("\n", 2);
  if (others.length === 0 || !line.startsWith("{")) return false;
  try {
    parseRecordedFrame(line, 1);
    return true;
  } catch (error) {
    if (error instanceof RecordingError) return false;
    throw error;
  }
}
