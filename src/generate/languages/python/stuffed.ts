import { code } from "../../code.ts";
import type { CobsFraming, Limit, StuffedFraming } from "../../plan.ts";
import {
  checkEnd,
  frameError,
  type FramingCode,
  limitCode,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { bytes, pattern } from "./literals.ts";

/** The code of frames whose zeros are taken out. */
export function cobsCode(
  { skipsInvalid }: CobsFraming,
  limit: Limit,
  surroundings: Surroundings,
): FramingCode {
  const { maxFrameLength, maxEncodedLength } = limit;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  return {
    constants: code`
      ${limits.constants}
      # One byte for each full block, one for the last, and one that may be extra.
      MAX_STUFFED_LENGTH = MAX_FRAME_LENGTH + MAX_FRAME_LENGTH // 254 + 1
      END = b"\0"
    `,
    ...decoding(
      { skipsInvalid, invalid: "a block that goes beyond the frame" },
      limit,
      surroundings,
    ),
    encode: code`
      if len(frame) > ${limits.encoded}:
          raise _too_large(${limits.encoded}, f"{len(frame)} bytes")
      output = bytearray()
      start = 0
      while True:
          zero = frame.find(b"\0", start)
          end = zero if zero >= 0 else len(frame)
          while end - start > 254:
              output += b"\xff" + frame[start : start + 254]
              start += 254
          output.append(end - start + 1)
          output += frame[start:end]
          if zero < 0:
              return bytes(output) + END
          if end - start == 254:
              # No zero follows a full block: the zero is a block of its own.
              output.append(1)
          start = end + 1
    `,
    functions: `${unstuffBlocks}\n\n\n${tooLarge}`,
  };
}

const unstuffBlocks = code`
  def _unstuff(data: bytes) -> bytes | None:
      """Put the zeros back; return None if the last block is cut off."""
      frame = bytearray()
      start = 0
      while start < len(data):
          end = start + data[start]
          if end > len(data):
              return None
          frame += data[start + 1 : end]
          if data[start] < 0xFF and end < len(data):
              frame.append(0)
          start = end
      return bytes(frame)
`;

/** The code of frames with an escape byte. */
export function stuffedCode(
  framing: StuffedFraming,
  limit: Limit,
  surroundings: Surroundings,
): FramingCode {
  const { end, escape, written, endFirst } = framing;
  const limits = limitCode(limit.maxFrameLength, limit.maxEncodedLength);
  const escaped = written.map(([byte]) => pattern([byte])).join("");
  const replacements = written.map(([byte, by]) =>
    `${bytes([byte])}: ${bytes([escape, by])}`
  );
  return {
    imports: ["re"],
    constants: code`
      ${limits.constants}
      MAX_STUFFED_LENGTH = 2 * MAX_FRAME_LENGTH
      END = ${bytes([end])}

      _TO_ESCAPE = re.compile(rb"[${escaped}]")
      _ESCAPES = {${dict(replacements)}}
      _ESCAPED = re.compile(rb"${pattern([escape])}(.?)", re.DOTALL)
      ${standsFor(framing)}
    `,
    ...decoding(
      {
        skipsInvalid: framing.skipsInvalid,
        invalid: "an escape followed by another byte",
      },
      limit,
      surroundings,
    ),
    encode: code`
      if len(frame) > ${limits.encoded}:
          raise _too_large(${limits.encoded}, f"{len(frame)} bytes")
      if not frame:
          raise ${
      frameError({
        code: "LENGTH_INVALID",
        reason: "An empty frame would be passed over",
        expected: "at least 1 byte",
        got: "0 bytes",
      })
    }
      return ${
      endFirst && "END + "
    }_TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], frame) + END
    `,
    functions: `${unstuffEscapes}\n\n\n${tooLarge}`,
  };
}

/** The dictionary of what the bytes behind an escape stand for. */
function standsFor(
  { written, xor, keepsUnknown }: StuffedFraming,
): string {
  const all = "bytes([code]): bytes([code";
  if (xor !== undefined) {
    return `_STANDS_FOR = {${all} ^ 0x${
      xor.toString(16).toUpperCase().padStart(2, "0")
    }]) for code in range(256)}`;
  }
  const entries = written.map(([byte, by]) =>
    `${bytes([by])}: ${bytes([byte])}`
  );
  if (!keepsUnknown) return `_STANDS_FOR = {${dict(entries)}}`;
  return code`
    _STANDS_FOR = {${all}]) for code in range(256)}
    _STANDS_FOR.update({${dict(entries)}})
  `;
}

/** The entries of a dictionary, on a line of their own each where they are many. */
function dict(entries: readonly string[]): string {
  return entries.length > 3
    ? `\n    ${entries.join(",\n    ")},\n`
    : entries.join(", ");
}

const unstuffEscapes = code`
  def _unstuff(data: bytes) -> bytes | None:
      """Return what was escaped; None if an escape stands for nothing."""
      try:
          return _ESCAPED.sub(lambda match: _STANDS_FOR[match[1]], data)
      except KeyError:
          return None
`;

/** The members of a decoder of frames that end with a byte which is not in them. */
function decoding(
  { skipsInvalid, invalid }: { skipsInvalid: boolean; invalid: string },
  limit: Limit,
  { tracks }: Surroundings,
): Pick<FramingCode, "methods" | "finish" | "skips" | "state" | "drop"> {
  const skipsLarge = limit.skips;
  const skips = skipsLarge || skipsInvalid;
  const isKept = skips || tracks;
  const offset = isKept ? "self._frame_offset" : "offset";
  const refused = (error: string, isSkipped: boolean) =>
    isSkipped
      ? code`
        ${
        error.includes("\n")
          ? `self._skip(\n    ${error.replaceAll("\n", "\n    ")}\n)`
          : `self._skip(${error})`
      }
        continue
      `
      : `raise ${error}`;
  const tooLong = (subject: string) =>
    `_too_large(MAX_FRAME_LENGTH, ${subject}, ${offset})`;
  return {
    skips,
    state: code`
      self._searched = 0  # the end of a frame is not before this index
      ${skipsLarge && "self._skipping = False  # up to the end of the frame"}
    `,
    drop: "self._searched = 0",
    methods: code`
      def _read(self) -> bytes | None:
          buffer = self._buffer
          while True:
              end = buffer.find(END, self._searched)
              self._searched = end if end >= 0 else len(buffer)
              ${
      skipsLarge
        ? code`
          if not self._skipping:
              self._frame_offset = self._offset
              if self._searched > MAX_STUFFED_LENGTH:
                  self._skipping = True
                  self._skip(${tooLong('"more"')})
                  continue  # the callback may have used the decoder
          if end < 0:
              if self._skipping:
                  self._drop(self._searched)
              return None
          data = b"" if self._skipping else bytes(buffer[:end])
          self._skipping = False
        `
        : code`
          ${offset} = self._offset
          if self._searched > MAX_STUFFED_LENGTH:
              raise ${tooLong('"more"')}
          if end < 0:
              return None
          data = bytes(buffer[:end])
        `
    }
              self._drop(end + 1)
              if not data:
                  continue
              frame = _unstuff(data)
              if frame is None:
                  ${
      refused(
        frameError({
          code: "MARK_INVALID",
          reason: "The frame is not stuffed as its format says",
          expected: "what its encoder would write",
          got: invalid,
          offset,
        }),
        skipsInvalid,
      )
    }
              if len(frame) > MAX_FRAME_LENGTH:
                  ${refused(tooLong('"more"'), skipsLarge)}
              return frame

      ${
      checkEnd(
        skipsLarge ? "self._buffer or self._skipping" : "self._buffer",
        "the byte that ends the frame",
        skips,
      )
    }
    `,
    finish: "self._check_end()",
  };
}
