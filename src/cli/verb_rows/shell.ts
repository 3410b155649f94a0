import type { VerbRow } from "../verb_row.ts";

/** The verbs for a shell and its user. */
export const shell: Readonly<
  Record<"completions" | "man" | "help", VerbRow>
> = {
  completions: {
    summary: "print completions for a shell",
    about: [],
    operands: [{
      name: "SHELL",
      help: "bash, zsh or fish",
      offers: ["bash", "zsh", "fish"],
    }],
    flags: [],
    examples: [
      [
        "completions bash > ~/.local/share/bash-completion/completions/framewire",
        "bash",
      ],
      ["completions zsh > ~/.zfunc/_framewire", "zsh, with ~/.zfunc in fpath"],
      ["completions fish > ~/.config/fish/completions/framewire.fish", "fish"],
    ],
  },
  man: {
    summary: "print the manual page",
    about: [],
    operands: [],
    flags: [],
    examples: [["man | man -l -", "read it"]],
  },
  help: {
    summary: "print help",
    about: [],
    operands: [{
      name: "VERB",
      help: "one of the verbs",
      optional: true,
      offers: "verbs",
    }],
    flags: [],
    examples: [["help connect", ""]],
  },
};
