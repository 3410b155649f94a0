import { code } from "../../code.ts";
import { checksumFunctions, sumFunction } from "./checksums.ts";
import { fails, refuses, reports, type Wrong } from "./errors.ts";
import { jsonFunctions } from "./json.ts";
import { handsOut } from "./hands_out.ts";
import type { Target } from "./target.ts";

/** The functions that check the content of frames. */
export function contentFunctions(target: Target): string {
  const { content } = target.plan;
  return code`
    ${checksumFunctions(target)}

    ${isUtf8(target) && utf8Function(target)}

    ${content.kind === "json" && jsonFunctions(target)}
  `;
}

/** Whether frames must be UTF-8. */
function isUtf8({ plan: { content } }: Target): boolean {
  return content.kind === "json" || content.kind === "text" && content.fatal;
}

/** Statements that check the content of the frame `body`, and hand it out. */
export function readsContent(target: Target): string {
  const { plan: { checksums, content }, p, P } = target;
  const skips = [...checksums, content].some((part) =>
    "skipsInvalid" in part && part.skipsInvalid
  );
  const checks = checksums.map((checksum) => {
    const { length, skipsInvalid } = checksum;
    const numbers = Array.from({ length }, (_, i) => `sum[${i}]`);
    const check = code`
      unsigned char sum[${length}];
      const size_t end = body.length < ${length} ? 0 : body.length - ${length};

      ${sumFunction(target, checksum)}(body.bytes, end, sum);
      if (body.length < ${length} || memcmp(body.bytes + end, sum, ${length}) != 0) {
          ${
      refusal(target, skipsInvalid, {
        code: "CHECKSUM_MISMATCH",
        text: `The checksum is wrong: expected ${
          numbers.map(() => "%02llx").join("")
        }, got other bytes`,
        values: numbers,
      })
    }
      }
      body.length = end;
    `;
    return checksums.length === 1 ? check : code`
      {
          ${check}
      }
    `;
  }).join("\n");
  const one = code`
    const enum ${p}_result result = ${p}_read_(d, &body);

    if (result != ${P}_FRAME) {
        return result;
    }
    ${checks}
    ${
    content.kind === "text" && content.fatal && code`
      if (!${p}_is_utf8_(body.bytes, body.length)) {
          ${
      refusal(target, content.skipsInvalid, {
        code: "TEXT_INVALID",
        text: "The frame is not valid text: expected UTF-8, got other bytes",
      })
    }
      }
    `
  }
    ${
    content.kind === "json" && code`
      const bool is_text = ${p}_is_utf8_(body.bytes, body.length);

      if (is_text && body.length >= 3 &&
          memcmp(body.bytes, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
          body.bytes += 3;
          body.length -= 3;
      }
      if (!is_text || !${p}_is_json_(body.bytes, body.length)) {
          ${
      refusal(target, content.skipsInvalid, {
        code: "MESSAGE_INVALID",
        text: "The message is not JSON: expected JSON in UTF-8, got other text",
      })
    }
      }
    `
  }
    ${handsOut(target, "body.bytes", "body.length")}
    return ${P}_FRAME;
  `;
  return code`
    struct ${p}_bytes_ body;
    ${
    skips
      ? code`
        for (;;) {
            ${one}
        }
      `
      : one
  }
  `;
}

function refusal(target: Target, skipsInvalid: boolean, wrong: Wrong): string {
  return skipsInvalid
    ? code`
      ${reports(target, wrong)}
      continue;
    `
    : fails(target, wrong);
}

/** Statements of the encoder that refuse other texts. */
export function checksContent(target: Target): string {
  const { plan: { content }, p } = target;
  if (!isUtf8(target)) return "";
  const isJson = content.kind === "json";
  return code`
    if (!${p}_is_utf8_(source, length)${
    isJson && ` || !${p}_is_json_(source, length)`
  }) {
        ${
    refuses(
      target,
      isJson
        ? {
          code: "MESSAGE_INVALID",
          text:
            "The message is not JSON: expected JSON in UTF-8, got other text",
        }
        : {
          code: "TEXT_INVALID",
          text: "The text is not valid: expected UTF-8, got other bytes",
        },
    )
  }
    }
  `;
}

function utf8Function({ p }: Target): string {
  return code`
    /* Whether bytes are UTF-8 (RFC 3629). */
    static bool ${p}_is_utf8_(const unsigned char *bytes, size_t length)
    {
        size_t i = 0;

        while (i < length) {
            const unsigned char first = bytes[i++];
            size_t more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;

            if (first < 0x80) {
                continue;
            }
            if (first < 0xc2 || first > 0xf4 || length - i < more) {
                return false;
            }
            if ((first == 0xe0 && bytes[i] < 0xa0) || /* a longer form */
                (first == 0xed && bytes[i] > 0x9f) || /* a surrogate */
                (first == 0xf0 && bytes[i] < 0x90) || /* a longer form */
                (first == 0xf4 && bytes[i] > 0x8f)) { /* over U+10FFFF */
                return false;
            }
            for (; more > 0; more--) {
                if ((bytes[i++] & 0xc0) != 0x80) {
                    return false;
                }
            }
        }
        return true;
    }
  `;
}
