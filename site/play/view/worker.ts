/// <reference lib="dom" />
import type { Answer, Engine, Question } from "../protocol.ts";

/** What the worker does, with promises of the results. */
export type RemoteEngine = {
  readonly [Method in keyof Engine]: (
    ...args: Parameters<Engine[Method]>
  ) => Promise<Awaited<ReturnType<Engine[Method]>>>;
};

/** Starts the engine in its worker. */
export function startEngine(): RemoteEngine {
  const { engine = "" } = document.body.dataset;
  const worker = new Worker(URL.createObjectURL(new Blob([engine])));
  const waiting = new Map<number, {
    resolve(value: unknown): void;
    reject(error: Error): void;
    tell: unknown;
  }>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const { id, value, error, more } = data;
    const asked = waiting.get(id);
    if (more) {
      (asked?.tell as ((value: unknown) => void) | undefined)?.(value);
      return;
    }
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  };
  const ask = (method: keyof Engine) => (...args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const tell = args.at(-1);
      waiting.set(id, { resolve, reject, tell });
      const question: Question = {
        id,
        method,
        args: typeof tell === "function" ? args.slice(0, -1) : args,
      };
      worker.postMessage(question);
    });
  return new Proxy({} as RemoteEngine, {
    get: (_, method) => ask(method as keyof Engine),
  });
}
