// typesOf() with the methods of a package that knows nothing of this module.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import type * as protocol from "vscode-languageserver-protocol";
import {
  type ConfigurationParams,
  ConfigurationRequest,
  DidOpenTextDocumentNotification,
  type DidOpenTextDocumentParams,
  ExitNotification,
  type Hover,
  type HoverParams,
  HoverRequest,
  ShutdownRequest,
} from "vscode-languageserver-protocol";
import {
  type CommandsOf,
  type InputOf,
  type MethodDescription,
  type OutputOf,
  typesOf,
} from "../../src/message/mod.ts";

const commands = typesOf(
  HoverRequest,
  ShutdownRequest,
  ConfigurationRequest,
  DidOpenTextDocumentNotification,
  ExitNotification,
);

/** `true` for two types that are the same, and not only assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;
type Input<Name extends keyof typeof commands> = InputOf<
  (typeof commands)[Name]["input"]
>;
type Output<Name extends keyof typeof commands> = OutputOf<
  (typeof commands)[Name]["output"]
>;

test("typesOf() has the parameters and results of methods of LSP", () => {
  const hover: Same<Input<"textDocument/hover">, HoverParams> = true;
  const hovered: Same<Output<"textDocument/hover">, Hover | null> = true;
  const shutdown: Same<Input<"shutdown">, null> = true;
  const configure: Same<
    Input<"workspace/configuration">,
    ConfigurationParams
  > = true;
  const open: Same<
    Input<"textDocument/didOpen">,
    DidOpenTextDocumentParams
  > = true;
  const opened: Same<Output<"textDocument/didOpen">, null> = true;
  const exit: Same<Input<"exit">, null> = true;
  const no: Same<Input<"textDocument/hover">, DidOpenTextDocumentParams> =
    false;
  assert(hover && hovered && shutdown && configure && open && opened && exit);
  assert(!no);
  assertEquals(Object.keys(commands), [
    "textDocument/hover",
    "shutdown",
    "workspace/configuration",
    "textDocument/didOpen",
    "exit",
  ]);
});

test("typesOf() takes all requests and notifications of LSP", () => {
  type Package = typeof protocol;
  type Name = Extract<
    keyof Package,
    `${string}Request` | `${string}Notification`
  >;
  type Refused = {
    [N in Name]: Package[N] extends MethodDescription ? never : N;
  }[Name];
  // The package has no type with the names of these two.
  const refused: Same<
    Refused,
    "LogTraceNotification" | "SetTraceNotification"
  > = true;
  type All = CommandsOf<Package[Exclude<Name, Refused>]>;
  const hover: Same<
    InputOf<All["textDocument/hover"]["input"]>,
    HoverParams
  > = true;
  assert(refused && hover);
});
