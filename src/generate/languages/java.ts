import type { Language } from "../language.ts";

export const java: Language = {
  title: "java",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
