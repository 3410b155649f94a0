import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatRecording } from "../../src/testing/recorded_frame.ts";
import { formatAddress } from "../../src/net/address.ts";
import { listen } from "../../src/net/listen.ts";
import { utf8 } from "../support/bytes.ts";
import { captureFile } from "../support/captures.ts";
import { udp } from "../support/packets.ts";
import { runCommand } from "../support/command.ts";

/** Runs a function with a file of these bytes. */
async function withFile(
  bytes: Uint8Array | string,
  run: (file: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "inspect_test_"));
  try {
    const file = join(folder, "stream.bin");
    writeFileSync(file, bytes);
    await run(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("inspect shows which frames are cut and which are glued", async () => {
  const result = await runCommand(["inspect", "--frame", "length"], {
    stdin: ["\0\0\0\x05hel", "lo\0\0\0\x02hi\0\0\0\x06你好"],
  });
  assertEquals(result, {
    code: 0,
    stdout: `\
frame 1 at 0, 9 bytes, in reads 1-2 (cut)
00000000 |00 00 00 05 68 65 6c|6c  6f                       ....hello
          length 5  body "hello"
frame 2 at 9, 6 bytes, in read 2 (glued: 3 frames)
00000009  00 00 00 02 68 69                                 ....hi
          length 2  body "hi"
frame 3 at 15, 10 bytes, in read 2 (glued: 3 frames)
0000000f  00 00 00 06 e4 bd a0 e5  a5 bd                    ..........
          length 6  body "你好"
`,
    stderr: "framewire: 3 frames in 25 bytes and 2 reads: 1 cut, 2 glued\n",
  });
});

test("inspect tells what is wrong with a bad frame, and exits with 1", async () => {
  const result = await runCommand(["inspect", "--frame", "length"], {
    stdin: ["\x05\0\0\0hello", "more"],
  });
  assertEquals(result, {
    code: 1,
    stdout: `\
bad frame 1 at 0, 9 bytes, in read 1
00000000 |05 00 00 00 68 65 6c 6c  6f                       ....hello
          length 83886080
          FRAME_TOO_LARGE: The frame is too large
          expected at most 1048576 bytes (maxFrameLength)
          got      83886080 bytes
          likely   The bytes 05 00 00 00 are 5 in little-endian, 83886080 in
                   big-endian: the peer writes numbers in the other byte order
`,
    stderr: "framewire: 0 frames in 9 bytes and 1 read: 0 cut, 0 glued\n",
  });
});

test("inspect shows all fields of a frame whose content is wrong", async () => {
  const { code, stdout } = await runCommand(
    ["inspect", "--frame", "length(1)|json"],
    { stdin: ["\x02[}\x02[]"] },
  );
  assertEquals(code, 1);
  assertEquals(
    stdout.split("\n").slice(0, 4),
    [
      "bad frame 1 at 0, 3 bytes, in read 1",
      `00000000 |02 5b 7d${" ".repeat(42)}.[}`,
      '          length 2  body "[}"',
      "          MESSAGE_INVALID: The message is not JSON",
    ],
  );
});

test("inspect shows only the beginning of what follows a bad length", async () => {
  const { stdout } = await runCommand(["inspect", "--frame", "netstring"], {
    stdin: [`:${"a".repeat(5_000)}`],
  });
  const lines = stdout.split("\n");
  assertEquals(lines[0], "bad frame 1 at 0, 5,001 bytes, in read 1");
  assertEquals(lines.filter((line) => line.startsWith("0")).length, 16);
});

test("inspect shows a frame that is cut off at the end", async () => {
  const { code, stdout } = await runCommand(
    ["inspect", "--frame", "length(2)|json"],
    { stdin: ['\0\x02[]\0\x05{"'] },
  );
  assertEquals(code, 1);
  assertEquals(
    stdout,
    `\
frame 1 at 0, 4 bytes, in read 1
00000000 |00 02 5b 5d                                       ..[]
          length 2  body []
bad frame 2 at 4, 4 bytes, in read 1
00000004  00 05 7b 22                                       ..{"
          length 5  body "{\\""
          FRAME_TRUNCATED: The stream ended inside a frame
          expected a frame of 7 bytes
          got      4 bytes
`,
  );
});

test("inspect shows what the decoder passed over", async () => {
  const { stdout, stderr } = await runCommand(
    ["inspect", "--frame", "slip(onInvalid=skip)"],
    { stdin: [Uint8Array.of(0x61, 0xc0, 0xc0, 0xdb, 1, 0xc0, 0x62, 0xc0)] },
  );
  assertEquals(
    stdout,
    `\
frame 1 at 0, 2 bytes, in read 1 (glued: 2 frames)
00000000 |61 c0                                             a.
          body "a"  delimiter c0
passed over at 2, 4 bytes
00000002  c0 db 01 c0                                       ....
          skipped c0 db 01 c0
frame 2 at 6, 2 bytes, in read 1 (glued: 2 frames)
00000006  62 c0                                             b.
          body "b"  delimiter c0
`,
  );
  assertEquals(
    stderr,
    "framewire: 2 frames in 8 bytes and 1 read: 0 cut, 2 glued\n",
  );
});

test("inspect shows the value of a frame whose fields do not say it", async () => {
  const { stdout } = await runCommand(["inspect", "--frame", "preset:resp"], {
    stdin: ["*1\r\n$4\r\nPING\r\n"],
  });
  assertEquals(
    stdout,
    `\
frame 1 at 0, 14 bytes, in read 1
00000000 |2a 31 0d 0a 24 34 0d 0a  50 49 4e 47 0d 0a        *1..$4..PING..
          body "*1\\r\\n$4\\r\\nPING\\r\\n"
          value {"type":"array","value":[{"type":"bulk","value":"PING"}]}
`,
  );
});

test("inspect never writes a control character of the data", async () => {
  const { stdout } = await runCommand(
    ["inspect", "--color=never", "--frame", "length(1)|json"],
    {
      stdin: ['\x0c"\\u001b[31m"', '\x06"\u202e\x7f"'],
      columns: 120,
    },
  );
  // deno-lint-ignore no-control-regex -- That there is none is tested.
  assertEquals(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(stdout), false);
  assert(stdout.includes('body "\\u001b[31m"'));
  assert(stdout.includes('body "\\u202e\\x7f"'));
});

test("inspect fits into a narrow terminal, and uses a wide one", async () => {
  const run = async (columns: number) =>
    (await runCommand(
      ["inspect", "--color=never", "--frame", "length(1)|text"],
      {
        stdin: ["\x19你好你好你", "好你好a"],
        columns,
      },
    )).stdout;
  assertEquals(
    await run(40),
    `\
frame 1 at 0, 26 bytes,
          in reads 1-2 (cut)
00000000 |19 e4 bd a0 e5 a5 bd e4  ........
00000008  bd a0 e5 a5 bd e4 bd a0  ........
00000010 |e5 a5 bd e4 bd a0 e5 a5  ........
00000018  bd 61                    .a
          length 25  body "你好你好你好你好a"
`,
  );
  assertEquals(
    await run(130),
    `\
frame 1 at 0, 26 bytes, in reads 1-2 (cut)
00000000 |19 e4 bd a0 e5 a5 bd e4  bd a0 e5 a5 bd e4 bd a0  ................  length 25  body "你好你好你好你好a"
00000010 |e5 a5 bd e4 bd a0 e5 a5  bd 61                    .........a
`,
  );
});

test("inspect colours each field by its role", async () => {
  const { stdout } = await runCommand(
    ["inspect", "--color", "always", "--frame", "length(1)"],
    { stdin: ["\x02hi"] },
  );
  assertEquals(
    stdout,
    "\x1b[1mframe 1\x1b[22m\x1b[2m at 0, 3 bytes\x1b[22m\x1b[2m, in read 1\x1b[22m\n" +
      "\x1b[2m00000000\x1b[22m \x1b[1m|\x1b[22m\x1b[36m02\x1b[39m \x1b[32m68 69\x1b[39m" +
      `${" ".repeat(42)}\x1b[36m.\x1b[39m\x1b[32mhi\x1b[39m\n` +
      '          \x1b[36mlength\x1b[39m 2  \x1b[32mbody\x1b[39m "hi"\n',
  );
});

test("inspect shows the reads where the format is not known", async () => {
  const result = await runCommand(["inspect"], { stdin: ["hello", "\x01世"] });
  assertEquals(result, {
    code: 0,
    stdout: `\
read 1 at 0, 5 bytes
00000000  68 65 6c 6c 6f                                    hello
read 2 at 5, 4 bytes
00000005  01 e4 b8 96                                       ....
`,
    stderr: "framewire: no --frame: try framewire guess -\n",
  });
});

test("inspect shows a file in rows, as it has no reads", async () => {
  await withFile("0123456789abcdefghij", async (file) => {
    const { stdout } = await runCommand(["inspect", file]);
    assertEquals(
      stdout,
      `\
00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef
00000010  67 68 69 6a                                       ghij
`,
    );
    const framed = await runCommand(["inspect", file, "--frame", "fixed(10)"]);
    assertEquals(
      framed.stdout,
      `\
frame 1 at 0, 10 bytes
00000000  30 31 32 33 34 35 36 37  38 39                    0123456789
          body "0123456789"
frame 2 at 10, 10 bytes
0000000a  61 62 63 64 65 66 67 68  69 6a                    abcdefghij
          body "abcdefghij"
`,
    );
    assertEquals(framed.stderr, "framewire: 2 frames in 20 bytes\n");
  });
});

test("inspect shows all streams of a recording, up to what is bad in each", async () => {
  const encoder = new TextEncoder();
  const part = (
    direction: "toServer" | "toClient",
    offset: number,
    text: string,
    connection = 1,
  ) => ({ time: 1, direction, connection, offset, data: encoder.encode(text) });
  const recording = formatRecording([
    part("toServer", 0, "2:h"),
    part("toClient", 0, "x"),
    part("toServer", 3, "i,1:"),
    part("toClient", 1, "2:no,"),
    part("toServer", 7, "a,"),
    part("toServer", 9, ""),
    // Seven bytes are missing in front of this one.
    part("toServer", 7, "3:end,", 2),
  ]);
  const expected = `\
bad frame 1 of connection 1 to client at 0, 1 byte, in read 1
00000000 |78                                                x
          length "x"
          LENGTH_INVALID: The length is not written as it must be
          expected decimal digits without leading zeros, and a colon
          got      0x78 at byte 0
frame 1 of connection 1 to server at 0, 5 bytes, in reads 1-2 (cut)
00000000 |32 3a 68|69 2c                                    2:hi,
          length 2  delimiter ":"  body "hi"  terminator ","
frame 2 of connection 1 to server at 5, 4 bytes, in reads 2-3 (cut)
00000005  31 3a|61 2c                                       1:a,
          length 1  delimiter ":"  body "a"  terminator ","
frame 1 of connection 2 to server at 7, 6 bytes, in read 1
00000007 |33 3a 65 6e 64 2c                                 3:end,
          length 3  delimiter ":"  body "end"  terminator ","
`;
  await withFile(recording, async (file) => {
    const { code, stdout } = await runCommand([
      "inspect",
      file,
      "--frame",
      "netstring",
    ]);
    assertEquals(stdout, expected);
    assertEquals(code, 1);
  });
  // From a pipe, however it is cut.
  const { stdout } = await runCommand(["inspect", "--frame", "netstring"], {
    stdin: [recording.slice(0, 150), recording.slice(150)],
  });
  assertEquals(stdout, expected);
});

test("inspect begins anew behind bytes that a recording does not have", async () => {
  const part = (offset: number, text: string) => ({
    time: 1,
    direction: "toServer" as const,
    connection: 1,
    offset,
    data: new TextEncoder().encode(text),
  });
  const { code, stdout } = await runCommand(
    ["inspect", "--frame", 'delimited(";", truncated=drop)'],
    { stdin: [formatRecording([part(0, "ab"), part(100, "c;")])] },
  );
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `\
passed over of connection 1 to server at 0, 2 bytes
00000000 |61 62                                             ab
          skipped "ab"
frame 1 of connection 1 to server at 100, 2 bytes, in read 1
00000064 |63 3b                                             c;
          body "c"  delimiter ";"
`,
  );
});

test("inspect ends the streams of a recording that stops in a frame", async () => {
  const { code, stdout } = await runCommand(
    ["inspect", "--frame", "netstring"],
    {
      stdin: [
        formatRecording([{
          time: 1,
          direction: "toServer",
          connection: 1,
          offset: 0,
          data: new TextEncoder().encode("2:h"),
        }]),
      ],
    },
  );
  assertEquals(code, 1);
  assertEquals(
    stdout,
    `\
bad frame 1 of connection 1 to server at 0, 3 bytes, in read 1
00000000 |32 3a 68                                          2:h
          length 2  delimiter ":"  body "h"
          FRAME_TRUNCATED: The stream ended inside a frame
          expected a frame of 5 bytes
          got      3 bytes
`,
  );
});

test("inspect connects to an address and shows what comes", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  const { address } = listener;
  const served = (async () => {
    for await (const connection of listener) {
      const writer = connection.writable.getWriter();
      await writer.write(new TextEncoder().encode("2:hi,"));
      await connection.close();
      return;
    }
  })();
  const { code, stdout } = await runCommand([
    "inspect",
    formatAddress(address),
    "--frame",
    "netstring",
  ]);
  await served;
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `\
frame 1 at 0, 5 bytes, in read 1
00000000 |32 3a 68 69 2c                                    2:hi,
          length 2  delimiter ":"  body "hi"  terminator ","
`,
  );
});

