import { code } from "../../code.ts";
import type { MarkedFraming, Plan } from "../../plan.ts";
import { indexOf } from "./finder.ts";
import { limitsOf } from "./limits.ts";
import { encodeMarked } from "./marked_encoder.ts";
import { findStart, noiseState, separatorsOf } from "./marked_start.ts";
import {
  byteCount,
  bytes,
  type FramingPart,
  type Scope,
  shown,
} from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** Frames between marks. */
export function markedPart(
  { limit }: Plan,
  framing: MarkedFraming,
  scope: Scope,
): FramingPart {
  const { start, end, restart, trailerLength } = framing;
  const limits = limitsOf(limit.maxFrameLength, limit.maxEncodedLength);
  return {
    picture: [
      shown(start),
      "content",
      shown(end),
      trailerLength > 0 ? byteCount(trailerLength) : "",
    ].filter((part) => part !== "").join(", "),
    constants: code`
      ${limits.constants}

      private static final byte[] START_MARK = ${bytes(start)};
      private static final byte[] END_MARK = ${bytes(end)};

      ${separatorsOf(framing)}
    `,
    state: code`
      // Whether the start mark of a frame has been found. It stays until the frame is complete.
      private boolean started;

      // How many bytes from the start mark on have no end mark${
      restart ? ", and how many no other start mark" : ""
    }.
      private int searched;
      ${restart && "private int searchedStart;"}

      ${
      limit.skips && code`
        // Whether the current frame is too large, and passed over.
        private boolean skipping;
      `
    }

      ${noiseState(framing)}
    `,
    read: read(framing, limit.skips),
    methods: findStart(framing, scope),
    reset: "searched = 0;" + (restart ? "\nsearchedStart = 0;" : ""),
    resetUnread: limit.skips ? "started = skipping;" : "started = false;",
    encode: encodeMarked(framing, limits),
    helpers: indexOf,
  };
}

function read(
  framing: MarkedFraming,
  skips: boolean,
): string {
  const { restart, trailerLength, skipsInvalid, between } = framing;
  const trailer = trailerLength > 0 ? ` + ${trailerLength}` : "";
  const overhead = `contentEnd + END_MARK.length${trailer}`;
  const loops = skips || (restart && skipsInvalid);
  const find = restart ? findEndOrStart : code`
    int contentEnd = indexOf(END_MARK, buffer, start + searched, end) - start;
    searched = contentEnd;
    boolean isComplete = contentEnd + END_MARK.length <= unread();
  `;
  const brokenOff = restart && code`
    if (restarted) {
        ${
    skips && !skipsInvalid && code`
      if (!skipping) {
          ${failBroken}
      }
    `
  }
        ${!skips && !skipsInvalid && failBroken}
        ${skips && skipsInvalid && "boolean isReported = skipping;"}
        ${skips && "skipping = false;"}
        ${(skips || skipsInvalid) && "started = false;\nskip(contentEnd);"}
        ${
    skips && skipsInvalid && code`
      if (!isReported) {
          ${reportBroken}
      }
    `
  }
        ${!skips && skipsInvalid && reportBroken}
        ${(skips || skipsInvalid) && "continue;"}
    }
  `;
  const isWhole = trailerLength > 0
    ? `isComplete && unread() >= ${overhead}`
    : "isComplete";
  const over = `contentEnd${trailer} - START_MARK.length > MAX_FRAME_LENGTH`;
  const finish = code`
    ${
    between === "skip" && code`
      if (ended && !started) {
          skip(unread());
          return null;
      }
    `
  }
    ${
    skipsInvalid && between !== "skip" && code`
      if (ended && noise != null) {
          skip(unread());
          reportNoise();
          return null;
      }
    `
  }
    ${checkTruncated(skips)}
  `;
  if (!loops) {
    return code`
      if (started || findStart()) {
          ${find}
          if (${over}) {
              ${fail("FRAME_TOO_LARGE", tooLarge())}
          }
          ${brokenOff}
          if (${isWhole}) {
              ${take(trailerLength)}
          }
      }

      ${finish}
    `;
  }
  return code`
    while (started || findStart()) {
        ${find}
        if (${skips ? "!skipping && " : ""}${over}) {
            ${
    skips
      ? `skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }
        ${brokenOff}
        if (!isComplete${
    trailerLength > 0 ? ` || unread() < ${overhead}` : ""
  }) {
            ${
    skips && code`
      if (skipping) {
          skip(contentEnd);
      }
    `
  }
            break;
        }
        ${
    skips && code`
      if (skipping) {
          skipping = false;
          started = false;
          skip(${overhead});
          continue;
      }
    `
  }

        ${take(trailerLength)}
    }

    ${finish}
  `;
}

/** Finds the mark that is complete first. */
const findEndOrStart = code`
  int nextStart = indexOf(START_MARK, buffer, start + searchedStart, end) - start;
  searchedStart = nextStart;
  boolean restarted = nextStart + START_MARK.length <= unread();

  // An end mark counts if it is complete before the start mark, or with it.
  int to = restarted ? start + nextStart + START_MARK.length : end;
  int contentEnd = indexOf(END_MARK, buffer, start + searched, to) - start;
  searched = contentEnd;
  boolean isComplete = start + contentEnd + END_MARK.length <= to;
  restarted &= !isComplete;
  if (!isComplete) {
      contentEnd = restarted ? nextStart : Math.min(contentEnd, nextStart);
  }

`;

const broken =
  "The frame is broken off: expected an end mark, got a start mark after {contentEnd} bytes";
const failBroken = fail("MARK_INVALID", broken);
const reportBroken = report("MARK_INVALID", broken);

function take(trailerLength: number): string {
  return trailerLength === 0
    ? code`
      started = false;
      skip(START_MARK.length);
      byte[] frame = take(contentEnd - START_MARK.length);
      skip(END_MARK.length);
      return frame;
    `
    : code`
      started = false;
      int contentLength = contentEnd - START_MARK.length;
      byte[] frame = new byte[contentLength + ${trailerLength}];
      System.arraycopy(buffer, start + START_MARK.length, frame, 0, contentLength);
      int trailerAt = contentEnd + END_MARK.length;
      System.arraycopy(buffer, start + trailerAt, frame, contentLength, ${trailerLength});
      skip(trailerAt + ${trailerLength});
      return frame;
    `;
}
