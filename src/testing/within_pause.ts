import { after } from "../net/timer.ts";

/** What a promise resolves to; `undefined` if it does not within a time. */
export async function withinPause<T>(
  promise: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  let cancel: () => void = () => undefined;
  const pause = new Promise<undefined>((resolve) => {
    cancel = after(ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([promise, pause]);
  } finally {
    cancel();
  }
}
