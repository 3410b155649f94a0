import { connectTo, isAddress } from "../addresses.ts";
import { givenCodec } from "../formats.ts";
import type { Program } from "../program.ts";
import { PlainTraffic, type TrafficEvent, trafficOf } from "../traffic.ts";

/** What is known of an input once its first bytes have come. */
export interface InputKind {
  /** Whether the input itself is the one stream that there is. */
  isPlain: boolean;
}

/**
 * The streams of a file, of standard input for `-`, or of a connection to an address.
 * `kind` is set before the first batch.
 */
export async function* inspectedTraffic(
  name: string,
  program: Program,
  kind: InputKind,
): AsyncGenerator<Iterable<TrafficEvent>, void> {
  if (!isAddress(name)) {
    yield* trafficOf(name, program, () => kind.isPlain = true);
    return;
  }
  kind.isPlain = true;
  const connection = await connectTo(
    name,
    program,
    await givenCodec(program.flags),
  );
  const traffic = new PlainTraffic();
  const abort = () => connection.abort();
  program.signal.addEventListener("abort", abort);
  try {
    for await (const chunk of connection.readable) yield traffic.push(chunk);
    yield traffic.end();
  } finally {
    program.signal.removeEventListener("abort", abort);
    abort();
  }
}
