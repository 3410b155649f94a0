/** Puts the page together: one HTML file that needs no other. */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { minify } from "terser";
import { unpack } from "../../../site/play/unpack/unpack.ts";
import { pack } from "./pack.ts";

/** Where the sources of the page are. */
const sources = new URL("../../../site/play/", import.meta.url);

/** Makes the text of the page. */
export async function makePage(): Promise<string> {
  const [shell, body, style, start, unpacker, engine, page] = await Promise.all(
    [
      htmlOf("index.html"),
      htmlOf("body.html"),
      styleOf("style.css"),
      programOf("start.ts"),
      programOf("unpack/worker.ts"),
      programOf("engine/worker.ts"),
      programOf("main.ts"),
    ],
  );
  const parts = [engine, page, style, body].join("\0");
  const bytes = new TextEncoder().encode(parts);
  const packed = pack(bytes);
  const unpacked = new TextDecoder().decode(unpack(packed, bytes.length));
  if (unpacked !== parts) throw new Error("What was packed is lost");
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(start)}' '${hashOf(page)}' 'self' file:`,
    `style-src '${hashOf(style)}'`,
    "worker-src blob:",
    "connect-src ws: wss:",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const values: Readonly<Record<string, string>> = {
    policy,
    unpacker,
    length: `${bytes.length}`,
    packed: Buffer.from(packed).toString("base64"),
  };
  return shell
    .replace(/\s*\{\{(\w+)\}\}\s*/g, (_, name: string) => values[name]!)
    // What stands between these tags must be what the policy has the hash of.
    .replace("<script></script>", () => `<script>${start}</script>`);
}

/**
 * Makes the script that the page loads from beside it for code in other languages. It is
 * larger than the page.
 */
export function makeGenerator(): Promise<string> {
  return programOf("generator.ts");
}

/** HTML without the space between its tags. */
async function htmlOf(file: string): Promise<string> {
  const html = await readFile(new URL(file, sources), "utf8");
  return html.replace(/>\s+</g, "><").replace(/\s+/g, " ").trim();
}

/** A program in one script. */
async function programOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(file, sources).pathname],
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
    legalComments: "none",
  });
  const { code = "" } = await minify(outputFiles[0]!.text, {
    ecma: 2020,
    toplevel: true,
    compress: { passes: 3, unsafe_arrows: true },
    format: { inline_script: true, semicolons: true },
  });
  return code.trim();
}

async function styleOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(file, sources).pathname],
    minify: true,
    write: false,
  });
  return outputFiles[0]!.text.trim();
}

/** The source of a policy that allows this text. */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
