import type { Language } from "../language.ts";

export const rust: Language = {
  title: "rust",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
