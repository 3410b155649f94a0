import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { runCommand } from "../support/command.ts";

test("format explains an expression", async () => {
  const result = await runCommand([
    "format",
    ' netstring( onOversize = "skip" ) | max 65536 | json',
  ]);
  assertEquals(result, {
    code: 0,
    stdout: `\
netstring(onOversize=skip) | max 64KiB | json

netstring: Netstrings: the length in digits, a colon, the bytes, a comma
  maxFrameLength    64KiB           the most bytes of a frame, without header
                                    and delimiter
  onOversize        skip            a frame over the limit: it ends the stream,
                                    or is passed over
  maxEncodedLength  maxFrameLength  the most bytes of a frame to encode
  copy              false           whether frames are copies, which keep no
                                    larger chunk in memory

json: Each frame is JSON in UTF-8
  onInvalid  error  a frame that is not valid: it ends the stream, or is passed
                    over

┌────────────────┬───────────┬─────────────────────────────┬────────────┐
│ length         │ delimiter │ body                        │ terminator │
│ decimal digits │ ":"       │ length bytes, JSON in UTF-8 │ ","        │
└────────────────┴───────────┴─────────────────────────────┴────────────┘

an example of 15 bytes
00000000  31 31 3a 7b 22 68 65 6c  6c 6f 22 3a 31 7d 2c     11:{"hello":1},
          length 11  delimiter ":"  body {"hello":1}  terminator ","
`,
    stderr: "",
  });
});

test("format fits into a narrow terminal", async () => {
  const { stdout } = await runCommand(["format", "hdlc", "--color=never"], {
    columns: 50,
  });
  assertEquals(
    stdout,
    `\
hdlc

hdlc: HDLC of PPP (RFC 1662): 7e around a frame,
escapes in it, a checksum at its end
  fcs               fcs16
    the checksum of each frame: 2 bytes, 4 bytes,
    or none
  escapeControls    false
    whether the encoder escapes all bytes below 20
  maxFrameLength    1MiB
    the most bytes of a frame, without header and
    delimiter
  maxEncodedLength  maxFrameLength
    the most bytes of a frame to encode
  onOversize        error
    a frame over the limit: it ends the stream, or
    is passed over
  onInvalid         error
    a frame that is not valid: it ends the stream,
    or is passed over
  copy              false
    whether frames are copies, which keep no
    larger chunk in memory

┌───────┬───────────────────┬──────────────────┐
│ start │ body              │ checksum         │
│ 0x7e  │ escaped with 0x7d │ 2 bytes, escaped │
└───────┴───────────────────┴──────────────────┘
┌───────────┐
│ delimiter │
│ 0x7e      │
└───────────┘

an example of 9 bytes
00000000  7e                       ~
          delimiter "~"
00000001  68 65 6c 6c 6f bd 34 7e  hello.4~
          body "hello"  checksum bd 34
          delimiter "~"
`,
  );
});

test("format takes --max for the limit", async () => {
  const { stdout } = await runCommand(["format", "lines", "--max", "1KiB"]);
  assertEquals(stdout.split("\n")[0], "lines | max 1KiB");
});

test("format --json prints the stages", async () => {
  const { code, stdout } = await runCommand([
    "format",
    "--json",
    'delimited("\\xff") | checksum(crc32)',
  ]);
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `\
[
  {
    "stage": "delimited",
    "delimiter": {
      "hex": "ff"
    }
  },
  {
    "stage": "checksum",
    "kind": "crc32"
  }
]
`,
  );
});

test("format shows the place of an error, and what was meant", async () => {
  const result = await runCommand(["format", "length(2, endianness=little)"]);
  assertEquals(result, {
    code: 2,
    stdout: "",
    stderr: `\
  length(2, endianness=little)
            ^
There is no such option: expected an option of length, got endianness
Did you mean endian?
`,
  });
});

test("format finds the place behind wide and hidden characters", async () => {
  const { stderr } = await runCommand(["format", 'delimited("中\u202e") | x']);
  assertEquals(
    stderr.split("\n").slice(0, 2),
    ['  delimited("中\\u202e") | x', `${" ".repeat(26)}^`],
  );
});

test("format shows the end of a long expression that is wrong", async () => {
  const { stderr } = await runCommand([
    "format",
    `delimited("${"-".repeat(200)}") | jsn`,
  ]);
  const [shown = "", caret = ""] = stderr.split("\n");
  assertEquals(shown, `  …${"-".repeat(35)}") | jsn`);
  assertEquals(shown.slice(caret.length - 1), "jsn");
});

test("presets lists all presets, aligned", async () => {
  const { code, stdout } = await runCommand(["presets"]);
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 41);
  assertEquals(lines.filter((line) => line.length > 80), []);
  assertEquals(
    lines.find((line) => line.startsWith("kafka")),
    "kafka                Requests and responses of Kafka",
  );
});

test("presets cuts its lines in a narrow terminal", async () => {
  const { stdout } = await runCommand(["presets", "--color=never"], {
    columns: 40,
  });
  assertEquals(
    stdout.split("\n").find((line) => line.startsWith("kafka")),
    "kafka                Requests and respo…",
  );
});

test("presets explains one preset", async () => {
  const { code, stdout } = await runCommand(["presets", "mqtt"]);
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `\
preset:mqtt

preset:mqtt: Packets of MQTT, all versions
  maxFrameLength    its own         the most bytes of a frame, without header
                                    and delimiter
  maxEncodedLength  maxFrameLength  the most bytes of a frame to encode
  onOversize        error           a frame over the limit: it ends the stream,
                                    or is passed over
  copy              false           whether frames are copies, which keep no
                                    larger chunk in memory

┌────────────────────────┬──────────────────────┬──────────────┐
│ header                 │ length               │ body         │
│ 1 byte, type and flags │ 1 to 4 bytes, LEB128 │ length bytes │
└────────────────────────┴──────────────────────┴──────────────┘

an example of 7 bytes
00000000  30 05 00 01 61 48 49                              0...aHI
          header 30 05  body 00 01 61 48 49

https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html
`,
  );
});

test("presets explains one that needs options", async () => {
  const { stdout } = await runCommand(["presets", "preset:erlang"]);
  assertEquals(stdout.split("\n")[0], "preset:erlang(4)");
});

test("presets --json has the bytes of an example", async () => {
  const { stdout } = await runCommand(["presets", "dnsTcp", "--json"]);
  assertEquals(JSON.parse(stdout), {
    name: "dnsTcp",
    summary: "DNS over TCP and TLS",
    source: "https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2",
    expression: "preset:dnsTcp",
    wire: "length: 2 bytes, big-endian | body: length bytes",
    example: { hex: "000482f70120" },
  });
  const all = JSON.parse((await runCommand(["presets", "--json"])).stdout);
  assertEquals(all.length, 41);
});

test("presets says which preset was probably meant", async () => {
  assertEquals(await runCommand(["presets", "kafak"]), {
    code: 2,
    stdout: "",
    stderr: "framewire: There is no preset kafak: did you mean kafka?\n",
  });
  assertEquals(
    (await runCommand(["presets", "zzzzzzzz"])).stderr,
    "framewire: There is no preset zzzzzzzz: framewire presets lists them\n",
  );
});
