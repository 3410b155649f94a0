/** Cancels a run of which a part ignores that, and prints how it ended. */

import { connectCommands, serveCommands } from "../../src/exec/mod.ts";
import { firstOutput, script } from "./support.ts";

await using server = await serveCommands({
  address: { port: 0 },
  commands: {
    stubborn: script(
      "(trap '' TERM; exec sleep 1000) >/dev/null 2>&1 & echo $!; exec sleep 1000",
    ),
  },
  killGraceMs: 300,
});
await using client = await connectCommands({ address: server.address });
const run = client.run("stubborn");
console.log((await firstOutput(run)).trim());
run.cancel();
console.log((await run.exit).reason);
