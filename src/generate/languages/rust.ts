import type { Language } from "../language.ts";
import type { Plan } from "../plan.ts";
import { cobs } from "./rust/cobs.ts";
import { contentLength } from "./rust/content_length.ts";
import { delimited } from "./rust/delimited.ts";
import { fixed } from "./rust/fixed.ts";
import { fileOf } from "./rust/file.ts";
import { type FramingCode, type Setting, settingOf } from "./rust/framing.ts";
import { length } from "./rust/length.ts";
import { marked } from "./rust/marked.ts";
import { netstring } from "./rust/netstring.ts";
import { stuffed } from "./rust/stuffed.ts";
import { varint } from "./rust/varint.ts";

export const rust: Language = {
  fileName: (name) =>
    `${
      name.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2").toLowerCase()
    }.rs`,
  write(plan) {
    const setting = settingOf(plan);
    return fileOf(framingCode(plan, setting), setting);
  },
};

function framingCode({ framing }: Plan, setting: Setting): FramingCode {
  switch (framing.kind) {
    case "length":
      return length(framing, setting);
    case "fixed":
      return fixed(framing, setting);
    case "varint":
      return varint(framing, setting);
    case "netstring":
      return netstring(framing, setting);
    case "content-length":
      return contentLength(framing, setting);
    case "delimited":
      return delimited(framing, setting);
    case "marked":
      return marked(framing, setting);
    case "cobs":
      return cobs(framing, setting);
    case "stuffed":
      return stuffed(framing, setting);
  }
}
