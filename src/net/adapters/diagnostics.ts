/** The events that are published, and the names of their channels. */
export const DIAGNOSTICS_CHANNELS = {
  open: "framewire:connection.open",
  close: "framewire:connection.close",
  refused: "framewire:connection.refused",
  request: "framewire:request",
} as const;

/** The part of a channel of `node:diagnostics_channel` that is used here. */
export interface DiagnosticsChannel {
  /** Whether anybody listens. */
  readonly hasSubscribers: boolean;
  /** Calls those who listen. The runtime handles what they throw. */
  publish(message: unknown): void;
}

type Channels = {
  readonly [Event in keyof typeof DIAGNOSTICS_CHANNELS]?:
    | DiagnosticsChannel
    | undefined;
};

let channels: Channels | undefined;

/**
 * The channels of `node:diagnostics_channel`, by the events that are published there;
 * none in a browser, and in Node before 20.16, which does not lend the module. They
 * are looked up when they are first asked for.
 */
export function diagnosticsChannels(): Channels {
  return channels ??= lookUp();
}

function lookUp(): Channels {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  const module = process?.getBuiltinModule?.("node:diagnostics_channel") as
    | { channel?(name: string): DiagnosticsChannel }
    | undefined;
  return Object.fromEntries(
    Object.entries(DIAGNOSTICS_CHANNELS)
      .map(([event, name]) => [event, module?.channel?.(name)]),
  );
}
