/** Finds the project's files. */

import { pathToFileURL } from "node:url";
import { root } from "./process.ts";

/** The URL of a file. */
export function toFileUrl(path: string): string {
  return pathToFileURL(path).href;
}

/** All TypeScript files below the given files and folders that exist, sorted. */
export async function typeScriptFiles(
  ...places: readonly string[]
): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) await collect(place, ".ts", found);
  return found.sort();
}

/** The pages of the documentation, sorted. */
export async function documentFiles(): Promise<string[]> {
  const found: string[] = [];
  await collect("docs", ".md", found);
  return found.sort();
}

/** Tells whether the project has the file or folder. */
export async function exists(place: string): Promise<boolean> {
  try {
    await Deno.stat(root + place);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function collect(
  place: string,
  extension: string,
  found: string[],
): Promise<void> {
  if (!await exists(place)) return;
  if (place.endsWith(extension)) {
    found.push(place);
    return;
  }
  for await (const entry of Deno.readDir(root + place)) {
    const path = `${place}/${entry.name}`;
    if (entry.isDirectory) await collect(path, extension, found);
    else if (entry.isFile && path.endsWith(extension)) found.push(path);
  }
}
