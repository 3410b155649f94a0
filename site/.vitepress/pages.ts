/** The pages of the site, in the order in which they are listed. */

/** A page: its title in the list, and its path below `docs`, without `.md`. */
export type Page = readonly [title: string, path: string];

/** Pages of one kind. */
export interface PageGroup {
  readonly title: string;
  readonly pages: readonly Page[];
}

/** The pages in English. */
export const english: readonly PageGroup[] = [
  {
    title: "Begin",
    pages: [
      ["Start", "start"],
      ["Formats", "formats"],
      ["Presets", "peers"],
      ["The tutorials", "tutorials"],
      ["Coming from", "coming-from"],
    ],
  },
  {
    title: "Build",
    pages: [
      ["Servers", "servers"],
      ["Clients", "clients"],
      ["Messages", "messages"],
      ["Dialects", "conversations"],
      ["Transports", "transports"],
      ["Browsers", "browser"],
      ["Rooms", "rooms"],
      ["Several nodes", "scale-out"],
      ["Remote commands", "exec"],
    ],
  },
  {
    title: "The command",
    pages: [["framewire", "cli"], ["Recipes", "recipes"]],
  },
  {
    title: "The other side",
    pages: [["Other languages", "other-languages"], [
      "Test vectors",
      "vectors",
    ]],
  },
  {
    title: "Run",
    pages: [
      ["Operating", "operating"],
      ["Observability", "observability"],
      ["Troubleshooting", "troubleshooting"],
      ["Security", "security"],
      ["Reliability", "reliability"],
      ["Scale", "scale"],
      ["Speed", "speed"],
    ],
  },
  {
    title: "Go deeper",
    pages: [
      ["Testing", "testing"],
      ["Architecture", "architecture"],
    ],
  },
];

/** The pages in Chinese. */
export const chinese: readonly PageGroup[] = [
  {
    title: "中文文档",
    pages: [["快速开始", "zh/start"], ["五篇教程", "zh/tutorials"]],
  },
];
