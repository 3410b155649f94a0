/** A server of files for people and tests: on the loopback interface only. */

import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** A server that runs. */
export interface FolderServer extends AsyncDisposable {
  /** Where its first page is, with a slash at the end. */
  readonly url: string;
}

/**
 * Serves the files of a folder over HTTP.
 *
 * @param port The port; 0 is any that is free.
 */
export function serveFolder(folder: string, port: number): FolderServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => undefined },
    async ({ url }) => {
      const path = normalize(decodeURI(new URL(url).pathname));
      const file = path.endsWith("/") ? `${path}index.html` : path;
      try {
        return new Response(await Deno.readFile(join(folder, file)), {
          headers: { "content-type": types[extname(file)] ?? "text/plain" },
        });
      } catch (error) {
        if (file === "/favicon.ico") {
          // The pages of the reference have none, and browsers ask for it.
          return new Response(null, { status: 204 });
        }
        if (error instanceof Deno.errors.NotFound) {
          return new Response("There is no such page", { status: 404 });
        }
        throw error;
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
