/** The badges of the README, made of what the project's files say. */

import { readDenoConfig } from "../testing/setup.ts";

const CHARACTER = 7;
const PADDING = 7;
const HEIGHT = 20;

/** Makes them: the texts of the SVG files by their names. */
export async function badges(): Promise<ReadonlyMap<string, string>> {
  const { version, license, imports } = await readDenoConfig();
  // The sources import no package, which a test of the structure holds them to; these
  // are for development.
  const development = ["@deno/dnt", "@std/assert", "@std/bytes"];
  const dependencies = Object.keys(imports)
    .filter((name) => !development.includes(name));
  const facts = {
    version,
    license,
    dependencies: `${dependencies.length}`,
    runtimes: "Deno, Bun, Node",
  };
  return new Map(
    Object.entries(facts).map(([name, value]) => [
      `badge_${name}.svg`,
      badge(name, value),
    ]),
  );
}

function badge(name: string, value: string): string {
  const left = name.length * CHARACTER + 2 * PADDING;
  const right = value.length * CHARACTER + 2 * PADDING;
  const style = "font:11px Verdana,DejaVu Sans,sans-serif;fill:#fff";
  const text = (x: number, length: number, words: string) =>
    `<text x="${x}" y="14" textLength="${length}" style="${style}">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${
      left + right
    }" height="${HEIGHT}" role="img">`,
    `<title>${name}: ${value}</title>`,
    `<rect width="${left + right}" height="${HEIGHT}" rx="3" fill="#1a5fb4"/>`,
    `<path d="M3 0h${left - 3}v${HEIGHT}h-${left - 3}a3 3 0 0 1-3-3v-${
      HEIGHT - 6
    }a3 3 0 0 1 3-3z" fill="#57606a"/>`,
    text(PADDING, left - 2 * PADDING, name),
    text(left + PADDING, right - 2 * PADDING, value),
    "</svg>",
    "",
  ].join("\n");
}
