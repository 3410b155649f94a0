import type { Codec, CodecDescription } from "../codec/types.ts";
import type { FrameError } from "../codec/errors.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { checkOptions, nearestOf, type OptionKinds } from "../checks.ts";
import { codecStages } from "./codec_stages.ts";
import { FormatError, type FormatPlace } from "./format_error.ts";
import { cut, shown } from "./literals.ts";
import type { JsonObject } from "./options.ts";
import { presetStages } from "./preset_stages.ts";
import type { StageKind } from "./stage_kind.ts";

/** How many stages a format has at most. */
export const MAX_STAGES = 16;

/** A stage that has been read, before its options are checked. */
export interface ReadStage {
  readonly kind: StageKind;
  readonly place: FormatPlace;
  /** The options that were given, in JSON. */
  readonly given: ReadonlyMap<string, GivenOption>;
}

/** The value of an option, in JSON, and where it stands. */
export interface GivenOption {
  readonly value: JsonValue;
  readonly place: FormatPlace;
}

/** A stage of a codec, with the options in JSON that it does not have by default. */
export interface WrittenStage {
  readonly kind: StageKind;
  readonly options: JsonObject;
}

/** All kinds of stages: what parsing, printing, JSON and its schema have in common. */
export const stageKinds: readonly StageKind[] = [
  ...codecStages,
  ...presetStages,
];
const byName = new Map(stageKinds.map((kind) => [kind.name, kind]));
/** The stages by their names without `preset:`, for errors. */
const byBareName = new Map(
  stageKinds.map(({ name }) => [name.replace("preset:", ""), name]),
);
const byKind = new Map(stageKinds.map((kind) => [kind.kind, kind]));

/**
 * The kind of stage of a name.
 *
 * @throws {FormatError} If there is none.
 */
export function stageNamed(name: string, place: FormatPlace): StageKind {
  const kind = byName.get(name);
  if (kind !== undefined) return kind;
  const bareName = nearest(name.replace("preset:", ""), byBareName.keys());
  throw new FormatError({
    reason: "There is no such format",
    place,
    expected: "the name of a format",
    got: cut(name),
    suggestion: bareName === undefined ? undefined : byBareName.get(bareName),
  });
}

/** The name that was probably meant, for errors. */
export function nearest(
  name: string,
  names: Iterable<string>,
): string | undefined {
  // No name is that long, and the search takes time by the length.
  return name.length > 40 ? undefined : nearestOf(name, names);
}

/** How {@linkcode parseFormat} and `formatFromJson` make their codecs. */
export interface FormatOptions {
  /**
   * The decoder calls it once for each frame that a stage passes over, with the error
   * that would have ended the stream: where the format says `onInvalid=skip` or
   * `onOversize=skip`. If it throws, the stream ends with what it throws.
   */
  onSkip?: (error: FrameError) => void;
}

const kinds: OptionKinds<FormatOptions> = { onSkip: "function" };

/**
 * Makes the codec of stages that have been read.
 *
 * @throws {FormatError} If a stage is not where it can be, or has wrong options.
 */
export function codecOfStages(
  stages: readonly ReadStage[],
  options: FormatOptions,
): Codec<unknown> {
  checkOptions("a format", options, kinds);
  const { onSkip } = options;
  let codec: Codec<never, unknown> | undefined;
  let givesBytes = true;
  stages.forEach((stage, i) => {
    checkOrder(stage, i, givesBytes);
    const { kind, place } = stage;
    const skips = "onInvalid" in kind.options || "onOversize" in kind.options;
    const options = {
      ...optionsOf(stage),
      ...(skips && onSkip !== undefined && { onSkip }),
    } as never;
    const isUnder = i < stages.length - 1;
    try {
      codec = isUnder && kind.makeUnder !== undefined
        ? kind.makeUnder(options)
        : kind.make(options, codec as unknown as Codec<Uint8Array>);
    } catch (error) {
      throw refused(error, place);
    }
    givesBytes = kind.givesBytes(options);
  });
  return codec as unknown as Codec<unknown>;
}

function checkOrder(
  { kind, place }: ReadStage,
  index: number,
  givesBytes: boolean,
): void {
  if (index === MAX_STAGES) {
    throw new FormatError({
      reason: "The format is too long",
      place,
      expected: `at most ${MAX_STAGES} stages`,
      got: "more",
    });
  }
  if (kind.isView === index > 0 && givesBytes) return;
  throw new FormatError({
    reason: "The stage cannot stand there",
    place,
    expected: index === 0
      ? "a format of frames to begin with"
      : givesBytes
      ? "one that is laid over frames of bytes"
      : "the end, because the frames are no bytes here",
    got: kind.name,
  });
}

/** The options of a stage, as its codec takes them. */
function optionsOf({ kind, place, given }: ReadStage): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(kind.options)) {
    const one = given.get(name);
    if (one !== undefined) {
      const value = option.read(one.value);
      if (value === undefined) {
        throw new FormatError({
          reason: `${name} cannot be that`,
          place: one.place,
          expected: option.expected,
          got: shown(one.value),
          suggestion: typeof one.value === "string" &&
              typeof option.words === "object"
            ? nearest(one.value, option.words)
            : undefined,
        });
      }
      options[name] = value;
    } else if (option.required) {
      throw new FormatError({
        reason: `${kind.name} is not complete`,
        place,
        expected: `${name}, ${option.expected}`,
        got: "none",
      });
    }
  }
  return options;
}

/** The error of a codec that refused its options: “Cannot use NAME: expected …”. */
function refused(cause: unknown, place: FormatPlace): FormatError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, reason, expected, got] =
    /^(.*?): expected (.*?)(?:, got (.*))?$/s.exec(message) ?? [];
  return new FormatError({
    reason: reason ?? "The codec refuses its options",
    place,
    expected: expected ?? "other options",
    got: got ?? (expected === undefined ? message : "something else"),
    cause,
  });
}

/** The stages of a codec; `undefined` where a part of it is no data. */
export function stagesOf(
  description: CodecDescription | undefined,
): readonly WrittenStage[] | undefined {
  if (description === undefined) return undefined;
  const stages: WrittenStage[] = [];
  for (
    let part: CodecDescription | undefined = description;
    part !== undefined;
    part = part.over
  ) {
    const stage = stageOf(part);
    if (stage === undefined || stages.length === MAX_STAGES) return undefined;
    stages.push(stage);
    // What a preset is made of is not written.
    if (!stage.kind.isView) break;
  }
  return stages.reverse();
}

function stageOf(part: CodecDescription): WrittenStage | undefined {
  const kind = byKind.get(part.kind);
  if (kind === undefined) return undefined;
  const isKnown = (option: string) => Object.hasOwn(kind.options, option);
  if (!Object.keys(part.options).every(isKnown)) return undefined;
  const options: Record<string, JsonValue> = {};
  for (const [name, option] of Object.entries(kind.options)) {
    const value = part.options[name];
    if (value === undefined) continue;
    const json = option.write(value);
    if (json === undefined) return undefined;
    if (json !== option.default) options[name] = json;
  }
  return { kind, options };
}
