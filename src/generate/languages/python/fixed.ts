import { code } from "../../code.ts";
import type { FixedFraming } from "../../plan.ts";
import {
  checkEnd,
  frameError,
  type FramingCode,
  type Surroundings,
} from "./framing_code.ts";
import { int } from "./literals.ts";

/** The code of frames of a fixed length. */
export function fixedCode(
  { frameLength }: FixedFraming,
  { tracks }: Surroundings,
): FramingCode {
  return {
    constants: `FRAME_LENGTH = ${int(frameLength)}`,
    skips: false,
    methods: code`
      def _read(self) -> bytes | None:
          if len(self._buffer) < FRAME_LENGTH:
              return None
          ${tracks && "self._frame_offset = self._offset"}
          frame = bytes(self._buffer[:FRAME_LENGTH])
          self._drop(FRAME_LENGTH)
          return frame

      ${checkEnd("self._buffer", "a frame of {FRAME_LENGTH} bytes", false)}
    `,
    finish: "self._check_end()",
    encode: code`
      if len(frame) != FRAME_LENGTH:
          raise ${
      frameError({
        code: "LENGTH_INVALID",
        reason: "The frame does not have the fixed length",
        expected: "{FRAME_LENGTH} bytes",
        got: "{len(frame)} bytes",
      })
    }
      return bytes(frame)
    `,
  };
}
