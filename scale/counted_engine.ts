import type { Engine } from "../src/backplane/mod.ts";

/** The channels of the beats: of all nodes, and of answers to one. */
const BEATS = /^nodes(:|$)/;

/** What an engine was used for. */
export interface Use {
  /** The calls, without the beats that were sent. */
  calls: number;
  /** The beats that were received. */
  beats: number;
}

/** An engine that counts what it is used for. */
export function counted(engine: Engine): { engine: Engine; use: Use } {
  const use: Use = { calls: 0, beats: 0 };
  const handler: ProxyHandler<Engine> = {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== "function") return value;
      return (name: unknown, listener: unknown, ...rest: unknown[]) => {
        const isOfBeats = typeof name === "string" && BEATS.test(name);
        if (!isOfBeats) use.calls++;
        const own = isOfBeats && key === "listen"
          ? countCalls(listener, use)
          : listener;
        return value.call(target, name, own, ...rest) as unknown;
      };
    },
  };
  return { engine: new Proxy(engine, handler), use };
}

function countCalls(listener: unknown, use: Use): unknown {
  const onBytes = listener as (bytes: Uint8Array) => void;
  return (bytes: Uint8Array) => {
    use.beats++;
    onBytes(bytes);
  };
}
