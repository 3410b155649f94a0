import { lines } from "../../codec/formats/lines.ts";
import { parseRecordedFrame } from "../../testing/recorded_frame.ts";
import { type CaptureEvent, CaptureReader } from "../capture/mod.ts";

/** The next bytes of a stream: what came with one read, one packet or one line. */
export interface StreamPart {
  /** The name of the stream; `undefined` where the input is one stream. */
  readonly stream?: string;
  /** None where it only tells of the end. */
  readonly bytes: Uint8Array;
  /** Where they are in the stream, if that is told. */
  readonly offset?: number;
  /** Whether no more come. */
  readonly isEnd?: boolean;
}

/** The parts of a chunk of input. */
export interface PartReader {
  push(chunk: Uint8Array): StreamPart[];
  end(): StreamPart[];
}

const NONE = new Uint8Array(0);

/** An input that is itself the stream, in pieces of at most `most` bytes. */
export function plainParts(most: number = Infinity): PartReader {
  return {
    push(chunk) {
      const parts: StreamPart[] = [];
      for (let at = 0; at < chunk.length; at += most) {
        parts.push({ bytes: chunk.subarray(at, at + most) });
      }
      return parts;
    },
    end: () => [{ bytes: NONE, isEnd: true }],
  };
}

/** A recording: JSON Lines of frames or chunks, of both directions of connections. */
export function recordingParts(): PartReader {
  const decoder = lines({ maxFrameLength: Number.MAX_SAFE_INTEGER }).decoder();
  let number = 0;
  const read = (): StreamPart[] => {
    const parts: StreamPart[] = [];
    for (let line = decoder.next(); line !== undefined; line = decoder.next()) {
      const frame = parseRecordedFrame(line, ++number);
      const { connection, direction, data: bytes, offset } = frame;
      const stream = streamName(connection, direction);
      parts.push({ stream, bytes, offset, isEnd: bytes.length === 0 });
    }
    return parts;
  };
  return {
    push(chunk) {
      decoder.push(chunk);
      return read();
    },
    end() {
      decoder.end();
      return read();
    },
  };
}

/** A capture of packets: the data of its TCP segments and datagrams. */
export function captureParts(): PartReader {
  const reader = new CaptureReader();
  const read = (): StreamPart[] => {
    const parts: StreamPart[] = [];
    for (
      let event = reader.next();
      event !== undefined;
      event = reader.next()
    ) {
      const part = partOf(event);
      if (part !== undefined) parts.push(part);
    }
    return parts;
  };
  return {
    push(chunk) {
      reader.push(chunk);
      return read();
    },
    end() {
      reader.end();
      return read();
    },
  };
}

function partOf(event: CaptureEvent): StreamPart | undefined {
  if (!("direction" in event)) return undefined;
  const { kind, connection, direction } = event;
  const stream = streamName(connection, direction);
  switch (kind) {
    case "data": {
      const { data: bytes, offset } = event;
      // A datagram can be empty.
      return bytes.length === 0 ? undefined : { stream, bytes, offset };
    }
    case "end":
      return { stream, bytes: NONE, isEnd: true };
    default:
      // Behind bytes that are missing, the next ones tell where they are.
      return undefined;
  }
}

function streamName(
  connection: number,
  direction: "toServer" | "toClient",
): string {
  const to = direction === "toServer" ? "server" : "client";
  return `connection ${connection} to ${to}`;
}
