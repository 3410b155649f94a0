import { measureCosts } from "../measure_costs.ts";
import { largeService, loadsOf, tablesOf } from "../model.ts";
import type { ScaleRow } from "../row.ts";

export const model: ScaleRow = {
  name: "model",
  promise:
    "what a service of 1,000 nodes and 10 million members would need, computed from costs that are measured",
  bar: "the first two bottlenecks are named",
  engines: ["nats", "redis"],
  async measure(run) {
    const costs = await measureCosts(run);
    const size = largeService(run.engine);
    const [first, second] = loadsOf(costs, size);
    const tell = ({ what, load, takes }: NonNullable<typeof first>) =>
      `${what}, ${load}: ${takes}`;
    return {
      figure: `first ${tell(first!)}; second ${tell(second!)}`,
      holds: Object.values(costs).every(Number.isFinite),
      details: tablesOf(run.engine, costs, size),
    };
  },
};
