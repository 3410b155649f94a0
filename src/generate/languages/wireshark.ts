import type { Language } from "../language.ts";

export const wireshark: Language = {
  title: "wireshark",
  fileName: (name) => name,
  write: () => {
    throw new TypeError("Not written yet");
  },
};
