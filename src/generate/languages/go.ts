import type { Language } from "../language.ts";

export const go: Language = {
  title: "go",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
