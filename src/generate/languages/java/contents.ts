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
  /** What it is, for comments. */
  readonly about: string;
  /** The method that makes it of the frame; an empty string where it is the frame. */
  readonly next: string;
  /** Statements that make `frame` of it; an empty string where it is the frame. */
  readonly encode: string;
  readonly types: string;
  readonly imports: readonly string[];
}

/** What the format makes of the bytes of its frames. */
export function contentPart(plan: Plan): ContentPart {
  const { framing, content, checksums } = plan;
  const hasHeaders = framing.kind === "content-length" && framing.headers;
  if (hasHeaders || content.kind === "bytes" && checksums.length === 0) {
    return {
      type: hasHeaders ? "Frame" : "byte[]",
      variable: "frame",
      about: "the frame",
      next: "",
      encode: "",
      types: "",
      imports: [],
    };
  }
  if (content.kind === "bytes") {
    return {
      type: "byte[]",
      variable: "content",
      about: "what the frame has besides its checksum",
      next: next(plan, "byte[]", "return frame;"),
      encode: appendChecksums(plan),
      types: "",
      imports: [],
    };
  }
  const bytes = checksums.length > 0 ? "content" : "frame";
  const made = content.kind === "json"
    ? jsonContent
    : content.fatal
    ? strictContent
    : replacedContent;
  return {
    type: "String",
    variable: content.kind,
    about: content.kind === "json"
      ? "the JSON of the frame"
      : "the text of the frame",
    next: next(
      plan,
      "String",
      made.decode("skipsInvalid" in content && content.skipsInvalid),
    ),
    encode: code`
      ${made.encode(bytes)}
      ${appendChecksums(plan)}
    `,
    types: made.types,
    imports: made.imports,
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
      ? `// The checksum covers the length, too.
${to} = Arrays.copyOf(${from}, ${from}.length + ${one.length});`
      : `${to} = ${className(one)}.append(${from});`;
  }).reverse().join("\n");
}

/** The method that makes what is handed out of the next frame. */
function next({ checksums }: Plan, type: string, decode: string): string {
  const wrong =
    "The checksum is wrong: expected that of the content, got another";
  const checks = checksums.map((one) =>
    code`
    frame = ${className(one)}.remove(frame);
    if (frame == null) {
        ${
      one.skipsInvalid
        ? `${report("CHECKSUM_MISMATCH", wrong)}\ncontinue;`
        : fail("CHECKSUM_MISMATCH", wrong)
    }
    }
  `
  ).join("\n");
  const continues = /\breport\(/.test(checks + decode);
  return continues
    ? code`
      public ${type} next() throws FrameException {
          for (byte[] frame = nextFrame(); frame != null; frame = nextFrame()) {
              ${checks}
              ${decode}
          }
          return null;
      }
    `
    : code`
      public ${type} next() throws FrameException {
          byte[] frame = nextFrame();
          if (frame == null) {
              return null;
          }
          ${checks}
          ${decode}
      }
    `;
}

/** A way in which frames are text. */
interface TextContent {
  /** Statements that return the text of `frame`, or refuse it. */
  decode(skipsInvalid: boolean): string;
  /** Statements that make bytes of the text. */
  encode(to: string): string;
  readonly types: string;
  readonly imports: readonly string[];
}

/** Statements that refuse a frame. */
function refuseFrame(
  errorCode: string,
  message: string,
  skipsInvalid: boolean,
): string {
  return skipsInvalid ? report(errorCode, message) : fail(errorCode, message);
}

const replacedContent: TextContent = {
  decode: () => "return Utf8.decode(frame);",
  encode: (to) => `byte[] ${to} = Utf8.encode(text);`,
  types: utf8Class,
  imports: [
    "static java.nio.charset.StandardCharsets.UTF_8",
    "java.util.regex.Pattern",
  ],
};

const strictContent: TextContent = {
  decode: (skipsInvalid) =>
    code`
    try {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString();
    } catch (CharacterCodingException e) {
        ${
      refuseFrame(
        "TEXT_INVALID",
        "The frame is not valid text: expected UTF-8, got other bytes",
        skipsInvalid,
      )
    }
    }
  `,
  encode: (to) =>
    code`
    ByteBuffer utf8;
    try {
        utf8 = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
        ${
      refuse(
        "TEXT_INVALID",
        "The text cannot become UTF-8: expected well-formed text, got a lone surrogate",
      )
    }
    }
    byte[] ${to} = new byte[utf8.remaining()];
    utf8.get(${to});
  `,
  types: "",
  imports: [
    "java.nio.ByteBuffer",
    "java.nio.CharBuffer",
    "java.nio.charset.CharacterCodingException",
    "static java.nio.charset.StandardCharsets.UTF_8",
  ],
};

const jsonContent: TextContent = {
  decode: (skipsInvalid) =>
    code`
    String json = Json.decode(frame);
    ${
      skipsInvalid
        ? code`
        if (json != null) {
            return json;
        }
        ${notJson(true)}
      `
        : code`
        if (json == null) {
            ${notJson(false)}
        }
        return json;
      `
    }
  `,
  encode: (to) =>
    code`
    byte[] ${to} = Json.encode(json);
    if (${to} == null) {
        ${
      refuse(
        "MESSAGE_INVALID",
        "The message is not JSON: expected JSON of at most 1000 levels, got another text",
      )
    }
    }
  `,
  types: jsonClass,
  imports: strictContent.imports,
};

function notJson(skipsInvalid: boolean): string {
  return refuseFrame(
    "MESSAGE_INVALID",
    "The message is not JSON: expected JSON in UTF-8 of at most 1000 levels, got other bytes",
    skipsInvalid,
  );
}
