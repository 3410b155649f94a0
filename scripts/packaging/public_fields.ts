import type { DenoConfig } from "../testing/setup.ts";

/** What the package says of itself on npm, however it was built. */
export interface PublicFields {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: string[];
  readonly license: string;
  readonly type: "module";
  readonly sideEffects: false;
  readonly engines: { node: string };
}

/** The fields of package.json that do not depend on who builds it. */
export function publicFields(
  { name, version, license }: DenoConfig,
): PublicFields {
  return {
    name,
    version,
    description: "Message framing for byte streams, on Deno, Bun and Node",
    keywords: [
      "framing",
      "codec",
      "length-prefixed",
      "streams",
      "tcp",
      "sockets",
    ],
    license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
  };
}
