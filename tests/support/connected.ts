import type { Adapter } from "../../src/net/adapter.ts";
import { type AddressLike, parseAddress } from "../../src/net/mod.ts";
import type { Transport } from "../../src/net/transport.ts";
import type { TransportPair } from "../../src/testing/mod.ts";

/** A connection that an adapter makes; `a` is the client's end. */
export async function connected(
  adapter: Adapter,
  address: AddressLike,
): Promise<TransportPair & { dispose(): Promise<void> }> {
  const settings = { noDelay: true, keepAlive: false, reusePort: false };
  const accepted = Promise.withResolvers<Transport>();
  const acceptor = await adapter.listen(
    parseAddress(address),
    settings,
    accepted.resolve,
    accepted.reject,
  );
  const { signal } = new AbortController();
  const a = await adapter.connect(acceptor.address, { ...settings, signal });
  return { a, b: await accepted.promise, dispose: () => acceptor.close() };
}
