/**
 * Random inputs for all codecs, the same for the same seed. Whatever the bytes
 * are, they decode or end in a `FrameError`; another cut gives the same; and
 * what was decoded survives encoding and decoding again.
 */

import { ByteWriter, type Codec, FrameError } from "../../src/codec/mod.ts";
import { type FuzzTarget, fuzzTargets, type Options } from "./fuzz_targets.ts";
import { checkFields } from "./fuzz_fields.ts";
import { hexOf, must, mustBeSame } from "./must.ts";
import { Random } from "./random.ts";

/** Which inputs to run. */
export interface FuzzRange {
  readonly seed: number;
  readonly count: number;
  /** The number of the first input: 0 if absent. */
  readonly first?: number;
  /** The one codec to run; all, in turn, if absent. */
  readonly codec?: string;
}

/** What became of the inputs of one codec. */
export interface FuzzCounts {
  inputs: number;
  bytes: number;
  frames: number;
  skipped: number;
  errors: number;
}

/** An input that took long, to be looked at. */
export interface SlowInput {
  readonly replay: string;
  readonly milliseconds: number;
  readonly bytes: number;
}

/** What became of all inputs. */
export interface FuzzReport {
  readonly counts: ReadonlyMap<string, FuzzCounts>;
  readonly slow: readonly SlowInput[];
}

/** An input that a codec does not survive as it should. */
export class FuzzFailure extends Error {
  /** The command that runs this input again. */
  readonly replay: string;
  /** The input, in hexadecimal. */
  readonly input: string;
  /** The options of the codec. */
  readonly options: string;

