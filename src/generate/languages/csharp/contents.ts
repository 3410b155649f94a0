import { code } from "../../code.ts";
import type { Plan } from "../../plan.ts";
import { className } from "./checksums.ts";
import { jsonClass } from "./json_class.ts";
import { fail, refuse, report } from "./refusals.ts";
import { utf8Class } from "./utf8_class.ts";

/** What is made of the bytes of a frame. */
export interface ContentPart {
  /** The type of what is handed out, and the name of a variable of it. */
  readonly type: string;
  readonly variable: string;
  /** The method that makes it of the frame; an empty string where it is the frame. */
  readonly tryNext: string;
  /** Statements that make `frame` of it; an empty string where it is the frame. */
  readonly encode: string;
  readonly types: string;
  readonly usings: readonly string[];
}

/** What the format makes of the bytes of its frames. */
export function contentPart(plan: Plan): ContentPart {
  const { framing, content, checksums } = plan;
  const hasHeaders = framing.kind === "content-length" && framing.headers;
  if (hasHeaders || content.kind === "bytes" && checksums.length === 0) {
    return {
      type: hasHeaders ? "Frame" : "byte[]",
      variable: "frame",
      tryNext: "",
      encode: "",
      types: "",
      usings: [],
    };
  }
  if (content.kind === "bytes") {
    return {
      type: "byte[]",
      variable: "content",
      tryNext: tryNext(
        plan,
        "byte[] content",
        "content = frame;\nreturn true;",
      ),
      encode: appendChecksums(plan),
      types: "",
      usings: [],
    };
  }
  const isJson = content.kind === "json";
  const variable = isJson ? "json" : "text";
  const bytes = checksums.length > 0 ? "content" : "frame";
  const encode = isJson
    ? encodeJson(bytes)
    : content.fatal
    ? encodeFatal(bytes)
    : `byte[] ${bytes} = Encoding.UTF8.GetBytes(text);`;
  return {
    type: "string",
    variable,
    tryNext: tryNext(
      plan,
      `string ${variable}`,
      isJson
        ? decodeOrRefuse(json, content.skipsInvalid)
        : content.fatal
        ? decodeOrRefuse(fatalText, content.skipsInvalid)
        : "text = Utf8.Decode(frame);\nreturn true;",
    ),
    encode: `${encode}\n${appendChecksums(plan)}`.trimEnd(),
    types: isJson
      ? `${strictClass}\n\n${jsonClass}`
      : content.fatal
      ? strictClass
      : utf8Class,
    usings: ["System.Text"],
  };
}

/** Statements that make `frame` of `content`. */
function appendChecksums({ framing, checksums }: Plan): string {
  // Where a frame includes its length, that is written before the checksum.
  const isFilledFirst = framing.kind === "length" &&
    framing.stripBytes < framing.headerLength;
  return checksums.map((one, i) => {
    const isFirst = i === checksums.length - 1;
    const from = isFirst ? "content" : "frame";
    const to = isFirst ? "byte[] frame" : "frame";
    return i === 0 && isFilledFirst
      ? code`
        ${isFirst && "byte[] frame = content;"}
        Array.Resize(ref frame, ${from}.Length + ${one.length}); // Its checksum covers the length, too.
      `
      : `${to} = ${className(one)}.Append(${from});`;
  }).reverse().join("\n");
}

/** The method that makes what is handed out of the next frame. */
function tryNext(
  { checksums }: Plan,
  variable: string,
  decode: string,
): string {
  const wrong =
    '"The checksum is wrong: expected that of the content, got another"';
  const continues = /\bReport\(/.test(decode) ||
    checksums.some(({ skipsInvalid }) => skipsInvalid);
  return code`
    public bool TryNext(out ${variable})
    {
        ${continues ? "while" : "if"} (TryTake(out byte[] frame))
        {
            ${
    checksums.map((one) =>
      code`
      if (!${className(one)}.TryRemove(ref frame))
      {
          ${
        one.skipsInvalid
          ? `${report("CHECKSUM_MISMATCH", wrong)}\ncontinue;`
          : fail("CHECKSUM_MISMATCH", wrong)
      }
      }

    `
    ).join("\n\n")
  }

            ${decode}
        }

        ${variable.replace(/^\S+ /, "")} = null;
        return false;
    }
  `;
}

const fatalText = {
  isValid: "StrictUtf8.TryDecode(frame, out text)",
  code: "TEXT_INVALID",
  message: '"The frame is not valid text: expected UTF-8, got other bytes"',
};

const json = {
  isValid: "StrictUtf8.TryDecode(frame, out json) && Json.IsValid(ref json)",
  code: "MESSAGE_INVALID",
  message:
    '"The message is not JSON: expected JSON in UTF-8 of at most 1000 levels, got other bytes"',
};

/** Statements that return a frame that is valid. */
function decodeOrRefuse(
  { isValid, code: errorCode, message }: typeof json,
  skipsInvalid: boolean,
): string {
  return code`
    if (${isValid})
    {
        return true;
    }

    ${skipsInvalid ? report(errorCode, message) : fail(errorCode, message)}
  `;
}

function encodeFatal(to: string): string {
  return code`
    if (!StrictUtf8.TryEncode(text, out byte[] ${to}))
    {
        ${
    refuse(
      "TEXT_INVALID",
      '"The text cannot become UTF-8: expected well-formed text, got a lone surrogate"',
    )
  }
    }

  `;
}

function encodeJson(to: string): string {
  return code`
    byte[] ${to} = null;
    if (!Json.IsValid(ref json) || !StrictUtf8.TryEncode(json, out ${to}))
    {
        ${
    refuse(
      "MESSAGE_INVALID",
      '"The message is not JSON: expected JSON of at most 1000 levels, got another text"',
    )
  }
    }

  `;
}

/** The class that converts UTF-8, and replaces nothing. */
const strictClass = code`
  /// <summary>UTF-8 in which nothing is replaced.</summary>
  internal static class StrictUtf8
  {
      private static readonly Encoding Strict = new UTF8Encoding(false, true);

      public static bool TryDecode(byte[] bytes, out string text)
      {
          try
          {
              text = Strict.GetString(bytes);
              return true;
          }
          catch (DecoderFallbackException)
          {
              text = null;
              return false;
          }
      }

      public static bool TryEncode(string text, out byte[] bytes)
      {
          try
          {
              bytes = Strict.GetBytes(text);
              return true;
          }
          catch (EncoderFallbackException)
          {
              bytes = null;
              return false;
          }
      }
  }
`;
