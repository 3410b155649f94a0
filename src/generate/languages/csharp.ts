import type { Language } from "../language.ts";
import { fileOf } from "./csharp/file.ts";

/** C# for .NET and Mono. */
export const csharp: Language = {
  fileName: (name) => `${name}.cs`,
  write(plan) {
    const text = fileOf(plan);
    // A namespace hides what has the same name outside of it.
    const uses = text.replaceAll(/^ *\/\/.*$|"(?:[^"\\]|\\.)*"/gm, "")
      .match(new RegExp(`\\b${plan.name}\\b`, "g")) ?? [];
    if (uses.length > 1) {
      throw new TypeError(
        `Cannot call C# code ${plan.name}: expected a name that it does not use itself`,
      );
    }
    return text;
  },
};
