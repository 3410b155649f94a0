import type { Language } from "../language.ts";
import { fileOf } from "./java/file.ts";

/** Java 11 and later. */
export const java: Language = {
  fileName: (name) => `${name}.java`,
  write(plan) {
    const text = fileOf(plan);
    // A class hides what has the same name outside of it, and nothing in it may have
    // its name but its constructor.
    const uses = text
      .replaceAll(/^ *(?:\/\/|\/?\*).*$|"(?:[^"\\]|\\.)*"/gm, "")
      .match(new RegExp(`\\b${plan.name}\\b`, "g")) ?? [];
    if (uses.length > 2) {
      throw new TypeError(
        `Cannot call Java code ${plan.name}: expected a name that it does not use itself`,
      );
    }
    return text;
  },
};
