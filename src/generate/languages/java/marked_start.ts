import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { bytes, hexOf, type Scope } from "./part.ts";
import { fail, messageOf } from "./refusals.ts";

/** The constant of what may stand between frames. */
export function separatorsOf({ between }: MarkedFraming): string {
  return typeof between === "string" ? "" : code`
    // What may stand between frames, the longest first.
    private static final byte[][] SEPARATORS = {
        ${
    between.toSorted((a, b) => b.length - a.length)
      .map((one) => `${bytes(one)},`).join("\n")
  }
    };
  `;
}

/** What the decoder keeps of bytes between frames. */
export function noiseState({ between, skipsInvalid }: MarkedFraming): string {
  return between === "skip" || !skipsInvalid ? "" : code`
    // The error of the bytes between frames that are passed over.
    private FrameException noise;
  `;
}

function messageFor({ start }: MarkedFraming): string {
  return `The frame does not begin with its start mark: expected ${
    hexOf(start)
  }, got {String.format("%02x", buffer[start])}`;
}

/** The method that finds the start mark of the next frame. */
export function findStart(framing: MarkedFraming, scope: Scope): string {
  const { between, skipsInvalid, restart } = framing;
  const found = code`
    started = true;
    searched = START_MARK.length;
    ${restart && "searchedStart = START_MARK.length;"}
  `;
  if (between === "skip") {
    return code`
      // Finds the start mark of the next frame.
      private boolean findStart() {
          skip(indexOf(START_MARK, buffer, start, end) - start);
          ${scope.begin}
          if (unread() < START_MARK.length) {
              return false;
          }
          ${found}
          return true;
      }
    `;
  }
  const separator = typeof between === "object" && code`
    if (skipSeparator()) {
        continue;
    }
    if (mayBeSeparator()) {
        return false;
    }
  `;
  const helpers = `${countSame}\n\n${separator !== false ? separators : ""}`;
  if (!skipsInvalid) {
    const start = code`
      ${scope.begin}
      int same = countSame(START_MARK);
      if (same == START_MARK.length) {
          ${found}
          return true;
      }
      if (same == unread()) {
          return false;
      }
      ${separator}
      ${fail("MARK_INVALID", messageFor(framing))}
    `;
    return code`
      // Finds the start mark of the next frame.
      private boolean findStart() throws FrameException {
          ${
      separator === false ? start : `while (true) {\n${indented(start)}\n}`
    }
      }

      ${helpers}
    `;
  }
  return code`
    // Finds the start mark of the next frame.
    private boolean findStart() {
        while (!started) {
            int same = countSame(START_MARK);
            if (noise == null && same < START_MARK.length && same < unread()) {
                ${separator}
                noise = new FrameException(
                        "MARK_INVALID",
                        ${messageOf(messageFor(framing))},
                        offset);
            }
            skip(indexOf(START_MARK, buffer, start, end) - start);
            frameOffset = offset;
            if (unread() < START_MARK.length) {
                return false;
            }
            ${found}
            reportNoise(); // It may call the decoder.
        }
        return true;
    }

    private void reportNoise() {
        FrameException reported = noise;
        if (reported != null) {
            noise = null;
            onSkip.accept(reported);
        }
    }

    ${helpers}
  `;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}

const countSame = code`
  // How many bytes are there of a mark.
  private int countSame(byte[] mark) {
      int same = 0;
      while (same < mark.length && same < unread() && buffer[start + same] == mark[same]) {
          same++;
      }
      return same;
  }
`;

/** Methods for what may stand between frames. */
const separators = code`
  // Passes over what may stand between frames.
  private boolean skipSeparator() {
      for (byte[] separator : SEPARATORS) {
          int same = countSame(separator);
          if (same == separator.length) {
              skip(same);
              return true;
          }
          if (same == unread() && !ended) {
              return false; // It may become this one.
          }
      }
      return false;
  }

  // Whether what is there may become a separator.
  private boolean mayBeSeparator() {
      if (!ended) {
          for (byte[] separator : SEPARATORS) {
              if (countSame(separator) == unread()) {
                  return true;
              }
          }
      }
      return false;
  }
`;
