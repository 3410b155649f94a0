// Runs `worker.js` of a folder in workerd, the runtime of Cloudflare Workers, as
// `workerd.ts PROGRAM FOLDER`, on Node. The Worker finds a server of ours under the
// name PEER. Prints what it answers and how the server saw its connections end, as JSON.

import { writeFile } from "node:fs/promises";
import { framed, lines, serve } from "../../mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";

const [program = "", folder = ""] = process.argv.slice(2);

const ends: string[] = [];
const server = await serve(
  { address: { port: 0 }, codec: lines() },
  async (connection) => {
    await connection.forEach((line) => connection.send(`> ${line}`));
    await connection.close();
    const { by, error } = await connection.closed;
    ends.push(`${by} ${error}`);
  },
);
const { port: peer } = server.address as { port: number };

await writeFile(
  `${folder}/worker.capnp`,
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:0", http = (), service = "worker"),
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  bindings = [(name = "PEER", text = "127.0.0.1:${peer}")],
  compatibilityDate = "2026-01-01",
);
`,
);
const workerd = framed(
  await childProcess(program, ["serve", "worker.capnp", "--control-fd=1"], {
    cwd: folder,
  }),
  lines(),
);
// It says on which port it listens.
const { port } = JSON.parse(await workerd.receive() ?? "");

const answers: string[] = [];
for (const body of ["hello", "x".repeat(300_000)]) {
  const url = `http://127.0.0.1:${port}/`;
  const response = await fetch(url, { method: "POST", body });
  const text = await response.text();
  answers.push(text === `> ${body}` ? `${text.length}` : text);
}
await server.close();
workerd.abort();
console.log(JSON.stringify({ answers, ends }));
