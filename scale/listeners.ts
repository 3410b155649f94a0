/** `listeners.ts SETTINGS`: nodes of a backplane, all in one process. */
import { answer, givenSettings } from "../reliability/peers/control.ts";
import { createBackplane } from "../src/backplane/mod.ts";
import { connectEngine } from "./connect_engine.ts";
import type { NodeSettings } from "./row.ts";

const settings = givenSettings<NodeSettings & { count: number }>();
for (let i = 0; i < settings.count; i++) {
  const { engine } = await connectEngine(settings);
  await createBackplane(engine);
}
await answer({}, {});
