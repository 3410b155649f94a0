import process from "node:process";
import type { JsonValue } from "../codec/views/json.ts";
import { checkCount, checkKind } from "../checks.ts";
import { COMMAND_KILL_GRACE_MS, COMMAND_MAX_RUNS } from "../defaults.ts";
import type { ObserveOptions } from "../framed/observe.ts";
import {
  type Address,
  type AddressLike,
  formatAddress,
} from "../net/address.ts";
import { isPromise } from "../net/deferred.ts";
import { parseAddress } from "../net/parse_address.ts";
import { report } from "../net/report.ts";
import type { ServerTls } from "../net/tls_types.ts";
import type { Network, ProxyProtocol } from "../net/types.ts";
import { checkCanEnd } from "./can_end.ts";
import { type Command, RegisteredCommand } from "./command.ts";
import { asCommandError, CommandError } from "./errors.ts";
import { isTooDeep, MAX_DEPTH } from "./nesting.ts";
import { type OutputSink, RunningCommand } from "./running_command.ts";
import type { AuditRecord, Caller } from "./types.ts";

/** The options of a server of commands, besides authentication. */
export interface CommandServerOptions extends ObserveOptions {
  /**
   * Where to listen; port 0 takes a free one. Without a host name it is the
   * loopback interface only.
   */
  address: AddressLike;
  /** The commands, under the names that clients know. There are no others. */
  commands: Readonly<Record<string, Command>>;
  /**
   * Is told of every refusal, of every run before it starts, and how it ended. If
   * it throws before a run, the run is refused: only recorded runs take place. All
   * that it throws goes to `onError`. If it throws at a refusal, it is told of that
   * once more, without the arguments, which may be the cause.
   *
   * It must be synchronous: a run for which it returns a promise is refused.
   */
  audit?: (record: AuditRecord) => void;
  /**
   * The most runs at a time, of all commands and clients together. Those over it
   * are refused at once.
   *
   * @default {64}
   */
  maxRuns?: number;
  /**
   * The most connections at a time; those over it are ended at once. With a
   * secret, the connections of clients that have authenticated; those over it are
   * refused (`TOO_MANY_CONNECTIONS`).
   *
   * @default {100}
   */
  maxConnections?: number;
  /**
   * How long processes that are told to end (`SIGTERM`) may take before they are
   * killed (`SIGKILL`), in milliseconds.
   *
   * @default {2_000}
   */
  killGraceMs?: number;
  /**
   * How long a client may take none of the bytes that are sent to it, in
   * milliseconds, before its connection is cut and its runs are ended.
   *
   * @default {120_000}
   */
  writeTimeoutMs?: number;
  /**
   * Is told of every error that ended a connection, of why a program could not be
   * started, and of what `audit` throws. By default, the last two go to
   * `console.error`. So do errors of this program on a connection; errors of the
   * client and the network go nowhere.
   */
  onError?: (error: unknown, peer: Address) => void;
  /**
   * What to listen with: a memory network, for tests. By default, the sockets of
   * the runtime.
   */
  network?: Pick<Network, "listen">;
  /**
   * Makes the connections ones with TLS. A secret is asked for all the same.
   *
   * @default {no TLS}
   */
  tls?: ServerTls;
  /**
   * Whether other processes may listen at the same port; see `serve`.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * Reads the header that proxies send in front of a connection; see `serve`. A secret
   * is required then: the proxy connects from this machine, and its clients need not.
   *
   * @default {no PROXY protocol}
   */
  proxyProtocol?: ProxyProtocol;
  /** Closes the server, like `close`. */
  signal?: AbortSignal;
}

/** A request of a client to run a command. */
export interface RunRequest {
  readonly command: string;
  readonly args: JsonValue;
  readonly input: boolean;
}

/** The commands that there are, and those that are running. */
export class CommandRunner {
  readonly killGraceMs: number;

  // A map: `constructor` and `__proto__` are names like others there.
  readonly #commands: ReadonlyMap<string, RegisteredCommand>;
  readonly #options: CommandServerOptions;
  readonly #maxRuns: number;
  #running = 0;
  /** Settle when a run has ended and that is recorded. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: CommandServerOptions) {
    const {
      commands,
      maxRuns = COMMAND_MAX_RUNS,
      killGraceMs = COMMAND_KILL_GRACE_MS,
    } = options;
    if (process.platform === "win32") {
      throw new TypeError(
        "Cannot serve commands on Windows: it has no process groups, so that not all of a run could be ended",
      );
    }
    checkKind("commands", commands, "object");
    checkCanEnd();
    checkCount("maxRuns", maxRuns, 1);
    checkCount("killGraceMs", killGraceMs, 0);
    this.killGraceMs = killGraceMs;
    this.#options = options;
    this.#maxRuns = maxRuns;
    this.#commands = new Map(
      Object.entries(commands).map(([name, command]) => [
        name,
        new RegisteredCommand(name, command),
      ]),
    );
  }

  /**
   * Starts a command. If its `ended` rejects, that has been recorded.
   *
   * @throws {CommandError} If it is refused, which has been recorded.
   */
  start(request: RunRequest, caller: Caller, sink: OutputSink): RunningCommand {
    try {
      return this.#start(request, caller, sink);
    } catch (error) {
      const refused = asCommandError(error);
      this.refuse(refused, caller, request);
      throw refused;
    }
  }