  constructor(replay: string, trial: Trial, cause: unknown) {
    super(
      `${trial.target.name}: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { cause },
    );
    this.name = "FuzzFailure";
    this.replay = replay;
    this.input = hexOf(trial.input);
    this.options = JSON.stringify(trial.options);
  }
}

/**
 * Runs a range of inputs.
 *
 * @throws {FuzzFailure} At the first that fails.
 */
export function fuzz(range: FuzzRange): FuzzReport {
  const { seed, count, first = 0, codec } = range;
  const targets = codec === undefined
    ? fuzzTargets
    : fuzzTargets.filter(({ name }) => name === codec);
  if (targets.length === 0) {
    throw new TypeError(
      `No such codec: ${codec}; there are ${
        fuzzTargets.map(({ name }) => name).join(", ")
      }`,
    );
  }
  const counts = new Map<string, FuzzCounts>();
  const slow: SlowInput[] = [];
  for (let index = first; index < first + count; index++) {
    const target = targets[index % targets.length]!;
    const replay =
      `deno task fuzz --codec ${target.name} --seed ${seed} --first ${index} --count 1`;
    const random = new Random((Math.imul(seed, 0x9e3779b1) + index) | 0);
    const trial = makeTrial(target, random);
    const start = performance.now();
    let outcome: Outcome;
    try {
      outcome = check(trial, random);
    } catch (cause) {
      throw new FuzzFailure(replay, trial, cause);
    }
    const bytes = trial.input.length;
    if (performance.now() - start > 100) {
      // Once more: a busy machine makes any input slow now and then.
      const again = performance.now();
      check(trial, random);
      const milliseconds = performance.now() - again;
      if (milliseconds > 100) slow.push({ replay, milliseconds, bytes });
    }
    const sum = counts.get(target.name) ??
      { inputs: 0, bytes: 0, frames: 0, skipped: 0, errors: 0 };
    counts.set(target.name, sum);
    sum.inputs++;
    sum.bytes += bytes;
    sum.frames += outcome.frames.length;
    sum.skipped += outcome.skipped.length;
    if (outcome.error !== undefined) sum.errors++;
  }
  return { counts, slow };
}

// Inputs

/** One input, and the options it is decoded with. */
interface Trial {
  readonly target: FuzzTarget;
  readonly options: Options;
  readonly input: Uint8Array;
  /** The frames that it was made of, where nothing was changed in it. */
  readonly made: readonly unknown[] | undefined;
}

function makeTrial(target: FuzzTarget, random: Random): Trial {
  const options = target.options(random);
  const kind = random.below(8);
  if (kind === 0) {
    const input = random.bytes(random.length());
    return { target, options, input, made: undefined };
  }
  if (kind === 1) {
    const input = Uint8Array.from(
      { length: random.length() },
      () => random.pick(target.alphabet),
    );
    return { target, options, input, made: undefined };
  }
  const changed = kind >= 4;
  // Now and then frames are there that are too large for the decoder.
  const unlimited = changed && random.chance(0.3);
  const encoder = target.make(
    unlimited ? { ...options, maxFrameLength: 1_048_576 } : options,
  ).encoder();
  const output = new ByteWriter();
  const made: unknown[] = [];
  for (let left = random.below(6); left > 0; left--) {
    const frame = target.frame(random, options);
    try {
      encoder.encode(frame, output);
      made.push(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
    }
  }
  const input = output.take();
  if (!changed) return { target, options, input, made };
  return {
    target,
    options,
    input: mutated(input, target, random),
    made: undefined,
  };
}

/** The input with up to three things changed in it. */
function mutated(
  input: Uint8Array,
  { alphabet }: FuzzTarget,
  random: Random,
): Uint8Array {
  const bytes = [...input];
  for (let left = random.below(4); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const kind = random.below(7);
    if (kind === 0) bytes.length = at;
    else if (kind === 1) bytes.splice(at, 1 + random.below(4));
    else if (kind === 2) bytes.splice(at, 0, random.pick(alphabet));
    else if (kind === 3) bytes.splice(at, 0, random.below(256));
    else if (kind === 4) {
      bytes.splice(at, 0, ...bytes.slice(at, at + random.below(8)));
    } else if (at < bytes.length) {
      bytes[at] = kind === 5
        ? bytes[at]! ^ 1 << random.below(8)
        : random.pick(alphabet);
    }
  }
  return Uint8Array.from(bytes);
}

/** The input in chunks, each a view into a buffer of its own. */
function cut(input: Uint8Array, random: Random): Uint8Array[] {
  const most = random.pick([1, 2, 8, 64, 1 + input.length]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = Math.min(input.length, at + random.below(most + 1));
    const buffer = new Uint8Array(end - at + 3).fill(0x0a);
    buffer.set(input.subarray(at, end), 2);
    chunks.push(buffer.subarray(2, 2 + end - at));
    at = end;
  }
  return chunks;
}

// What must hold

interface Outcome {
  readonly frames: unknown[];
  readonly skipped: number[];
  readonly error: FrameError | undefined;
}

function check(trial: Trial, random: Random): Outcome {
  const { target, options, input, made } = trial;
  const outcome = decode(target, options, [input], false);
  const { frames, skipped, error } = outcome;
  const other = decode(target, options, cut(input, random), random.chance(0.3));
  mustBeSame("frames, cut otherwise", other.frames, frames);
  mustBeSame("skipped, cut otherwise", other.skipped, skipped);
  mustBeSame("error, cut otherwise", told(other.error), told(error));
  if (made !== undefined) {
    mustBeSame("error of what was encoded", told(error), undefined);
    mustBeSame("skipped of what was encoded", skipped, []);
    if (target.exact(options)) mustBeSame("what was encoded", frames, made);
    else mustBeSame("how much was encoded", frames.length, made.length);
  }
  if (random.chance(0.25)) {
    checkStop(trial, outcome, random.below(frames.length + 1));
  }
  if (random.chance(0.25)) checkFields(target.make(options), input);
  checkRoundTrip(trial, outcome);
  return outcome;
}

/** Decodes, and checks what holds for every decoder and every input. */
function decode(
  target: FuzzTarget,
  options: Options,
  chunks: readonly Uint8Array[],
  late: boolean,
): Outcome {
  const skipped: number[] = [];
  const frames: unknown[] = [];
  let pushed = 0;
  let failed: unknown;
  let last = 0;
  const inOrder = (offset: number | undefined) => {
    must(offset !== undefined && offset >= last, `${offset} after ${last}`);
    must(offset! <= pushed, `${offset} of ${pushed}`);
    last = offset!;
  };
  const decoder = target.make({
    ...options,
    onSkip(error: FrameError) {
      inOrder(error.offset);
      skipped.push(error.offset!);
    },
  }).decoder();
  const pull = () => {
    if (failed !== undefined) return;
    try {
      while (true) {
        const frame = decoder.next();
        must(decoder.bufferedBytes <= pushed, "more is held than was pushed");
        if (frame === undefined) return;
        inOrder(decoder.frameOffset);
        frames.push(frame);
        must(frames.length <= pushed, "there are more frames than bytes");
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      failed = error;
      inOrder(error.offset);
      must(thrownBy(() => decoder.next()) === error, "the error is gone");
    }
  };
  for (const chunk of chunks) {
    pushed += chunk.length;
    decoder.push(chunk);
    must(decoder.bufferedBytes <= pushed, "more is held than was pushed");
    if (!late) pull();
  }
  decoder.end();
  pull();
  if (failed === undefined) {
    must(decoder.next() === undefined, "there is a frame after the end");
    must(decoder.bufferedBytes === 0, "bytes are held after the end");
  }
  return { frames, skipped, error: failed as FrameError | undefined };
}

/** Stops after some frames: another decoder goes on with the rest. */
function checkStop(
  { target, options, input }: Trial,
  { frames, error }: Outcome,
  count: number,
): void {
  const decoder = target.make(options).decoder();
  decoder.push(input);
  const got: unknown[] = [];
  while (got.length < count) {
    const frame = decoder.next();
    // The rest comes only with the end of the stream.
    if (frame === undefined) return;
    got.push(frame);
  }
  // To ask for a frame that is not whole yet takes nothing away.
  const skips = options.onOversize === "skip" || options.onInvalid === "skip";
  if (count === frames.length && !skips) {
    try {
      if (decoder.next() !== undefined) return;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return;
    }
  }
  const unread = decoder.takeUnread();
  must(decoder.bufferedBytes === 0, "bytes are held after takeUnread()");
  const rest = decode(target, options, [unread], false);
  mustBeSame("frames, stopped", [...got, ...rest.frames], frames);
  mustBeSame("error, stopped", rest.error?.code, error?.code);
}

/** Encodes what was decoded, and decodes it again. */
function checkRoundTrip(
  { target, options, input }: Trial,
  { frames, skipped, error }: Outcome,
): void {
  const codec: Codec<unknown> = target.make(options);
  const encoder = codec.encoder();
  const output = new ByteWriter();
  for (const frame of frames) {
    const before = output.length;
    try {
      encoder.encode(frame, output);
    } catch (thrown) {
      if (!(thrown instanceof FrameError)) throw thrown;
      must(thrown.offset === undefined, "a refusal has an offset");
      must(output.length === before, "a refusal leaves bytes");
      must(target.mayRefuse === true, `refused: ${thrown.message}`);
      return;
    }
  }
  const encoded = output.take();
  const again = decode(target, options, [encoded], false);
  const { normal = (frame) => frame } = target;
  mustBeSame(
    "frames, encoded again",
    again.frames.map(normal),
    frames.map(normal),
  );
  mustBeSame("error, encoded again", told(again.error), undefined);
  if (
    error === undefined && skipped.length === 0 && target.canonical(options)
  ) mustBeSame("bytes, encoded again", encoded, input);
}

function told(error: FrameError | undefined): unknown {
  return error && { code: error.code, text: error.message };
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
