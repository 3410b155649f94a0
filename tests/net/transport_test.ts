import { assert } from "@std/assert";
import { after, test } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { memoryAdapter } from "../../src/net/adapters/memory_adapter.ts";
import { StreamsTransport } from "../../src/net/adapters/streams.ts";
import {
  type TransportPair,
  type TransportTestOptions,
  transportTests,
} from "../../src/testing/mod.ts";
import { connected } from "../support/connected.ts";
import { Pipe } from "../support/pipe.ts";

function testTransport(
  title: string,
  pair: () => Promise<TransportPair> | TransportPair,
  options?: TransportTestOptions,
): void {
  for (const { name, run } of transportTests(pair, options)) {
    test(`${name} [${title}]`, run);
  }
}

const runtime = "Bun" in globalThis
  ? (await import("../../src/net/adapters/bun_adapter.ts")).bunAdapter
  : "Deno" in globalThis
  ? (await import("../../src/net/adapters/deno_adapter.ts")).denoAdapter
  : (await import("../../src/net/adapters/node_adapter.ts")).nodeAdapter;

testTransport("tcp", () => connected(runtime, { port: 0 }), {
  resets: !("Deno" in globalThis),
});
if (process.platform !== "win32") {
  const directory = mkdtempSync(join(tmpdir(), "framewire-"));
  after(() => rmSync(directory, { recursive: true }));
  let paths = 0;
  testTransport("unix", () => {
    const path = join(directory, `${paths++}.sock`);
    return connected(runtime, { path });
  });
}

const resets = true;
testTransport("memory", () => connected(memoryAdapter({}), "memory:x"), {
  resets,
});
let seed = 0;
testTransport("memory, with delays and pieces", () => {
  const options = { seed: seed++, delay: true, maxChunkLength: 200_000 };
  return connected(memoryAdapter(options), "memory:x");
}, { resets, maxBytesInFlight: 1_000_000 });

testTransport("streams", () => {
  const [up, down] = [1, 2].map(() =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(chunk.slice()),
    })
  );
  if (up === undefined || down === undefined) throw new Error("unreachable");
  return {
    a: new StreamsTransport({ readable: down.readable, writable: up.writable }),
    b: new StreamsTransport({ readable: up.readable, writable: down.writable }),
  };
});

testTransport("the example", () => {
  const [a, b] = [new Pipe(), new Pipe()];
  a.peer = b;
  b.peer = a;
  return { a, b };
}, { resets });

test("Pipe of the tests is the one of the documentation", () => {
  const read = (path: string) =>
    readFileSync(new URL(path, import.meta.url), "utf8");
  const [, code = ""] = /export (class Pipe [^]*)/.exec(
    read("../support/pipe.ts"),
  ) ?? [];
  for (const path of ["net/transport.ts", "testing/mod.ts"]) {
    const shown = read(`../../src/${path}`).replace(/^ \* ?/gm, "");
    assert(code.length > 0 && shown.includes(code), path);
  }
});
