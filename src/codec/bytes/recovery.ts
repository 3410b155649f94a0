import { checkChoice } from "../../checks.ts";
import type { FrameError } from "../errors.ts";
import type { RecoveryOptions } from "../types.ts";

/** How many bytes of a frame go into its error. */
export const SHOWN_BYTES = 64;

/**
 * Makes the error of a frame. It is called only where somebody wants the error: to make
 * one takes as long as to read a hundred short frames, and a peer decides how many
 * there are.
 */
export type Refusal = () => FrameError;

/** What a mapping throws in the place of the error of a frame, which is made later. */
export class Refused {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

/** What a decoder does with a frame that is not valid. */
export interface Recovery {
  /** Whether such frames are passed over. */
  readonly skips: boolean;
  /**
   * Throws the error of a frame, or passes it to `onSkip` if such frames are passed
   * over. The beginning of `bytes`, those of the frame, is added to the error.
   */
  refuse(refusal: Refusal, bytes: Uint8Array | undefined): void;
}

/** Checks the options of recovery and fills in their defaults. */
export function recovery(options: RecoveryOptions): Recovery {
  const { onInvalid = "error", onSkip } = options;
  checkChoice("onInvalid", onInvalid, ["error", "skip"]);
  const skips = onInvalid === "skip";
  return {
    skips,
    refuse(refusal, bytes) {
      if (skips && onSkip === undefined) return;
      const error = refusal();
      if (bytes !== undefined && error.bytes === undefined) {
        Object.assign(error, { bytes: bytes.slice(0, SHOWN_BYTES) });
      }
      if (!skips) throw error;
      onSkip?.(error);
    },
  };
}
