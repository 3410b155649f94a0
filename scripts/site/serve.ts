/** `deno task site:serve [--port PORT]`: shows what `deno task site` has built. */

import { parseArgs } from "node:util";
import { root } from "../testing/process.ts";
import { serveFolder } from "./serve_folder.ts";

const { values } = parseArgs({ options: { port: { type: "string" } } });
const { url } = serveFolder(`${root}build/site`, Number(values.port ?? 8080));
console.log(url);
