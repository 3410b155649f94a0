import { hasMethods } from "../checks.ts";
import { isByteDuplex } from "../net/adapters/check_duplex.ts";
import { type ByteDuplex, StreamsTransport } from "../net/adapters/streams.ts";
import { Channel } from "../net/channel.ts";
import type { Transport } from "../net/transport.ts";

/**
 * The channel of a byte stream: a new one for a transport or a pair of Web Streams,
 * that of the connection for a connection of this module.
 *
 * @param refusal Makes the error of what is no byte stream.
 */
export function channelOf(
  duplex: ByteDuplex | Transport,
  refusal: (duplex: unknown) => TypeError,
): Channel {
  if (hasChannel(duplex)) return duplex.takeChannel();
  if (isByteDuplex(duplex)) return new Channel(new StreamsTransport(duplex));
  if (hasMethods(duplex, ["open", "write"])) return new Channel(duplex);
  throw refusal(duplex);
}

function hasChannel(
  duplex: unknown,
): duplex is ByteDuplex & { takeChannel(): Channel } {
  return hasMethods(duplex, ["takeChannel"]);
}
