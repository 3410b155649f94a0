import { code } from "../../code.ts";
import type {
  FixedFraming,
  LengthFraming,
  Limit,
  NetstringFraming,
  PlannedChecksum,
  VarintFraming,
} from "../../plan.ts";
import { refusal, SPLITS } from "./lua.ts";

type Checksums = readonly PlannedChecksum[];

/** How many bytes the checksums have together. */
export function checksumLength(checksums: Checksums): number {
  return checksums.reduce((sum, { length }) => sum + length, 0);
}

/** Marks the content of the parts, and splits the checksums off. */
export function takeChecksums(
  checksums: Checksums,
  content: string,
  parts: readonly string[],
): string {
  if (checksums.length === 0) return "";
  return code`
    parts.content = ${content}
    ${parts.map((part) => `${part}.is_content = true`).join("\n")}
    ${
    checksums.map(({ length }) => `take_checksum(parts, ${length})`).join("\n")
  }
  `;
}

/** The code for a frame that is over the limit. */
export function tooLarge(
  { maxFrameLength, skips }: Limit,
  length: string,
  total: string,
): string {
  return code`
    if ${length} > ${maxFrameLength} then
      ${
    skips && code`
        if #bytes - at < ${total} then
          return nil, ${total} - (#bytes - at)
        end
      `
  }
      ${
    refusal(
      `"FRAME_TOO_LARGE: expected at most ${maxFrameLength} bytes, got " .. ${length}`,
      skips,
      total,
    )
  }
    end
  `;
}

/** Frames of a length field. */
export function lengthSplit(
  framing: LengthFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  const { lengthBytes, lengthOffset, headerLength, stripBytes } = framing;
  const { base, least, lengthUnit } = framing;
  const field = `at + ${lengthOffset + 1}, at + ${headerLength}`;
  const before = Math.max(headerLength, stripBytes);
  const unit = lengthUnit === 1 ? "" : ` * ${lengthUnit}`;
  const sign = base < 0 ? "-" : "+";
  const frame = `value${unit}${base === 0 ? "" : ` ${sign} ${Math.abs(base)}`}`;
  const isValue = frame === "value";
  const counted = isValue ? "value" : "frame";
  const parts = [
    lengthOffset > 0 && `{ "header", ${lengthOffset} },`,
    `{ "length", ${lengthBytes}, UInt64.new(value) },`,
    stripBytes > headerLength &&
    `{ "header", ${stripBytes - headerLength} },`,
    `{ "body", total - ${before} },`,
  ].filter((part) => part !== false);
  return code`
    ${SPLITS}
    local function split(bytes, at)
      if #bytes - at < ${headerLength} then
        return nil
      end
      ${fieldValue(framing, field)}
      ${
    least > 0 && code`
        if value${unit} < ${least} then
          ${
      refusal(
        `"LENGTH_INVALID: expected at least ${
          Math.ceil(least / lengthUnit)
        }, got " .. value`,
        false,
        "",
      )
    }
        end
      `
  }
      ${!isValue && `local frame = ${frame}`}
      local total = ${counted}${stripBytes === 0 ? "" : ` + ${stripBytes}`}
      ${tooLarge(limit, counted, "total")}
      if #bytes - at < total then
        return nil, total - (#bytes - at)
      end
      local parts = {
        ${parts.join("\n")}
      }
      ${
    takeChecksums(
      checksums,
      `bytes:sub(at + ${stripBytes + 1}, at + total)`,
      stripBytes < headerLength
        ? parts.map((_, i) => `parts[${i + 1}]`)
        : [`parts[${parts.length}]`],
    )
  }
      return total, parts
    end
  `;
}

/** Reads the length field into \`value\`. */
function fieldValue(
  { lengthEncoding, lengthBytes, littleEndian }: LengthFraming,
  field: string,
): string {
  const notDigits = refusal(
    `"LENGTH_INVALID: expected ${lengthBytes} bytes of digits"`,
    false,
    "",
  );
  switch (lengthEncoding) {
    case "binary":
      return lengthBytes === 1 ? `local value = bytes:byte(${field})` : code`
        local value = 0
        for _, byte in ipairs({ ${
        littleEndian
          ? `bytes:sub(${field}):reverse():byte(1, ${lengthBytes})`
          : `bytes:byte(${field})`
      } }) do
          value = value * 256 + byte
        end
      `;
    case "decimal":
      return code`
        local digits = bytes:sub(${field})
        if digits:find("%D") then
          ${notDigits}
        end
        local value = tonumber(digits)
      `;
    case "hex":
      return code`
        local digits = bytes:sub(${field})
        if digits:find("%X") then
          ${notDigits}
        end
        local value = tonumber(digits, 16)
      `;
    case "bcd":
      return code`
        local digits = bytes:sub(${field}):gsub(".", function(byte)
          return string.format("%02x", byte:byte())
        end)
        if digits:find("%D") then
          ${notDigits}
        end
        local value = tonumber(digits)
      `;
  }
}

/** Frames of one length. */
export function fixedSplit(
  { frameLength }: FixedFraming,
  checksums: Checksums,
): string {
  return code`
    ${SPLITS}
    local function split(bytes, at)
      if #bytes - at < ${frameLength} then
        return nil, ${frameLength} - (#bytes - at)
      end
      local parts = { { "body", ${frameLength} } }
      ${
    takeChecksums(checksums, `bytes:sub(at + 1, at + ${frameLength})`, [
      "parts[1]",
    ])
  }
      return ${frameLength}, parts
    end
  `;
}

/** Frames behind a length of a variable number of bytes. */
export function varintSplit(
  { encoding, acceptsOverlong, maxLengthBytes }: VarintFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  const isVlq = encoding === "vlq";
  const overlong = refusal(
    `"VARINT_OVERLONG: expected the shortest form of a length"`,
    false,
    "",
  );
  return code`
    ${SPLITS}
    local function split(bytes, at)
      local value = 0
      ${!isVlq && "local unit = 1"}
      local count = 0
      repeat
        if count == ${maxLengthBytes} then
          ${
    refusal(
      `"VARINT_OVERLONG: expected at most ${maxLengthBytes} bytes of length"`,
      false,
      "",
    )
  }
        end
        count = count + 1
        local byte = bytes:byte(at + count)
        if byte == nil then
          return nil
        end
        ${
    isVlq ? "value = value * 128 + byte % 128" : code`
          value = value + byte % 128 * unit
          unit = unit * 128
        `
  }
      until byte < 128
      ${
    !acceptsOverlong && code`
        if count > 1 and bytes:byte(at + ${
      isVlq ? "1" : "count"
    }) % 128 == 0 then
          ${overlong}
        end
      `
  }
      ${
    encoding === "zigzag" && code`
        if value % 2 == 1 then
          ${
      refusal(
        `"LENGTH_INVALID: expected at least 0, got -" .. (value + 1) / 2`,
        false,
        "",
      )
    }
        end
        value = value / 2
      `
  }
      ${tooLarge(limit, "value", "count + value")}
      if #bytes - at < count + value then
        return nil, count + value - (#bytes - at)
      end
      local parts = {
        { "length", count, UInt64.new(value) },
        { "body", value },
      }
      ${
    takeChecksums(
      checksums,
      "bytes:sub(at + count + 1, at + count + value)",
      ["parts[2]"],
    )
  }
      return count + value, parts
    end
  `;
}

/** Netstrings. */
export function netstringSplit(
  { maxDigits }: NetstringFraming,
  limit: Limit,
  checksums: Checksums,
): string {
  return code`
    ${SPLITS}
    local function split(bytes, at)
      local digits, colon = bytes:match("^(%d*)(:?)", at + 1)
      if digits:find("^0%d") or #digits > ${maxDigits}
        or (digits == "" or colon == "") and at + #digits < #bytes then
        ${
    refusal(
      `"LENGTH_INVALID: expected at most ${maxDigits} digits without leading zeros, and a colon"`,
      false,
      "",
    )
  }
      end
      if colon == "" then
        return nil
      end
      local value = tonumber(digits)
      local total = #digits + 1 + value + 1
      ${tooLarge(limit, "value", "total")}
      if #bytes - at < total then
        return nil, total - (#bytes - at)
      end
      if bytes:byte(at + total) ~= 0x2c then
        ${
    refusal(`"MARK_INVALID: expected a comma behind the body"`, false, "")
  }
      end
      local parts = {
        { "length", #digits, UInt64.new(value) },
        { "delimiter", 1 },
        { "body", value },
        { "terminator", 1 },
      }
      ${
    takeChecksums(
      checksums,
      "bytes:sub(at + #digits + 2, at + total - 1)",
      ["parts[3]"],
    )
  }
      return total, parts
    end
  `;
}
