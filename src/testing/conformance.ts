/** One test of a suite, such as {@linkcode transportTests}. */
export interface ConformanceTest {
  /** What it tests: "symbol() does X when Y". */
  readonly name: string;
  /** Runs it; rejects with what was found wrong. */
  run(): Promise<void>;
}

/** Rejects when a test takes longer than it may. */
export async function within(
  ms: number,
  running: Promise<void>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The test was not done in ${ms} ms`)),
      ms,
    );
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
