import { assert, assertEquals } from "@std/assert";
import {
  type CloseInfo,
  FrameError,
  lengthPrefixed,
  NetError,
  serve,
} from "../../mod.ts";
import type { Random } from "../support/random.ts";
import { checkContent } from "./frame_side.ts";
import { contentOf, planOf } from "./plan.ts";
import { pause, simulate } from "./seeds.ts";
import { watchedNetwork } from "../../src/testing/mod.ts";

const codec = lengthPrefixed({ lengthBytes: 4 });

/** What a client without a codec has sent, and what came of it. */
interface Raw {
  readonly lengths: readonly number[];
  /** How many of its bytes it sends. */
  readonly bytes: Uint8Array;
  readonly ending: "half-close" | "reset";
}

interface Heard {
  frames: number;
  error: unknown;
  info: CloseInfo | undefined;
}

simulate(
  "a peer that ends within a frame is told from one that ends behind it",
  100,
  async (random, seed) => {
    const raw = rawOf(random, seed, "half-close");
    const heard = await hear(raw, random, seed);
    const { frames, rest } = split(raw);
    assertEquals(heard.frames, frames);
    if (rest === 0) {
      assertEquals(heard.error, undefined);
      assertEquals(heard.info?.error, undefined);
    } else {
      assert(heard.error instanceof FrameError, String(heard.error));
      assertEquals(heard.error.code, "FRAME_TRUNCATED");
      assertEquals(heard.info?.error, heard.error);
    }
  },
);

simulate(
  "a peer that resets is never taken for one that has ended",
  100,
  async (random, seed) => {
    const raw = rawOf(random, seed, "reset");
    const heard = await hear(raw, random, seed);
    assert(heard.frames <= split(raw).frames);
    assert(heard.error instanceof NetError, String(heard.error));
    assertEquals(heard.error.code, "CONNECTION_RESET");
    assertEquals(heard.info, { by: "remote", error: heard.error });
  },
);

/** What a raw client sends: whole frames, and mostly a part of another. */
function rawOf(random: Random, seed: number, ending: Raw["ending"]): Raw {
  const { client: { lengths } } = planOf(random, seed, "nothing");
  const whole = lengths.map((length, i) =>
    codec.encode(contentOf("client", i, length))
  );
  const bytes = new Uint8Array(
    whole.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  const edges = [0];
  for (const frame of whole) {
    bytes.set(frame, at);
    at += frame.length;
    edges.push(at);
  }
  const cut = random.chance(0.3)
    ? random.pick(edges)
    : random.below(bytes.length + 1);
  return { lengths, bytes: bytes.subarray(0, cut), ending };
}

/** How many whole frames were sent, and how many bytes behind them. */
function split({ lengths, bytes }: Raw): { frames: number; rest: number } {
  let frames = 0;
  let rest = bytes.length;
  for (const length of lengths) {
    if (rest < length + 4) break;
    rest -= length + 4;
    frames++;
  }
  return { frames, rest };
}

/** Has a server hear a raw client. */
async function hear(raw: Raw, random: Random, seed: number): Promise<Heard> {
  const pieces = random.pick([undefined, 16_384, 1_000]);
  const network = watchedNetwork({
    seed,
    delay: true,
    ...(pieces !== undefined && { maxChunkLength: pieces }),
  });
  const heard: Heard = { frames: 0, error: undefined, info: undefined };
  const stalls = random.pick([0, 0, 0.1]);
  const greets = random.chance(0.5);
  const server = await serve(
    { address: "memory:raw", codec, network, onError: () => undefined },
    async (connection) => {
      void connection.closed.then((info) => {
        heard.info = info;
      });
      try {
        if (greets) await connection.send(Uint8Array.of(1));
        await connection.forEach((frame) => {
          const index = heard.frames++;
          checkContent(frame, "client", index, raw.lengths[index] ?? -1);
          return random.chance(stalls) ? pause(10) : undefined;
        });
      } catch (error) {
        heard.error = error;
      }
    },
  );
  const client = await network.connect(server.address);
  const writer = client.writable.getWriter();
  for (let at = 0; at < raw.bytes.length;) {
    const length = 1 + random.below(50_000);
    await writer.write(raw.bytes.subarray(at, at + length));
    at += length;
  }
  if (raw.ending === "half-close") await writer.close();
  else client.abort();
  await client.close();
  await server.close();
  assertEquals(server.connections.size, 0);
  assertEquals(network.violations(), []);
  return heard;
}
