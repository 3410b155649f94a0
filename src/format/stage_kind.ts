import type { Codec } from "../codec/types.ts";
import type { Option } from "./options.ts";

/** One kind of stage: all that parsing, printing, JSON and its schema need. */
export interface StageKind {
  /** The name in expressions and in JSON. */
  readonly name: string;
  /** The `kind` in the description of its codecs. */
  readonly kind: string;
  /** Whether it is laid over another stage. */
  readonly isView: boolean;
  /**
   * The options by their names in code, in the order in which they are printed: those
   * without a name first.
   */
  readonly options: Readonly<Record<string, Option>>;
  /**
   * The options that are written without their names in text. Where two of them take
   * the same values, both are required.
   */
  readonly positional: readonly string[];
  /** Whether its frames are bytes, so that another stage can be laid over it. */
  givesBytes(options: never): boolean;
  /** Makes its codec. It throws what the codec throws. */
  make(options: never, over: Codec<Uint8Array>): Codec<never, unknown>;
  /**
   * Makes its codec where another stage is laid over it, if that is another one.
   */
  makeUnder?(options: never): Codec<never, unknown>;
}

/** The options of a codec that are data: each must be in the table. */
export type OptionTable<Options> = {
  readonly [Name in keyof Omit<Options, "onSkip">]-?: Option;
};

/** A kind of stage in a table, with the type of its options. */
interface StageRow<Options> extends Pick<StageKind, "name" | "kind"> {
  readonly options: OptionTable<Options>;
  readonly isView?: boolean;
  readonly positional?: readonly (keyof OptionTable<Options> & string)[];
  readonly givesBytes?: (options: Options) => boolean;
  readonly make: (
    options: Options,
    over: Codec<Uint8Array>,
  ) => Codec<never, unknown>;
  readonly makeUnder?: (options: Options) => Codec<never, unknown>;
}

/** Fills in what a row of a table leaves out: it is a format of frames of bytes. */
export function stageKind<Options>(row: StageRow<Options>): StageKind {
  return { isView: false, positional: [], givesBytes: () => true, ...row };
}
