import type { StandardSchema } from "../../codec/views/standard_schema.ts";

/**
 * A method of JSON-RPC as the packages of language servers describe it
 * (`vscode-languageserver-protocol`), for requests and for notifications.
 */
export interface MethodDescription {
  /** The name of the method. */
  readonly method: string;
  /** Its type, which carries those of its parameters and its result. */
  readonly type: {
    /** The parameters, the result and more, in the types only. */
    readonly _?: readonly unknown[] | undefined;
  };
}

/** The parameters of a method; `null` for none. */
export type ParamsOf<M extends MethodDescription> = M["type"] extends
  { readonly _?: readonly [infer P, unknown, unknown, unknown] | undefined } ? P
  : M["type"] extends { readonly _?: readonly [infer P, unknown] | undefined }
    ? P
  : null;

/** The result of a method; `null` for a notification. */
export type ResultOf<M extends MethodDescription> = M["type"] extends
  { readonly _?: readonly [unknown, infer R, unknown, unknown] | undefined } ? R
  : M["type"] extends
    { readonly _?: readonly [infer R, unknown, unknown] | undefined } ? R
  : null;

/** The commands of methods, by their names. */
export type CommandsOf<M extends MethodDescription> = {
  readonly [Method in M as Method["method"]]: {
    readonly input: StandardSchema<ParamsOf<Method>>;
    readonly output: StandardSchema<ResultOf<Method>>;
  };
};

/**
 * The commands of a peer, of methods as the packages of language servers describe them.
 * They are types: nothing is validated.
 *
 * @example
 * ```ts
 * import { ndjson } from "@framewire/framewire/presets";
 * import {
 *   connectMessages,
 *   jsonRpc,
 *   serveMessages,
 *   typesOf,
 * } from "@framewire/framewire/message";
 *
 * // Like that of the package "vscode-languageserver-protocol".
 * const HoverRequest = {
 *   method: "textDocument/hover",
 *   type: {} as { _?: [{ line: number }, { contents: string } | null, void, 1] },
 * } as const;
 *
 * const commands = typesOf(HoverRequest);
 * const dialect = jsonRpc(ndjson(), { conventions: "lsp" });
 * await using server = await serveMessages({
 *   address: { port: 0 },
 *   dialect,
 *   commands,
 * });
 * server.on("textDocument/hover", ({ line }) => ({ contents: `line ${line}` }));
 *
 * const { address } = server;
 * await using client = await connectMessages({ address, dialect, commands });
 * const hover = await client.request("textDocument/hover", { line: 3 });
 * console.log(hover?.contents); // line 3
 * ```
 *
 * @param methods The methods, such as `HoverRequest` of the package.
 * @returns The commands.
 */
export function typesOf<const M extends readonly MethodDescription[]>(
  ...methods: M
): CommandsOf<M[number]> {
  return Object.fromEntries(
    methods.map(({ method }) => [method, {}]),
  ) as CommandsOf<M[number]>;
}
