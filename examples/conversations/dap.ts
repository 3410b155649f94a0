/** The requests and events of the Debug Adapter Protocol that the client uses. */

import type { JsonValue, StandardSchema } from "../../mod.ts";

/** A place in a program that has stopped. */
export type Frame = { id: number; name: string; line: number };
/** A value; `variablesReference` leads to its parts where it is not 0. */
export type Variable = {
  name: string;
  value: string;
  variablesReference: number;
};
type Source = { path: string };

/** The arguments and the body of each request; events have no second one. */
interface Messages {
  initialize: [{ adapterID: string }, Readonly<Record<string, JsonValue>>];
  launch: [Readonly<Record<string, JsonValue>>, null];
  attach: [Readonly<Record<string, JsonValue>>, null];
  setBreakpoints: [
    { source: Source; breakpoints: { line: number }[] },
    { breakpoints: { verified: boolean; line?: number }[] },
  ];
  configurationDone: [null, null];
  threads: [null, { threads: { id: number; name: string }[] }];
  stackTrace: [{ threadId: number }, { stackFrames: Frame[] }];
  scopes: [{ frameId: number }, { scopes: Omit<Variable, "value">[] }];
  variables: [{ variablesReference: number }, { variables: Variable[] }];
  evaluate: [
    { expression: string; frameId: number; context?: string },
    { result: string; variablesReference: number },
  ];
  continue: [{ threadId: number }, { allThreadsContinued?: boolean }];
  disconnect: [null, null];
  initialized: [null, null];
  stopped: [{ reason: string; threadId: number }, null];
  output: [{ category?: string; output: string }, null];
  exited: [{ exitCode: number }, null];
  terminated: [null, null];
}

/** The commands of both sides. */
export type Dap = {
  readonly [Name in keyof Messages]: {
    readonly input: StandardSchema<Messages[Name][0]>;
    readonly output: StandardSchema<Messages[Name][1]>;
  };
};
