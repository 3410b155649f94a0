/** A clock that begins now: milliseconds to the microsecond, as in recordings. */
export function clock(): () => number {
  const began = performance.now();
  return () => Math.round((performance.now() - began) * 1_000) / 1_000;
}
