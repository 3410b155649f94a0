import type { Verb } from "./program.ts";
import type { VerbName } from "./verb_row.ts";

/** Loads the code of a verb: what another one needs stays where it is. */
export const loadVerb: Readonly<Record<VerbName, () => Promise<Verb>>> = {
  connect: async () => (await import("./verbs/connect.ts")).connect,
  listen: async () => (await import("./verbs/listen.ts")).listen,
  send: async () => (await import("./verbs/send.ts")).send,
  request: async () => (await import("./verbs/request.ts")).request,
  decode: async () => (await import("./verbs/decode.ts")).decode,
  encode: async () => (await import("./verbs/encode.ts")).encode,
  inspect: async () => (await import("./verbs/inspect.ts")).inspect,
  guess: async () => (await import("./verbs/guess.ts")).guess,
  proxy: async () => (await import("./verbs/proxy.ts")).proxy,
  record: async () => (await import("./verbs/record.ts")).record,
  replay: async () => (await import("./verbs/replay.ts")).replay,
  bench: async () => (await import("./verbs/bench.ts")).bench,
  conform: async () => (await import("./verbs/conform.ts")).conform,
  presets: async () => (await import("./verbs/presets.ts")).presets,
  format: async () => (await import("./verbs/format.ts")).format,
  generate: async () => (await import("./verbs/generate.ts")).generate,
  completions: async () => (await import("./verbs/completions.ts")).completions,
  man: async () => (await import("./verbs/man.ts")).man,
  help: async () => (await import("./verbs/help.ts")).help,
};
