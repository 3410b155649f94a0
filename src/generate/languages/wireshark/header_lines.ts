import { code } from "../../code.ts";
import type {
  ContentLengthFraming,
  Limit,
  PlannedChecksum,
} from "../../plan.ts";
import { refusal, SPLITS } from "./lua.ts";
import { takeChecksums, tooLarge } from "./prefixed.ts";

/** Frames behind lines of a header. */
export function contentLengthSplit(
  { maxHeaderLength }: ContentLengthFraming,
  limit: Limit,
  checksums: readonly PlannedChecksum[],
): string {
  const refused = (reason: string) => refusal(`"${reason}"`, false, "");
  return code`
    ${SPLITS}
    local function split(bytes, at)
      local parts = {}
      local value
      local from = at
      repeat
        local ended = bytes:find("\n", from + 1, true)
        if (ended or #bytes + 1) - 1 - at >= ${maxHeaderLength} then
          ${
    refused(
      `FRAME_TOO_LARGE: expected a header of at most ${maxHeaderLength} bytes`,
    )
  }
        end
        if not ended then
          return nil
        end
        local line = bytes:sub(from + 1, ended)
        local name, text = line:match("^([!#$%%&'*+%-.^_${"`"}|~%w]+):[ \t]*([\t\x20-\x7e]-)[ \t]*\r\n$")
        if line == "\r\n" then
          parts[#parts + 1] = { "delimiter", 2 }
        elseif not name then
          ${refused("HEADER_INVALID: expected a line NAME: VALUE")}
        elseif name:lower() ~= "content-length" then
          parts[#parts + 1] = { "header", #line, line:sub(1, -3) }
        elseif value or not text:find("^%d+$") then
          ${refused("LENGTH_INVALID: expected one length in decimal digits")}
        else
          value = tonumber(text)
          parts[#parts + 1] = { "length", #line, UInt64.new(value) }
        end
        from = ended
      until line == "\r\n"
      if not value then
        ${refused("LENGTH_INVALID: expected a Content-Length")}
      end
      local total = from - at + value
      ${tooLarge(limit, "value", "total")}
      if #bytes - at < total then
        return nil, total - (#bytes - at)
      end
      parts[#parts + 1] = { "body", value }
      ${
    takeChecksums(checksums, "bytes:sub(from + 1, from + value)", [
      "parts[#parts]",
    ])
  }
      return total, parts
    end
  `;
}
