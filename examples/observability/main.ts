/**
 * A server whose numbers and traces go to OpenTelemetry, and a client whose requests
 * begin the traces. Both write to the console here; give the providers the exporters
 * of OTLP in their place.
 *
 *     npm install @opentelemetry/api @opentelemetry/core \
 *       @opentelemetry/sdk-metrics @opentelemetry/sdk-trace
 *     node examples/observability/main.ts
 */

import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { reportMetrics } from "./metrics.ts";
import { tracedRequest, traceRequests } from "./traces.ts";

const metrics = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new ConsoleMetricExporter(),
    }),
  ],
});
const traces = new TracerProvider({
  spanProcessors: [
    new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
  ],
});
const tracer = traces.getTracer("example");

const server = await serveMessages({
  address: { port: 0 },
  observe: traceRequests(tracer),
});
server.on("greet", (name) => `Hello ${name}`);
reportMetrics(metrics.getMeter("example"), server);

const client = await connectMessages({ address: server.address });
console.log(await tracedRequest(tracer, client, "greet", "Ann"));

await client.close();
await server.close();
await Promise.all([metrics.shutdown(), traces.shutdown()]);
