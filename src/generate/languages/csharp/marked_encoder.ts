import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { byteCount } from "./part.ts";
import { checkEncoded, refuse } from "./refusals.ts";

/** The statements that encode a frame between marks. */
export function encodeMarked(
  framing: MarkedFraming,
  maxEncodedLength: number,
): string {
  const { restart, trailerLength } = framing;
  const content = trailerLength === 0 ? "frame.Length" : "contentLength";
  return code`
    ${checkEncoded(maxEncodedLength)}

    ${
    trailerLength > 0 && code`
      int contentLength = frame.Length - ${trailerLength};
      if (contentLength < 0)
      {
          ${
      refuse(
        "LENGTH_INVALID",
        `$"The frame is shorter than its trailer: expected at least ${
          byteCount(trailerLength)
        }, got {frame.Length} bytes"`,
      )
    }
      }

    `
  }
    var bytes = new byte[StartMark.Length + frame.Length + EndMark.Length];
    StartMark.CopyTo(bytes, 0);
    Buffer.BlockCopy(frame, 0, bytes, StartMark.Length, ${content});
    EndMark.CopyTo(bytes, StartMark.Length + ${content});

    // A mark that is complete before the end mark would end the frame.
    int end = StartMark.Length + ${content} + EndMark.Length - 1;
    int at = Mark.Find(EndMark, bytes, StartMark.Length, end, out bool found);
    ${
    restart && code`
      if (!found)
      {
          at = Mark.Find(StartMark, bytes, StartMark.Length, end, out found);
      }

    `
  }
    if (found)
    {
        ${
    refuse(
      "DELIMITER_IN_FRAME",
      '$"The frame contains a mark of its format: expected no mark before the end, got one at byte {at - StartMark.Length}"',
    )
  }
    }

    ${
    trailerLength > 0 &&
    `Buffer.BlockCopy(frame, contentLength, bytes, end + 1, ${trailerLength});`
  }
    return bytes;
  `;
}
