import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { reportMetrics } from "../../examples/observability/metrics.ts";
import {
  tracedRequest,
  traceRequests,
} from "../../examples/observability/traces.ts";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";

const network = memoryNetwork();
const address = "memory:telemetry";

test("examples/observability continues the trace of the caller on the server", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("test");
  const server = await serveMessages({
    address,
    network,
    observe: traceRequests(tracer),
    onError: () => undefined,
  });
  server.on("greet", (name) => `Hello ${name}`).on("crash", () => {
    throw new Error("crashed");
  });
  const client = await connectMessages({ address, network });
  assertEquals(
    await tracedRequest(tracer, client, "greet", "Ann"),
    "Hello Ann",
  );
  await assertRejects(() => tracedRequest(tracer, client, "crash", null));
  await client.close();
  await server.close();
  await provider.forceFlush();

  const [greeted, asked, crashed, failed] = exporter.getFinishedSpans();
  for (const [inner, outer] of [[greeted, asked], [crashed, failed]] as const) {
    assertEquals(inner!.parentSpanContext?.spanId, outer!.spanContext().spanId);
    assertEquals(inner!.spanContext().traceId, outer!.spanContext().traceId);
  }
  assertEquals(greeted!.attributes["framewire.outcome"], "done");
  assertEquals(crashed!.attributes["framewire.outcome"], "failed");
  await provider.shutdown();
});

test("examples/observability reports the numbers of a server as metrics", async () => {
  const exporter = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  await using server = await serveMessages({ address, network });
  server.on("greet", (name) => `Hello ${name}`);
  reportMetrics(provider.getMeter("test"), server);
  await using client = await connectMessages({ address, network });
  await client.request("greet", "Ann");
  await provider.forceFlush();

  const values = new Map<string, unknown>();
  for (const { scopeMetrics } of exporter.getMetrics()) {
    for (const { metrics } of scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        for (const { attributes, value } of dataPoints) {
          const key = [descriptor.name, ...Object.values(attributes)];
          values.set(key.join(" "), value);
        }
      }
    }
  }
  assertEquals(values.get("framewire.connections.open"), 1);
  assertEquals(values.get("framewire.received.frames"), 1);
  assertEquals(values.get("framewire.requests greet done"), 1);
  await provider.shutdown();
});
