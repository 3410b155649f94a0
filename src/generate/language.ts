import type { Plan } from "./plan.ts";

/** A language that code can be generated in. */
export interface Language {
  /** The name of the file for a plan's name, as `frames.py` for `Frames`. */
  fileName(name: string): string;
  /**
   * Writes the code for a plan.
   *
   * @throws {TypeError} If the language cannot have such frames.
   */
  write(plan: Plan): string;
}
