/** A value that follows the asynchronous calls of a function. */
export interface AsyncContext<T> {
  /** Calls a function; `get` returns the value in it and in all that it calls. */
  run<R>(value: T, body: () => R): R;
  /** The value, where the caller is, or was called by, a function that has one. */
  get(): T | undefined;
}

/** The part of `AsyncLocalStorage` that is used here. */
interface Storage<T> {
  run<R>(value: T, body: () => R): R;
  getStore(): T | undefined;
}

/** The part of `AsyncResource` that is used here. */
export interface Place {
  /** Calls a function as if from where the place was made. */
  runInAsyncScope<R>(body: () => R): R;
}

interface AsyncHooks {
  AsyncLocalStorage?: new <T>() => Storage<T>;
  AsyncResource?: new (
    name: string,
    options: { requireManualDestroy: boolean },
  ) => Place;
}

/** All runtimes but browsers have it; Node before 20.16 does not lend it. */
const { process } = globalThis as {
  process?: { getBuiltinModule?(name: string): unknown };
};
const { AsyncLocalStorage, AsyncResource } = (process?.getBuiltinModule?.(
  "node:async_hooks",
) ?? {}) as AsyncHooks;

/** Where the function that runs now was called from, as far as it was told. */
let caller: Place | undefined;

/**
 * Says where all that runs until the next call of this is called from; returns
 * what was said before. It costs less than to call a function from there, and
 * does not follow a promise.
 */
export function callFrom(place: Place | undefined): Place | undefined {
  const before = caller;
  caller = place;
  return before;
}

/** Makes a value that follows calls; where the runtime has none, it is not known. */
export function asyncContext<T>(): AsyncContext<T> {
  if (AsyncLocalStorage === undefined) {
    return { run: (_, body) => body(), get: () => undefined };
  }
  const storage = new AsyncLocalStorage<T>();
  const get = () => storage.getStore();
  return {
    run: (value, body) => storage.run(value, body),
    get: () => get() ?? caller?.runInAsyncScope(get),
  };
}

/**
 * Returns the place where the program is, with the values that are there now;
 * `undefined` where the runtime has none.
 */
export function here(): Place | undefined {
  if (AsyncResource === undefined) return undefined;
  // It has nothing to destroy, which the runtime would have to keep track of.
  return new AsyncResource("framewire", { requireManualDestroy: true });
}
