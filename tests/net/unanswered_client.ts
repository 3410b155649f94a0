/** Connects to a port where nobody answers, and gives up. */
import { readdirSync } from "node:fs";
import process from "node:process";
import { connect } from "../../src/net/mod.ts";

const descriptors = () => readdirSync("/proc/self/fd").length;
const before = descriptors();
const port = Number(process.argv[2]);
for (let i = 0; i < 5; i++) {
  await connect({ port }, { timeoutMs: 50 }).catch(({ code }) =>
    console.log(code)
  );
}
// Something that a runtime opens once may stay open.
console.log(descriptors() - before <= 2 ? "none left" : "some left");
