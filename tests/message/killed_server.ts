/** Answers requests, each a little later than the last, until it is killed. */

import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveMessages } from "../../src/message/mod.ts";

const server = await serveMessages({
  address: { port: 0 },
  handlers: {
    double: (n) =>
      new Promise((resolve) => {
        setTimeout(() => resolve(Number(n) * 2), Number(n) % 20);
      }),
    // Some of the requests before it are answered, and some are not.
    die: () => process.kill(process.pid, "SIGKILL"),
  },
});
console.log(formatAddress(server.address));
