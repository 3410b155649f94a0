import type { Codec } from "../../codec/types.ts";
import type { FramedConnection } from "../../framed/framed_connection.ts";
import { type Envelope, envelopes } from "../envelope.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";
import { checkDialect } from "./define_dialect.ts";
import type { Dialect } from "./dialect.ts";

/** What servers and clients of messages speak. */
export interface DialectOptions {
  /**
   * The codec of the envelopes, the same on both sides.
   *
   * @default {envelopes()}
   */
  codec?: Codec<Envelope>;
  /**
   * What is spoken in the place of envelopes, with a codec of its own: `jsonRpc`, `dap`,
   * `correlated`, `pipelined`, or one of `defineDialect`.
   */
  dialect?: Dialect;
}

/** A codec, and what makes the channel of a peer of a connection with it. */
export interface Speech {
  /** Its frames are those of the dialect; only `open` looks at them. */
  readonly codec: Codec<Envelope>;
  open(connection: FramedConnection<Envelope>): EnvelopeChannel;
}

/**
 * What is spoken.
 *
 * @throws {TypeError} If there are both, or the dialect is none.
 */
export function speechOf({ codec, dialect }: DialectOptions): Speech {
  if (dialect === undefined) {
    return { codec: codec ?? envelopes(), open: (connection) => connection };
  }
  checkDialect(dialect);
  if (codec !== undefined) {
    throw new TypeError(
      "There are a codec and a dialect: the dialect has a codec of its own",
    );
  }
  return dialect as Speech;
}
