// What the pages must have, compared with the code.

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as codecs from "../../src/codec/mod.ts";
import { codecStages } from "../../src/format/codec_stages.ts";
import * as presets from "../../src/presets/mod.ts";
import { formatPictures } from "../../scripts/site/format_pictures.ts";
import { chinese, english } from "../../site/.vitepress/pages.ts";
import { pages, readDocument } from "../support/markdown.ts";
import { projectFile } from "../support/programs.ts";

test("every page is in the list of the site", () => {
  const listed = [...english, ...chinese].flatMap(({ pages }) =>
    pages.map(([, path]) => `docs/${path}.md`)
  );
  assertEquals(
    [...listed, "docs/index.md", "docs/zh/index.md"].sort(),
    [...pages],
  );
});

test("the pictures of the formats are what fieldsOf() says; otherwise: deno task pictures:formats", () => {
  const { links } = readDocument("docs/formats.md");
  for (const [name, svg] of formatPictures()) {
    const path = `pictures/formats/${name}`;
    assert(existsSync(projectFile(`docs/${path}`)), path);
    assertEquals(svg, readFileSync(projectFile(`docs/${path}`), "utf8"));
    assert(links.includes(path), `docs/formats.md does not show ${path}`);
  }
});

test("docs/formats.md has every codec with its options, and most with a picture", () => {
  /** What makes codecs, but has no bytes of its own to show. */
  const withoutBytes = [
    "headerPrefixed",
    "defineCodec",
    "mapCodec",
    "filter",
    "joined",
    "choose",
  ];
  const { text, headings } = readDocument("docs/formats.md");
  const made = Object.entries(codecs)
    .filter(([name, value]) =>
      typeof value === "function" && /^[a-z]/.test(name) && name !== "pieces"
    ).map(([name]) => name);
  const titles = headings.map(({ text }) => text);
  const shown = new Set([...formatPictures().keys()]
    .map((name) => name.replace(/[._].*/, "")));
  for (const name of made) {
    assert(titles.includes(name), `there is no heading ${name}`);
    assert(
      shown.has(name) !== withoutBytes.includes(name),
      `there is no picture of ${name}`,
    );
  }
  const common = text.slice(0, text.indexOf("\n## lengthPrefixed"));
  for (const { kind, options } of codecStages) {
    const section = text.split(new RegExp(`^##+ ${kind}$`, "m"))[1]!
      .split(/^##/m)[0]!;
    for (const option of Object.keys(options)) {
      assert(
        section.includes(`\`${option}\``) || common.includes(`\`${option}\``),
        `${kind}: nothing says what ${option} is`,
      );
    }
  }
});

test("docs/peers.md has every preset", () => {
  const { text } = readDocument("docs/peers.md");
  const missing = Object.entries(presets)
    .filter(([name, value]) =>
      typeof value === "function" && /^[a-z]/.test(name)
    )
    .map(([name]) => name)
    // Makes a command of a client of Redis, and no codec.
    .filter((name) => name !== "respCommand")
    .filter((name) => !text.includes(`\`${name}(`));
  assertEquals(missing, []);
});

test("docs/troubleshooting.md has a heading for every code, and no other", () => {
  const { headings } = readDocument("docs/troubleshooting.md");
  let section = "";
  const found = new Map<string, string[]>();
  for (const { level, text } of headings) {
    if (level === 2) section = text;
    else if (/^[A-Z]+(_[A-Z]+)*( of \w+)?$/.test(text)) {
      found.set(section, [
        ...found.get(section) ?? [],
        text.replace(/ of .*/, ""),
      ]);
    }
  }
  const types: readonly [section: string, file: string, type: string][] = [
    ["FrameError", "codec/errors.ts", "FrameErrorCode"],
    ["NetError", "net/errors.ts", "NetErrorCode"],
    ["MessageError", "message/errors.ts", "MessageErrorCode"],
    ["CommandError", "exec/errors.ts", "CommandErrorCode"],
    ["Refusals of rooms", "rooms/protocol.ts", "RoomRefusal"],
  ];
  assertEquals([...found.keys()], types.map(([section]) => section));
  for (const [section, file, type] of types) {
    const source = readFileSync(projectFile(`src/${file}`), "utf8");
    const union = source.split(`export type ${type} =`)[1]!.split(";")[0]!;
    const codes = [...union.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code);
    assertEquals(found.get(section), codes);
  }
});

test("the pages of the tutorials have every command of examples/README.md", () => {
  const { text } = readDocument("examples/README.md");
  const commands = [...text.matchAll(/`(node examples\/[^`]+)`(?:<br>| +\|)/g)]
    .map(([, command]) => command!);
  assert(commands.length > 20);
  for (const path of ["docs/tutorials.md", "docs/zh/tutorials.md"]) {
    const page = readDocument(path).text;
    const missing = commands.filter((command) =>
      !page.includes(`${command}\n`)
    );
    assertEquals(missing, [], path);
  }
});
