/** The program of the C# code of all formats: see README.md for what it does. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { code } from "../../../src/generate/code.ts";
import { generate } from "../../../src/generate/mod.ts";
import { projectFile } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

type GeneratedFormat = Pick<CorpusFormat, "name" | "codec" | "plan">;

/**
 * Generates the code of the formats, and compiles it with the program that answers
 * questions.
 *
 * @returns The command of the program.
 */
export function buildCsharp(
  folder: string,
  formats: readonly GeneratedFormat[],
): [string, ...string[]] {
  const classes: string[] = [];
  for (const format of formats) {
    const { name, codec } = format;
    const { text } = generate("csharp", codec, { name });
    writeFileSync(join(folder, `${name}.cs`), text);
    classes.push(formatClass(format, text.includes("_onSkip")));
  }
  writeFileSync(
    join(folder, "Formats.cs"),
    code`
      using System;
      using System.IO;
      using System.Threading.Tasks;

      ${classes.join("\n\n")}
    `,
  );
  const program = join(folder, "program.exe");
  const { status, stdout, stderr } = spawnSync("mcs", [
    "-codepage:utf8",
    "-warn:4",
    "-warnaserror",
    `-out:${program}`,
    `-recurse:${folder}/*.cs`,
    projectFile("tests/languages/csharp/program.cs"),
  ], { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`The code does not compile:\n${stderr}${stdout}`);
  }
  return ["mono", program];
}

/** The class that gives a format the interface of all formats. */
function formatClass(
  { name, plan }: GeneratedFormat,
  skips: boolean,
): string {
  const { framing, content } = plan;
  const [type, kind] = framing.kind === "content-length" && framing.headers
    ? [`${name}.Frame`, "Frame"]
    : content.kind === "bytes"
    ? ["byte[]", "Bytes"]
    : ["string", "Text"];
  const read = kind === "Frame"
    ? `${name}.Frame.Read(word)`
    : `Words.Read${kind}(word)`;
  const [readFrame, printFrame] = kind === "Frame"
    ? [
      `new ${type}(Words.ReadBody(word), Words.ReadHeaders(word))`,
      "Words.Print(frame.Headers, frame.Body)",
    ]
    : [read, "Words.Print(frame)"];
  const report = "error => onSkip(error.Code, error.Offset)";
  return code`
    internal sealed class Format${name} : Format
    {
        private ${name}.FrameDecoder _decoder;
        private ${name}.FrameChannel _channel;

        public override void Begin(Action<string, long?> onSkip) =>
            _decoder = new ${name}.FrameDecoder(${skips ? report : ""});

        public override void Push(byte[] bytes) => _decoder.Push(bytes);

        public override string Next()
        {
            try
            {
                return _decoder.TryNext(out ${type} frame) ? ${printFrame} : null;
            }
            catch (${name}.FrameException error)
            {
                throw new Refusal(error.Code, error.Offset);
            }
        }

        public override void End() => _decoder.End();

        public override byte[] TakeUnread() => _decoder.TakeUnread();

        public override byte[] Encode(string word)
        {
            try
            {
                return ${name}.FrameEncoder.Encode(${readFrame});
            }
            catch (${name}.FrameException error)
            {
                throw new Refusal(error.Code, error.Offset);
            }
        }

        public override void Connect(Stream stream) => _channel = new ${name}.FrameChannel(stream);

        public override async Task<string> ReadAsync()
        {
            ${type} frame = await _channel.ReadAsync();
            return frame == null ? null : ${printFrame};
        }

        public override Task WriteAsync(string word) => _channel.WriteAsync(${readFrame});
    }
  `;
}
