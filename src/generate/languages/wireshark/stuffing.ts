import { code } from "../../code.ts";
import type {
  CobsFraming,
  Limit,
  PlannedChecksum,
  StuffedFraming,
} from "../../plan.ts";
import { luaString, refusal, SPLITS } from "./lua.ts";
import { checksumLength } from "./prefixed.ts";

type Checksums = readonly PlannedChecksum[];

/** Frames of consistent overhead byte stuffing. */
export function cobsSplit(
  { skipsInvalid }: CobsFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  const { maxFrameLength } = limit;
  const unescape = code`
    -- The content of the blocks, and where each of its bytes stands in them. Returns nil
    -- where a block goes beyond the frame.
    local function unescape(stuffed)
      local content, places = {}, {}
      local at = 1
      while at <= #stuffed do
        local code = stuffed:byte(at)
        if at + code > #stuffed + 1 then
          return nil
        end
        for i = at + 1, at + code - 1 do
          content[#content + 1] = stuffed:sub(i, i)
          places[#places + 1] = i
        end
        at = at + code
        if code < 0xff and at <= #stuffed then
          content[#content + 1] = "\0"
          places[#places + 1] = at
        end
      end
      return table.concat(content), places
    end
  `;
  const most = maxFrameLength + Math.floor(maxFrameLength / 254) + 1;
  return split("\\0", most, unescape, skipsInvalid, limit, checksums);
}

/** Frames whose end byte is escaped where it is in them. */
export function stuffedSplit(
  framing: StuffedFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  const { end, escape, written, xor, keepsUnknown, skipsInvalid } = framing;
  const hex = (byte: number) => `0x${byte.toString(16).padStart(2, "0")}`;
  const table = written.map(([byte, code]) => `[${hex(code)}] = ${hex(byte)}`);
  const read = xor !== undefined
    ? `byte = bit.bxor(stuffed:byte(at), ${hex(xor)})`
    : keepsUnknown
    ? "byte = ESCAPED[stuffed:byte(at)] or stuffed:byte(at)"
    : "byte = ESCAPED[stuffed:byte(at)]";
  const unescape = code`
    ${
    xor === undefined &&
    `-- What the byte behind an escape stands for.\nlocal ESCAPED = { ${
      table.join(", ")
    } }\n`
  }
    -- The content without escapes, and where each of its bytes stands. Returns nil where
    -- an escape is the last byte, or stands before one that it cannot.
    local function unescape(stuffed)
      local content, places = {}, {}
      local at = 1
      while at <= #stuffed do
        local byte = stuffed:byte(at)
        places[#places + 1] = at
        if byte == ${hex(escape)} then
          at = at + 1
          if at > #stuffed then
            return nil
          end
          ${read}
          ${
    xor === undefined && !keepsUnknown && code`
            if not byte then
              return nil
            end
          `
  }
        end
        content[#content + 1] = string.char(byte)
        at = at + 1
      end
      return table.concat(content), places
    end
  `;
  const text = luaString(Uint8Array.of(end)).slice(1, -1);
  const most = 2 * limit.maxFrameLength;
  return split(text, most, unescape, skipsInvalid, limit, checksums);
}

function split(
  end: string,
  maxStuffedLength: number,
  unescape: string,
  skipsInvalid: boolean,
  { maxFrameLength, skips }: Limit,
  checksums: Checksums,
): string {
  // What a decoder passes over has no parts.
  const passed = (skips: boolean) =>
    skips
      ? `{ { "skipped", length + 1 } }`
      : `{ { "body", length }, { "delimiter", 1 } }`;
  const count = checksumLength(checksums);
  const tooLarge =
    `"FRAME_TOO_LARGE: expected at most ${maxFrameLength} bytes"`;
  return code`
    ${unescape}

    ${SPLITS}
    local function split(bytes, at)
      local ends = bytes:find("${end}", at + 1, true)
      local length = (ends or #bytes + 1) - 1 - at
      if length > ${maxStuffedLength} then
        ${
    skips && code`
          if not ends then
            return nil
          end
        `
  }
        ${refusal(tooLarge, skips, "length + 1")}
      end
      if not ends then
        return nil
      end
      if length == 0 then
        return 1, { { "delimiter", 1 } }
      end
      local content, places = unescape(bytes:sub(at + 1, ends - 1))
      if not content then
        return length + 1, ${passed(skipsInvalid)},
          "MARK_INVALID: expected what an encoder would write"
      end
      if #content > ${maxFrameLength} then
        return length + 1, ${passed(skips)},
          ${tooLarge}
      end
      ${
    count === 0
      ? `return length + 1, { { "body", length }, { "delimiter", 1 }, content = content }`
      : code`
        local sum = length + 1 - (places[math.max(1, #places - ${
        count - 1
      })] or length + 1)
        return length + 1, {
          { "body", length - sum },
          { "checksum", sum },
          { "delimiter", 1 },
          content = content,
        }
      `
  }
    end
  `;
}
