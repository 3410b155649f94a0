import { ByteWriter } from "../../codec/bytes/byte_writer.ts";
import { FrameError } from "../../codec/errors.ts";
import type { Codec } from "../../codec/types.ts";
import { formatOf } from "../../format/format_of.ts";
import { parseFormat } from "../../format/parse_format.ts";
import { type FrameForm, frameFormOf } from "./frame_form.ts";
import type { FrameReport } from "./vectors.ts";

/** What a decoder makes of a whole stream. */
export interface Decoded {
  readonly frames: readonly unknown[];
  /** For each frame that comes before the stream ends: where it ends. */
  readonly ends: readonly number[];
  readonly skipped: readonly FrameReport[];
  readonly error?: FrameReport;
  /** Whether the error comes only because the stream ends. */
  readonly isErrorAtEnd: boolean;
}

/** The format that a peer is tested for. */
export class TestedFormat {
  readonly codec: Codec<unknown>;
  /** Its normal form; a codec that is no data has none. */
  readonly expression: string | undefined;
  /** What its frames are. */
  readonly form: FrameForm;

  constructor(codec: Codec<unknown>) {
    this.codec = codec;
    this.expression = formatOf(codec);
    this.form = frameFormOf(codec.description);
  }

  /** Decodes a whole stream. */
  decode(input: Uint8Array): Decoded {
    const frames: unknown[] = [];
    const ends: number[] = [];
    const skipped: FrameReport[] = [];
    const onSkip = (error: FrameError) => skipped.push(reportOf(error));
    const codec = this.expression === undefined
      ? this.codec
      : parseFormat(this.expression, { onSkip });
    const decoder = codec.decoder();
    let hasEnded = false;
    try {
      decoder.push(input);
      for (let frame; (frame = decoder.next()) !== undefined;) {
        frames.push(frame);
        ends.push(input.length - decoder.bufferedBytes);
      }
      hasEnded = true;
      decoder.end();
      for (let frame; (frame = decoder.next()) !== undefined;) {
        frames.push(frame);
      }
      return { frames, ends, skipped, isErrorAtEnd: false };
    } catch (cause) {
      if (!(cause instanceof FrameError)) throw cause;
      const error = reportOf(cause);
      return { frames, ends, skipped, error, isErrorAtEnd: hasEnded };
    }
  }

  /** Encodes frames, one behind the other; `undefined` if one of them is refused. */
  encode(frames: readonly unknown[]): Uint8Array | undefined {
    const output = new ByteWriter();
    const encoder = this.codec.encoder();
    try {
      for (const frame of frames) encoder.encode(frame, output);
    } catch (error) {
      // What is no frame of the format at all is refused with other errors.
      if (error instanceof FrameError || error instanceof TypeError) {
        return undefined;
      }
      throw error;
    }
    return output.take();
  }
}

function reportOf({ code, offset = 0 }: FrameError): FrameReport {
  return { code, offset };
}
