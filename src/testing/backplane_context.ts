import { createBackplane } from "../backplane/create_backplane.ts";
import type { Engine } from "../backplane/engine.ts";
import type { Backplane } from "../backplane/types.ts";
import { NetError, type NetErrorCode } from "../net/errors.ts";
import { ensure, rejection } from "./recorder.ts";

/** A system that connects nodes, which a test uses up. */
export interface BackplaneSystem {
  /** Makes the engine of another node. */
  engine(): Promise<Engine> | Engine;
  /** Takes the system away from all engines (`cuts`). */
  cut?(): Promise<void> | void;
  /** Brings it back, with all that it has kept (`cuts`). */
  restore?(): Promise<void> | void;
  /** Removes the messages of a topic, as if they had expired (`forgets`). */
  forget?(topic: string): Promise<void> | void;
  /** Releases what the system was made of; all engines were closed before. */
  dispose?(): Promise<void> | void;
}

/** What the body of a test is given. */
export interface BackplaneTestContext {
  /** Makes an engine, which is closed after the test. */
  engine(): Promise<Engine>;
  /** Makes a node, which is closed after the test. */
  node(): Promise<Backplane>;
  /** Makes a node, and what kills it: its engine is closed under it. */
  mortal(): Promise<{ readonly node: Backplane; kill(): Promise<void> }>;
  cut(): Promise<void>;
  restore(): Promise<void>;
  forget(topic: string): Promise<void>;
  readonly tooLong: number;
}

/** A test before it was given its system. */
export type BackplaneTestBodies = Readonly<
  Record<string, (context: BackplaneTestContext) => Promise<void>>
>;

/** Makes the context of a test, and what closes all that was made with it. */
export function contextOf(
  system: BackplaneSystem,
  tooLong: number,
): { context: BackplaneTestContext; close: () => Promise<void> } {
  const opened: { close(): Promise<void> }[] = [];
  const engine = async () => {
    const made = await system.engine();
    opened.push(made);
    return made;
  };
  const mortal = async () => {
    const under = await engine();
    const node = await createBackplane(under);
    opened.push(node);
    return { node, kill: () => under.close() };
  };
  const call = async (name: "cut" | "restore" | "forget", topic = "") => {
    ensure(system[name] !== undefined, `the system has no ${name}()`);
    await system[name](topic);
  };
  return {
    context: {
      engine,
      mortal,
      node: async () => (await mortal()).node,
      cut: () => call("cut"),
      restore: () => call("restore"),
      forget: (topic) => call("forget", topic),
      tooLong,
    },
    async close(): Promise<void> {
      // Nodes before their engines.
      for (const one of opened.reverse()) await one.close();
    },
  };
}

/** Names that a system may use for something else. */
export const ODD_NAMES: readonly string[] = [
  "",
  "a",
  "A",
  "a b",
  "a.b",
  "a.*",
  "a.>",
  "*",
  ">",
  ".",
  "..",
  "$SYS.a",
  "a/b",
  "a\\b",
  "a:b",
  "a{b}",
  "a[b]?",
  "a%20b",
  "a_b",
  "a=b",
  "a\nb\r\n",
  "ä",
  "😀",
  "x".repeat(200),
];

/** The bytes of a text. */
export function bytesOf(text: string | number): Uint8Array {
  return new TextEncoder().encode(`${text}`);
}

/** The text of bytes. */
export function textOf({ bytes }: { readonly bytes: Uint8Array }): string {
  return new TextDecoder().decode(bytes);
}

/** Resolves when something has become true; rejects after a time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms: number = 10_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!await condition()) {
    ensure(performance.now() < end, `${what}: not so within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Throws if two lists of texts or numbers are not the same. */
export function ensureSame(
  actual: Iterable<unknown>,
  expected: Iterable<unknown>,
  what: string,
): void {
  const [got, wanted] = [[...actual], [...expected]].map((list) =>
    list.map(String).join(", ")
  );
  ensure(got === wanted, `${what}: expected [${wanted}], got [${got}]`);
}

/** Throws if an error does not have a code. */
export function ensureCode(
  error: unknown,
  code: NetErrorCode,
  what: string,
): void {
  ensure(
    error instanceof NetError && error.code === code,
    `${what}: expected a NetError with the code ${code}, got ${error}`,
  );
}

/** Throws if a call does not fail with a code, at once. */
export async function ensureRefused(
  call: () => unknown,
  code: NetErrorCode,
  what: string,
): Promise<void> {
  const since = performance.now();
  ensureCode(await rejection((async () => await call())(), what), code, what);
  const ms = performance.now() - since;
  ensure(ms < 1_000, `${what} took ${ms} ms to reject`);
}
