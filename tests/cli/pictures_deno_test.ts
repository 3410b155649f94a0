// The pictures of docs/pictures, and how they are made.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { badges } from "../../scripts/pictures/badges.ts";
import { stillPictures } from "../../scripts/pictures/still.ts";
import { styledLines } from "../../scripts/pictures/styled_lines.ts";
import { windowOf } from "../../scripts/pictures/window.ts";
import { projectFile } from "../support/programs.ts";

test("the pictures show what the command prints; otherwise: deno task pictures still", async () => {
  const pictures = [
    ...await badges(),
    ...await stillPictures(),
  ];
  for (const [name, svg] of pictures) {
    assertEquals(
      svg,
      readFileSync(projectFile(`docs/pictures/${name}`), "utf8"),
    );
  }
});

test("the README and docs/recipes.md have all pictures, each with a text, and none is large", () => {
  const text = ["README.md", "docs/recipes.md"]
    .map((path) => readFileSync(projectFile(path), "utf8")).join("");
  const shown = [
    ...text.matchAll(/!\[([^\]]+)\]\((?:docs\/)?(pictures\/\w+\.svg)\)/g),
  ];
  const names = [...Deno.readDirSync(projectFile("docs/pictures"))]
    .filter(({ isFile }) => isFile);
  assertEquals(
    shown.map(([, , path]) => path).sort(),
    names.map(({ name }) => `pictures/${name}`).sort(),
  );
  for (const [, , path] of shown) {
    assert(Deno.statSync(projectFile(`docs/${path}`)).size < 25_000);
  }
});

test("styledLines() keeps looks within one another and over lines", () => {
  assertEquals(styledLines("a\x1b[1mb\x1b[36mc\x1b[39m\nd\x1b[22me\n", 80), [
    [
      { text: "a", column: 0, width: 1, look: "" },
      { text: "b", column: 1, width: 1, look: "bold" },
      { text: "c", column: 2, width: 1, look: "c36 bold" },
    ],
    [
      { text: "d", column: 0, width: 1, look: "bold" },
      { text: "e", column: 1, width: 1, look: "" },
    ],
  ]);
});

test("styledLines() breaks lines where a terminal does", () => {
  const columns = styledLines("ab你好c", 3).map((runs) =>
    runs.map(({ text, column }) => `${column}${text}`)
  );
  assertEquals(columns, [["0ab"], ["0你"], ["0好", "2c"]]);
});

test("styledLines() refuses a code that the pictures have no look for", () => {
  assertThrows(() => styledLines("\x1b[4mx", 80), Error, "code 4");
});

test("windowOf() escapes what SVG would obey", () => {
  const svg = windowOf("a & b", styledLines("<script>", 80), 80);
  assert(svg.includes("<title>a &amp; b</title>"));
  assert(svg.includes(">&lt;script&gt;</tspan>"));
});
