import type { Language } from "../language.ts";

export const csharp: Language = {
  title: "csharp",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
