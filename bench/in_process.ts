/**
 * What decoding costs inside one process, each beside the least that it could
 * cost: run by `main.ts` on each runtime, prints medians in frames a second.
 */
import { Bench } from "tinybench";
import { FrameDecoderStream, lengthPrefixed } from "../mod.ts";

const FRAMES = 1_000;
const codec = lengthPrefixed();
const frame = codec.encode(new Uint8Array(64).fill(7));
const chunk = new Uint8Array(frame.length * FRAMES);
for (let i = 0; i < FRAMES; i++) chunk.set(frame, i * frame.length);

const bench = new Bench({ time: 700, warmupTime: 300 });
const decoder = codec.decoder();
/** Keeps the results from being optimized away. */
let seen = 0;

bench.add("codec", () => {
  decoder.push(chunk);
  for (
    let frame = decoder.next();
    frame !== undefined;
    frame = decoder.next()
  ) seen += frame.length;
});

bench.add("codec floor", () => {
  for (let at = 0; at < chunk.length; at += frame.length) {
    seen += chunk.subarray(at + 4, at + frame.length).length;
  }
});

bench.add("stream", async () => {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(chunk);
      controller.close();
    },
  });
  const frames = source.pipeThrough(new FrameDecoderStream(codec)).getReader();
  for (
    let result = await frames.read();
    !result.done;
    result = await frames.read()
  ) seen += result.value.length;
});

bench.add("stream floor", async () => {
  let left = FRAMES;
  const frames = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 }).getReader();
  for (
    let result = await frames.read();
    !result.done;
    result = await frames.read()
  ) seen += result.value.length;
});

await bench.run();
const medians = bench.tasks.map((task) => {
  if (task.result.state !== "completed") throw new Error(`${task.name} failed`);
  return [
    task.name,
    Math.round(FRAMES / (task.result.latency.p50 / 1_000)),
  ] as const;
});
console.log(JSON.stringify(Object.fromEntries(
  medians.map(([name, perSecond]) => [name, { "frames a second": perSecond }]),
)));
if (seen === 0) throw new Error("Nothing was decoded");
