/// <reference lib="webworker" />
import type { Answer, Question } from "../protocol.ts";
import { engine } from "./engine.ts";

const answer = (answer: Answer) => postMessage(answer);

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  const { id, method, args } = data;
  const tell = (value: unknown) => answer({ id, value, more: true });
  try {
    const call = engine[method] as (...args: readonly unknown[]) => unknown;
    answer({ id, value: await call(...args, tell) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? error.message : `${error}` });
  }
});
