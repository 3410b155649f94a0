import { code } from "../../code.ts";
import type {
  DelimitedFraming,
  Limit,
  MarkedFraming,
  PlannedChecksum,
} from "../../plan.ts";
import { luaString, refusal, SPLITS } from "./lua.ts";
import { takeChecksums } from "./prefixed.ts";

type Checksums = readonly PlannedChecksum[];

/** Frames up to a delimiter. */
export function delimitedSplit(
  { delimiters, keepDelimiter, skipEmpty }: DelimitedFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  const { maxFrameLength, skips } = limit;
  const longest = Math.max(...delimiters.map(({ length }) => length));
  const kept = keepDelimiter ? "frame + delimiter" : "frame";
  return code`
    ${findFunction(delimiters)}

    ${SPLITS}
    local function split(bytes, at)
      local found, delimiter = find(bytes, at)
      local frame = (found or #bytes${
    // The last bytes may be the beginning of a delimiter.
    longest > 1 ? ` - ${longest - 1}` : ""}) - at
      if frame > ${maxFrameLength} then
        ${
    skips && code`
          if not found then
            return nil
          end
        `
  }
        ${
    refusal(
      `"FRAME_TOO_LARGE: expected at most ${maxFrameLength} bytes"`,
      skips,
      "frame + delimiter",
    )
  }
      end
      if not found then
        return nil
      end
      ${
    skipEmpty && code`
        if frame == 0 then
          return delimiter, { { "skipped", delimiter } }
        end
      `
  }
      local parts = { { "body", frame }, { "delimiter", delimiter } }
      ${
    takeChecksums(
      checksums,
      `bytes:sub(at + 1, at + ${kept})`,
      keepDelimiter ? ["parts[1]", "parts[2]"] : ["parts[1]"],
    )
  }
      return frame + delimiter, parts
    end
  `;
}

/** The function that finds the first of some delimiters. */
function findFunction(delimiters: readonly Uint8Array[]): string {
  const [only = new Uint8Array()] = delimiters;
  if (delimiters.length === 1) {
    return code`
      -- Finds the delimiter: how many bytes are before it, and how many it has.
      local function find(bytes, at)
        local from, to = bytes:find(${luaString(only)}, at + 1, true)
        if from then
          return from - 1, to - from + 1
        end
      end
    `;
  }
  // Of those that begin at one place the longest counts.
  const longestFirst = delimiters.toSorted((a, b) => b.length - a.length);
  return code`
    local DELIMITERS = { ${longestFirst.map(luaString).join(", ")} }

    -- Finds the first delimiter, the longest of those that begin at one place: how many
    -- bytes are before it, and how many it has.
    local function find(bytes, at)
      local first, length
      for _, delimiter in ipairs(DELIMITERS) do
        local from = bytes:find(delimiter, at + 1, true)
        if from and (not first or from < first) then
          first, length = from, #delimiter
        end
      end
      if first then
        return first - 1, length
      end
    end
  `;
}

/** Frames between marks. */
export function markedSplit(
  framing: MarkedFraming,
  { maxFrameLength, skips }: Limit,
  checksums: Checksums,
): string {
  const { start, end, between, restart, trailerLength, skipsInvalid } = framing;
  const hasTrailer = trailerLength > 0;
  const total = hasTrailer ? `ends - at + ${trailerLength}` : "ends - at";
  const isOpen = hasTrailer ? `not ends or #bytes - at < ${total}` : "not ends";
  const frame = `ends - at - ${start.length + end.length - trailerLength}`;
  return code`
    local START, END = ${luaString(start)}, ${luaString(end)}
    ${
    typeof between !== "string" &&
    `local BETWEEN = { ${
      between.toSorted((a, b) => b.length - a.length).map(luaString).join(", ")
    } }`
  }

    -- Whether a mark stands behind the first "at" bytes; nil if it may become one.
    local function begins(mark, bytes, at)
      local there = bytes:sub(at + 1, at + #mark)
      if there == mark then
        return true
      elseif at + #mark > #bytes and mark:sub(1, #there) == there then
        return nil
      end
      return false
    end

    ${SPLITS}
    local function split(bytes, at)
      local starts = begins(START, bytes, at)
      if starts == nil then
        return nil
      end
      if not starts then
        ${
    typeof between !== "string" && code`
          for _, separator in ipairs(BETWEEN) do
            local is_separator = begins(separator, bytes, at)
            if is_separator == nil then
              return nil
            elseif is_separator then
              return #separator, { { "skipped", #separator } }
            end
          end
        `
  }
        ${
    between === "skip" || skipsInvalid
      ? code`
          -- Up to the next start mark, or what may become one.
          local count = 1
          while at + count < #bytes and begins(START, bytes, at + count) == false do
            count = count + 1
          end
          return count, { { "skipped", count } }${
        between === "skip" ? "" : `, "MARK_INVALID: expected a start mark"`
      }
        `
      : refusal(`"MARK_INVALID: expected a start mark"`, false, "")
  }
      end
      local _, ends = bytes:find(END, at + #START + 1, true)
      ${
    restart && code`
        local again = bytes:find(START, at + #START + 1, true)
        if again and (not ends or again + #START - 1 < ends) then
          ${
      refusal(
        `"MARK_INVALID: expected an end mark, got a start mark"`,
        skipsInvalid,
        "again - 1 - at",
      )
    }
        end
      `
  }
      if (ends and ${frame} or #bytes - at - ${
    start.length + end.length
  }) > ${maxFrameLength} then
        ${
    skips && code`
          if ${isOpen} then
            return nil
          end
        `
  }
        ${
    refusal(
      `"FRAME_TOO_LARGE: expected at most ${maxFrameLength} bytes"`,
      skips,
      total,
    )
  }
      end
      if ${isOpen} then
        return nil
      end
      local parts = {
        { "start", #START },
        { "body", ends - at - #START - #END },
        { "end", #END },
        ${trailerLength > 0 && `{ "trailer", ${trailerLength} },`}
      }
      ${
    takeChecksums(
      checksums,
      trailerLength === 0
        ? "bytes:sub(at + #START + 1, ends - #END)"
        : `bytes:sub(at + #START + 1, ends - #END) .. bytes:sub(ends + 1, ends + ${trailerLength})`,
      trailerLength === 0 ? ["parts[2]"] : ["parts[2]", "parts[4]"],
    )
  }
      return ${total}, parts
    end
  `;
}
