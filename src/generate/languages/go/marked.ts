import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { tooLarge } from "./limits.ts";
import { encodeMarked, findMark, isBytes, marks } from "./marks.ts";
import type { Field, Frames, FramingCode } from "./parts.ts";
import { separatorFunction, separators } from "./separators.ts";
import {
  bytesOf,
  compact,
  comparable,
  goString,
  hexByte,
  plus,
} from "./syntax.ts";

/** Frames between a start mark and an end mark. */
export function markedCode(
  framing: MarkedFraming,
  frames: Frames,
): FramingCode {
  const { start, end, trailerLength } = framing;
  const trailer = trailerLength === 0
    ? ""
    : ` | ${bytesOf(trailerLength)} (of the frame)`;
  return {
    picture: `${goString(start)} | frame | ${goString(end)}${trailer}`,
    declarations: marks(framing),
    fields: fields(framing, frames),
    onDrop: "d.searched = 0",
    next: next(framing, frames),
    helpers: code`
      ${findMark(framing)}

      ${separatorFunction(framing)}
    `,
    encode: encodeMarked(framing, frames),
  };
}

function fields(framing: MarkedFraming, frames: Frames): Field[] {
  const fields: Field[] = [
    [
      "searched",
      "int",
      "from where the end is searched; 0 without a start mark",
    ],
  ];
  if (reportsNoise(framing)) {
    fields.push([
      "noise",
      "bool",
      "whether bytes before a start mark were dropped",
    ]);
  }
  if (frames.plan.limit.skips) {
    fields.push(["skipping", "bool", "whether the frame is oversized"]);
  }
  return fields;
}

/** Whether bytes between frames are passed over with a report. */
function reportsNoise({ between, skipsInvalid }: MarkedFraming): boolean {
  return between !== "skip" && skipsInvalid;
}

function mayLoop(framing: MarkedFraming, { plan }: Frames): boolean {
  return plan.limit.skips || framing.restart && framing.skipsInvalid ||
    typeof framing.between === "object";
}

function next(framing: MarkedFraming, frames: Frames): string {
  const { skips } = frames.plan.limit;
  const body = code`
    in := d.buf[d.start:]
    if ${skips && "!d.skipping && "}d.searched == 0 {
      ${findStart(framing, frames)}
      d.searched = ${framing.start.length}
    }
    ${findEnd(framing, frames)}
  `;
  return mayLoop(framing, frames)
    ? code`
      for {
        ${body}
      }
    `
    : body;
}

/** Finds the start mark, or returns. */
function findStart(framing: MarkedFraming, frames: Frames): string {
  const { start, between } = framing;
  const expected = Array.from(start, hexByte).join(" ");
  const wait = frames.no('d.wait("a start mark")');
  const noStart =
    `"the frame does not begin with its start mark: expected ${expected}`;
  const refuse = frames.no(
    `d.fail(CodeMarkInvalid,\n  ${noStart}, got %02x", in[0])`,
  );
  const track = frames.isTracked ? "d.frameAt = d.offset" : "";
  if (between === "skip") {
    return code`
      at, found := findMark(in, 0, startMark)
      d.drop(at) // What stands between the frames.
      ${track}
      if !found {
        ${frames.no("nil")}
      }
      in = in[at:]
    `;
  }
  if (reportsNoise(framing)) return findBehindNoise(framing, frames, noStart);
  const atStart = isBytes(framing)
    ? code`
      if len(in) == 0 {
        ${frames.no("nil")}
      }
      ${separators(framing, frames, "in[0] != startMark")}
      if in[0] != startMark {
        ${refuse}
      }
    `
    : code`
      if !bytes.HasPrefix(in, startMark) {
        if bytes.HasPrefix(startMark, in) {
          ${wait}
        }
        ${separators(framing, frames)}
        ${refuse}
      }
    `;
  return code`
    ${track}
    ${atStart}
  `;
}

