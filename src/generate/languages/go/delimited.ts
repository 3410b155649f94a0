import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import {
  delimiterList,
  findFunction,
  type Search,
  searchOf,
} from "./delimiters.ts";
import { encodeLimit, tooLarge } from "./limits.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { comparable, goByte, goString } from "./syntax.ts";

/** Delimiters between the frames. */
export function delimitedCode(
  framing: DelimitedFraming,
  frames: Frames,
): FramingCode {
  const { delimiters, keepDelimiter } = framing;
  const search = searchOf(framing);
  const written = delimiters.map(goString).join(" or ");
  return {
    picture: keepDelimiter ? `frame = bytes, ${written}` : `frame | ${written}`,
    declarations: delimiterList(framing, search),
    fields: [
      ["searched", "int", "how many unread bytes have no delimiter"],
      ...(frames.plan.limit.skips
        ? [["skipping", "bool", "whether the frame is oversized"] as const]
        : []),
    ],
    onDrop: "d.searched = 0",
    next: next(framing, frames, search),
    helpers: findFunction(framing, search),
    encode: encode(framing, frames, search),
  };
}

/** The body of the function that returns the next frame. */
function next(
  framing: DelimitedFraming,
  frames: Frames,
  search: Search,
): string {
  const { keepDelimiter, skipEmpty } = framing;
  const { plan, isTracked } = frames;
  const { skips, maxFrameLength } = plan.limit;
  const isTooLong = `${comparable("end", maxFrameLength)} > MaxFrameLength`;
  const call = search === "byte"
    ? "find(in, d.searched)"
    : "find(in, d.searched, d.ended)";
  const take = code`
    frame := ${frames.from(keepDelimiter ? "in[:end+n]" : "in[:end]")}
    d.drop(end + n)
    return frame, true, nil
  `;
  if (!skips) {
    const body = code`
      ${isTracked && "d.frameAt = d.offset"}
      in := d.buf[d.start:]
      end, n := ${call}
      d.searched = end
      if ${isTooLong} {
        ${frames.no(`d.fail(${tooLarge("MaxFrameLength")})`)}
      }
      if n == 0 {
        ${rest(framing, frames)}
      }
    `;
    return skipEmpty
      ? code`
        for {
          ${body}
          if end > 0 {
            ${take}
          }
          d.drop(n)
        }
      `
      : code`
        ${body}
        ${take}
      `;
  }
  return code`
    for {
      if !d.skipping {
        d.frameAt = d.offset
      }
      in := d.buf[d.start:]
      end, n := ${call}
      d.searched = end
      if !d.skipping && ${isTooLong} {
        d.skipping = true
        d.report(${tooLarge("MaxFrameLength")})
      }
      if n == 0 && d.skipping {
        d.drop(end)
        ${
    frames.no(
      framing.truncated === "error" ? 'd.wait("a delimiter")' : "nil",
    )
  }
      }
      if n == 0 {
        ${rest(framing, frames)}
      }
      if !d.skipping${skipEmpty ? " && end > 0" : ""} {
        ${take}
      }
      d.skipping = false
      d.drop(end + n)
    }
  `;
}

/** What happens while the delimiter has not arrived. */
function rest({ truncated }: DelimitedFraming, frames: Frames): string {
  switch (truncated) {
    case "error":
      return frames.no('d.wait("a delimiter")');
    case "drop":
      return code`
        if d.ended {
          d.drop(len(in)) // The stream was cut off.
        }
        ${frames.no("nil")}
      `;
    case "emit":
      return code`
        if !d.ended || len(in) == 0 {
          ${frames.no("nil")}
        }
        frame := ${frames.from("in")}
        d.drop(len(in))
        return frame, true, nil
      `;
  }
}

const EMPTY = code`
  return nil, refuse(CodeLengthInvalid,
    "the frame is empty, and its decoder leaves empty frames out: expected 1 byte or more, got 0 bytes")
`;

function encode(
  framing: DelimitedFraming,
  frames: Frames,
  search: Search,
): string {
  return code`
    ${
    framing.skipEmpty && code`
      if len(frame) == 0 {
        ${EMPTY}
      }
    `
  }
    ${
    framing.keepDelimiter
      ? encodeKept(framing, frames, search)
      : encodeBare(framing, frames, search)
  }
  `;
}

/** Writes a frame that includes its delimiter. */
function encodeKept(
  { skipEmpty }: DelimitedFraming,
  frames: Frames,
  search: Search,
): string {
  return code`
    end, n := ${search === "byte" ? "find(frame, 0)" : "find(frame, 0, false)"}
    ${
    skipEmpty && code`
      if end == 0 && n == len(frame) {
        ${EMPTY}
      }
    `
  }
    ${encodeLimit(frames, "end")}
    if n == 0 || end+n != len(frame) {
      return nil, refuse(CodeDelimiterInFrame,
        "the frame does not end with its only delimiter: expected one delimiter, at the end")
    }
    return append([]byte{}, frame...), nil
  `;
}

/** Writes a frame and a delimiter. */
function encodeBare(
  { delimiters }: DelimitedFraming,
  frames: Frames,
  search: Search,
): string {
  const first = delimiters[0]!;
  const written = first.length === 1
    ? `append(${frames.room}, ${goByte(first[0]!)})`
    : `append(${frames.room}, ${goString(first)}...)`;
  if (search === "several" || search === "bytes") {
    return code`
      ${encodeLimit(frames)}
      out := ${written}
      // What a decoder will see: a delimiter may begin in the frame.
      if end, n := find(out, 0, false); end != len(frame) || n != ${first.length} {
        ${contains("end")}
      }
      return out, nil
    `;
  }
  // A carriage return before a line feed would be a part of the line end.
  const isLineFeed = search === "lines" && first.length === 1;
  return code`
    ${encodeLimit(frames)}
    if i := bytes.IndexByte(frame, ${goByte(first.at(-1)!)}); i >= 0 {
      ${contains("i")}
    }
    ${
    isLineFeed && code`
      if bytes.HasSuffix(frame, []byte("\r")) {
        ${contains("len(frame)-1")}
      }
    `
  }
    return ${written}, nil
  `;
}

function contains(index: string): string {
  return code`
    return nil, refuse(CodeDelimiterInFrame,
      "the frame contains a delimiter: expected no delimiter before the end, got one at byte %d", ${index})
  `;
}
