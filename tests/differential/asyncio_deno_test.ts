// Python's asyncio streams (readexactly, readuntil) and struct, over real sockets.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { delimited, lengthPrefixed } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { frameError } from "../support/run_decoder.ts";
import { needs, Peer } from "./peer.ts";

const peerFile = fileURLToPath(new URL("asyncio_peer.py", import.meta.url));
const options = needs(
  "no Python 3 on this machine",
  "python3",
  "-c",
  "import sys; sys.exit(sys.version_info < (3, 8))",
);
const start = () => Peer.start(["python3", peerFile]);

const messages = ["HI", "", "你好", "\0\0", "a".repeat(300)].map(utf8);
const crlf = delimited({ delimiter: "\r\n" });

for (
  const [listener, codec] of [
    ["!H", lengthPrefixed({ lengthBytes: 2 })],
    ["<I", lengthPrefixed({ endian: "little" })],
    [">Q", lengthPrefixed({ lengthBytes: 8 })],
    ["readuntil", crlf],
  ] as const
) {
  test(`${codec.name}() talks to asyncio: ${listener}`, options, async () => {
    await using peer = await start();
    await peer.checkReplies(listener, codec, messages, messages.map(reply));
  });
}

test(
  "asyncio raises where the end of the stream cuts a frame, as lengthPrefixed() does",
  options,
  async () => {
    await using peer = await start();
    for (const digits of ["02000000 48", "020000"]) {
      assertEquals(
        await peer.exchange("<I", [hex(digits)]),
        utf8("IncompleteReadError"),
      );
      assertEquals(
        frameError(() =>
          lengthPrefixed({ endian: "little" }).decode(hex(digits))
        )
          .code,
        "FRAME_TRUNCATED",
      );
    }
  },
);

test(
  "asyncio's readuntil has a limit of 64 KiB, delimited() one of 1 MiB",
  options,
  async () => {
    await using peer = await start();
    const bytes = crlf.encode(new Uint8Array(65_537).fill(0x61));
    assertEquals(
      await peer.exchange("readuntil", [bytes]),
      utf8("LimitOverrunError"),
    );
    assertEquals(crlf.decode(bytes).length, 1);
    assertEquals(
      frameError(() =>
        delimited({ delimiter: "\r\n", maxFrameLength: 65_536 }).decode(bytes)
      ).code,
      "FRAME_TOO_LARGE",
    );
  },
);

function reply(message: Uint8Array): Uint8Array {
  return Uint8Array.of(...utf8("R: "), ...message);
}