  /** Waits until all runs have ended, and that is recorded. */
  async ended(): Promise<void> {
    while (this.#ending.size > 0) await Promise.allSettled(this.#ending);
  }

  /** Records a refusal. */
  refuse(error: unknown, caller: Caller, request?: RunRequest): void {
    const refused = asCommandError(error);
    const { code, message, cause } = refused;
    this.#record({
      event: "refused",
      time: new Date(),
      caller,
      ...(request && { command: request.command }),
      ...(request && !isTooDeep(request.args) && { arguments: request.args }),
      code,
      message,
      ...(cause !== undefined && { cause }),
    });
    // A fault of this machine: the client is not told the cause.
    if (code === "START_FAILED") this.#report(cause ?? refused, caller);
  }

  #start(
    request: RunRequest,
    caller: Caller,
    sink: OutputSink,
  ): RunningCommand {
    const command = this.#commands.get(request.command);
    if (command === undefined) {
      throw new CommandError("COMMAND_UNKNOWN", "There is no such command");
    }
    if (isTooDeep(request.args)) {
      throw new CommandError(
        "ARGUMENTS_INVALID",
        `The arguments are nested too deeply: at most ${MAX_DEPTH} levels`,
      );
    }
    const invocation = command.invocation(request.args, request.input);
    if (this.#running >= this.#maxRuns) {
      throw new CommandError(
        "TOO_MANY_RUNS",
        `As many commands are running as may: ${this.#maxRuns} (maxRuns)`,
      );
    }
    if (command.running >= command.maxConcurrent) {
      throw new CommandError(
        "TOO_MANY_RUNS",
        `The command runs as often as it may: ${command.maxConcurrent} (maxConcurrent)`,
      );
    }
    const about = {
      caller,
      command: invocation.name,
      arguments: invocation.args,
    };
    try {
      this.#tell({ event: "started", time: new Date(), ...about });
    } catch (cause) {
      this.#report(cause, caller);
      throw new CommandError("AUDIT_FAILED", "The run cannot be recorded", {
        cause,
      });
    }
    const running = new RunningCommand(invocation, sink, this.killGraceMs);
    this.#running++;
    command.running++;
    const free = () => {
      this.#running--;
      command.running--;
    };
    // Attached first: the place is free before the client is told of the end.
    const ending = running.ended.then((exit) => {
      free();
      this.#record({ event: "ended", time: new Date(), ...about, exit });
    }, (error) => {
      free();
      this.refuse(error, caller, request);
    });
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
    return running;
  }

  #record(record: AuditRecord): void {
    try {
      this.#tell(record);
    } catch (error) {
      this.#report(error, record.caller);
      if (record.event !== "refused" || !("arguments" in record)) return;
      const { arguments: _given, ...rest } = record;
      this.#record(rest);
    }
  }

  /** Calls the audit hook, and handles a promise that it may return. */
  #tell(record: AuditRecord): void {
    const told: unknown = this.#options.audit?.(record);
    if (!isPromise(told)) return;
    Promise.resolve(told).catch((error) => this.#report(error, record.caller));
    // Whether it will be recorded is not known yet.
    if (record.event === "started") {
      throw new TypeError("The audit hook must be synchronous");
    }
  }

  #report(error: unknown, { address }: Caller): void {
    const { onError = reportError } = this.#options;
    report(error, () => onError(error, address));
  }
}

/**
 * Reports an error of this program: of the audit hook, or of starting. Its class
 * says nothing of whose fault it is: the hook may write to a network.
 */
function reportError(error: unknown, peer: Address): void {
  console.error(
    `framewire: the commands of ${formatAddress(peer)} failed:`,
    error,
  );
}

/** Whether only this machine can reach an address. */
export function isLocal(address: AddressLike): boolean {
  const parsed = parseAddress(address);
  if (parsed.transport === "unix" || parsed.transport === "memory") return true;
  if (parsed.transport === "node") return false;
  const { hostname } = parsed;
  return hostname === "localhost" || hostname === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
