/** What must be there before anything can be checked or tested. */

import { toFileUrl } from "./paths.ts";
import { root, run } from "./process.ts";

/** What {@link prepare} found and made. */
export interface Environment {
  /** Whether JSR answers. */
  readonly jsr: boolean;
  /** Deno's options that resolve `@std/*` on this machine. */
  readonly resolution: readonly string[];
  /** A folder for reports and other passing files. */
  readonly scratch: string;
}

/** What `deno.json` holds, as far as the scripts need it. */
export interface DenoConfig {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

/** Reads `deno.json`. */
export async function readDenoConfig(): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(`${root}deno.json`));
}

/** Installs the development packages and decides between JSR and stand-ins. */
export async function prepare(): Promise<Environment> {
  await ensureNodeModules();
  const scratch = await Deno.makeTempDir({ prefix: "framewire-test-" });
  globalThis.addEventListener(
    "unload",
    () => Deno.removeSync(scratch, { recursive: true }),
  );
  const jsr = await jsrAnswers();
  if (jsr) {
    console.log("JSR answers: Deno tests with @std/assert and @std/bytes.");
    return { jsr, resolution: [], scratch };
  }
  console.log(
    "JSR does not answer: Deno too tests with the stand-ins in tests/support/.",
  );
  const map = `${scratch}/import_map.json`;
  await Deno.writeTextFile(map, JSON.stringify(await standInMap(), null, 2));
  return { jsr, resolution: [`--import-map=${map}`], scratch };
}

/** Runs `npm ci` where node_modules is missing or older than the lock file. */
export async function ensureNodeModules(): Promise<void> {
  const installed = await modifiedAt(`${root}node_modules/.package-lock.json`);
  const wanted = await modifiedAt(`${root}package-lock.json`);
  if (installed !== undefined && wanted !== undefined && installed >= wanted) {
    return;
  }
  // npm ci empties the folder first, through a link as well: it would take the
  // packages away from the checkout that the link leads to.
  if (await isLink(`${root}node_modules`)) {
    if (installed === undefined) {
      throw new Error(
        "Cannot install into node_modules: it is a link. Run npm ci where it leads, or delete the link",
      );
    }
    console.log(
      "WARNING: node_modules is older than the lock, but a link: left as it is",
    );
    return;
  }
  const why = installed === undefined ? "is missing" : "is older than the lock";
  console.log(`node_modules ${why}: npm ci ...`);
  const { ok, output, seconds } = await run(
    ["npm", "ci", "--no-audit", "--no-fund"],
  );
  if (!ok) throw new Error(`npm ci failed:\n${output}`);
  console.log(`npm ci done (${seconds.toFixed(1)} s).`);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).mtime?.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function jsrAnswers(): Promise<boolean> {
  try {
    const response = await fetch("https://jsr.io/@std/assert/meta.json", {
      signal: AbortSignal.timeout(5_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    // Every way of not answering is the same here: refused, no name, too late.
    console.log(`JSR: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

// An import map given by option takes the place of the whole of deno.json's, and
// of a package's knowledge of its own name, which the documentation examples use.
async function standInMap(): Promise<{ imports: Record<string, string> }> {
  const { name, exports } = await readDenoConfig();
  const own = Object.entries(exports).map(([entry, file]) => [
    name + entry.slice(1),
    toFileUrl(root + file.slice(2)),
  ]);
  const standIns = ["assert", "bytes"].map((module) => [
    `@std/${module}`,
    toFileUrl(`${root}tests/support/std_${module}/mod.ts`),
  ]);
  return { imports: Object.fromEntries([...own, ...standIns]) };
}
