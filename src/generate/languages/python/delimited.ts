import { code } from "../../code.ts";
import type { DelimitedFraming, Limit } from "../../plan.ts";
import {
  checkEnd,
  frameError,
  type FramingCode,
  limitCode,
  slice,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { bytes } from "./literals.ts";
import { type Search, searchFor } from "./search.ts";

/** The code of frames that end with a delimiter. */
export function delimitedCode(
  framing: DelimitedFraming,
  limit: Limit,
  { tracks }: Surroundings,
): FramingCode {
  const { delimiters, truncated } = framing;
  const limits = limitCode(limit.maxFrameLength, limit.maxEncodedLength);
  const isByte = delimiters.length === 1 && delimiters[0]!.length === 1;
  const search = searchFor(
    isByte ? "DELIMITER" : "_DELIMITER",
    delimiters,
    true,
  );
  const { skips } = limit;
  return {
    imports: search.imports,
    constants: code`
      ${limits.constants}
      ${!isByte && `DELIMITER = ${bytes(delimiters[0]!)}`}
      ${search.constants}
    `,
    skips,
    state: code`
      self._searched = 0  # no delimiter begins before this index
      ${skips && "self._skipping = False  # up to the next delimiter"}
    `,
    drop: "self._searched = 0",
    methods: code`
      ${skips ? skipping(framing, search) : reading(framing, search, tracks)}

      ${
      truncated === "error"
        ? checkEnd(
          skips ? "self._buffer or self._skipping" : "self._buffer",
          "a delimiter",
          skips,
        )
        : ""
    }
      ${truncated === "emit" ? takeRest(tracks && !skips) : ""}
    `,
    finish: {
      error: "self._check_end()",
      emit: "frame = self._take_rest()",
      drop: "self.unread()",
    }[truncated],
    encode: encodeBody(framing, search, limits.encoded, isByte),
    functions: framing.skipEmpty
      ? `${tooLarge}\n\n\n${emptyLeftOut}`
      : tooLarge,
  };
}

function reading(
  framing: DelimitedFraming,
  search: Search,
  tracks: boolean,
): string {
  const { skipEmpty } = framing;
  const body = code`
    ${tracks && "self._frame_offset = self._offset"}
    ${search.find("self._searched", "match")}
    if self._searched > MAX_FRAME_LENGTH:
        raise _too_large(MAX_FRAME_LENGTH, "more", self._offset)
    if ${search.missing("match")}:
        return None
    ${
    skipEmpty && code`
      if self._searched == 0:
          self._drop(${search.end("match")})
          continue
    `
  }
    ${taking(framing, search)}
  `;
  return code`
    def _read(self) -> bytes | None:
        buffer = self._buffer
        ${
    skipEmpty
      ? code`
          while True:
              ${body}
        `
      : body
  }
  `;
}

function skipping(framing: DelimitedFraming, search: Search): string {
  const { skipEmpty } = framing;
  return code`
    def _read(self) -> bytes | None:
        buffer = self._buffer
        while True:
            ${search.find("self._searched", "match")}
            if not self._skipping:
                self._frame_offset = self._offset
                if self._searched > MAX_FRAME_LENGTH:
                    self._skipping = True
                    self._skip(_too_large(MAX_FRAME_LENGTH, "more", self._frame_offset))
                    continue  # the callback may have used the decoder
            if ${search.missing("match")}:
                if self._skipping:
                    self._drop(self._searched)
                return None
            if self._skipping${skipEmpty && " or self._searched == 0"}:
                self._skipping = False
                self._drop(${search.end("match")})
                continue
            ${taking(framing, search)}
  `;
}

function taking({ keepDelimiter }: DelimitedFraming, search: Search): string {
  const end = search.end("match");
  return code`
    frame = bytes(${slice("buffer", 0, keepDelimiter ? end : "self._searched")})
    self._drop(${end})
    return frame
  `;
}

function takeRest(tracks: boolean): string {
  return code`
    def _take_rest(self) -> bytes | None:
        """Return what is left at the end of the stream as the last frame."""
        ${tracks && "self._frame_offset = self._offset"}
        return self.unread() or None
  `;
}

function encodeBody(
  { keepDelimiter, skipEmpty }: DelimitedFraming,
  search: Search,
  most: string,
  isByte: boolean,
): string {
  const isEmpty = skipEmpty && code`
    if not frame:
        raise _left_out()
  `;
  const contains = frameError({
    code: "DELIMITER_IN_FRAME",
    reason: "The frame contains a delimiter",
    expected: "no delimiter before the end",
    got: "one at byte {index}",
  });
  if (keepDelimiter) {
    return encodeKept(isEmpty, skipEmpty, search, most, isByte);
  }
  return code`
    ${isEmpty}
    if len(frame) > ${most}:
        raise _too_large(${most}, f"{len(frame)} bytes")
    ${
    isByte
      ? code`
        index = frame.find(DELIMITER)
        if index >= 0:
            raise ${contains}
        return frame + DELIMITER
      `
      : code`
        output = frame + DELIMITER
        match = _DELIMITER.search(output)
        index = match.start() if match else len(output)
        if index < len(frame):
            raise ${contains}
        return output
      `
  }
  `;
}

/** Encodes a frame that includes its delimiter. */
function encodeKept(
  isEmpty: string | false,
  skipEmpty: boolean,
  search: Search,
  most: string,
  isByte: boolean,
): string {
  return code`
    ${isEmpty}
    ${
    isByte
      ? code`
        found = frame.find(DELIMITER)
        index = found if found >= 0 else len(frame)
        is_last = index == len(frame) - 1
      `
      : code`
        match = _DELIMITER.search(frame)
        index = match.start() if match else len(frame)
        is_last = ${search.found("match")} and match.end() == len(frame)
      `
  }
    ${
    skipEmpty && code`
      if index == 0 and is_last:
          raise _left_out()
    `
  }
    if index > ${most}:
        raise _too_large(${most}, f"{index} bytes")
    if not is_last:
        raise ${
    frameError({
      code: "DELIMITER_IN_FRAME",
      reason: "The frame does not end with its only delimiter",
      expected: "one delimiter, at the end",
      got: "{'none' if index == len(frame) else f'one at byte {index}'}",
    })
  }
    return bytes(frame)
  `;
}

const emptyLeftOut = code`
  def _left_out() -> FrameError:
      return ${
  frameError({
    code: "LENGTH_INVALID",
    reason: "The frame is empty, and its decoder leaves empty frames out",
    expected: "1 byte or more",
    got: "0 bytes",
  })
}
`;
