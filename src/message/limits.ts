import {
  checkCountOrInfinity,
  checkKind,
  checkOptions,
  checkPerSecond,
  checkTimeLimit,
  type OptionKind,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import { isSchema } from "../codec/views/standard_schema.ts";
import type { Command, Commands } from "./commands.ts";
import type { DialectOptions } from "./dialects/dialect_options.ts";
import type { PeerLimits } from "./types.ts";

/** The options for what is spoken. */
export const dialectKinds: OptionKinds<DialectOptions> = {
  codec: "checked",
  dialect: "checked",
};

const commandKinds: OptionKinds<Command> = {
  input: "checked",
  output: "checked",
};

/** The options of a peer that are checked here. */
interface CheckedOptions extends PeerLimits {
  readonly commands?: Commands;
  readonly handlers?: Readonly<Record<string, unknown>>;
  readonly events?: Readonly<Record<string, unknown>>;
}

/**
 * Checks the options of a peer.
 *
 * @param of The function or the class that has them.
 * @param kinds All its options.
 */
export function checkPeerOptions(
  of: string,
  options: CheckedOptions,
  kinds: Readonly<Record<string, OptionKind>>,
): void {
  checkOptions(of, options, kinds);
  const { maxRequests = 1, heartbeatMs = 1, heartbeatTimeoutMs = 1 } = options;
  checkTimeLimit("heartbeatMs", heartbeatMs);
  checkTimeLimit("heartbeatTimeoutMs", heartbeatTimeoutMs);
  checkCountOrInfinity("maxRequests", maxRequests);
  const { requestsPerSecond = Infinity, handlerTimeoutMs = Infinity } = options;
  checkTimeLimit("handlerTimeoutMs", handlerTimeoutMs);
  if (requestsPerSecond !== Infinity) {
    checkPerSecond("requestsPerSecond", requestsPerSecond);
  }
  const { commands = {}, handlers = {}, events = {} } = options;
  for (const functions of [handlers, events]) {
    for (const [name, handler] of Object.entries(functions)) {
      if (handler !== undefined) checkKind(name, handler, "function");
    }
  }
  for (const [name, command] of Object.entries(commands)) {
    checkOptions(`the command ${name}`, command, commandKinds);
    checkSchema(`the input of ${name}`, command.input);
    checkSchema(`the output of ${name}`, command.output);
  }
}

function checkSchema(name: string, schema: unknown): void {
  if (schema === undefined || isSchema(schema)) return;
  throw wrongType(name, "a Standard Schema, such as typed<string>()", schema);
}
