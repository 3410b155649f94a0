/** A trace of each request, of spans on both sides. */

import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { JsonValue, Observe } from "../../mod.ts";
import type { Peer } from "../../src/message/mod.ts";

const propagator = new W3CTraceContextPropagator();

/** Makes a request in a span, which goes with it in the header of the envelope. */
export async function tracedRequest(
  tracer: Tracer,
  peer: Peer,
  command: string,
  body: JsonValue,
): Promise<unknown> {
  const span = tracer.startSpan(command, { kind: SpanKind.CLIENT });
  const header: Record<string, string> = {};
  const context = trace.setSpan(ROOT_CONTEXT, span);
  propagator.inject(context, header, defaultTextMapSetter);
  try {
    return await peer.request(command, body, { header });
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
    throw error;
  } finally {
    span.end();
  }
}

/** Makes a span of each request that was served, below that of its caller. */
export function traceRequests(tracer: Tracer): Observe {
  return (event) => {
    if (event.type !== "request" || event.direction !== "served") return;
    const { command, outcome, seconds, header = {} } = event;
    const now = Date.now();
    const span = tracer.startSpan(
      command,
      {
        kind: SpanKind.SERVER,
        startTime: now - seconds * 1_000,
        attributes: { "rpc.method": command, "framewire.outcome": outcome },
      },
      propagator.extract(ROOT_CONTEXT, header, defaultTextMapGetter),
    );
    if (outcome !== "done") span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(now);
  };
}
