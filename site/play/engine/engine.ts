import type { FrameError } from "../../../src/codec/errors.ts";
import type { Codec } from "../../../src/codec/types.ts";
import { isCapture } from "../../../src/cli/capture/is_capture.ts";
import { errorAt } from "../../../src/cli/error_at.ts";
import { guessFormats } from "../../../src/cli/guess/guess_formats.ts";
import { FormatError } from "../../../src/format/format_error.ts";
import { formatOf } from "../../../src/format/format_of.ts";
import { hintFor } from "../../../src/format/hint_for.ts";
import { nameInText } from "../../../src/format/format_of.ts";
import { parseFormat } from "../../../src/format/parse_format.ts";
import { stageKinds } from "../../../src/format/stages.ts";
import type { Decoded, Engine, Failure, Refusal } from "../protocol.ts";
import { type Captured, capturedStreams, joined } from "./captured_streams.ts";
import { frameFrom } from "./frame_from.ts";
import { LiveFrames } from "./live_frames.ts";
import { Numbers } from "./numbers.ts";
import { pieceRows } from "./piece_rows.ts";
import { Pieces } from "./pieces.ts";
import { recoveryOf } from "./recovery_of.ts";

/** So much is decoded at once, before the worker looks for a newer question. */
const STEP_BYTES = 262_144;
const STEP_MS = 40;
/** So many reports of passed frames are kept. */
const MOST_SKIPPED = 1000;
/** A hint looks at no more. */
const HINT_BYTES = 1024;

let bytes: Uint8Array = new Uint8Array(0);
let codec: Codec<unknown> | undefined;
let pieces: Pieces | undefined;
let streams: Captured[] = [];
let live: LiveFrames | undefined;
/** The number of the last call of `decode`. */
let run = 0;

/** All that the worker does for the page. */
export const engine: Engine = {
  vocabulary: () =>
    stageKinds.map((kind) => {
      const { name, isView, positional } = kind;
      const options = Object.entries(kind.options).map(([option, one]) =>
        [
          option === "maxFrameLength" ? option : nameInText(kind, option),
          typeof one.words === "object"
            ? one.words
            : one.default === false
            ? ["true"]
            : [],
          option,
        ] as const
      );
      return {
        name,
        isView,
        options: options.map(([name, words]) => [name, words] as const),
        words: options.filter(([, , option]) => positional.includes(option))
          .flatMap(([, words]) => words),
      };
    }),

  load(loaded) {
    bytes = loaded;
    run++;
    pieces = undefined;
  },

  decode,

  rows: (from, to) =>
    codec === undefined || pieces === undefined
      ? []
      : pieceRows(codec, bytes, pieces, from, to),

  guess() {
    const { guesses, protocol } = guessFormats([{ bytes, ended: false }]);
    return {
      protocol: protocol === undefined
        ? ""
        : `${protocol.name}: ${protocol.evidence}`,
      guesses: guesses.map((
        { expression, confidence, frames, explained, evidence },
      ) => ({ expression, confidence, frames, explained, evidence })),
    };
  },

  encode(expression, notation, text) {
    const codec = parseFormat(expression);
    return codec.encode(frameFrom(codec, notation, text));
  },

  async openFile(file) {
    const opened = new Uint8Array(await file.arrayBuffer());
    if (!isCapture(opened.subarray(0, 12))) {
      engine.load(opened);
      return undefined;
    }
    streams = capturedStreams(opened);
    return streams.map(({ name, length }) => ({ name, length }));
  },

  captured: (index) => joined(streams[index]!),

  open(expression) {
    live = new LiveFrames(parseFormat(expression));
  },

  receive: (message) => live?.receive(message) ?? [],
};

/** Decodes chunk by chunk, and stops where a newer call or other bytes have come. */
async function decode(
  expression: string,
  cuts: Uint32Array,
  tell: (decoded: Decoded) => void,
): Promise<Decoded | undefined> {
  const own = ++run;
  const skipped: [string, number][] = [];
  const chunks = [new Numbers(), new Numbers(), new Numbers()] as const;
  let made: Codec<unknown>;
  try {
    made = parseFormat(expression, {
      onSkip({ code, offset = 0 }) {
        if (skipped.length < MOST_SKIPPED) skipped.push([code, offset]);
      },
    });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return decodedOf(undefined, chunks, skipped, expression, refusalOf(error));
  }
  codec = made;
  const found = pieces = new Pieces(made);
  const normal = formatOf(made) ?? expression;
  let at = 0;
  let started = performance.now();
  let isTold = false;
  for (let i = 0; i <= cuts.length; i++) {
    const end = cuts[i] ?? bytes.length;
    do {
      const to = Math.min(end, at + STEP_BYTES);
      found.push(bytes.subarray(at, to));
      at = to;
      if (performance.now() - started > STEP_MS) {
        if (!isTold) tell(decodedOf(found, chunks, skipped, normal));
        isTold = true;
        await new Promise((resolve) => setTimeout(resolve));
        if (own !== run) return undefined;
        started = performance.now();
      }
    } while (at < end && found.error === undefined);
    chunks[0].push(found.frames);
    chunks[1].push(found.decoder.bufferedBytes);
    chunks[2].push(found.decoder.pendingBytes);
    at = end;
  }
  found.finish();
  return { ...decodedOf(found, chunks, skipped, normal), done: true };
}

function decodedOf(
  found: Pieces | undefined,
  [frames, buffered, pending]: readonly [Numbers, Numbers, Numbers],
  skipped: readonly [string, number][],
  normal: string,
  refusal?: Refusal,
): Decoded {
  const offsets = new Uint32Array((found?.offsets.length ?? -1) + 1);
  if (found !== undefined) {
    offsets.set(found.offsets.all());
    offsets[offsets.length - 1] = found.end;
  }
  return {
    ...(refusal && { refusal }),
    normal,
    offsets,
    kinds: Uint8Array.from(found?.kinds.all() ?? []),
    frames: found?.frames ?? 0,
    chunkFrames: frames.all(),
    chunkBuffered: buffered.all(),
    chunkPending: pending.all(),
    failure: found?.error && failureOf(found.error),
    recovery: found?.error && codec && recoveryOf(codec, found.error),
    skipped,
    done: refusal !== undefined,
  };
}

function failureOf(error: FrameError): Failure {
  const { code, offset = 0, expected, got, message } = error;
  return {
    code,
    offset,
    expected,
    got,
    reason: message.split(`: expected ${expected}`)[0]!,
    // Behind good frames, it is looked at as if the stream began with it.
    hint: hintFor(
      errorAt(error, 0),
      bytes.subarray(offset, offset + HINT_BYTES),
    ),
  };
}

function refusalOf({ message, column = 1, suggestion }: FormatError): Refusal {
  return { message, column, suggestion };
}
