/** Accepts connections in a process that may open few files; ends with its input. */
import process from "node:process";
import { listen, NetError } from "../../src/net/mod.ts";

await using listener = await listen({ port: 0 }, {
  onError: (error) => console.log(error instanceof NetError && error.code),
});
const { address } = listener;
console.log(address.transport === "tcp" && address.port);
const start = process.cpuUsage();
process.stdin.resume().on("end", () => {
  const { user, system } = process.cpuUsage(start);
  console.log(`cpu ${Math.round((user + system) / 1_000)} ms`);
  process.exit();
});
for await (const connection of listener) {
  void (async () => {
    const writer = connection.writable.getWriter();
    await writer.write(Uint8Array.of(1));
    writer.releaseLock();
    for await (const _ of connection.readable);
    await connection.close();
  })().catch(() => connection.abort());
}
