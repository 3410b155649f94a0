import { hexOf } from "../../../codec/bytes/hex.ts";
import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { frameError, slice } from "./framing_code.ts";
import type { PatternSearch, Search } from "./search.ts";

/** What the code of a format with marks is made of. */
export interface MarkedParts {
  readonly framing: MarkedFraming;
  /** Whether oversized frames are passed over. */
  readonly skipsLarge: boolean;
  /** Whether nothing is passed over: then each frame begins where the last one ended. */
  readonly isSimple: boolean;
  /** Whether `_frame_offset` must hold the offset at which the frame began. */
  readonly tracks: boolean;
  readonly starts: Search;
  readonly ends: Search;
  /** What may stand between frames, where that is a list. */
  readonly separators: PatternSearch | undefined;
  /** Whether bytes between frames are passed over with a report. */
  readonly reportsNoise: boolean;
}

/** The method that reads a frame. */
export function reader(parts: MarkedParts): string {
  const { framing, skipsLarge, isSimple, tracks, ends } = parts;
  const { restart, skipsInvalid, trailerLength } = framing;
  const loops = skipsLarge || restart && skipsInvalid;
  const offset = skipsLarge ? "self._frame_offset" : "self._offset";
  const isTooLarge = skipsLarge
    ? code`
      if not self._skipping and length > MAX_FRAME_LENGTH:
          self._skipping = True
          self._skip(_too_large(MAX_FRAME_LENGTH, "more", self._frame_offset))
          continue  # the callback may have used the decoder
    `
    : code`
      if length > MAX_FRAME_LENGTH:
          raise _too_large(MAX_FRAME_LENGTH, "more", ${offset})
    `;
  const contentEnd = restart ? "content_end" : "self._end_at";
  const trailer = trailerLength > 0 ? " + TRAILER_LENGTH" : "";
  const hasEnd = restart ? "not is_end" : ends.missing("end");
  const end = "self._end_at + len(END)";
  const frameEnd = `${end}${trailer}`;
  const body = code`
    ${ends.find("self._end_at", "end")}
    ${restart && restarting(parts)}
    length = ${contentEnd} - len(START)${trailer}
    ${isTooLarge}
    ${restart && breakingOff(parts, offset)}
    ${
    trailerLength === 0
      ? code`
        if ${hasEnd}:
            ${
        skipsLarge && code`
              if self._skipping:
                  self._drop(${contentEnd})
            `
      }
            return None
      `
      : code`
        if ${hasEnd} or len(buffer) < ${frameEnd}:
            ${
        skipsLarge && code`
              if self._skipping:
                  self._drop(${contentEnd})
            `
      }
            return None
      `
  }
    ${trailerLength > 0 ? `frame_end = ${frameEnd}` : ""}
    ${
    skipsLarge && code`
      if self._skipping:
          self._skipping = False
          self._drop(${trailerLength > 0 ? "frame_end" : end})
          continue
    `
  }
    frame = bytes(${slice("buffer", "len(START)", contentEnd)})
    ${trailerLength > 0 && `frame += ${slice("buffer", end, "frame_end")}`}
    self._drop(${trailerLength > 0 ? "frame_end" : end})
    return frame
  `;
  const condition = skipsLarge
    ? "self._skipping or self._find_start()"
    : "self._find_start()";
  return code`
    def _read(self) -> bytes | None:
        buffer = self._buffer
        ${isSimple && tracks && "self._frame_offset = self._offset"}
        ${
    loops
      ? code`
        while ${condition}:
            ${body}
        return None
      `
      : code`
        if not self._find_start():
            return None
        ${body}
      `
  }
  `;
}

/** Finds out which mark is complete first. */
function restarting({ starts, ends }: MarkedParts): string {
  return code`
    ${starts.find("self._start_at", "start")}
    # The mark that is complete first counts.
    is_end = ${ends.found("end")}
    is_start = ${starts.found("start")}
    if is_end and is_start:
        is_start = self._start_at + len(START) < self._end_at + len(END)
        is_end = not is_start
    if is_end or is_start:
        content_end = self._end_at if is_end else self._start_at
    else:
        content_end = min(self._start_at, self._end_at)
  `;
}

function breakingOff(
  { framing: { skipsInvalid }, skipsLarge }: MarkedParts,
  offset: string,
): string {
  const error = frameError({
    code: "MARK_INVALID",
    reason: "The frame is broken off",
    expected: "an end mark",
    got: "a start mark after {content_end} bytes",
    offset,
  });
  if (!skipsInvalid) {
    return code`
      if is_start:
          ${
      skipsLarge
        ? code`
          if not self._skipping:
              raise ${error}
          self._skipping = False
          self._drop(content_end)
          continue
        `
        : `raise ${error}`
    }
    `;
  }
  return code`
    if is_start:
        error = ${error}
        ${skipsLarge && "was_skipping, self._skipping = self._skipping, False"}
        self._drop(content_end)
        ${
    skipsLarge
      ? code`
        if not was_skipping:
            self._skip(error)
      `
      : "self._skip(error)"
  }
        continue
  `;
}

/** The method that finds the start mark where nothing may stand before it. */
export function simpleStart({ start }: MarkedFraming): string {
  return code`
    def _find_start(self) -> bool:
        """Return whether the start mark has arrived."""
        if not self._buffer.startswith(START[: len(self._buffer)]):
            raise ${noStart(start)}
        return len(self._buffer) >= len(START)
  `;
}

/** The method that finds the next start mark, and passes over what is before it. */
export function startFinder(parts: MarkedParts): string {
  const { framing, tracks, starts, separators, reportsNoise } = parts;
  const { start, between, restart } = framing;
  const isPassedOver = reportsNoise
    ? code`
      if self._noise is None:
          self._noise = ${noStart(start)}
    `
    : between !== "skip" && `raise ${noStart(start)}`;
  const separated = separators !== undefined && code`
    ${separators.match("between")}
    if between is not None:
        ${
    separators.hasParts && code`
      if between.lastgroup:
          return False
    `
  }
        self._drop(between.end())
        continue
  `;
  return code`
    def _find_start(self) -> bool:
        """Return whether the start mark has arrived; pass over what is before it."""
        buffer = self._buffer
        while not self._started:
            ${tracks && "self._frame_offset = self._offset"}
            ${starts.find("self._start_at", "start")}
            if self._start_at > 0:
                ${
    reportsNoise && separated !== false
      ? code`
      if self._noise is None:
          ${separated}
    `
      : separated
  }
                ${isPassedOver}
                ${
    (reportsNoise || between === "skip") && code`
      self._drop(self._start_at)
      ${tracks && "self._frame_offset = self._offset"}
    `
  }
            if ${starts.missing("start")}:
                return False
            self._started = True
            self._end_at = max(self._end_at, len(START))
            ${restart && "self._start_at = len(START)"}
            ${reportsNoise && "self._report_noise()"}
        return True

    ${
    reportsNoise && code`
      def _report_noise(self) -> None:
          noise, self._noise = self._noise, None
          if noise is not None:
              self._skip(noise)
    `
  }
  `;
}

/** The error of bytes that do not begin with a start mark. */
function noStart(start: Uint8Array): string {
  return frameError({
    code: "MARK_INVALID",
    reason: "The frame does not begin with its start mark",
    expected: hexOf(start),
    got: "{self._buffer[0]:02x}",
    offset: "self._offset",
  });
}
