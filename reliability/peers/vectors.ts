/** A server for each format, with its options, of `tests/vectors/`. */
import { FrameError, serve } from "../../mod.ts";
import {
  codecOf,
  formatNamed,
  vectorFiles,
} from "../../tests/support/vectors.ts";
import { answer, block, givenSettings, LoopWatch } from "./control.ts";

interface Settings {
  /** Which format they have instead of their own. */
  readonly format?: string;
  /** After how many frames the handler throws an error of its own, and blocks. */
  readonly faultEvery?: number;
}

/** What became of a connection. */
export interface Fate {
  frames: number;
  errors: string[];
  /** Whether all of these are a `FrameError`. */
  typed: boolean;
}

const { format: other, faultEvery = Infinity } = givenSettings<Settings>();
const ports: Record<string, number> = {};
const fates = new Map<number, Fate>();
const watch = new LoopWatch();
let frames = 0;

for (const { format, vectors } of vectorFiles()) {
  for (const { input, options = {} } of vectors) {
    const key = JSON.stringify([format, options]);
    if (input === undefined || key in ports) continue;
    const codec = other === undefined
      ? codecOf(formatNamed(format), options)
      : codecOf(formatNamed(other));
    const server = await serve(
      { address: { port: 0 }, codec, onError: () => undefined },
      async (connection) => {
        const { remoteAddress } = connection;
        const fate: Fate = { frames: 0, errors: [], typed: true };
        if ("port" in remoteAddress) fates.set(remoteAddress.port, fate);
        try {
          await connection.forEach(() => {
            fate.frames++;
            if (++frames % faultEvery !== 0) return;
            block(200);
            throw new TypeError("A handler that throws");
          });
        } catch (error) {
          fate.errors.push(
            error instanceof FrameError
              ? `${error.code} at ${error.offset}`
              : String(error),
          );
          fate.typed &&= error instanceof FrameError;
          throw error;
        }
      },
    );
    if ("port" in server.address) ports[key] = server.address.port;
  }
}

await answer({ ports }, {
  /** What became of a client's connections, by its ports; and begins anew. */
  take: () => {
    const taken = Object.fromEntries(fates);
    fates.clear();
    return { fates: taken, frames, stall: watch.take() };
  },
});
