import { code } from "../../code.ts";
import type { Plan, PlannedChecksum } from "../../plan.ts";

const TAKE_CHECKSUM = code`
  -- Splits "count" bytes off the end of those parts that the checksums stand in.
  local function take_checksum(parts, count)
    for i = #parts, 1, -1 do
      local part = parts[i]
      if part.is_content and count > 0 then
        local taken = math.min(count, part[2])
        part[2] = part[2] - taken
        count = count - taken
        table.insert(parts, i + 1, { "checksum", taken })
      end
    end
  end
`;

/** The functions that compute and check the checksums of a plan. */
export function checksums({ checksums, framing }: Plan): string {
  if (checksums.length === 0) return "";
  const isStuffed = framing.kind === "cobs" || framing.kind === "stuffed";
  const names = new Map(checksums.map((one) => [one.name, one]));
  const checks = checksums.map(({ name, length }) =>
    code`
      if #content < ${length} or ${name}(content:sub(1, -${
      length + 1
    })) ~= content:sub(-${length}) then
        return "CHECKSUM_MISMATCH: the ${name} is wrong", content
      end
      content = content:sub(1, -${length + 1})
    `
  );
  return code`
    ${[...names.values()].map(sumFunction).join("\n\n")}

    -- Tells what is wrong with the checksums at the end of the content, and returns what
    -- is before them.
    local function check(content)
      ${checks.join("\n")}
      return nil, content
    end

    ${!isStuffed && TAKE_CHECKSUM}
  `;
}

function sumFunction({ name, sum }: PlannedChecksum): string {
  if (typeof sum === "string") {
    const step = {
      xor: "bit.bxor(value, bytes:byte(i))",
      add: "(value + bytes:byte(i)) % 256",
      subtract: "(value - bytes:byte(i)) % 256",
    }[sum];
    return code`
      local function ${name}(bytes)
        local value = 0
        for i = 1, #bytes do
          value = ${step}
        end
        return string.char(value)
      end
    `;
  }
  const { width, polynomial, initial, reflected, xorOut, endian } = sum;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const step = reflected
    ? code`
      value = bit.bxor(value, bytes:byte(i))
      for _ = 1, 8 do
        local carry = bit.band(value, 1) == 1
        value = bit.rshift(value, 1)
        if carry then
          value = bit.bxor(value, ${hex(mirrored(polynomial, width))})
        end
      end
    `
    : code`
      value = bit.bxor(value, bit.lshift(bytes:byte(i), ${width - 8}))
      for _ = 1, 8 do
        local carry = bit.band(value, ${hex(2 ** (width - 1))}) ~= 0
        value = bit.band(bit.lshift(value, 1), ${hex(2 ** width - 1)})
        if carry then
          value = bit.bxor(value, ${hex(polynomial)})
        end
      end
    `;
  const shifts = Array.from({ length: width / 8 }, (_, i) => 8 * i);
  if (endian === "big") shifts.reverse();
  const bytes = shifts.map((shift) =>
    `bit.band(bit.rshift(value, ${shift}), 0xff)`
  );
  return code`
    local function ${name}(bytes)
      local value = ${hex(reflected ? mirrored(initial, width) : initial)}
      for i = 1, #bytes do
        ${step}
      end
      ${xorOut !== 0 && `value = bit.bxor(value, ${hex(xorOut)})`}
      return string.char(${bytes.join(", ")})
    end
  `;
}

/** A number with its bits in the opposite order. */
function mirrored(value: number, width: number): number {
  const bits = value.toString(2).padStart(width, "0");
  return Number.parseInt([...bits].reverse().join(""), 2);
}
