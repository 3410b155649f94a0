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
      ? WIDE.text + this.#random.letters(size - WIDE.length)
      : letters;
    return [frame, letters].find((frame) =>
      frame !== undefined && this.isCarried(frame)
    );
  }

  /** The same of letters, which any format takes that takes the size. */
  letters(size: number): unknown {
    switch (this.#format.form) {
      case "bytes":
        return encoder.encode(this.#random.letters(size));
      case "text":
        return this.#random.letters(size);
      case "json":
        return size < 2
          ? size === 1 ? 7 : undefined
          : this.#random.letters(size - 2);
      case "own":
        return undefined;
    }
  }

  /** Some frames, of the sizes that the format has. */
  sequence(length: number, sizes: readonly number[]): unknown[] {
    const choices = [...this.#known, ...this.#values()];
    return Array.from({ length: 1 + this.#random.below(length) }, () => {
      const size = sizes[this.#random.below(sizes.length)];
      const isChosen = size === undefined || this.#random.below(4) === 0;
      return isChosen && choices.length > 0
        ? choices[this.#random.below(choices.length)]
        : size === undefined
        ? undefined
        : this.sized(size);
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

const encoder = new TextEncoder();
