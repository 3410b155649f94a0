/** The iterator of a source of either kind. */
export function iteratorOf<T>(
  source: AsyncIterable<T> | Iterable<T>,
): AsyncIterator<T> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  const iterator = source[Symbol.iterator]();
  return {
    // An error that `next` throws becomes a rejection.
    next: () => new Promise((resolve) => resolve(iterator.next())),
    return: async () => await iterator.return?.() ?? over,
  };
}

const over = { done: true, value: undefined } as const;

/**
 * Tells a source that no more is wanted. Its answer is not awaited: a source that
 * hangs may never give one.
 */
export function leave(iterator: AsyncIterator<unknown>): void {
  (async () => await iterator.return?.())().catch(() => undefined);
}
