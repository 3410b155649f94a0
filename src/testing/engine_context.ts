import type { Engine, LiveMessage } from "../backplane/engine.ts";
import { bytesOf, textOf } from "./backplane_context.ts";
import { ensure, pattern } from "./recorder.ts";

/** Messages with bytes of all values, and of lengths that may be special. */
export const MESSAGES: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.from({ length: 256 }, (_, i) => i),
  bytesOf("\r\n.\r\n+OK $5 PUB MSG\r\n"),
  pattern(100_000, 1),
];

/** Listens at a channel; returns the texts that come. */
export async function listenTo(
  engine: Pick<Engine, "listen">,
  channel: string,
): Promise<string[]> {
  const texts: string[] = [];
  await engine.listen(channel, (bytes) => void texts.push(textOf({ bytes })));
  return texts;
}

/** Watches a topic; returns the messages that come, each once. */
export async function watchOf(
  engine: Engine,
  topic: string,
): Promise<LiveMessage[]> {
  const messages: LiveMessage[] = [];
  const offsets = new Set<bigint>();
  await engine.watch(topic, (message) => {
    if (offsets.has(message.offset)) return;
    offsets.add(message.offset);
    messages.push(message);
  });
  return messages;
}

/** Finds fault where bytes are not those that were sent. */
export function ensureBytes(actual: Uint8Array, expected: Uint8Array): void {
  const same = actual.length === expected.length &&
    actual.every((byte, i) => byte === expected[i]);
  ensure(same, `other bytes came than the ${expected.length} that were sent`);
}
