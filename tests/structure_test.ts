/**
 * The direction of the imports in `src`, type imports included: see
 * docs/architecture.md.
 */

import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** What every folder may import. */
const basics = ["checks.ts", "defaults.ts"];
/** What is built on connections of frames may import. */
const network = [
  ...basics,
  "codec",
  "net",
  "backplane",
  "framed",
  "server",
  "client",
];

/** What the files of a folder may import besides those of their own folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "defaults.ts": [],
  "checks.ts": [],
  "browser.ts": ["codec", "net", "exec"],
  codec: basics,
  algorithms: ["codec"],
  format: [...basics, "codec", "algorithms", "presets"],
  generate: [...basics, "codec", "format"],
  presets: [...basics, "codec"],
  stream: [...basics, "codec"],
  net: basics,
  testing: [...basics, "codec", "net", "backplane"],
  backplane: [...basics, "net"],
  framed: [...basics, "codec", "net"],
  server: [...basics, "codec", "net", "backplane", "framed"],
  client: [...basics, "codec", "net", "framed"],
  message: network,
  rooms: network,
  exec: network,
  cli: [
    ...network,
    "algorithms",
    "format",
    "generate",
    "presets",
    "stream",
    "message",
    "rooms",
    "exec",
    "testing",
  ],
};

/** Where modules of the runtimes (`node:`) may be imported. */
const USES_RUNTIME = /^(net\/adapters|algorithms|exec|cli)\//;

/** Where a runtime may be named. */
const NAMES_RUNTIME = /^net\/adapters\//;

const root = new URL("../src/", import.meta.url);
const sources = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => [path, codeOf(readFileSync(new URL(path, root), "utf8"))]),
);

/** A source without its comments. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** What a source imports: statically, dynamically, or as a type. */
function importsOf(code: string): string[] {
  const statements =
    /^\s*(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...code.matchAll(statements)]
    .map((match) => (match[1] ?? match[2] ?? match[3])!);
}

/** The files of `src` that a file of `src` imports, by their paths. */
function filesImportedBy(path: string): string[] {
  const from = new URL(path, root);
  return importsOf(sources.get(path) ?? "")
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => new URL(specifier, from).href.slice(root.href.length));
}

/** The first circle of imports that is found, or nothing. */
function findCircle(
  pathsFrom: (path: string) => readonly string[],
  starts: Iterable<string>,
): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): string[] | undefined => {
    const start = trail.indexOf(path);
    if (start >= 0) return [...trail.slice(start), path];
    if (done.has(path)) return undefined;
    trail.push(path);
    for (const next of pathsFrom(path)) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    trail.pop();
    done.add(path);
    return undefined;
  };
  for (const path of starts) {
    const circle = visit(path);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const folderOf = (path: string) => path.split("/")[0]!;

test("importsOf() finds every kind of import", () => {
  const code = codeOf(`
import "a";
import b from "b"; // import x from "x";
import {
  c,
  type C,
} from "c";
import type { D } from "d";
export * from "e";
export { f } from "f";
const g = await import("g");
type H = import("h").H;
/* import y from "y"; */
`);
  assertEquals(importsOf(code), ["a", "b", "c", "d", "e", "f", "g", "h"]);
});

test("findCircle() finds a circle", () => {
  const graph: Record<string, string[]> = { a: ["b"], b: ["c"], c: ["b"] };
  assertEquals(findCircle((path) => graph[path]!, ["a"]), ["b", "c", "b"]);
  assertEquals(findCircle(() => [], ["a"]), undefined);
});

test("src has no circle of imports", () => {
  assertEquals(findCircle(filesImportedBy, sources.keys()), undefined);
});

test("src imports in one direction", () => {
  const wrong: string[] = [];
  for (const path of sources.keys()) {
    const folder = folderOf(path);
    const may = MAY_IMPORT[folder];
    if (may === undefined) wrong.push(`${path} is in no known folder`);
    for (const imported of filesImportedBy(path)) {
      const to = folderOf(imported);
      const allowed = sources.has(imported) &&
        (to === folder || may?.includes(to));
      if (!allowed) wrong.push(`${path} imports ${imported}`);
    }
  }
  assertEquals(wrong, []);
});

test("src imports no package", () => {
  const wrong: string[] = [];
  for (const [path, code] of sources) {
    for (const specifier of importsOf(code)) {
      if (specifier.startsWith(".")) continue;
      if (specifier.startsWith("node:") && USES_RUNTIME.test(path)) continue;
      wrong.push(`${path} imports ${specifier}`);
    }
  }
  assertEquals(wrong, []);
});

test("only adapters name a runtime", () => {
  const names = /"(Deno|Bun)" in |\b(Deno|Bun)(\.|:|\s*\})|\bprocess\.versions/;
  const wrong = [...sources]
    .filter(([path]) => !NAMES_RUNTIME.test(path))
    .filter(([, code]) => names.test(code))
    .map(([path]) => path);
  assertEquals(wrong, []);
});
