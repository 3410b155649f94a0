// What a TypeScript user writes. Only its types matter: it is not run.
import {
  connect,
  createClient,
  framed,
  FrameDecoderStream,
  FrameEncoderStream,
  lengthPrefixed,
  serve,
} from "@framewire/framewire";
import { type Codec, FrameError } from "@framewire/framewire/codec";

const codec: Codec<Uint8Array> = lengthPrefixed({ endian: "little" });

/** Serves, calls and leaves. */
export async function echo(body: Uint8Array): Promise<Uint8Array[]> {
  const server = await serve(
    { address: { port: 0 }, codec },
    async (connection) => {
      for await (const frame of connection) await connection.send(frame);
    },
  );
  const client = await createClient({ address: server.address, codec });
  await client.send(body);
  const replies: Uint8Array[] = [];
  for await (const reply of client) {
    replies.push(reply);
    break;
  }
  await client.close();
  await server.close();
  return replies;
}

/** Frames over a connection that the caller opened. */
export async function firstFrame(
  port: number,
): Promise<Uint8Array | undefined> {
  const connection = await connect({ port });
  for await (const frame of framed(connection, codec)) return frame;
  return undefined;
}

/** Both streams in a pipe. */
export function there(
  frames: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  return frames
    .pipeThrough(new FrameEncoderStream(codec))
    .pipeThrough(new FrameDecoderStream(codec));
}

/** Errors say what went wrong. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof FrameError ? error.code : undefined;
}

// @ts-expect-error A codec has no such option, and the types know.
lengthPrefixed({ lengthBites: 4 });
