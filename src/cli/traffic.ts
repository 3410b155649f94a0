import { lines } from "../codec/formats/lines.ts";
import {
  parseRecordedFrame,
  type RecordedFrame,
} from "../testing/recorded_frame.ts";
import { type CaptureEvent, CaptureReader, isCapture } from "./capture/mod.ts";
import { concat } from "../net/bytes.ts";
import { inputOf, type InputProgram } from "./inputs.ts";
import type { Program } from "./program.ts";
import { counted } from "./counted.ts";

/**
 * What has been read of the streams of an input, in its order. A datagram is a stream of
 * its own: its end follows it.
 */
export type TrafficEvent = CaptureEvent;

/** Reads a chunk of an input; what it gives is used up before the next chunk. */
interface TrafficReader {
  push(chunk: Uint8Array): Iterable<TrafficEvent>;
  end(): Iterable<TrafficEvent>;
}

/**
 * The byte streams of an input: of a capture (pcap, pcapng), of a recording, or the one
 * stream that any other file is. Each chunk of the input gives a batch of events.
 *
 * @param name A file; `-` or nothing for standard input.
 * @param onPlain Called before the first batch if the input itself is the stream.
 */
export async function* trafficOf(
  name: string | undefined,
  program: InputProgram,
  onPlain?: () => void,
): AsyncGenerator<Iterable<TrafficEvent>, void> {
  let reader: TrafficReader | undefined;
  // What the input is is seen by its first bytes, of which a pipe may give a few.
  const first: Uint8Array[] = [];
  let firstBytes = new Uint8Array();
  for await (const chunk of inputOf(name, program)) {
    if (reader !== undefined) {
      yield reader.push(chunk);
      continue;
    }
    first.push(chunk);
    firstBytes = concat([firstBytes, chunk.subarray(0, ENOUGH)]);
    if (firstBytes.length < ENOUGH && mayBeMore(firstBytes)) continue;
    reader = readerOf(firstBytes, program, onPlain);
    for (const chunk of first) yield reader.push(chunk);
  }
  if (reader === undefined) {
    reader = readerOf(firstBytes, program, onPlain);
    for (const chunk of first) yield reader.push(chunk);
  }
  yield reader.end();
}

/** How many bytes tell what an input is. */
const ENOUGH = 64;

const RECORDING =
  /^\{"time":\d+(\.\d+)?,"direction":"to(Server|Client)","connection":/;

/** Whether more bytes could tell something else. */
function mayBeMore(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes);
  return bytes.length < 12 && isStartOfCapture(bytes) ||
    text.startsWith('{"time":'.slice(0, text.length)) && !text.includes("\n");
}

const CAPTURE_STARTS = [0xa1, 0xd4, 0x4d, 0x0a, 0x34, 0xcd];

function isStartOfCapture(bytes: Uint8Array): boolean {
  return CAPTURE_STARTS.includes(bytes[0] ?? 0);
}

function readerOf(
  firstBytes: Uint8Array,
  { stderr }: Pick<Program, "stderr">,
  onPlain?: () => void,
): TrafficReader {
  if (isCapture(firstBytes)) {
    return new CapturedTraffic((note) => stderr.write(note));
  }
  if (RECORDING.test(String.fromCharCode(...firstBytes))) {
    return new RecordedTraffic();
  }
  onPlain?.();
  return new PlainTraffic();
}

/** Chunks of one byte stream. */
export class PlainTraffic implements TrafficReader {
  #offset = 0;

  *push(data: Uint8Array): Generator<TrafficEvent, void> {
    yield { kind: "data", ...WHERE, time: 0, offset: this.#offset, data };
    this.#offset += data.length;
  }

  *end(): Generator<TrafficEvent, void> {
    yield { kind: "end", ...WHERE, time: 0 };
  }
}

const WHERE = { connection: 1, direction: "toServer" } as const;

/** A recording: JSON Lines of frames. */
class RecordedTraffic implements TrafficReader {
  readonly #lines = lines({ maxFrameLength: Number.MAX_SAFE_INTEGER })
    .decoder();
  #line = 0;

  *push(chunk: Uint8Array): Generator<TrafficEvent, void> {
    this.#lines.push(chunk);
    yield* this.#events();
  }

  *end(): Generator<TrafficEvent, void> {
    this.#lines.end();
    yield* this.#events();
  }

  *#events(): Generator<TrafficEvent, void> {
    const decoder = this.#lines;
    for (
      let line = decoder.next();
      line !== undefined;
      line = decoder.next()
    ) yield eventOf(parseRecordedFrame(line, ++this.#line));
  }
}

function eventOf(frame: RecordedFrame): TrafficEvent {
  const { time, direction, connection, offset, data } = frame;
  return data.length === 0
    ? { kind: "end", connection, direction, time }
    : { kind: "data", connection, direction, time, offset, data };
}

/** A capture of packets. */
class CapturedTraffic implements TrafficReader {
  readonly #reader = new CaptureReader();
  /** The open connections of datagrams. */
  readonly #datagrams = new Set<number>();
  readonly #note: (text: string) => void;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  *push(chunk: Uint8Array): Generator<TrafficEvent, void> {
    this.#reader.push(chunk);
    yield* this.#events();
  }

  *end(): Generator<TrafficEvent, void> {
    const reader = this.#reader;
    reader.end();
    yield* this.#events();
    const { packets, connections, missingBytes, ignored } = reader.stats;
    this.#note(
      `${counted(packets, "packet")}, ${counted(connections, "connection")}\n`,
    );
    if (missingBytes > 0) {
      this.#note(`${counted(missingBytes, "byte")} missing\n`);
    }
    for (const [reason, count] of ignored) {
      this.#note(`${counted(count, "packet")} passed over: ${reason}\n`);
    }
    if (reader.isTruncated) this.#note("the last packet is cut off\n");
  }

  *#events(): Generator<TrafficEvent, void> {
    const reader = this.#reader;
    const datagrams = this.#datagrams;
    for (
      let event = reader.next();
      event !== undefined;
      event = reader.next()
    ) {
      const { kind, connection } = event;
      yield event;
      if (kind === "open" && event.transport === "udp") {
        datagrams.add(connection);
      } else if (kind === "data" && datagrams.has(connection)) {
        yield { ...event, kind: "end" };
      } else if (kind === "close") datagrams.delete(connection);
    }
  }
}
