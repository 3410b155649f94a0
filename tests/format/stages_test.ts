/** The table of the stages, compared with the sources and their documentation. */

import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as codecs from "../../src/codec/mod.ts";
import { lengthPrefixed } from "../../src/codec/mod.ts";
import type { StageKind } from "../../src/format/stage_kind.ts";
import { stageKinds } from "../../src/format/stages.ts";
import * as presets from "../../src/presets/mod.ts";

/** Codecs that need a function, or an object that is more than data. */
const WITHOUT_STAGE = [
  // A value of a preset.
  "preset:respCommand",
  "choose",
  "compressed",
  "defineCodec",
  "filter",
  "headerPrefixed",
  "joined",
  "mapCodec",
  "pieces",
  "preset:remoteCommand",
];

/** The names of the functions of a module; classes begin with a capital letter. */
function functionsOf(module: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(module).filter((name) =>
    typeof module[name] === "function" && /^[a-z]/.test(name)
  );
}

test("each codec and preset has a stage, or is known to have none", () => {
  const names = [
    ...functionsOf(codecs),
    ...functionsOf(presets).map((name) => `preset:${name}`),
  ];
  assertEquals(
    [...stageKinds.map(({ kind }) => kind), ...WITHOUT_STAGE].sort(),
    names.sort(),
  );
});

/** Whether a codec refuses an option because it does not have one of that name. */
function hasNo(option: string, { make }: StageKind): boolean {
  try {
    make({ [option]: undefined } as never, lengthPrefixed());
    return false;
  } catch (error) {
    // Other errors are about the value, or about options that are missing.
    return error instanceof TypeError &&
      error.message.includes("has no such option");
  }
}

test("the options of each stage are those of its codec or preset", () => {
  const all = new Set(
    stageKinds.flatMap(({ options }) => Object.keys(options)),
  );
  for (const stage of stageKinds) {
    const taken = [...all].filter((option) => !hasNo(option, stage));
    assertEquals(taken.sort(), Object.keys(stage.options).sort(), stage.name);
  }
});

test("the options without a name are the first, and only one takes a value", () => {
  for (const { name, options, positional } of stageKinds) {
    const first = Object.keys(options).slice(0, positional.length);
    assertEquals(first, [...positional], name);
    const values = ["word", 1, "a", {}, []] as const;
    for (const value of values) {
      const takers = positional.filter((option) =>
        options[option]!.read(value) !== undefined
      );
      const inOrder = takers.every((option) => options[option]!.required);
      assert(takers.length <= 1 || inOrder, `${name}: ${takers}`);
    }
  }
});

const src = new URL("../../src/", import.meta.url);

/** The `@default` of each option in the sources of a folder, by its file. */
function documentedIn(folder: string): Map<string, Map<string, string>> {
  const url = new URL(folder, src);
  const pattern =
    /@default \{([^}]*(?:\{\})?)\}\s*\*\/\s*(?:readonly )?(\w+)\?:/g;
  return new Map(
    readdirSync(url).filter((file) => file.endsWith(".ts")).map((file) => {
      const text = readFileSync(new URL(file, url), "utf8");
      const found = [...text.matchAll(pattern)]
        .map(([, value, name]) => [name!, value!] as const);
      return [file, new Map(found)];
    }),
  );
}

test("the defaults of the stages are those of the documentation", () => {
  const common = documentedIn("codec/").get("types.ts")!;
  const files = new Map([
    ...documentedIn("codec/formats/"),
    ...documentedIn("codec/views/"),
  ]);
  let compared = 0;
  for (const { kind, options } of stageKinds) {
    if (kind.startsWith("preset:")) continue;
    const file = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const documented = files.get(`${file}.ts`);
    assert(documented, file);
    for (const [name, option] of Object.entries(options)) {
      const text = documented.get(name) ?? common.get(name);
      // Those that follow from other options are always written.
      if (option.default === undefined || text === undefined) continue;
      assertEquals(JSON.parse(text.replaceAll("_", "")), option.default, name);
      compared++;
    }
  }
  assert(compared > 60, `${compared}`);
});

test("the documentation of the module has all stages and their order", () => {
  const text = readFileSync(new URL("format/mod.ts", src), "utf8");
  for (const { name, kind, positional } of stageKinds) {
    if (name.startsWith("preset:")) continue;
    const [row = ""] = text.split("\n").filter((line) =>
      line.startsWith(` * | \`${name}\` |`)
    );
    assert(row.includes(` \`${kind}\``), name);
    const last = row.split("|").at(-2)!;
    assertEquals([...last.matchAll(/\w+/g)].map(String), [...positional]);
  }
});
