/** A debugger: the client of a debug adapter. */

import { type AddressLike, type JsonValue, NetError } from "../../mod.ts";
import { connectMessages, dap, type Peer } from "../../src/message/mod.ts";
import { lsp } from "../../src/presets/mod.ts";
import type { Dap } from "./dap.ts";

/** What is debugged. */
export interface Debuggee {
  /** Whether the adapter starts the program, or it runs already. */
  readonly start: "launch" | "attach";
  /** How: each adapter has arguments of its own. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
  /** The source, and the lines to stop at. */
  readonly path: string;
  readonly lines: readonly number[];
  /** Called at each stop. The program goes on afterwards. */
  onStopped(adapter: Peer<Dap>, threadId: number): Promise<void>;
}

/**
 * Has a program run under a debugger to its end.
 *
 * @returns Its exit code, where the adapter tells it.
 * @throws What `onStopped` throws.
 */
export async function debug(
  address: AddressLike,
  { start, path, lines, onStopped, ...debuggee }: Debuggee,
): Promise<number | undefined> {
  const initialized = Promise.withResolvers<null>();
  const ended = Promise.withResolvers<null>();
  const dialect = dap(lsp());
  await using adapter = await connectMessages<Dap>({ address, dialect });
  adapter.onEvent("initialized", initialized.resolve);
  let code: number | undefined;
  adapter.onEvent("exited", ({ exitCode }) => code = exitCode);
  adapter.onEvent("terminated", ended.resolve);
  adapter.onEvent("stopped", ({ threadId }) =>
    onStopped(adapter, threadId)
      .then(() => adapter.request("continue", { threadId }))
      .catch(ended.reject));
  const left = new NetError("CONNECTION_CLOSED", "The adapter has left");
  void adapter.closed.then(({ error = left }) => ended.reject(error));
  const begin = async () => {
    await adapter.request("initialize", { adapterID: "debugger" });
    // Its response comes when the configuration is done.
    const started = adapter.request(start, debuggee.arguments);
    await Promise.race([initialized.promise, started]);
    const breakpoints = lines.map((line) => ({ line }));
    await adapter.request("setBreakpoints", { source: { path }, breakpoints });
    await adapter.request("configurationDone", null);
    await started;
  };
  await Promise.all([ended.promise, begin()]);
  await adapter.request("disconnect", null);
  return code;
}
