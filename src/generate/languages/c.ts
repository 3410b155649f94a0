import type { Language } from "../language.ts";

export const c: Language = {
  title: "c",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