test("inspect shows the streams of a capture, each datagram alone", async () => {
  const ask = "10.0.0.1:5000";
  const answer = "10.0.0.2:3000";
  const packets = [
    udp(ask, answer, utf8("1:a,2:")),
    udp(ask, answer, utf8("1:b,1:c,")),
    udp(answer, ask, utf8("1:d,longer")),
  ];
  const capture = captureFile(packets.map((bytes) => ({ bytes })), {
    linkType: 101,
    // Of the last one, six bytes are missing.
    snapLength: 36,
  });
  await withFile(capture, async (file) => {
    const { code, stdout } = await runCommand([
      "inspect",
      file,
      "--frame",
      "netstring",
    ]);
    assertEquals(code, 1);
    assertEquals(
      stdout,
      `\
frame 1 of connection 1 to server at 0, 4 bytes, in read 1
00000000 |31 3a 61 2c                                       1:a,
          length 1  delimiter ":"  body "a"  terminator ","
bad frame 2 of connection 1 to server at 4, 2 bytes, in read 1
00000004  32 3a                                             2:
          length 2  delimiter ":"
          FRAME_TRUNCATED: The stream ended inside a frame
          expected a frame of 5 bytes
          got      2 bytes
frame 1 of connection 1 to server at 6, 4 bytes, in read 1 (glued: 2 frames)
00000006 |31 3a 62 2c                                       1:b,
          length 1  delimiter ":"  body "b"  terminator ","
frame 2 of connection 1 to server at 10, 4 bytes, in read 1 (glued: 2 frames)
0000000a  31 3a 63 2c                                       1:c,
          length 1  delimiter ":"  body "c"  terminator ","
frame 1 of connection 1 to client at 0, 4 bytes, in read 1
00000000 |31 3a 64 2c                                       1:d,
          length 1  delimiter ":"  body "d"  terminator ","
bad frame 2 of connection 1 to client at 4, 4 bytes, in read 1
00000004  6c 6f 6e 67                                       long
          length "long"
          LENGTH_INVALID: The length is not written as it must be
          expected decimal digits without leading zeros, and a colon
          got      0x6c at byte 0
missing: 2 bytes at 8 of connection 1 to client
`,
    );
  });
});

