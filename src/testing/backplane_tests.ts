import {
  checkCountOrInfinity,
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import {
  type BackplaneSystem,
  type BackplaneTestBodies,
  contextOf,
} from "./backplane_context.ts";
import { channelTests, tooLongTests } from "./channel_tests.ts";
import { forgettingTests, nodeTests } from "./node_tests.ts";
import { registerTests } from "./register_tests.ts";
import { requestTests } from "./request_tests.ts";
import { topicTests } from "./topic_tests.ts";
import { outageTests } from "./outage_tests.ts";
import { type ConformanceTest, within } from "./conformance.ts";

/** Options of {@linkcode backplaneTests}. */
export interface BackplaneTestOptions {
  /**
   * Whether the system has `cut` and `restore`. Without them, the tests of what happens
   * while the system is away are left out.
   *
   * @default {false}
   */
  cuts?: boolean;
  /**
   * Whether the system has `forget`. Without it, the tests of messages that are lost are
   * left out.
   *
   * @default {false}
   */
  forgets?: boolean;
  /**
   * A number of bytes that is too long for a message. With `Infinity`, no message is,
   * and the tests of it are left out.
   *
   * @default {Infinity}
   */
  tooLong?: number;
  /**
   * How long a test may take, in milliseconds.
   *
   * @default {60_000}
   */
  timeoutMs?: number;
}

const kinds: OptionKinds<BackplaneTestOptions> = {
  cuts: "boolean",
  forgets: "boolean",
  tooLong: "checked",
  timeoutMs: "checked",
};

/**
 * The tests of what an {@linkcode Engine} promises, and of what a `Backplane` over it
 * does, for an engine of your own. They use no test framework; give each to yours.
 *
 * A node dies in some of them, which takes 5 seconds each.
 *
 * @example
 * ```ts
 * import { type MemoryEngine, MemorySystem } from "@framewire/framewire/backplane";
 * import { backplaneTests } from "@framewire/framewire/testing";
 *
 * function start() {
 *   const system = new MemorySystem();
 *   const engines: MemoryEngine[] = [];
 *   return {
 *     engine() {
 *       const engine = system.engine();
 *       engines.push(engine);
 *       return engine;
 *     },
 *     cut: () => engines.forEach((engine) => engine.setState("down")),
 *     restore: () => engines.forEach((engine) => engine.setState("up")),
 *   };
 * }
 *
 * // In a file of tests: test(name, run).
 * const tests = backplaneTests(start, { cuts: true });
 * for (const { name, run } of tests) if (name.startsWith("swap()")) await run();
 * ```
 *
 * @param start Makes a new and empty system for each test.
 * @param options What the system has.
 * @returns The tests.
 * @throws {TypeError} If `start` is no function, or there is no such option.
 */
export function backplaneTests(
  start: () => Promise<BackplaneSystem> | BackplaneSystem,
  options: BackplaneTestOptions = {},
): readonly ConformanceTest[] {
  checkKind("start", start, "function");
  checkOptions("backplaneTests", options, kinds);
  const {
    cuts = false,
    forgets = false,
    tooLong = Infinity,
    timeoutMs = 60_000,
  } = options;
  checkCountOrInfinity("tooLong", tooLong);
  checkTimeLimit("timeoutMs", timeoutMs);
  const bodies: BackplaneTestBodies = {
    ...channelTests,
    ...topicTests,
    ...registerTests,
    ...(tooLong < Infinity ? tooLongTests : {}),
    ...nodeTests,
    ...requestTests,
    ...(forgets ? forgettingTests : {}),
    ...(cuts ? outageTests : {}),
  };
  return Object.entries(bodies).map(([name, body]) => ({
    name,
    async run(): Promise<void> {
      const system = await start();
      const { context, close } = contextOf(system, tooLong);
      try {
        await within(timeoutMs, body(context));
      } finally {
        await close();
        await system.dispose?.();
      }
    },
  }));
}
