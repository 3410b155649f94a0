// TLS between every two runtimes. Deno only starts them: once is enough.

import { testPairs } from "./pairs.ts";

/** With TLS 1.3, a client is connected before it is refused. */
const REFUSED = ["TLS_REFUSED", "TLS_TRUNCATED", "CONNECTION_RESET"];

testPairs("TLS", "tls", {
  "usual": ["HELLO"],
  "an address for a name": ["HELLO"],
  "unknown authority": ["TLS_UNTRUSTED"],
  "other name": ["TLS_NAME"],
  "expired": ["TLS_EXPIRED"],
  "client certificate": ["HELLO"],
  "no client certificate": REFUSED,
  "strange client certificate": REFUSED,
  "name of several": ["HELLO"],
  "protocol": ["HELLO a"],
  "no common protocol": ["TLS_REFUSED"],
  "newest version": ["HELLO"],
  "no TLS there": ["TLS_PROTOCOL"],
  "STARTTLS": ["HELLO"],
  // TLS of Bun closes both sides when the peer closes its own.
  "half-close": (server) => server === "Bun" ? ["the end"] : ["late answer"],
  "truncation": ["TLS_TRUNCATED"],
  "plain text": ["ended"],
  "silence": ["ended"],
  "rotation": ["OLD,NEW"],
  "100 MB": ["50"],
});