test("inspect stops behind the frames of --limit", async () => {
  const { code, stdout, stderr } = await runCommand(
    ["inspect", "--frame", "lines", "--limit", "2"],
    { stdin: ["a\nb\nc\n", "d\n"] },
  );
  assertEquals(code, 0);
  assertEquals(stdout.match(/^frame \d/gm), ["frame 1", "frame 2"]);
  assertEquals(
    stderr,
    "framewire: 2 frames in 6 bytes and 1 read: 0 cut, 2 glued\n",
  );
  const refused = await runCommand(["inspect", "--limit", "2"]);
  assertEquals(refused, {
    code: 2,
    stdout: "",
    stderr: "framewire: Cannot use --limit: expected --frame beside it\n",
  });
});

test("inspect finds a frame in reads of one byte in little time", async () => {
  const stdin = Array.from({ length: 5_000 }, () => "a");
  const { code, stdout } = await runCommand(
    ["inspect", "--frame", "lines", "--limit", "1"],
    { stdin: [...stdin, "\n"] },
  );
  assertEquals(code, 0);
  assertEquals(
    stdout.split("\n")[0],
    "frame 1 at 0, 5,001 bytes, in reads 1-5001 (cut)",
  );
  assertEquals(
    stdout.split("\n")[1],
    "00000000 |61|61|61|61|61|61|61|61 |61|61|61|61|61|61|61|61  aaaaaaaaaaaaaaaa",
  );
});
