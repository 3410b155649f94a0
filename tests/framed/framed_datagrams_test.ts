import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  bindDatagram,
  type DatagramSocket,
  type FramedDatagrams,
  framedDatagrams,
  FrameError,
  lengthPrefixed,
  lines,
  NetError,
  type UdpAddress,
} from "../../mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { retry } from "../support/datagrams.ts";

const codec = lengthPrefixed({ lengthBytes: 1 });

test("framedDatagrams() sends a frame in a datagram of its own", async () => {
  await using ends = await openEnds();
  const { raw, frames } = ends;
  const { data } = await retry(async (signal) => {
    await frames.send(utf8("hello"), raw.address);
    return await raw.receive({ signal });
  });
  assertEquals(data, hex("05 68656c6c6f"));
});

test("framedDatagrams() gives every frame of a datagram", async () => {
  await using ends = await openEnds();
  const { raw, frames } = ends;
  const first = await askFrom(raw, hex("01 61 00 02 6262"), frames);
  assertEquals(first, { frame: utf8("a"), from: raw.address });
  assertEquals((await frames.receive())?.frame, new Uint8Array(0));
  assertEquals((await frames.receive())?.frame, utf8("bb"));
});

test("framedDatagrams() passes over a datagram that is cut, and no other", async () => {
  await using ends = await openEnds();
  const { raw, frames, errors } = ends;
  // The first frame is whole: the datagram is not.
  const cut = hex("01 61 05 6262");
  const received: string[] = [];
  await retry(async (signal) => {
    await raw.send(cut, frames.address);
    await raw.send(hex("02 6f6b"), frames.address);
    const got = await frames.receive({ signal });
    received.push(new TextDecoder().decode(got?.frame));
    return frames.rejected > 0 ? true : await frames.receive({ signal });
  });
  assertEquals(new Set(received), new Set(["ok"]));
  assert(frames.rejected > 0);
  assertEquals(errors.length, frames.rejected);
  for (const { error, from } of errors) {
    assert(error instanceof FrameError);
    assertEquals(error.code, "FRAME_TRUNCATED");
    assertEquals(error.offset, 2);
    assertEquals(from, raw.address);
  }
});

test("framedDatagrams() passes over an empty datagram, without an error", async () => {
  await using ends = await openEnds();
  const { raw, frames } = ends;
  await raw.send(new Uint8Array(0), frames.address);
  const { frame } = await askFrom(raw, hex("01 61"), frames);
  assertEquals(frame, utf8("a"));
  assertEquals(frames.rejected, 0);
});

test("FramedDatagrams.send() rejects what the format or a datagram cannot carry", async () => {
  await using ends = await openEnds();
  const { raw, frames } = ends;
  const tooLong = await assertRejects(
    () => frames.send(new Uint8Array(256), raw.address),
    FrameError,
  );
  assertEquals(tooLong.code, "FRAME_TOO_LARGE");

  await using large = framedDatagrams(
    await bindDatagram({ port: 0 }),
    lengthPrefixed(),
  );
  const error = await assertRejects(
    () => large.send(new Uint8Array(65_507), raw.address),
    NetError,
  );
  assertEquals(error.code, "MESSAGE_TOO_LARGE");
});

test("FramedDatagrams.receive() rejects when a frame is being waited for", async () => {
  await using ends = await openEnds();
  const { frames } = ends;
  const waiting = frames.receive();
  await assertRejects(() => frames.receive(), TypeError, "being waited for");
  await frames.close();
  assertEquals(await waiting, undefined);
  assertEquals(await frames.receive(), undefined);
  assertEquals(await frames.closed, { by: "local" });
  assertEquals(frames.dropped, 0);
});

test("leaving the loop over framedDatagrams() keeps the frames left", async () => {
  await using server = framedDatagrams(
    await bindDatagram({ port: 0 }),
    lines(),
  );
  await using raw = await bindDatagram({ port: 0 });
  const received: string[] = [];
  await retry(async () => {
    await raw.send(utf8("a\nb\n"), server.address);
    for await (const { frame } of server) {
      received.push(frame);
      break;
    }
    return true;
  });
  for await (const { frame } of server) {
    received.push(frame);
    break;
  }
  assertEquals(received, ["a", "b"]);
});

interface Ends extends AsyncDisposable {
  readonly raw: DatagramSocket;
  readonly frames: FramedDatagrams<Uint8Array>;
  /** What `onError` was told. */
  readonly errors: { error: unknown; from: UdpAddress }[];
}

/** A socket with frames on it, and one without. */
async function openEnds(): Promise<Ends> {
  const errors: Ends["errors"] = [];
  const raw = await bindDatagram({ port: 0 });
  const frames = framedDatagrams(await bindDatagram({ port: 0 }), codec, {
    onError: (error, from) => void errors.push({ error, from }),
  });
  return {
    raw,
    frames,
    errors,
    async [Symbol.asyncDispose]() {
      await Promise.all([raw.close(), frames.close()]);
    },
  };
}

/** Sends a datagram until a frame of it has come. */
function askFrom(
  raw: DatagramSocket,
  data: Uint8Array,
  frames: FramedDatagrams<Uint8Array>,
): Promise<{ frame: Uint8Array; from: UdpAddress }> {
  return retry(async (signal) => {
    await raw.send(data, frames.address);
    return await frames.receive({ signal });
  });
}
