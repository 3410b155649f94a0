/** A simulation with a rejection that nobody handles: no test runner lets one be. */
import { inVirtualTime } from "../../src/testing/mod.ts";

await inVirtualTime(() => {
  void Promise.reject(new Error("Nobody handles it"));
  return Promise.resolve();
}).then(
  () => console.log("all is well"),
  (error) => console.log(`${error.message}: ${error.cause.message}`),
);
