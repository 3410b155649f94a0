import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { encodeLimit } from "./limits.ts";
import type { Frames } from "./parts.ts";
import { bytesOf, goByte, goString } from "./syntax.ts";

/** Whether both marks are single bytes, which are searched in a simpler way. */
export function isBytes({ start, end }: MarkedFraming): boolean {
  return start.length === 1 && end.length === 1;
}

/** The marks. */
export function marks(framing: MarkedFraming): string {
  const { start, end } = framing;
  if (isBytes(framing)) {
    return code`
      // What a frame begins and ends with.
      const (
        startMark = ${goByte(start[0]!)}
        endMark   = ${goByte(end[0]!)}
      )
    `;
  }
  return code`
    // What a frame begins and ends with.
    var (
      startMark = []byte(${goString(start)})
      endMark   = []byte(${goString(end)})
    )
  `;
}

/** The function that finds a mark. */
export function findMark(framing: MarkedFraming): string {
  if (isBytes(framing)) {
    return code`
      // findMark returns where the next mark stands, or where one that arrives later can.
      func findMark(in []byte, from int, mark byte) (index int, found bool) {
        if i := bytes.IndexByte(in[from:], mark); i >= 0 {
          return from + i, true
        }
        return len(in), false
      }
    `;
  }
  return code`
    // findMark returns where the next mark begins, or before which index none can.
    func findMark(in []byte, from int, mark []byte) (index int, found bool) {
      if i := bytes.Index(in[from:], mark); i >= 0 {
        return from + i, true
      }
      // The bytes at the end may become a mark.
      if last := len(in) - len(mark) + 1; from < last {
        from = last
      }
      for !bytes.HasPrefix(mark, in[from:]) {
        from++
      }
      return from, false
    }
  `;
}

/** What is left of `Encode` when `frame` is the bytes of the frame. */
export function encodeMarked(framing: MarkedFraming, frames: Frames): string {
  const { start, restart, trailerLength } = framing;
  const content = trailerLength === 0 ? "frame" : "content";
  const search = (find: (mark: string) => string) =>
    (restart ? ["endMark", "startMark"] : ["endMark"]).map((mark) =>
      code`
        if i := ${find(mark)}; i >= 0 {
          return nil, refuse(CodeDelimiterInFrame,
            "the frame contains a mark of its format: expected no mark before the end, got one at byte %d", i)
        }
      `
    ).join("\n");
  const trailer = trailerLength === 0 ? "" : "frame[len(content):]...";
  return code`
    ${encodeLimit(frames)}
    ${
    trailerLength > 0 && code`
      if len(frame) < ${trailerLength} {
        return nil, refuse(CodeLengthInvalid,
          "the frame is shorter than its trailer: expected at least ${
      bytesOf(trailerLength)
    }, got %d bytes", len(frame))
      }
      content := frame[:len(frame)-${trailerLength}]
    `
  }
    ${
    isBytes(framing)
      ? code`
        ${search((mark) => `bytes.IndexByte(${content}, ${mark})`)}
        out := append([]byte{startMark}, ${content}...)
        out = append(out, endMark)
      `
      : code`
        out := append(append([]byte{}, startMark...), ${content}...)
        out = append(out, endMark...)
        // A mark that is complete before the end would end the frame.
        ${
        search((mark) =>
          `bytes.Index(out[${start.length}:len(out)-1], ${mark})`
        )
      }
      `
  }
    return ${trailer === "" ? "out" : `append(out, ${trailer})`}, nil
  `;
}
