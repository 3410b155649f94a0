// The dissectors of all formats of the corpus in one tshark, which names the fields of
// a capture of its cases.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { run } from "../../scripts/testing/process.ts";
import { fieldsOf, parseFormat } from "../../src/format/mod.ts";
import { generate } from "../../src/generate/mod.ts";
import { hexOf } from "../../src/codec/bytes/hex.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { captureFile, captureOf, conversation } from "../support/captures.ts";
import { ethernet } from "../support/packets.ts";
import { noProgram } from "../support/programs.ts";
import { vectorFiles } from "../support/vectors.ts";
import { type CorpusFormat, corpusFormats } from "./corpus.ts";

/** The name of a field, and its bytes in hexadecimal. */
type Field = readonly [name: string, hex: string];

/** One case of the corpus as a connection of the capture. */
interface Case {
  readonly format: CorpusFormat;
  readonly about: string;
  readonly input: Uint8Array;
  readonly port: number;
}

/** The longest input: tshark is to find fields, and not to be fast. */
const LONGEST = 2_000;

test(
  "generate() writes dissectors that name every field of the corpus",
  { skip: noProgram("tshark") },
  async () => {
    const formats = corpusFormats();
    const cases = casesOf(formats);
    assert(cases.length > 300);
    const folder = await Deno.makeTempDir();
    try {
      for (const { name, codec } of formats) {
        const { text } = generate("wireshark", codec, { name });
        await Deno.writeTextFile(`${folder}/${name}.lua`, text);
      }
      const found = await dissected(folder, formats, cases);
      for (const [i, one] of cases.entries()) {
        const about = `${one.format.expression}: ${one.about}`;
        assertEquals(found[i], expected(one), about);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

test(
  "generate() writes dissectors that show JSON, unescaped content and what is wrong",
  { skip: noProgram("tshark") },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const shown = async (
        expression: string,
        bytes: string,
        field: string,
      ) => {
        const { text } = generate("wireshark", parseFormat(expression));
        await Deno.writeTextFile(`${folder}/frames.lua`, text);
        const data = bytesOf(bytes);
        const said = [{ direction: "toServer" as const, data }];
        const capture = captureOf(said, { server: "10.0.0.2:2000" });
        await Deno.writeFile(`${folder}/one.pcap`, capture);
        const { ok, output } = await run([
          "tshark",
          ...["-X", `lua_script:${folder}/frames.lua`],
          // As the preference sets it.
          ...["-o", "frames.port:2000"],
          ...["-r", `${folder}/one.pcap`, "-Y", "frames", "-T", "fields"],
          ...["-e", field, "-e", "_ws.expert.message"],
        ]);
        assert(ok, output);
        return output.split("\n").find((line) => line.includes("\t"))
          ?.split("\t");
      };
      assertEquals(
        await shown(
          "length(2) | json",
          `0009 '{"a":"b"}'`,
          "json.value.string",
        ),
        ["b", ""],
      );
      assertEquals(
        await shown("cobs | json", `0a '{"a":"c"}' 00`, "json.value.string"),
        ["c", ""],
      );
      assertEquals(
        await shown("slip", "61 dbdc dbdd c0", "frames.content"),
        ["61c0db", ""],
      );
      assertEquals(
        await shown("slip", "61 db61 62636465 c0", "frames.body"),
        [
          "61db6162636465",
          "MARK_INVALID: expected what an encoder would write",
        ],
      );
      assertEquals(
        await shown(
          "length(1) | checksum(xor8)",
          "07 616263646566 04",
          "frames.checksum",
        ),
        ["04", "CHECKSUM_MISMATCH: the xor8 is wrong"],
      );
      assertEquals(
        await shown(
          "length(2) | max 16",
          "0001 61 0011 6263646566",
          "frames.length",
        ),
        ["1", "FRAME_TOO_LARGE: expected at most 16 bytes, got 17"],
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/**
 * Whether frames are passed over because of their content, which Wireshark shows with a
 * note.
 */
function skipsContent({ plan: { checksums, content } }: CorpusFormat): boolean {
  return checksums.some(({ skipsInvalid }) => skipsInvalid) ||
    content.kind !== "bytes" && content.skipsInvalid;
}

/**
 * Whether only the end of the stream decides what the last bytes are: a dissector does
 * not get to know it.
 */
function isOpen({ codec }: CorpusFormat, input: Uint8Array): boolean {
  const decoder = codec.decoder();
  decoder.push(input);
  while (decoder.next() !== undefined);
  return decoder.pendingBytes > 0;
}

/** The cases of whole streams without an error, each with a port of its format. */
function casesOf(formats: readonly CorpusFormat[]): Case[] {
  const byExpression = new Map(
    formats.map((format, i) => [format.expression, { format, i }]),
  );
  const cases: Case[] = [];
  for (const { file, vectors } of vectorFiles()) {
    for (const { name, expression = "", input, error, unread } of vectors) {
      const known = byExpression.get(expression);
      if (known === undefined || input === undefined) continue;
      if (skipsContent(known.format)) continue;
      if (error !== undefined || unread !== undefined) continue;
      const bytes = bytesOf(input);
      if (bytes.length === 0 || bytes.length > LONGEST) continue;
      if (isOpen(known.format, bytes)) continue;
      cases.push({
        format: known.format,
        about: `${file}: ${name}`,
        input: bytes,
        port: 20_000 + known.i,
      });
    }
  }
  return cases;
}

/** The fields of a case as Wireshark can show them. */
function expected({ format, input }: Case): Field[] {
  const fields = fieldsOf(format.codec, input)
    .flatMap(({ fields }) => fields)
    .map(({ name, offset, length }): Field => [
      name,
      hexOf(input.subarray(offset, offset + length), ""),
    ]);
  return joined(fields);
}

/** Joins what lies between two frames: `fieldsOf` has one field for all of it. */
function joined(fields: readonly Field[]): Field[] {
  const all: Field[] = [];
  const isBetween = (name: string) => /^(delimiter|between)$/.test(name);
  for (const [field, hex] of fields) {
    const name = field === "skipped" ? "between" : field;
    const [lastName = "", lastHex = ""] = all.at(-1) ?? [];
    if (isBetween(name) && isBetween(lastName)) {
      all[all.length - 1] = ["between", lastHex + hex];
    } else all.push([name, hex]);
  }
  return all.map(([name, hex]) => [
    // Nothing but the ends of frames that are empty.
    name === "delimiter" && /^(..)\1+$/.test(hex) ? "between" : name,
    hex,
  ]);
}

/** What tshark shows of a capture of all cases. */
async function dissected(
  folder: string,
  formats: readonly CorpusFormat[],
  cases: readonly Case[],
): Promise<Field[][]> {
  const packets: { bytes: Uint8Array }[] = [];
  /** The case of each packet. */
  const caseOf: number[] = [];
  for (const [i, { input, port }] of cases.entries()) {
    const said = [{ direction: "toServer" as const, data: input }];
    const connection = conversation(said, {
      client: `10.0.${i >> 8}.${i & 255}:40000`,
      server: `10.9.0.1:${port}`,
      segmentLength: input.length > 200 ? 900 : 5,
    });
    for (const ip of connection) {
      packets.push({ bytes: ethernet(ip) });
      caseOf.push(i);
    }
  }
  await Deno.writeFile(`${folder}/corpus.pcap`, captureFile(packets));
  const names = formats.map(({ name }) => name.toLowerCase());
  const { ok, output } = await run([
    "tshark",
    ...formats.flatMap(({ name }) => [
      "-X",
      `lua_script:${folder}/${name}.lua`,
    ]),
    ...names.flatMap((name, i) => ["-d", `tcp.port==${20_000 + i},${name}`]),
    "-r",
    `${folder}/corpus.pcap`,
    "-T",
    "pdml",
    "-j",
    names.join(" "),
  ]);
  assert(ok, output.slice(0, 2_000));
  return fieldsIn(output, caseOf, cases.length);
}

/** The fields in PDML, by the cases of the packets. */
function fieldsIn(
  pdml: string,
  caseOf: readonly number[],
  count: number,
): Field[][] {
  const found: Field[][] = Array.from({ length: count }, () => []);
  let packet = -1;
  const places = /<packet>|<field name="f\d+\.(\w+)"[^>]* value="([0-9a-f]*)"/g;
  for (const [, name, hex = ""] of pdml.matchAll(places)) {
    if (name === undefined) packet++;
    // The content without escapes is no part of what is on the wire.
    else if (name !== "content") found[caseOf[packet]!]!.push([name, hex]);
  }
  return found.map(joined);
}
