import {
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import { type ConformanceTest, within } from "./conformance.ts";
import type { TransportPair, TransportTestBodies } from "./context.ts";
import { deliveryTests } from "./delivery_tests.ts";
import { endingTests } from "./ending_tests.ts";

/** Options of {@linkcode transportTests}. */
export interface TransportTestOptions {
  /**
   * Whether `abort` is a reset, which the other end is told of as a failure.
   * Otherwise it may see an end as well: that of a socket which has no reset.
   *
   * @default {false}
   */
  resets?: boolean;
  /**
   * The most bytes that may be on their way while the other end is paused: the
   * buffers of both ends and of the system.
   *
   * @default {33_554_432}
   */
  maxBytesInFlight?: number;
  /**
   * How long a test may take, in milliseconds.
   *
   * @default {30_000}
   */
  timeoutMs?: number;
}

const kinds: OptionKinds<TransportTestOptions> = {
  resets: "boolean",
  maxBytesInFlight: "checked",
  timeoutMs: "checked",
};

/**
 * The tests of what {@linkcode Transport} promises, for a transport of your own:
 * what passes them works under everything here that takes a transport. They use
 * no test framework; give each to yours.
 *
 * @example
 * ```ts ignore
 * import { transportTests } from "@framewire/framewire/testing";
 * import { test } from "node:test";
 * import { pair } from "./my_transport.ts";
 *
 * for (const { name, run } of transportTests(pair)) test(name, run);
 * ```
 *
 * @param pair Makes a new connection for each test.
 * @param options What is known of the transport.
 * @returns The tests.
 * @throws {TypeError} If `pair` is no function, or there is no such option.
 */
export function transportTests(
  pair: () => Promise<TransportPair> | TransportPair,
  options: TransportTestOptions = {},
): readonly ConformanceTest[] {
  checkKind("pair", pair, "function");
  checkOptions("transportTests", options, kinds);
  const {
    resets = false,
    maxBytesInFlight = 33_554_432,
    timeoutMs = 30_000,
  } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  const bodies: TransportTestBodies = { ...deliveryTests, ...endingTests };
  return Object.entries(bodies).map(([name, body]) => ({
    name,
    async run(): Promise<void> {
      const ends = await pair();
      const { a, b } = ends;
      try {
        await within(timeoutMs, body({ a, b, resets, maxBytesInFlight }));
      } finally {
        a.abort();
        b.abort();
        await ends.dispose?.();
      }
    },
  }));
}
