import type { Language } from "../language.ts";

export const python: Language = {
  title: "python",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
