/** Runs one command: `client.ts ADDRESS SECRET COMMAND [ARGUMENT ...]`; SECRET may be "". */

import process from "node:process";
import { connectCommands } from "../../src/exec/mod.ts";

const [address = "tcp://127.0.0.1:9999", secret, name = "date", ...args] =
  process.argv.slice(2);
await using client = await connectCommands({
  address,
  ...(secret && { secret }),
});
const run = client.run(name, args);
try {
  for await (const { stream, data } of run) {
    (stream === "stdout" ? process.stdout : process.stderr).write(data);
  }
  process.exitCode = (await run.exit).code ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
