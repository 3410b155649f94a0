/** Resolves when something has become true; rejects after a time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`Not so: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
