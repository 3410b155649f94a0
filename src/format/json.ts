import { checkKind } from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { FormatError } from "./format_error.ts";
import { cut, isArray, isObject, shown } from "./literals.ts";
import type { JsonObject } from "./options.ts";
import type { StageKind } from "./stage_kind.ts";
import {
  codecOfStages,
  type FormatOptions,
  MAX_STAGES,
  nearest,
  type ReadStage,
  stageKinds,
  stageNamed,
  stagesOf,
} from "./stages.ts";

/** One stage of a format as JSON: its name, and its options by their names in code. */
export interface StageJson {
  /** The name of the stage, as in text. */
  readonly stage: string;
  /** An option. Bytes that are not UTF-8 are `{ "hex": "…" }`. */
  readonly [option: string]: JsonValue;
}

/** A format as JSON: its stages, from the bytes of the stream up. */
export type FormatJson = readonly StageJson[];

/**
 * A codec as JSON: a list of its stages, from the bytes of the stream up, each with its
 * options by their names in code. Options that have their defaults are left out. Bytes
 * are strings where they are UTF-8, and `{ "hex": "…" }` otherwise.
 *
 * @example
 * ```ts
 * import { formatToJson } from "@framewire/framewire/format";
 * import { checksum, delimited } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const delimiter = Uint8Array.of(0xff);
 * assertEquals(formatToJson(checksum(delimited({ delimiter }), "crc32")), [
 *   { stage: "delimited", delimiter: { hex: "ff" } },
 *   { stage: "checksum", kind: "crc32" },
 * ]);
 * ```
 *
 * @param codec The codec; `parseFormat` makes one from text.
 * @returns The stages, or `undefined` if a part of the codec is no data: see
 * {@linkcode formatOf}.
 */
export function formatToJson(
  codec: Pick<Codec<never, unknown>, "description">,
): FormatJson | undefined {
  checkKind("codec", codec, "object");
  return stagesOf(codec.description)
    ?.map(({ kind, options }) => ({ stage: kind.name, ...options }));
}

/**
 * Makes a codec from its JSON form: see {@linkcode formatToJson}. The JSON may come
 * from a file or a user, as the text of {@linkcode parseFormat}.
 *
 * @example
 * ```ts
 * import { formatFromJson, formatOf } from "@framewire/framewire/format";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = formatFromJson(
 *   JSON.parse('[{ "stage": "length", "lengthBytes": 2 }, { "stage": "json" }]'),
 * );
 * assertEquals(codec.decode(Uint8Array.of(0, 1, 0x37)), [7]);
 * assertEquals(formatOf(codec), "length(2) | json");
 * ```
 *
 * @param json The stages.
 * @param options Who is told of frames that are passed over.
 * @returns The codec.
 * @throws {FormatError} If it is no format, or a codec refuses its options. Its `path`
 * says where.
 */
export function formatFromJson(
  json: unknown,
  options: FormatOptions = {},
): Codec<unknown> {
  if (!isArray(json) || json.length === 0) {
    throw wrong("", "a list of stages", json);
  }
  // One too many is refused with its place.
  return codecOfStages(
    json.slice(0, MAX_STAGES + 1).map(readStage),
    options,
  );
}

function readStage(json: unknown, index: number): ReadStage {
  const path = `/${index}`;
  if (!isObject(json)) throw wrong(path, "a stage and its options", json);
  const { stage, ...options } = json;
  if (typeof stage !== "string") {
    throw wrong(`${path}/stage`, "the name of a format", stage);
  }
  const kind = stageNamed(stage, { path: `${path}/stage` });
  const given = new Map(
    Object.entries(options).map(([name, value]) => {
      const place = { path: `${path}/${pointer(name)}` };
      if (!Object.hasOwn(kind.options, name)) {
        throw new FormatError({
          reason: "There is no such option",
          place,
          expected: `an option of ${stage}`,
          got: cut(name),
          suggestion: nearest(name, Object.keys(kind.options)),
        });
      }
      return [name, { value, place }];
    }),
  );
  return { kind, place: { path }, given };
}

/** A key in a JSON Pointer. */
function pointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function wrong(path: string, expected: string, got: unknown): FormatError {
  return new FormatError({
    reason: "The format cannot be read",
    place: { path },
    expected,
    got: shown(got),
  });
}

/**
 * The JSON Schema (draft 2020-12, <https://json-schema.org/draft/2020-12>) of what
 * {@linkcode formatFromJson} takes, for editors and configuration files. It does not
 * say all that the codecs check, such as that two bytes must be different.
 *
 * @example
 * ```ts
 * import { formatSchema } from "@framewire/framewire/format";
 * import { assertEquals } from "@std/assert";
 *
 * // A program can write it to a file that `$schema` of a configuration names.
 * assertEquals(JSON.parse(JSON.stringify(formatSchema)).type, "array");
 * ```
 */
export const formatSchema: JsonObject = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A frame format of framewire",
  type: "array",
  minItems: 1,
  maxItems: MAX_STAGES,
  prefixItems: [{ oneOf: schemasOf((kind) => !kind.isView) }],
  items: { oneOf: schemasOf((kind) => kind.isView) },
};

function schemasOf(includes: (kind: StageKind) => boolean): JsonObject[] {
  return stageKinds.filter(includes).map(({ name, options }) => {
    const entries = Object.entries(options);
    return {
      type: "object",
      properties: {
        stage: { const: name },
        ...Object.fromEntries(
          entries.map(([name, option]) => [name, {
            ...option.schema,
            ...(option.default !== undefined && { default: option.default }),
          }]),
        ),
      },
      required: [
        "stage",
        ...entries.filter(([, { required }]) => required).map(([name]) => name),
      ],
      additionalProperties: false,
    };
  });
}
