/** The style of Python's `socketserver`: a class whose instances handle one connection each. */

import {
  type FramedConnection,
  serve,
  type ServeOptions,
  type Server,
} from "../../mod.ts";

/** Handles one connection: override `handle`, and the others where needed. */
export abstract class RequestHandler<In, Out = In> {
  /** The connection. */
  readonly request: FramedConnection<In, Out>;

  constructor(request: FramedConnection<In, Out>) {
    this.request = request;
  }

  /** Comes before `handle`. When it throws, neither of the others is called. */
  setup(): Promise<void> | void {}

  /** Does the work. When it returns, the connection is closed. */
  abstract handle(): Promise<void> | void;

  /** Comes after `handle`, also when that threw. */
  finish(): Promise<void> | void {}
}

/**
 * Serves with an instance of the class for every connection: what
 * `ThreadingTCPServer` does, without the threads.
 *
 * @param options Those of `serve`.
 * @param Handler The class.
 * @returns The server.
 */
export function serveRequests<In, Out>(
  options: ServeOptions<In, Out>,
  Handler: new (
    request: FramedConnection<In, Out>,
  ) => RequestHandler<In, Out>,
): Promise<Server<In, Out>> {
  return serve(options, async (connection) => {
    const handler = new Handler(connection);
    await handler.setup();
    try {
      await handler.handle();
    } finally {
      await handler.finish();
    }
  });
}
