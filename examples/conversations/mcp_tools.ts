/** The tools of a server of the Model Context Protocol. */

import { setTimeout } from "node:timers/promises";
import type { RequestContext } from "../../src/message/mod.ts";
import type { Arguments, Mcp, Progress, ToolResult } from "./mcp.ts";

/** Gives the result, or the progress and then the result. */
type Tool = (
  args: Arguments,
  context: RequestContext<Mcp>,
) => ToolResult | AsyncIterable<Progress | ToolResult>;

const said = (text: string): ToolResult => ({
  content: [{ type: "text", text }],
});

/** Adds, and counts in steps of so many milliseconds until it is cancelled. */
export const tools: Readonly<Record<string, Tool>> = {
  add: ({ a, b }) => said(`${Number(a) + Number(b)}`),
  async *count({ to, everyMs }, { peer, signal }) {
    const total = Number(to);
    for (let progress = 1; progress <= total; progress++) {
      await setTimeout(Number(everyMs), undefined, { signal });
      yield { progress, total };
    }
    const data = `Counted to ${total}`;
    await peer.emit("notifications/message", { level: "info", data });
    yield said(data);
  },
};
