/** Finds the browser that tests run in: on Deno. */

import { run } from "../../scripts/testing/process.ts";

/** The path of Chromium, by the name that Debian gives it, or others. */
export async function findChromium(): Promise<string | undefined> {
  for (const program of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      const { ok } = await run([program, "--version"]);
      if (ok) return (await run(["which", program])).output.trim();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
