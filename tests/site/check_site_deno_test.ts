// What looks after the site finds what it should.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { checkSite } from "../../scripts/site/check_site.ts";
import { searchableChinese } from "../../site/.vitepress/chinese_search.ts";

test("checkSite() names links without a file or an anchor", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a`);
    await Deno.writeTextFile(
      `${folder}/index.html`,
      '<a href="a/#你好">1</a><a href="/a/index.html#no">2</a><img src="none.svg">' +
        "<script>const link = '<a href=\"gone.html\">';</script>",
    );
    await Deno.writeTextFile(
      `${folder}/a/index.html`,
      '<h1 id="你好">1</h1><a href="..&#x2F;">2</a><a href="https://example.org/">3</a>',
    );
    assertEquals(await checkSite(folder), {
      pages: 2,
      wrong: [
        "index.html: no anchor for /a/index.html#no",
        "index.html: no file for none.svg",
      ],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("searchableChinese() begins a word at every character, and leaves tags alone", () => {
  assertEquals(
    searchableChinese('<p title="粘包">TCP 粘包了</p>'),
    '<p title="粘包">TCP 粘包了 包了 了</p>',
  );
});
