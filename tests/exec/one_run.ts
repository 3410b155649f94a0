/** Serves a command to itself, runs it, cancels it, and prints how it ended. */

import { connectCommands, serveCommands } from "../../src/exec/mod.ts";

await using server = await serveCommands({
  address: { port: 0 },
  commands: { copy: { file: "/bin/cat", input: true } },
});
await using client = await connectCommands({ address: server.address });
const run = client.run("copy", [], {
  input: (async function* () {
    yield "hello";
    await new Promise(() => undefined);
  })(),
});
try {
  for await (const { data } of run) {
    console.log(new TextDecoder().decode(data));
    run.cancel();
  }
  console.log((await run.exit).reason);
} catch (error) {
  console.log(String(error));
}
