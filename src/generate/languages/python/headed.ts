import { code } from "../../code.ts";
import type { Limit } from "../../plan.ts";
import {
  checkEnd,
  type FramingCode,
  slice,
  type Surroundings,
} from "./framing_code.ts";

/** The header of a framing whose headers say how long the body is. */
export interface HeaderCode {
  /**
   * Reads the header at the start of `buffer` and sets `length`, that of the body.
   * Returns `None` if it is incomplete.
   */
  readonly read: string;
  /** The index at which the body begins. */
  readonly bodyAt: string | number;
  /** How many bytes follow the body. */
  readonly trailerLength?: number;
  /** Raises an error unless the byte at the index is the right trailer. */
  readonly checkTrailer?: (index: string, offset: string) => string;
  /** Makes the frame of `body`; where it is absent, that is the frame. */
  readonly frame?: string;
  /** The limit of the body; `undefined` where nothing can exceed it. */
  readonly most: string | undefined;
}

/** The members of a decoder whose frames begin with a header. */
export function headed(
  header: HeaderCode,
  { skips: limitSkips }: Limit,
  { tracks }: Surroundings,
): Pick<FramingCode, "methods" | "finish" | "skips" | "state"> {
  const skips = limitSkips && header.most !== undefined;
  return {
    skips,
    state: skips
      ? "self._skip_end = 0  # where the frame that is passed over ends"
      : "",
    methods: `${skips ? skipping(header) : reading(header, tracks)}\n\n${
      checkEnd(
        skips
          ? "self._buffer or self._offset < self._skip_end"
          : "self._buffer",
        "a whole frame",
        skips,
      )
    }`,
    finish: "self._check_end()",
  };
}

function reading(header: HeaderCode, tracks: boolean): string {
  const { read, most } = header;
  return code`
    def _read(self) -> ${typeOf(header)} | None:
        buffer = self._buffer
        ${tracks && "self._frame_offset = self._offset"}
        ${read}
        ${
    most !== undefined && code`
          if length > ${most}:
              raise _too_large(${most}, f"{length} bytes", self._offset)
        `
  }
        ${taking(header, "self._offset")}
  `;
}

function skipping(header: HeaderCode): string {
  const { read, most, checkTrailer } = header;
  const end = endOf(header);
  return code`
    def _read(self) -> ${typeOf(header)} | None:
        buffer = self._buffer
        while True:
            left = self._skip_end - self._offset
            if left > len(buffer):
                self._drop(len(buffer))
                return None
            if left > 0:
                ${checkTrailer?.("left - 1", "self._frame_offset") ?? ""}
                self._drop(left)
            self._frame_offset = self._offset
            ${read}
            if length > ${most!}:
                self._skip_end = self._offset + ${end}
                self._skip(
                    _too_large(${most!}, f"{length} bytes", self._frame_offset)
                )
                continue  # the callback may have used the decoder
            ${taking(header, "self._frame_offset")}
  `;
}

function taking(header: HeaderCode, offset: string): string {
  const { bodyAt, trailerLength = 0, checkTrailer, frame } = header;
  const bodyEnd = trailerLength === 0 ? "end" : `end - ${trailerLength}`;
  const body = slice("buffer", bodyAt, bodyEnd);
  return code`
    end = ${endOf(header)}
    if len(buffer) < end:
        return None
    ${checkTrailer?.("end - 1", offset) ?? ""}
    ${frame === undefined ? "frame" : "body"} = bytes(${body})
    ${frame ?? ""}
    self._drop(end)
    return frame
  `;
}

function endOf({ bodyAt, trailerLength = 0 }: HeaderCode): string {
  const parts = [bodyAt, "length", trailerLength];
  return parts.filter((part) => part !== 0).join(" + ");
}

function typeOf({ frame }: HeaderCode): string {
  return frame === undefined ? "bytes" : "Frame";
}
