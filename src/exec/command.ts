import { posix } from "node:path";
import process from "node:process";
import type { JsonValue } from "../codec/views/json.ts";
import {
  checkCount,
  checkOptions,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import {
  describeIssue,
  isSchema,
  type StandardSchema,
  validate,
} from "../codec/views/standard_schema.ts";
import {
  COMMAND_MAX_CONCURRENT,
  COMMAND_MAX_OUTPUT,
  COMMAND_TIMEOUT_MS,
} from "../defaults.ts";
import { argumentList } from "./argument_list.ts";
import { CommandError } from "./errors.ts";

/** Which environment variables a program gets: these, and no others. */
export interface CommandEnvironment {
  /** The names of those that are passed on from this process, where it has them. */
  readonly inherit?: readonly string[];
  /** Those with a fixed value. */
  readonly set?: Readonly<Record<string, string>>;
}

/** The options that all commands have. */
export interface CommandOptions {
  /**
   * Which arguments the command takes: a schema whose output is the list of
   * arguments, such as {@linkcode argumentList}, or a function that makes the
   * list of what the client gave. If the function throws, the run is refused, and
   * the message of the error goes to the client. By default the command takes none.
   */
  readonly args?:
    | StandardSchema<unknown, readonly string[]>
    | ((given: JsonValue) => readonly string[]);
  /**
   * The folder that it runs in, as an absolute path.
   *
   * @default {that of this process}
   */
  readonly cwd?: string;
  /**
   * Its environment variables. By default none, not even `PATH`.
   */
  readonly env?: CommandEnvironment;
  /**
   * Whether the client may send it standard input. Without, it is empty.
   *
   * @default {false}
   */
  readonly input?: boolean;
  /**
   * How long it may take until its output has been delivered, in milliseconds.
   *
   * @default {30_000}
   */
  readonly timeoutMs?: number;
  /**
   * The most bytes of output, standard output and error together. A program that
   * writes more is ended there.
   *
   * @default {16_777_216}
   */
  readonly maxOutput?: number;
  /**
   * How many may run at a time. Those over it are refused at once.
   *
   * @default {4}
   */
  readonly maxConcurrent?: number;
}

/** A command that is a program. */
export interface ProgramCommand extends CommandOptions {
  /** The program, as an absolute path. No shell sees it or its arguments. */
  readonly file: string;
  /** For the other kind of command only. */
  readonly dangerousShellScript?: undefined;
}

/** A command that is a script for `/bin/sh`. */
export interface ShellCommand extends CommandOptions {
  /** For the other kind of command only. */
  readonly file?: undefined;
  /**
   * A script for `/bin/sh -c`. The client's arguments are no part of its text:
   * they are `"$1"`, `"$2"`, `"$@"`. A script that leaves the quotes away, or
   * gives them to `eval`, gives this machine to everybody who may run it.
   */
  readonly dangerousShellScript: string;
}

/** A command that clients may run. */
export type Command = ProgramCommand | ShellCommand;

const commandKinds: OptionKinds<Command> = {
  file: "string",
  dangerousShellScript: "string",
  args: "checked",
  cwd: "string",
  env: "object",
  input: "boolean",
  timeoutMs: "checked",
  maxOutput: "checked",
  maxConcurrent: "checked",
};

const environmentKinds: OptionKinds<CommandEnvironment> = {
  inherit: "checked",
  set: "object",
};

/** A program to start, with all that is set for it. */
export interface Invocation {
  readonly name: string;
  readonly file: string;
  /** All arguments of the program. */
  readonly argv: readonly string[];
  /** The arguments that came from the client. */
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly input: boolean;
  readonly timeoutMs: number;
  readonly maxOutput: number;
}

/** The longest time that a timer can be set to. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The most bytes of arguments; what systems take is at least 128 KiB. */
const MAX_ARGUMENTS_LENGTH = 65_536;

/** A command that was checked. */
export class RegisteredCommand {
  readonly maxConcurrent: number;
  /** How many are running. */
  running = 0;

  readonly #name: string;
  readonly #command: Command;
  readonly #limits: { timeoutMs: number; maxOutput: number };

  constructor(name: string, command: Command) {
    const called = `the command ${name}`;
    checkOptions(called, command, commandKinds);
    const { file, dangerousShellScript, cwd, args, env = {} } = command;
    checkOptions(`env of ${called}`, env, environmentKinds);
    // Not called, `argumentList` would be taken for a function that makes the list.
    const isFunction = typeof args === "function" &&
      (args as unknown) !== argumentList;
    if (args !== undefined && !isSchema(args) && !isFunction) {
      const expected =
        "a schema, such as argumentList({ max: 3 }), or a function";
      throw wrongType(`args of ${called}`, expected, args);
    }
    const {
      timeoutMs = COMMAND_TIMEOUT_MS,
      maxOutput = COMMAND_MAX_OUTPUT,
      maxConcurrent = COMMAND_MAX_CONCURRENT,
    } = command;
    if ((file === undefined) === (dangerousShellScript === undefined)) {
      throw new TypeError(
        `Cannot use ${called}: expected either file or dangerousShellScript`,
      );
    }
    for (const [key, path] of Object.entries({ file, cwd })) {
      if (path === undefined || posix.isAbsolute(path)) continue;
      throw new TypeError(
        `Cannot use ${called}: expected an absolute path as ${key}, got ${
          JSON.stringify(path)
        }`,
      );
    }
    checkCount("timeoutMs", timeoutMs, 1, MAX_TIMEOUT_MS);
    // Every piece has a byte at least, and their numbers have 32 bits.
    checkCount("maxOutput", maxOutput, 0, 0xffff_ffff);
    checkCount("maxConcurrent", maxConcurrent, 1);
    this.maxConcurrent = maxConcurrent;
    this.#name = name;
    this.#command = command;
    this.#limits = { timeoutMs, maxOutput };
  }

  /**
   * Makes an invocation of the arguments of a client.
   *
   * @throws {CommandError} If the command does not take it.
   */
  invocation(given: JsonValue, input: boolean): Invocation {
    const { file, dangerousShellScript, cwd, env } = this.#command;
    const args = this.#arguments(given);
    if (input && this.#command.input !== true) {
      throw new CommandError(
        "INPUT_REFUSED",
        "The command takes no standard input",
      );
    }
    return {
      name: this.#name,
      args,
      cwd,
      input,
      env: environment(env),
      ...this.#limits,
      ...(file === undefined
        ? {
          file: "/bin/sh",
          argv: ["-c", dangerousShellScript ?? "", this.#name, ...args],
        }
        : { file, argv: args }),
    };
  }

  #arguments(given: JsonValue): readonly string[] {
    const { args } = this.#command;
    let list: unknown;
    try {
      if (args === undefined) list = none(given);
      else if (typeof args === "function") list = args(given);
      else {
        const result = validate(args, given);
        if (result.issues !== undefined) {
          throw new TypeError(result.issues.map(describeIssue).join("; "));
        }
        list = result.value;
      }
      return checkArguments(list);
    } catch (cause) {
      throw new CommandError(
        "ARGUMENTS_INVALID",
        `The command does not take these arguments: ${
          cause instanceof Error ? cause.message : String(cause)
        }`,
        { cause },
      );
    }
  }
}

function none(given: JsonValue): readonly string[] {
  if (Array.isArray(given) && given.length === 0) return [];
  throw new TypeError("expected none");
}

/** Refuses arguments that no program can be given, whatever the schema says. */
function checkArguments(list: unknown): readonly string[] {
  if (!Array.isArray(list)) throw new TypeError("expected a list of texts");
  let length = 0;
  const args = list.map((one: unknown): string => {
    if (typeof one !== "string") throw new TypeError("expected texts");
    if (one.includes("\0")) throw new TypeError("expected texts without NUL");
    length += one.length;
    return one;
  });
  if (length <= MAX_ARGUMENTS_LENGTH) return args;
  throw new TypeError(`expected at most ${MAX_ARGUMENTS_LENGTH} characters`);
}

function environment(
  { inherit = [], set = {} }: CommandEnvironment = {},
): Record<string, string> {
  const variables = inherit.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries([...variables, ...Object.entries(set)]);
}
