import type { Backplane, ServeContext } from "../backplane/types.ts";
import { textOf, until } from "./backplane_context.ts";

/** Waits until nodes know of just these nodes. */
export async function untilKnown(
  nodes: readonly Backplane[],
  all: readonly Backplane[],
  ms?: number,
): Promise<void> {
  const ids = all.map(({ nodeId }) => nodeId);
  for (const one of nodes) {
    await until(
      () =>
        one.nodes.size === ids.length && ids.every((id) => one.nodes.has(id)),
      `a node knows of ${ids.length} nodes`,
      ms,
    );
  }
}

/** Subscribes to a topic; returns the texts that come. */
export async function textsOf(
  node: Backplane,
  topic: string,
): Promise<string[]> {
  const texts: string[] = [];
  await node.subscribe(topic, (message) => void texts.push(textOf(message)));
  return texts;
}

/** Serves "never", which never answers; returns what its handler was given. */
export function serveNever(
  node: Backplane,
): { readonly contexts: readonly ServeContext[] } {
  const contexts: ServeContext[] = [];
  node.serve("never", (_, context) => {
    contexts.push(context);
    return new Promise<never>(() => undefined);
  });
  return { contexts };
}

/** Waits until a node knows that another one serves a subject. */
export async function untilServes(
  node: Backplane,
  subject: string,
  other: Backplane,
): Promise<void> {
  await until(
    () => node.serving(subject).includes(other.nodeId),
    `a node knows that another serves "${subject}"`,
  );
}
