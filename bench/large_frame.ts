/**
 * `large_frame.ts [GIB]`: one frame of 2 GiB over a framed loopback connection,
 * handed out as it arrives. The receiver is this process, the sender a child of
 * its kind; each prints the most memory that it needed.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createClient, lengthPrefixed, serve } from "../mod.ts";

const [first = "2", port, bytes] = process.argv.slice(2);
const codec =
  lengthPrefixed({ lengthBytes: 8, maxFrameLength: 2 ** 40 }).header;
const before = process.memoryUsage().rss;
let most = before;

if (first === "send") await send(Number(port), Number(bytes));
else await receive(Number(first) * 2 ** 30);

async function receive(length: number): Promise<void> {
  let received = 0;
  const server = await serve({ address: { port: 0 }, codec }, async (peer) => {
    for await (const length of peer) {
      for await (const bytes of peer.receiveBytes(length)) {
        received += bytes.length;
        measure(received, bytes.length);
      }
      await peer.send(received);
    }
  });
  if (server.address.transport !== "tcp") throw new Error("Not on TCP");
  const sender = spawn(process.execPath, [
    ...("Deno" in globalThis ? ["run", "-A", "--no-check"] : []),
    process.argv[1]!,
    "send",
    `${server.address.port}`,
    `${length}`,
  ], { stdio: "inherit" });
  await new Promise((resolve) => sender.on("exit", resolve));
  await server.close();
  report("Received", received);
  if (received !== length) process.exitCode = 1;
}

async function send(port: number, length: number): Promise<void> {
  const client = await createClient({ address: { port }, codec });
  const started = performance.now();
  await client.send(length);
  await client.sendBytes(source(length), length);
  if (await client.receive() !== length) throw new Error("Not all arrived");
  await client.close();
  const seconds = (performance.now() - started) / 1000;
  report(`In ${seconds.toFixed(1)} s sent`, length);
}

function* source(length: number): Generator<Uint8Array> {
  const piece = new Uint8Array(65_536).fill(7);
  for (let at = 0; at < length; at += piece.length) {
    measure(at, piece.length);
    yield piece.subarray(0, Math.min(piece.length, length - at));
  }
}

/** Looks at the memory now and then. */
function measure(done: number, step: number): void {
  if (done % 2 ** 24 < step) most = Math.max(most, process.memoryUsage().rss);
}

function report(what: string, bytes: number): void {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  console.log(
    `${what} ${mib(bytes)}: resident memory ${mib(before)} at the start, ${
      mib(most - before)
    } more at most`,
  );
}