/** The same where what stands before it is passed over, with one report. */
function findBehindNoise(
  framing: MarkedFraming,
  frames: Frames,
  noStart: string,
): string {
  return code`
    if !d.noise {
      d.frameAt = d.offset
    }
    at, found := findMark(in, 0, startMark)
    ${separators(framing, frames, "at > 0 && !d.noise")}
    if at > 0 {
      d.noise = true
      d.drop(at)
      in = in[at:]
    }
    if d.noise && (found || d.ended) {
      d.noise = false
      d.report(CodeMarkInvalid,
        ${noStart}, got other bytes")
      ${
    framing.start.length > 1 && code`
      if !found {
        d.drop(len(in)) // It became no start mark.
      }
    `
  }
      d.frameAt = d.offset
    }
    if !found {
      ${frames.no(framing.start.length > 1 ? 'd.wait("a start mark")' : "nil")}
    }
  `;
}

/** Finds the end of the frame and takes the frame, or returns. */
function findEnd(framing: MarkedFraming, frames: Frames): string {
  const { start, end, trailerLength, restart } = framing;
  const { skips, maxFrameLength } = frames.plan.limit;
  const error = tooLarge("MaxFrameLength");
  const more = trailerLength - start.length;
  const total = end.length + trailerLength;
  const length = compact(plus("end", more));
  const tooLong = `${comparable(length, maxFrameLength)} > MaxFrameLength`;
  return code`
    end, found := findMark(in, d.searched, endMark)
    ${
    restart && code`
      before := in // Where a start mark breaks the frame off.
      if found {
        before = in[:${compact(plus("end", end.length - 1))}]
      }
      again, broken := findMark(before, d.searched, startMark)
      if broken || !found && again < end {
        end = again
      }
    `
  }
    d.searched = end
    if ${skips && "!d.skipping && "}${tooLong} {
      ${
    skips
      ? code`
        d.skipping = true
        d.report(${error})
      `
      : frames.no(`d.fail(${error})`)
  }
    }
    ${restart && breakOff(framing, frames)}
    if !found${trailerLength > 0 ? ` || len(in) < end+${total}` : ""} {
      ${
    skips && code`
      if d.skipping {
        d.drop(end)
      }
    `
  }
      ${frames.no('d.wait("an end mark")')}
    }
    ${skips ? takeUnlessSkipping(framing, frames) : take(framing, frames)}
  `;
}

function breakOff(framing: MarkedFraming, frames: Frames): string {
  const { skipsInvalid } = framing;
  const { skips } = frames.plan.limit;
  const error = code`
    CodeMarkInvalid,
      "the frame is broken off: expected an end mark, got a start mark after %d bytes", end
  `;
  const dropped = code`
    d.drop(end)
    continue
  `;
  const fail = frames.no(`d.fail(${error})`);
  if (!skips) {
    return code`
      if broken {
        ${skipsInvalid ? `d.report(${error})\n${dropped}` : fail}
      }
    `;
  }
  return code`
    if broken {
      if !d.skipping {
        ${skipsInvalid ? `d.report(${error})` : fail}
      }
      d.skipping = false
      ${dropped}
    }
  `;
}

function take(
  { start, end, trailerLength }: MarkedFraming,
  frames: Frames,
): string {
  const from = start.length;
  if (trailerLength === 0) {
    return code`
      frame := ${frames.from(`in[${from}:end]`)}
      d.drop(end + ${end.length})
      return frame, true, nil
    `;
  }
  const behind = end.length;
  const total = behind + trailerLength;
  return code`
    frame := append([]byte{}, in[${from}:end]...)
    frame = append(frame, in[end+${behind}:end+${total}]...)
    d.drop(end + ${total})
    return ${frames.own("frame")}, true, nil
  `;
}

function takeUnlessSkipping(framing: MarkedFraming, frames: Frames): string {
  const total = framing.end.length + framing.trailerLength;
  return code`
    if !d.skipping {
      ${take(framing, frames)}
    }
    d.skipping = false
    d.drop(end + ${total})
  `;
}
