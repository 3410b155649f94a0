/**
 * Remote commands: registered programs, run by name over a connection.
 *
 * @module
 */
export {
  argumentList,
  type ArgumentListOptions,
  type ArgumentSchema,
} from "./argument_list.ts";
export type { Secret } from "./authentication.ts";
export type {
  Command,
  CommandEnvironment,
  CommandOptions,
  ProgramCommand,
  ShellCommand,
} from "./command.ts";
export type { CommandClient, RunOptions } from "./command_client.ts";
export type { CommandServerOptions } from "./command_runner.ts";
export type { CommandServer } from "./command_server.ts";
export * from "./connect_commands.ts";
export * from "./errors.ts";
export type { RunInput } from "./input_source.ts";
export type {
  CollectedOutput,
  CollectOptions,
  CommandRun,
} from "./remote_run.ts";
export { serveCommands, type ServeCommandsOptions } from "./serve_commands.ts";
export * from "./types.ts";
