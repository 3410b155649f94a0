import type { DenoConfig } from "../testing/setup.ts";
import { STAND_INS_FILE } from "./stand_ins.ts";

/**
 * Where the project can be read, as `https://…`; empty while it is in no public
 * place. The links of the package are made from it.
 */
export const REPOSITORY: string = "";

/** The files of an entry, as package.json names them. */
export interface EntryFiles {
  readonly types: string;
  readonly browser?: string;
  readonly default: string;
}

/** What package.json says. */
export interface PublicFields {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly homepage?: string;
  readonly bugs?: string;
  readonly repository?: { readonly type: "git"; readonly url: string };
  readonly type: "module";
  readonly sideEffects: false;
  readonly engines: { readonly node: string };
  readonly bin: { readonly framewire: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional: true }>
  >;
  readonly exports: Readonly<Record<string, EntryFiles>>;
  readonly browser: Readonly<Record<string, string>>;
}

/** The clients of engines that a program hands in, in the versions that were tested. */
const CLIENTS = {
  "@nats-io/jetstream": "^3.4.0",
  "@nats-io/transport-node": "^3.4.0",
  "ioredis": "^6.0.0",
};

/** The command, for which there is nothing in browsers. */
const COMMAND = "./dist/cli.js";

/** The whole package.json, but what files take the place of others in browsers. */
export function publicFields(
  { name, version, license, exports }: DenoConfig,
  browser: Readonly<Record<string, string>>,
): PublicFields {
  return {
    name,
    version,
    description: "Message framing for byte streams, on Deno, Bun and Node",
    keywords: [
      "framing",
      "framer",
      "frame",
      "codec",
      "protocol",
      "length-prefixed",
      "delimited",
      "sticky-packet",
      "粘包",
      "streams",
      "web-streams",
      "tcp",
      "udp",
      "unix-socket",
      "sockets",
      "server",
      "client",
      "rpc",
      "nats",
      "redis",
      "deno",
      "bun",
      "node",
      "browser",
    ],
    license,
    ...links(REPOSITORY),
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    bin: { framewire: COMMAND },
    peerDependencies: CLIENTS,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(CLIENTS).map((client) => [client, { optional: true }]),
    ),
    exports: Object.fromEntries(
      Object.keys(exports).map((entry) => {
        const name = fileOf(entry);
        const file = `./dist/${name}.js`;
        const instead = file === COMMAND
          ? `./dist/${STAND_INS_FILE}`
          : browser[file];
        return [entry, {
          types: `./types/${name}.d.ts`,
          // The map is for the imports inside of the package.
          ...(instead === undefined ? {} : { browser: instead }),
          default: file,
        }];
      }),
    ),
    browser,
  };
}

/** The name of the file of an entry. */
export function fileOf(entry: string): string {
  return entry === "." ? "mod" : entry.slice(2);
}

/** The fields about a repository. */
export function links(
  repository: string,
): Pick<PublicFields, "homepage" | "bugs" | "repository"> {
  return repository === "" ? {} : {
    homepage: `${repository}#readme`,
    bugs: `${repository}/issues`,
    repository: { type: "git", url: `git+${repository}.git` },
  };
}
