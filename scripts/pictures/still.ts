/** The pictures that are the same each time. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteWriter } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { formatRecording } from "../../src/testing/mod.ts";
import { Terminal } from "./terminal.ts";

/** A picture, what it shows, and how it comes about. */
interface Still {
  readonly title: string;
  /** The arguments of `framewire`; `FILE` is the file. */
  readonly args: readonly string[];
  /** What stands for the file in the picture, and what is in it. */
  readonly file?: readonly [name: string, content: string | Uint8Array];
}

const METER = "length(2, little, adjustment=4) | checksum(crc32)";

const stills: Readonly<Record<string, Still>> = {
  inspect: {
    title: "inspect shows frames that are cut, glued and bad",
    args: ["inspect", "FILE", "--frame", "length(4)"],
    file: [
      "client.jsonl",
      recordingOf(
        "\0\0\0\x05hel",
        "lo\0\0\0\x02hi\0\0\0\x06你好",
        "\x05\0\0\0hello",
      ),
    ],
  },
  guess: {
    title: "guess finds the format of a meter's bytes",
    args: ["guess", "FILE"],
    file: ["meter.bin", readings()],
  },
  format: {
    title: "format explains an expression and draws its bytes",
    args: ["format", METER],
  },
};

/** Makes them: the texts of the SVG files by their names. */
export async function stillPictures(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const [name, still] of Object.entries(stills)) {
    pictures.set(`${name}.svg`, await pictureOf(still));
  }
  return pictures;
}

async function pictureOf({ title, args, file }: Still): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "framewire-picture-"));
  try {
    const path = join(folder, "file");
    const [name = "", content = ""] = file ?? [];
    await writeFile(path, content);
    const withFile = (by: string) =>
      args.map((arg) => arg === "FILE" ? by : arg);
    const terminal = new Terminal();
    terminal.type(commandOf(withFile(name)));
    await terminal.run(withFile(path));
    return terminal.picture(title);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The command as a person writes it for a shell. */
export function commandOf(args: readonly string[]): string {
  return ["framewire", ...args]
    .map((arg) => /^[\w.,:=/%-]+$/.test(arg) ? arg : `'${arg}'`).join(" ");
}

/** What a client has sent, a chunk for each read. */
function recordingOf(...chunks: readonly string[]): string {
  let offset = 0;
  return formatRecording(chunks.map((chunk, index) => {
    const data = new TextEncoder().encode(chunk);
    offset += data.length;
    return {
      time: index,
      direction: "toServer" as const,
      connection: 1,
      offset: offset - data.length,
      data,
    };
  }));
}

/** Readings of a meter: a number, a value, and now and then a text. */
function readings(): Uint8Array {
  const encoder = parseFormat(METER).encoder();
  const bytes = new ByteWriter();
  const texts = ["", "OK", "LOW", "OPEN", "", "CLOSED", "BATTERY LOW"];
  for (let number = 0; number < 24; number++) {
    const reading = [number, 0, 190 + number * 7 % 21, 0, 0];
    const text = new TextEncoder().encode(texts[number % texts.length]);
    encoder.encode(Uint8Array.of(...reading, ...text), bytes);
  }
  return bytes.take();
}
