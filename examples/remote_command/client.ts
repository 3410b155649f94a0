/** Runs one command: `client.ts ADDRESS SECRET COMMAND [ARGUMENT ...]`; SECRET may be "". */

import process from "node:process";
import { connectCommands } from "../../src/exec/mod.ts";
import { explain, programArguments } from "../support/arguments.ts";

const usage =
  'client.ts [ADDRESS] [SECRET] [COMMAND] [ARGUMENT ...]: runs one command; SECRET may be ""';
const [address = "tcp://127.0.0.1:9999", secret, name = "date", ...args] =
  programArguments(usage);
try {
  await using client = await connectCommands({
    address,
    ...(secret && { secret }),
  });
  const run = client.run(name, args);
  for await (const { stream, data } of run) {
    (stream === "stdout" ? process.stdout : process.stderr).write(data);
  }
  process.exitCode = (await run.exit).code ?? 1;
} catch (error) {
  // Unlike exit(), this lets the remaining output go out to a slow reader.
  process.exitCode = explain(error, usage);
}
