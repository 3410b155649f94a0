/** The items of an iteration up to the abort of a signal, which ends a wait at once. */
export async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  let stop: (() => void) | undefined;
  const onAbort = () => stop?.();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      const next = await new Promise<IteratorResult<T> | undefined>(
        (resolve, reject) => {
          stop = () => resolve(undefined);
          iterator.next().then(resolve, reject);
        },
      );
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // A read that is under way would have to come to its end first.
    if (!signal.aborted) await iterator.return?.();
  }
}
