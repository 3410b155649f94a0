import { checkCount, checkOptions, type OptionKinds } from "../checks.ts";
import type {
  SchemaIssue,
  StandardSchema,
} from "../codec/views/standard_schema.ts";

/** Options of {@linkcode argumentList}. */
export interface ArgumentListOptions {
  /**
   * The fewest arguments.
   *
   * @default {0}
   */
  min?: number;
  /**
   * The most arguments.
   *
   * @default {min, or 1 where that is more}
   */
  max?: number;
  /**
   * What every argument must match as a whole, however the pattern is anchored.
   *
   * @default {anything}
   */
  pattern?: RegExp;
  /**
   * Whether arguments may begin with `-`. Most programs take those for options,
   * and many an option of a harmless program writes files or runs others.
   *
   * @default {false}
   */
  allowOptions?: boolean;
}

const kinds: OptionKinds<ArgumentListOptions> = {
  max: "checked",
  min: "checked",
  pattern: ["test"],
  allowOptions: "boolean",
};

/**
 * A schema of arguments: so many texts. None is interpreted: what a shell would
 * take for its own arrives at the program as it is.
 *
 * @example
 * ```ts
 * import { argumentList } from "@framewire/framewire/exec";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const schema = argumentList({ min: 1, pattern: /[\w.]+/ })["~standard"];
 * assertEquals(schema.validate(["notes.txt"]), { value: ["notes.txt"] });
 * for (const given of [[], ["a", "b"], ["-rf"], ["../up"], ["a\n"], [1], "a"]) {
 *   assert("issues" in schema.validate(given));
 * }
 * ```
 *
 * @param options How many, and which.
 * @returns The schema.
 * @throws {TypeError} If there is no such option.
 * @throws {RangeError} If a number is out of its range.
 */
export function argumentList(
  options: ArgumentListOptions = {},
): ArgumentSchema {
  checkOptions("argumentList", options, kinds);
  const { min = 0, pattern, allowOptions = false } = options;
  const { max = Math.max(min, 1) } = options;
  checkCount("min", min, 0);
  checkCount("max", max, min);
  // "m" would let other lines pass; "g" and "y" would remember a position.
  const whole = pattern &&
    new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ""));
  const check = (value: unknown): string | undefined => {
    if (typeof value !== "string") return "expected text";
    if (!allowOptions && value.startsWith("-")) {
      return "options are not allowed";
    }
    return whole?.test(value) === false ? `expected ${pattern}` : undefined;
  };
  return {
    "~standard": {
      version: 1,
      vendor: "framewire",
      validate(value) {
        if (!Array.isArray(value) || value.length < min || value.length > max) {
          return {
            issues: [{ message: `expected ${min} to ${max} arguments` }],
          };
        }
        const issues = value.flatMap((one: unknown, i): SchemaIssue[] => {
          const message = check(one);
          return message === undefined ? [] : [{ message, path: [i] }];
        });
        return issues.length > 0 ? { issues } : { value: [...value] };
      },
    },
  };
}

/** A synchronous schema of arguments. */
export interface ArgumentSchema extends StandardSchema<unknown, string[]> {
  /** The properties of the interface. */
  readonly "~standard": {
    /** The version of the interface. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: string;
    /** Validates a value. */
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: string[]; readonly issues?: undefined }
      | { readonly issues: readonly SchemaIssue[] };
  };
}
