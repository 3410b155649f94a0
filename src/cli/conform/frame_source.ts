import { Seeded } from "./seeded.ts";
import { sameFrame } from "./same_frame.ts";
import type { TestedFormat } from "./tested_format.ts";

/** Makes frames of a format that come out of its codec as they went in. */
export class FrameSource {
  readonly #format: TestedFormat;
  readonly #random: Seeded;
  readonly #known: readonly unknown[];

  /** Makes it; `known` are frames for formats whose frames cannot be made up. */
  constructor(format: TestedFormat, seed: number, known: readonly unknown[]) {
    this.#format = format;
    this.#random = new Seeded(seed);
    this.#known = known.filter((frame) => this.isCarried(frame));
  }

  /** Whether the codec takes a frame and gives it back. */
  isCarried(frame: unknown): boolean {
    const bytes = this.#format.encode([frame]);
    if (bytes === undefined) return false;
    const { frames, error } = this.#format.decode(bytes);
    return error === undefined && frames.length === 1 &&
      sameFrame(frames[0], frame);
  }

  /** A frame of so many bytes; `undefined` if the format has none. */
  sized(size: number): unknown {
    const { form } = this.#format;
    const letters = this.letters(size);
    const frame = form === "bytes"
      ? this.#random.bytes(size)
      : form === "text" && size >= WIDE.length
      ? WIDE.text + lettersOf(size - WIDE.length)
      : letters;
    return [frame, letters].find((frame) =>
      frame !== undefined && this.isCarried(frame)
    );
  }

  /** The same of letters, which any format takes that takes the size. */
  letters(size: number): unknown {
    const { form } = this.#format;
    if (form === "text") return lettersOf(size);
    if (form === "bytes") return encoder.encode(lettersOf(size));
    // A text in JSON has quotes.
    if (form === "json" && size > 0) {
      return size === 1 ? 7 : lettersOf(size - 2);
    }
    return undefined;
  }

  /**
   * Some frames: of sizes that the format has, and now and then one of those that are
   * known.
   */
  sequence(most: number, sizes: readonly number[]): unknown[] {
    const known = [...this.#known, ...this.#values()];
    const length = 1 + this.#random.below(most);
    return Array.from({ length }, () => {
      const isKnown = sizes.length === 0 ||
        known.length > 0 && this.#random.below(4) === 0;
      return isKnown
        ? known[this.#random.below(known.length)]
        : this.sized(sizes[this.#random.below(sizes.length)]!);
    }).filter((frame) => frame !== undefined);
  }

  #values(): unknown[] {
    return this.#format.form === "json"
      ? VALUES.filter((value) => this.isCarried(value))
      : [];
  }
}

/** A text of more bytes than characters. */
const WIDE = { text: "é粘", length: 5 };

const VALUES = [null, true, -1.5e300, 'é粘\n"\\', [], {}, {
  name: [1, { deep: [[]] }],
}];

function lettersOf(length: number): string {
  return ALPHABET.repeat(Math.ceil(length / ALPHABET.length)).slice(0, length);
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const encoder = new TextEncoder();
