/** The site: how VitePress makes it from the folder `docs`. */

import { createHash } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig, type UserConfig } from "vitepress";
import manifest from "../../deno.json" with { type: "json" };
import { REPOSITORY } from "../../scripts/packaging/public_fields.ts";
import { headingSlug } from "../../scripts/site/heading_slug.ts";
import { searchableChinese } from "./chinese_search.ts";
import { linksOutside } from "./links_outside.ts";
import { chinese, english, type PageGroup } from "./pages.ts";

const root = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The pages with tables of many columns. */
const wide = new Set([
  "peers.md",
  "reliability.md",
  "scale.md",
  "transports.md",
]);

/** Two frames of a stream. */
const ICON = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="9" height="16" rx="2" fill="#3451b2"/><rect x="10" width="6" height="16" rx="2" fill="#18794e"/></svg>',
);

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: "framewire",
  description: "Message framing for byte streams, on Deno, Bun and Node",
  srcDir: root("docs"),
  outDir: root("build/site"),
  cacheDir: root("build/site-cache"),
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${ICON}` }]],
  // The reference and the page that cuts bytes are made by other programs.
  ignoreDeadLinks: [/^\/(api|play)\//],
  // The hashes of the pages are in a file, so that all inline scripts are alike.
  metaChunk: true,
  markdown: {
    anchor: { slugify: headingSlug },
    // The default ones have too little contrast for some words.
    theme: {
      light: "github-light-high-contrast",
      dark: "github-dark-high-contrast",
    },
    config: (markdown) => markdown.use(linksOutside, REPOSITORY),
  },
  locales: {
    root: {
      label: "English",
      lang: "en",
      themeConfig: {
        nav: [
          { text: "Start", link: "/start" },
          { text: "Formats", link: "/formats" },
          { text: "Troubleshooting", link: "/troubleshooting" },
          { text: "Reference", link: "/api/index.html", target: "_self" },
          ...playLink("Try it"),
        ],
        sidebar: [...sidebarOf(english), reference()],
      },
    },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      link: "/zh/",
      description: "面向字节流的消息分帧库，支持 Deno、Bun 和 Node",
      themeConfig: {
        nav: [
          { text: "快速开始", link: "/zh/start" },
          { text: "五篇教程", link: "/zh/tutorials" },
          { text: "API", link: "/api/index.html", target: "_self" },
          ...playLink("在线演示"),
        ],
        sidebar: sidebarOf(chinese),
        outline: { label: "本页内容", level: [2, 3] },
        docFooter: { prev: "上一页", next: "下一页" },
        darkModeSwitchLabel: "外观",
        lightModeSwitchTitle: "切换到浅色",
        darkModeSwitchTitle: "切换到深色",
        sidebarMenuLabel: "目录",
        returnToTopLabel: "回到顶部",
        langMenuLabel: "语言",
        skipToContentLabel: "跳到正文",
      },
    },
  },
  themeConfig: {
    // Few pages are there in Chinese: the other language begins at its first page.
    i18nRouting: false,
    outline: { label: "On this page", level: [2, 3] },
    ...(REPOSITORY !== "" && {
      socialLinks: [{ icon: "github", link: REPOSITORY }],
    }),
    search: {
      provider: "local",
      options: {
        _render: (source, env, markdown) =>
          searchableChinese(markdown.render(source, env)),
        locales: {
          zh: {
            translations: {
              button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
              modal: {
                noResultsText: "没有结果：",
                resetButtonTitle: "清除",
                displayDetails: "显示正文",
                backButtonTitle: "返回",
                footer: {
                  selectText: "打开",
                  navigateText: "切换",
                  closeText: "关闭",
                },
              },
            },
          },
        },
      },
    },
  },
  transformPageData({ frontmatter, relativePath }) {
    // Their tables need the room at the side.
    if (wide.has(relativePath)) frontmatter.aside = false;
    const { hero } = frontmatter;
    if (hero === undefined) return undefined;
    const text = relativePath.startsWith("zh/") ? "动手试试" : "Try it";
    const actions = [...hero.actions, ...playLink(text, "alt")];
    return { frontmatter: { ...frontmatter, hero: { ...hero, actions } } };
  },
  transformHtml: withPolicy,
  // The pictures at the top of first pages are at addresses of their own.
  buildEnd: ({ outDir }) =>
    copyFile(root("docs/pictures/formats/cuts.svg"), `${outDir}/cuts.svg`),
});

export default config;

/** The list of pages at the side. */
function sidebarOf(groups: readonly PageGroup[]): DefaultTheme.SidebarItem[] {
  return groups.map(({ title, pages }) => ({
    text: title,
    items: pages.map(([text, path]) => ({ text, link: `/${path}` })),
  }));
}

/** The entries of the package, whose pages Deno makes of the sources. */
function reference(): DefaultTheme.SidebarItem {
  return {
    text: "Reference",
    items: Object.keys(manifest.exports).map((entry) => ({
      text: entry === "." ? manifest.name : entry,
      link: `/api/${entry === "." ? "" : `${entry.slice(2)}/`}index.html`,
      target: "_self",
    })),
  };
}

/** The link to the page that cuts and glues bytes, where there is one. */
function playLink(text: string, theme?: "alt"): DefaultTheme.NavItemWithLink[] {
  const link = "/play/index.html";
  return [{ text, link, target: "_self", ...theme && { theme } }];
}

/** The page with a policy that lets it load nothing from elsewhere. */
function withPolicy(html: string): string {
  const scripts = [
    ...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([^]*?)<\/script>/g),
  ]
    .map(([, script = ""]) =>
      `'sha256-${createHash("sha256").update(script).digest("base64")}'`
    );
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(" ")}`,
    // Code is coloured by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html.replace(
    "<head>",
    `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
}
