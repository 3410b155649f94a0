/** The numbers of a server of messages as metrics of OpenTelemetry. */

import type { Meter } from "@opentelemetry/api";
import type { Commands, MessageServer } from "../../src/message/mod.ts";

/**
 * Has the numbers of a server reported: `stats()` is called once for each collection,
 * and costs nothing between.
 */
export function reportMetrics<C extends Commands, X>(
  meter: Meter,
  server: MessageServer<C, X>,
): void {
  const open = meter.createObservableGauge("framewire.connections.open");
  const accepted = meter.createObservableCounter(
    "framewire.connections.accepted",
  );
  const refused = meter.createObservableCounter(
    "framewire.connections.refused",
  );
  const closed = meter.createObservableCounter("framewire.connections.closed");
  const received = meter.createObservableCounter("framewire.received.frames");
  const sent = meter.createObservableCounter("framewire.sent.frames");
  const queued = meter.createObservableGauge("framewire.queued", {
    unit: "By",
  });
  const requests = meter.createObservableCounter("framewire.requests");

  meter.addBatchObservableCallback((result) => {
    const { connections, served, ...stats } = server.stats();
    result.observe(open, connections.open);
    result.observe(accepted, connections.accepted);
    for (const [reason, count] of Object.entries(connections.refused)) {
      result.observe(refused, count, { reason });
    }
    for (const [reason, count] of Object.entries(connections.closed)) {
      result.observe(closed, count, { reason });
    }
    result.observe(received, stats.framesReceived);
    result.observe(sent, stats.framesSent);
    result.observe(queued, stats.queuedBytes);
    for (const [command, { latency: _, ...counts }] of entries(served)) {
      for (const [outcome, count] of Object.entries(counts)) {
        if (count > 0) result.observe(requests, count, { command, outcome });
      }
    }
  }, [open, accepted, refused, closed, received, sent, queued, requests]);
}

type Served = ReturnType<MessageServer<Commands>["stats"]>["served"];

function entries({ commands }: Served): [string, Served["commands"][string]][] {
  return Object.entries(commands);
}
