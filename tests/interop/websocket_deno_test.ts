// WebSocket between every two runtimes. Deno only starts them: once is enough.

import { testPairs } from "./pairs.ts";

testPairs("WebSocket", "websocket", {
  "a message": ["5 bytes"],
  "an empty message": ["0 bytes"],
  "2 MiB": [`${2 ** 21} bytes`],
  "a text": ["5 bytes"],
  "a text over the limit": ["WS_CLOSED"],
  "over TLS": ["5 bytes"],
  "bytes": ["hello"],
  "silence": ["5 bytes"],
  "another path": ["WS_REFUSED"],
  "half-close": ["undefined local undefined"],
  // Deno has no reset. The connection is not taken for one that was closed.
  "a reset": ["CONNECTION_RESET", "WS_TRUNCATED"],
  "100 MB": ["50"],
});
