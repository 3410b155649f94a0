import { test } from "node:test";
import {
  type MemoryEngine,
  MemorySystem,
  portEngine,
  shareEngine,
} from "../../src/backplane/mod.ts";
import { backplaneTests } from "../../src/testing/mod.ts";

function start() {
  const system = new MemorySystem({ maxTopicBytes: 1_000_000 });
  const engines: MemoryEngine[] = [];
  return {
    engine() {
      const engine = system.engine();
      engines.push(engine);
      return engine;
    },
    cut: () => engines.forEach((engine) => engine.setState("down")),
    restore: () => engines.forEach((engine) => engine.setState("up")),
    async forget(topic: string) {
      const engine = system.engine();
      await engine.append(topic, new Uint8Array(1_000_000), undefined);
    },
  };
}

const options = { cuts: true, forgets: true };
for (const { name, run } of backplaneTests(start, options)) {
  test(`${name} [memory]`, run);
}

function startOverPorts() {
  const system = start();
  return {
    ...system,
    engine() {
      const { port1, port2 } = new MessageChannel();
      shareEngine(system.engine(), port1);
      return portEngine(port2);
    },
  };
}

for (const { name, run } of backplaneTests(startOverPorts, options)) {
  test(`${name} [memory, over message ports]`, run);
}
