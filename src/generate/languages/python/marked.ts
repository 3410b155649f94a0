import { code } from "../../code.ts";
import type { Limit, MarkedFraming } from "../../plan.ts";
import {
  checkEnd,
  frameError,
  type FramingCode,
  limitCode,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { bytes, int } from "./literals.ts";
import {
  type MarkedParts,
  reader,
  simpleStart,
  startFinder,
} from "./marked_reader.ts";
import { searchFor, searchForMarks } from "./search.ts";

/** The code of frames between marks. */
export function markedCode(
  framing: MarkedFraming,
  limit: Limit,
  { tracks }: Surroundings,
): FramingCode {
  const { start, end, between, restart, trailerLength, skipsInvalid } = framing;
  const limits = limitCode(limit.maxFrameLength, limit.maxEncodedLength);
  const skips = limit.skips || skipsInvalid;
  const parts: MarkedParts = {
    framing,
    skipsLarge: limit.skips,
    isSimple: between === "error" && !skipsInvalid && !limit.skips,
    tracks: tracks || skips,
    starts: searchFor(start.length > 1 ? "_START" : "START", [start], false),
    ends: searchFor(end.length > 1 ? "_END" : "END", [end], false),
    separators: typeof between === "string"
      ? undefined
      : searchForMarks("_BETWEEN", between, true),
    reportsNoise: between !== "skip" && skipsInvalid,
  };
  const { starts, ends, separators, isSimple, reportsNoise } = parts;
  // Where nothing is passed over, the buffer always begins with a start mark.
  const behindStart = isSimple ? "len(START)" : 0;
  const searchesStart = !isSimple || restart;
  return {
    imports: [
      ...searchesStart ? starts.imports : [],
      ...ends.imports,
      ...separators?.imports ?? [],
    ],
    constants: code`
      ${limits.constants}
      START = ${bytes(start)}
      END = ${bytes(end)}
      ${trailerLength > 0 && `TRAILER_LENGTH = ${int(trailerLength)}`}
      ${searchesStart && start.length > 1 && starts.constants}
      ${end.length > 1 && ends.constants}
      ${separators?.constants ?? ""}
    `,
    skips,
    state: code`
      ${
      !isSimple && "self._started = False  # whether the buffer begins a frame"
    }
      # No such mark begins before this index: it has been searched.
      ${(restart || !isSimple) && `self._start_at = ${behindStart}`}
      self._end_at = ${behindStart}
      ${limit.skips && "self._skipping = False  # up to the end of the frame"}
      ${
      reportsNoise &&
      "self._noise: FrameError | None = None  # between two frames"
    }
    `,
    drop: code`
      ${
      isSimple
        ? code`
          ${restart && `self._start_at = ${behindStart}`}
          self._end_at = ${behindStart}
        `
        : code`
          self._started = False
          self._start_at = max(0, self._start_at - count)
          self._end_at = max(0, self._end_at - count)
        `
    }
    `,
    methods: [
      reader(parts),
      isSimple ? simpleStart(framing) : startFinder(parts),
      ending(parts, skips),
    ].join("\n\n"),
    finish: "self._check_end()",
    encode: encodeBody(framing, limits.encoded),
    functions: tooLarge,
  };
}

function ending(
  { framing, skipsLarge, reportsNoise }: MarkedParts,
  skips: boolean,
): string {
  const between = `not self._started${
    skipsLarge ? " and not self._skipping" : ""
  }`;
  const passedOver = framing.between === "skip"
    ? code`
      if ${between}:
          self._drop(len(self._buffer))
          return
    `
    : reportsNoise && code`
      if self._noise is not None and ${between}:
          # What is left may be the beginning of a start mark: it became none.
          self._drop(len(self._buffer))
          self._report_noise()
          return
    `;
  return checkEnd(
    skipsLarge ? "self._buffer or self._skipping" : "self._buffer",
    "a whole frame",
    skips,
    passedOver || "",
  );
}

function encodeBody(
  { restart, trailerLength }: MarkedFraming,
  most: string,
): string {
  const content = trailerLength > 0 ? "content" : "frame";
  const contains = frameError({
    code: "DELIMITER_IN_FRAME",
    reason: "The frame contains a mark of its format",
    expected: "no mark before the end",
    got: `one at byte {index - len(START)}`,
  });
  return code`
    if len(frame) > ${most}:
        raise _too_large(${most}, f"{len(frame)} bytes")
    ${
    trailerLength > 0 && code`
      if len(frame) < TRAILER_LENGTH:
          raise ${
      frameError({
        code: "LENGTH_INVALID",
        reason: "The frame is shorter than its trailer",
        expected: "at least {TRAILER_LENGTH} bytes",
        got: "{len(frame)} bytes",
      })
    }
      content, trailer = frame[:-TRAILER_LENGTH], frame[-TRAILER_LENGTH:]
    `
  }
    output = START + ${content} + END
    ${
    restart
      ? code`
        for mark in (START, END):
            index = output.find(mark, len(START), -1)
            if index >= 0:
                raise ${contains}
      `
      : code`
        index = output.find(END, len(START), -1)
        if index >= 0:
            raise ${contains}
      `
  }
    return output${trailerLength > 0 && " + trailer"}
  `;
}
